/*
 * A node's neighbour entries: which MAC the client or router sends to. Only the
 * MAC, and whether there is one, make an event; the kernel's own rounds of
 * stale, delay and probe do not.
 */
#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "observe_impl.h"
#include "rtnl_watch.h"

#define RESOLVED (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

struct neigh {
	int index;
	const char *ip, *mac; /* interned; mac NULL: not resolved */
};

struct observe_neigh {
	struct rtnl_watch watch;
	struct record *rec;
	const char *node; /* interned */
	struct neigh *v;
	size_t n;
};

static const char *state_name(bool gone, unsigned int state)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} names[] = {
		{ NUD_REACHABLE, "reachable" }, { NUD_STALE, "stale" },
		{ NUD_DELAY, "delay" },		{ NUD_PROBE, "probe" },
		{ NUD_PERMANENT, "permanent" }, { NUD_FAILED, "failed" },
		{ NUD_INCOMPLETE, "incomplete" },
	};
	size_t i;

	for (i = 0; !gone && i < sizeof(names) / sizeof(names[0]); i++)
		if (state & names[i].bit)
			return names[i].name;
	return "gone";
}

static struct neigh *find(struct observe_neigh *o, int index, const char *ip)
{
	struct neigh *v;
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->v[i].index == index && o->v[i].ip == ip)
			return &o->v[i];
	v = reallocarray(o->v, o->n + 1, sizeof(*v));
	if (!v)
		return NULL;
	o->v = v;
	o->v[o->n] = (struct neigh){ index, ip, NULL };
	return &o->v[o->n++];
}

static void neigh_message(struct observe_neigh *o, struct nlmsghdr *h, bool first)
{
	const struct ndmsg *m = nlmsg_data(h);
	struct nlattr *dst = nlmsg_find_attr(h, sizeof(*m), NDA_DST);
	struct nlattr *lladdr = nlmsg_find_attr(h, sizeof(*m), NDA_LLADDR);
	struct event e = { .type = EV_NEIGH, .node = o->node };
	bool gone = h->nlmsg_type == RTM_DELNEIGH;
	char ip[INET6_ADDRSTRLEN], mac[WIRE_MAC_TEXT];
	struct neigh *n;

	if (!dst || (m->ndm_state & NUD_NOARP) ||
	    nla_len(dst) < (m->ndm_family == AF_INET6 ? 16 : 4) ||
	    !inet_ntop(m->ndm_family, nla_data(dst), ip, sizeof(ip)))
		return;
	n = find(o, m->ndm_ifindex, record_text(o->rec, ip));
	if (!n)
		return;
	if (!gone && (m->ndm_state & RESOLVED) && lladdr && nla_len(lladdr) == ETH_ALEN) {
		wire_mac_text(nla_data(lladdr), mac);
		e.neigh.mac = record_text(o->rec, mac);
	}
	if (e.neigh.mac == n->mac)
		return;
	n->mac = e.neigh.mac;
	if (first)
		return;
	e.t = record_now(o->rec);
	e.neigh.ip = n->ip;
	e.neigh.state = record_text(o->rec, state_name(gone, m->ndm_state));
	record_add(o->rec, &e);
}

static void message(struct nlmsghdr *h, bool first, void *arg)
{
	if ((h->nlmsg_type == RTM_NEWNEIGH || h->nlmsg_type == RTM_DELNEIGH) &&
	    nlmsg_valid_hdr(h, sizeof(struct ndmsg)))
		neigh_message(arg, h, first);
}

static void neigh_close(void *observer, bool gone)
{
	struct observe_neigh *o = observer;

	(void)gone; /* nobody asks what a dead client had in its table */
	rtnl_watch_close(&o->watch);
	free(o->v);
	free(o);
}

static void *neigh_open(const struct observe_env *env, struct site_node *n)
{
	static const int groups[] = { RTNLGRP_NEIGH, 0 };
	static const int requests[] = { RTM_GETNEIGH, 0 };
	struct observe_neigh *o = calloc(1, sizeof(*o));

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

const struct observer_ops observe_neigh_ops = { neigh_open, neigh_close, NULL };
