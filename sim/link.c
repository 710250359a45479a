/* Implementation for links, addresses and routes. */
#include "link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <unistd.h>

#include "nl.h"

/* Ends of nested attributes are only NULL when the message is full. */
static struct nl_msg *link_msg(int type, int flags, int index, unsigned int set,
			       unsigned int mask)
{
	struct ifinfomsg ifi = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
		.ifi_flags = set,
		.ifi_change = mask,
	};
	struct nl_msg *m = nlmsg_alloc_simple(type, flags);

	if (m && nlmsg_append(m, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

/* Queues `m` unless building it failed. */
static void add(struct nl_batch *b, struct nl_msg *m, int failed, const char *verb,
		const char *noun)
{
	if (failed && m) {
		nlmsg_free(m);
		m = NULL;
	}
	nl_batch_add(b, m, verb, noun);
}

void link_add_bridge(struct nl_batch *b, const char *name, int index,
		     const uint8_t mac[ETH_ALEN])
{
	struct nl_msg *m =
		link_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, index, IFF_UP, IFF_UP);
	struct nlattr *info, *data;
	int bad = !m;

	if (m) {
		bad |= nla_put_string(m, IFLA_IFNAME, name);
		bad |= nla_put(m, IFLA_ADDRESS, ETH_ALEN, mac);
		bad |= !(info = nla_nest_start(m, IFLA_LINKINFO));
		bad |= nla_put_string(m, IFLA_INFO_KIND, "bridge");
		bad |= !(data = nla_nest_start(m, IFLA_INFO_DATA));
		bad |= nla_put_u32(m, IFLA_BR_STP_STATE, 0);
		bad |= nla_put_u32(m, IFLA_BR_FORWARD_DELAY, 0);
		bad |= nla_put_u8(m, IFLA_BR_MCAST_SNOOPING, 0);
		if (!bad) {
			nla_nest_end(m, data);
			nla_nest_end(m, info);
		}
	}
	add(b, m, bad, "add switch", name);
}

void link_add_cable(struct nl_batch *b, const struct link_cable *c)
{
	struct ifinfomsg peer = { .ifi_family = AF_UNSPEC, .ifi_index = c->node_index };
	struct nl_msg *m = link_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, c->port_index,
				    c->port_up ? IFF_UP : 0, IFF_UP);
	struct nlattr *info, *data, *end;
	int bad = !m;

	if (m) {
		bad |= nla_put_string(m, IFLA_IFNAME, c->port_name);
		bad |= nla_put(m, IFLA_ADDRESS, ETH_ALEN, c->port_mac);
		bad |= nla_put_u32(m, IFLA_MASTER, (uint32_t)c->bridge);
		bad |= !(info = nla_nest_start(m, IFLA_LINKINFO));
		bad |= nla_put_string(m, IFLA_INFO_KIND, "veth");
		bad |= !(data = nla_nest_start(m, IFLA_INFO_DATA));
		bad |= !(end = nla_nest_start(m, VETH_INFO_PEER));
		bad |= nlmsg_append(m, &peer, sizeof(peer), NLMSG_ALIGNTO);
		bad |= nla_put_string(m, IFLA_IFNAME, c->node_name);
		bad |= nla_put(m, IFLA_ADDRESS, ETH_ALEN, c->node_mac);
		bad |= nla_put_u32(m, IFLA_NET_NS_PID, (uint32_t)c->pid);
		if (!bad) {
			nla_nest_end(m, end);
			nla_nest_end(m, data);
			nla_nest_end(m, info);
		}
	}
	add(b, m, bad, "lay cable", c->port_name);
}

void link_add_tunnel(struct nl_batch *b, const char *name, int index)
{
	struct nl_msg *m =
		link_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, index, IFF_UP, IFF_UP);
	struct nlattr *info;
	int bad = !m;

	if (m) {
		bad |= nla_put_string(m, IFLA_IFNAME, name);
		bad |= !(info = nla_nest_start(m, IFLA_LINKINFO));
		bad |= nla_put_string(m, IFLA_INFO_KIND, "ipip");
		if (!bad)
			nla_nest_end(m, info);
	}
	add(b, m, bad, "add tunnel", name);
}

void link_del(struct nl_batch *b, int index, const char *name)
{
	struct nl_msg *m = link_msg(RTM_DELLINK, 0, index, 0, 0);

	add(b, m, !m, "delete link", name);
}

void link_set_up(struct nl_batch *b, int index, const char *name, bool up)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0, index, up ? IFF_UP : 0, IFF_UP);

	add(b, m, !m, up ? "set link up" : "set link down", name);
}

void link_set_bridge(struct nl_batch *b, int index, const char *name, int bridge)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0, index, 0, 0);
	int bad = !m;

	if (m)
		bad |= nla_put_u32(m, IFLA_MASTER, (uint32_t)bridge);
	add(b, m, bad, bridge ? "join switch" : "leave switch", name);
}

static size_t addr_len(int family)
{
	return family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
}

void link_add_addr(struct nl_batch *b, int index, const struct topo_addr *a,
		   const char *label)
{
	struct ifaddrmsg ifa = {
		.ifa_family = (uint8_t)a->family,
		.ifa_prefixlen = (uint8_t)a->prefixlen,
		.ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : IFA_F_PERMANENT,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = (uint32_t)index,
	};
	struct nl_msg *m =
		nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	size_t len = addr_len(a->family);
	int bad = !m;

	if (m) {
		bad |= nlmsg_append(m, &ifa, sizeof(ifa), NLMSG_ALIGNTO);
		bad |= nla_put(m, IFA_LOCAL, (int)len, &a->v6);
		bad |= nla_put(m, IFA_ADDRESS, (int)len, &a->v6);
		if (a->family == AF_INET && a->prefixlen < 31)
			bad |= nla_put_u32(m, IFA_BROADCAST,
					   a->v4.s_addr |
						   htonl(UINT32_MAX >> a->prefixlen));
		if (label && a->family == AF_INET)
			bad |= nla_put_string(m, IFA_LABEL, label);
	}
	add(b, m, bad, "add address", a->text);
}

void link_add_route(struct nl_batch *b, const struct topo_route *r, int index)
{
	struct rtmsg rtm = {
		.rtm_family = (uint8_t)(r->via.text ? r->via.family : r->dst.family),
		.rtm_dst_len = (uint8_t)(r->is_default ? 0 : r->dst.prefixlen),
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = r->via.text ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *m =
		nlmsg_alloc_simple(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	int bad = !m, len = (int)addr_len(rtm.rtm_family);

	if (m) {
		bad |= nlmsg_append(m, &rtm, sizeof(rtm), NLMSG_ALIGNTO);
		if (!r->is_default)
			bad |= nla_put(m, RTA_DST, len, &r->dst.v6);
		if (r->via.text)
			bad |= nla_put(m, RTA_GATEWAY, len, &r->via.v6);
		if (index)
			bad |= nla_put_u32(m, RTA_OIF, (uint32_t)index);
	}
	add(b, m, bad, "add route", r->is_default ? "default" : r->dst.text);
}

int link_get(struct nl_sock *sk, int index, struct link_state *st)
{
	_Alignas(struct nlmsghdr) char buf[8192];
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)buf;
	const struct ifinfomsg *ifi;
	struct nlattr *a;
	int r = nl_ask(sk, link_msg(RTM_GETLINK, 0, index, 0, 0), buf, sizeof(buf));

	if (r < 0)
		return r;
	ifi = nlmsg_data(h);
	st->up = ifi->ifi_flags & IFF_UP;
	a = nlmsg_find_attr(h, sizeof(*ifi), IFLA_CARRIER);
	st->carrier = a && nla_get_u8(a);
	a = nlmsg_find_attr(h, sizeof(*ifi), IFLA_MASTER);
	st->bridge = a ? (int)nla_get_u32(a) : 0;
	return 0;
}
