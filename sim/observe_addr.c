/*
 * A node's links and addresses, from its kernel's own messages. What was there
 * when the observer came is known but not recorded: events are changes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "observe_impl.h"
#include "rtnl_watch.h"

#define PROTO_KERNEL_LINK_LOCAL 2 /* IFAPROT_KERNEL_LL, since Linux 5.18 */
#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP 0x10000
#endif

struct link {
	int index;
	const char *name; /* interned */
	bool up, carrier, there;
};

struct addr {
	int index;
	const char *text; /* interned */
	bool recorded;	  /* as gained; static ones are not */
	bool there;
};

struct observe_addr {
	struct rtnl_watch watch;
	struct record *rec;
	const char *node; /* interned */
	struct link *link;
	size_t nlink;
	struct addr *addr;
	size_t naddr;
};

/* --- links --- */

static struct link *find_link(struct observe_addr *o, int index)
{
	struct link *l;
	size_t i;

	for (i = 0; i < o->nlink; i++)
		if (o->link[i].index == index)
			return &o->link[i];
	l = reallocarray(o->link, o->nlink + 1, sizeof(*l));
	if (!l)
		return NULL;
	o->link = l;
	l = &o->link[o->nlink++];
	*l = (struct link){ .index = index };
	return l;
}

static void record_link(struct observe_addr *o, const struct link *l)
{
	struct event e = { .t = record_now(o->rec), .type = EV_LINK, .node = o->node };

	e.link.ifname = l->name;
	e.link.up = l->up;
	e.link.carrier = l->carrier;
	record_add(o->rec, &e);
}

static void link_message(struct observe_addr *o, struct nlmsghdr *h, bool first)
{
	const struct ifinfomsg *m = nlmsg_data(h);
	struct nlattr *name;
	struct link *l = find_link(o, m->ifi_index), old;

	if (!l)
		return;
	old = *l;
	l->there = h->nlmsg_type == RTM_NEWLINK;
	l->up = l->there && (m->ifi_flags & IFF_UP);
	l->carrier = l->there && (m->ifi_flags & IFF_LOWER_UP);
	name = nlmsg_find_attr(h, sizeof(*m), IFLA_IFNAME);
	if (name)
		l->name = record_text(o->rec, nla_get_string(name));
	if (!first && (old.there || l->there) &&
	    (old.up != l->up || old.carrier != l->carrier))
		record_link(o, l);
}

/* --- addresses --- */

static struct addr *find_addr(struct observe_addr *o, int index, const char *text)
{
	struct addr *a;
	size_t i;

	for (i = 0; i < o->naddr; i++)
		if (o->addr[i].index == index && o->addr[i].text == text)
			return &o->addr[i];
	a = reallocarray(o->addr, o->naddr + 1, sizeof(*a));
	if (!a)
		return NULL;
	o->addr = a;
	a = &o->addr[o->naddr++];
	*a = (struct addr){ .index = index, .text = text };
	return a;
}

static void record_addr(struct observe_addr *o, struct addr *a)
{
	struct event e = { .t = record_now(o->rec), .type = EV_ADDR, .node = o->node };
	const struct link *l = find_link(o, a->index);

	e.addr.ifname = l ? l->name : NULL;
	e.addr.addr = a->text;
	e.addr.added = a->there;
	a->recorded = a->there;
	record_add(o->rec, &e);
}

static void addr_message(struct observe_addr *o, struct nlmsghdr *h, bool first)
{
	const struct ifaddrmsg *m = nlmsg_data(h);
	struct nlattr *at = nlmsg_find_attr(h, sizeof(*m), IFA_LOCAL), *proto;
	char ip[INET6_ADDRSTRLEN], text[sizeof(ip) + 4];
	bool there = h->nlmsg_type == RTM_NEWADDR;
	struct addr *a;

	if (!at)
		at = nlmsg_find_attr(h, sizeof(*m), IFA_ADDRESS);
	proto = nlmsg_find_attr(h, sizeof(*m), IFA_PROTO);
	if (!at || nla_len(at) < (m->ifa_family == AF_INET6 ? 16 : 4) ||
	    (proto && nla_get_u8(proto) == PROTO_KERNEL_LINK_LOCAL) ||
	    !inet_ntop(m->ifa_family, nla_data(at), ip, sizeof(ip)))
		return;
	snprintf(text, sizeof(text), "%s/%u", ip, m->ifa_prefixlen);
	a = find_addr(o, (int)m->ifa_index, record_text(o->rec, text));
	if (!a || a->there == there)
		return; /* its lifetime, say, has changed */
	a->there = there;
	if (!first)
		record_addr(o, a);
}

/* --- life --- */

static void message(struct nlmsghdr *h, bool first, void *arg)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (nlmsg_valid_hdr(h, sizeof(struct ifinfomsg)))
			link_message(arg, h, first);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (nlmsg_valid_hdr(h, sizeof(struct ifaddrmsg)))
			addr_message(arg, h, first);
		break;
	}
}

static void addr_close(void *observer, bool gone)
{
	struct observe_addr *o = observer;
	size_t i;

	rtnl_watch_close(&o->watch);
	for (i = 0; gone && i < o->naddr; i++) {
		if (!o->addr[i].there || !o->addr[i].recorded)
			continue;
		o->addr[i].there = false;
		record_addr(o, &o->addr[i]);
	}
	free(o->link);
	free(o->addr);
	free(o);
}

static void *addr_open(const struct observe_env *env, struct site_node *n)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
				      RTNLGRP_IPV6_IFADDR, 0 };
	static const int requests[] = { RTM_GETLINK, RTM_GETADDR, 0 };
	struct observe_addr *o = calloc(1, sizeof(*o));

	if (!o) {
		log_warnx("observers: no memory");
		return NULL;
	}
	o->rec = env->rec;
	o->node = record_text(env->rec, site_node_topo(n)->name);
	o->watch.msg = message;
	o->watch.arg = o;
	if (rtnl_watch_open(&o->watch, env->site, n, env->loop, groups, requests) < 0) {
		free(o);
		return NULL;
	}
	return o;
}

const struct observer_ops observe_addr_ops = { addr_open, addr_close, NULL };
