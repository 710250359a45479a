#include "vmac.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "nl.h"
#include "if_sysctl.h"

static void mac_of(const struct vrrp_conf *c, uint8_t mac[6])
{
	const uint8_t m[6] = { 0, 0, 0x5e, 0, c->family == AF_INET6 ? 2 : 1, (uint8_t)c->vrid };

	memcpy(mac, c->has_vmac_mac ? c->vmac_mac : m, sizeof(m));
}

/* Sends a request and waits for the answer. Frees the message. 0 or -errno. */
static int request(struct nl_msg *m)
{
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	int r = -errno;

	if (sk) {
		r = nl_send_auto(sk, m);
		if (r >= 0)
			r = nl_wait_for_ack(sk);
		r = r < 0 ? nl_errno(r) : 0;
		nl_socket_free(sk);
	}
	nlmsg_free(m);
	return r;
}

static struct nl_msg *link_message(int type, int flags, int index)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (m && nlmsg_append(m, &head, sizeof(head), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

static int add_link(const char *name, int base, const uint8_t mac[6], uint32_t mode)
{
	struct nl_msg *m = link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info, *data;

	if (!m)
		return -ENOMEM;
	if (nla_put_string(m, IFLA_IFNAME, name) < 0 ||
	    nla_put_u32(m, IFLA_LINK, (uint32_t)base) < 0 || nla_put(m, IFLA_ADDRESS, 6, mac) < 0)
		goto full;
	info = nla_nest_start(m, IFLA_LINKINFO);
	if (!info || nla_put_string(m, IFLA_INFO_KIND, "macvlan") < 0)
		goto full;
	data = nla_nest_start(m, IFLA_INFO_DATA);
	if (!data || nla_put_u32(m, IFLA_MACVLAN_MODE, mode) < 0)
		goto full;
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	return request(m);
full:
	nlmsg_free(m);
	return -ENOMEM;
}

/* No link-local address of the kernel's own: it would not be the virtual
 * router's. */
static int no_addr_gen(int index)
{
	struct nl_msg *m = link_message(RTM_NEWLINK, 0, index);
	struct nlattr *spec, *v6;

	if (!m)
		return -ENOMEM;
	spec = nla_nest_start(m, IFLA_AF_SPEC);
	v6 = spec ? nla_nest_start(m, AF_INET6) : NULL;
	if (!v6 || nla_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE) < 0) {
		nlmsg_free(m);
		return -ENOMEM;
	}
	nla_nest_end(m, v6);
	nla_nest_end(m, spec);
	return request(m);
}

static int set_up(const char *name)
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd < 0)
		return -errno;
	strncpy(ifr.ifr_name, name, sizeof(ifr.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) < 0)
		r = -errno;
	ifr.ifr_flags |= IFF_UP;
	if (!r && ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* Does the interface have this MAC address? Only ours have such. */
static bool has_mac(const char *name, const uint8_t mac[6])
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool yes;

	if (fd < 0)
		return false;
	strncpy(ifr.ifr_name, name, sizeof(ifr.ifr_name) - 1);
	yes = ioctl(fd, SIOCGIFHWADDR, &ifr) == 0 && !memcmp(ifr.ifr_hwaddr.sa_data, mac, 6);
	close(fd);
	return yes;
}

/* ARP for the virtual addresses is answered by the VMAC alone, and packets with
 * them as their source are let in. */
static void settle(const struct vrrp_conf *c, const char *name, int index)
{
	if_sysctl_set("ipv4", c->ifname, "arp_ignore", 1);
	if_sysctl_set("ipv4", c->ifname, "arp_filter", 1);
	if_sysctl_set("ipv4", name, "rp_filter", 0);
	if_sysctl_set("ipv4", name, "arp_ignore", 1);
	if_sysctl_set("ipv4", name, "accept_local", 1);
	if_sysctl_set("ipv4", name, "promote_secondaries", 1);
	if (no_addr_gen(index) < 0)
		log_warnx("%s: cannot keep the kernel from giving it an address", name);
	if (c->family == AF_INET)
		if_sysctl_set("ipv6", name, "disable_ipv6", 1);
}

int vmac_make(const struct vrrp_conf *c, char name[IFNAMSIZ], bool *made)
{
	int base = (int)if_nametoindex(c->ifname), r = 0;
	uint8_t mac[6];

	*made = false;
	if (c->vmac_ifname)
		snprintf(name, IFNAMSIZ, "%s", c->vmac_ifname);
	else
		snprintf(name, IFNAMSIZ, "vrrp.%d", c->vrid);
	if (!base)
		return 0; /* the instance stays in FAULT */
	mac_of(c, mac);
	if (if_nametoindex(name)) {
		if (!has_mac(name, mac))
			return -EEXIST;
	} else {
		r = add_link(name, base, mac, MACVLAN_MODE_PRIVATE);
		if (r < 0)
			return r;
	}
	*made = true;
	settle(c, name, (int)if_nametoindex(name));
	return set_up(name);
}

void vmac_remove(const char *name)
{
	int index = (int)if_nametoindex(name);
	struct nl_msg *m = index ? link_message(RTM_DELLINK, 0, index) : NULL;

	if (m && request(m) < 0)
		log_warnx("cannot remove %s", name);
}
