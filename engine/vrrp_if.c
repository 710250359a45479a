#include "vrrp_if.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "log.h"
#include "nl.h"
#include "vrrp_packet.h"

#define DUMP_TRIES 5

struct vrrp_ifs {
	struct loop *loop; /* (borrowed) */
	struct vrrp_if_ops ops;
	struct vrrp_if *first;
	struct nl_sock *events, *ask;
	struct loop_fd watch;
	bool quiet; /* reading everything: nobody is told */
	/* The address that a dump looks for, and whether it was there. */
	const struct conf_addr *wanted;
	int wanted_index;
	bool found;
};

struct vrrp_if *vrrp_if_get(struct vrrp_ifs *t, const char *name)
{
	struct vrrp_if **at, *i;

	for (at = &t->first; *at; at = &(*at)->next)
		if (!strcmp((*at)->name, name))
			return *at;
	i = calloc(1, sizeof(*i));
	if (!i)
		return NULL;
	strncpy(i->name, name, sizeof(i->name) - 1);
	*at = i;
	return i;
}

static struct vrrp_if *by_index(struct vrrp_ifs *t, int index)
{
	struct vrrp_if *i;

	for (i = t->first; i; i = i->next)
		if (i->index == index)
			return i;
	return NULL;
}

static struct vrrp_if *by_name(struct vrrp_ifs *t, const char *name)
{
	struct vrrp_if *i;

	for (i = t->first; i; i = i->next)
		if (!strcmp(i->name, name))
			return i;
	return NULL;
}

static void tell(struct vrrp_ifs *t, const struct vrrp_if *i, const struct vrrp_if *old)
{
	if (!t->quiet && t->ops.changed)
		t->ops.changed(i, old, t->ops.arg);
}

/* The interface is gone, or has another name now. */
static void forget(struct vrrp_ifs *t, struct vrrp_if *i)
{
	struct vrrp_if old = *i;

	i->index = 0;
	i->flags = 0;
	i->ether = false;
	i->addr4.family = i->addr6.family = 0;
	tell(t, i, &old);
}

/* --- what the kernel says --- */

static void link_message(struct vrrp_ifs *t, struct nlmsghdr *h)
{
	struct ifinfomsg *m = nlmsg_data(h);
	struct nlattr *a[IFLA_MAX + 1];
	struct vrrp_if *i, *known, old;
	const char *name;

	if (nlmsg_parse(h, sizeof(*m), a, IFLA_MAX, NULL) < 0 || !a[IFLA_IFNAME] ||
	    m->ifi_family == AF_BRIDGE) /* a bridge's word about its port */
		return;
	name = nla_get_string(a[IFLA_IFNAME]);
	known = by_index(t, m->ifi_index);
	if (known && (h->nlmsg_type == RTM_DELLINK || strcmp(known->name, name) != 0))
		forget(t, known);
	i = by_name(t, name);
	if (!i || h->nlmsg_type == RTM_DELLINK)
		return;
	old = *i;
	if (i->index && i->index != m->ifi_index)
		i->addr4.family = i->addr6.family = 0; /* made anew under our eyes */
	i->index = m->ifi_index;
	i->flags = m->ifi_flags;
	i->mtu = a[IFLA_MTU] ? nla_get_u32(a[IFLA_MTU]) : 1500;
	i->ether = m->ifi_type == ARPHRD_ETHER && a[IFLA_ADDRESS] &&
		   nla_len(a[IFLA_ADDRESS]) == (int)sizeof(i->mac);
	if (i->ether)
		memcpy(i->mac, nla_data(a[IFLA_ADDRESS]), sizeof(i->mac));
	if (i->index != old.index || i->flags != old.flags || i->mtu != old.mtu ||
	    memcmp(i->mac, old.mac, sizeof(i->mac)) != 0)
		tell(t, i, &old);
}

static int read_addresses(struct vrrp_ifs *t);

static bool addr_equal(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family && conf_addr_cmp(a, b) == 0;
}

/* 1, 0, or -errno. */
static int look_for(struct vrrp_ifs *t, const struct vrrp_if *i, const struct conf_addr *a)
{
	int r;

	t->wanted = a;
	t->wanted_index = i->index;
	t->found = false;
	r = read_addresses(t);
	t->wanted = NULL;
	return r < 0 ? r : t->found;
}

bool vrrp_ifs_has(struct vrrp_ifs *t, const struct vrrp_if *i, const struct conf_addr *a)
{
	return look_for(t, i, a) > 0;
}

static void virtual_message(struct vrrp_ifs *t, const struct vrrp_if *i,
			    const struct conf_addr *a, bool added)
{
	/* (Our own removals are reported as well, maybe after we have added it again;
	 * what cannot be found out is nothing to act upon.) */
	if (!added && !t->quiet && t->ops.removed && look_for(t, i, a) == 0)
		t->ops.removed(i, a, t->ops.arg);
}

static void source_message(struct vrrp_ifs *t, struct vrrp_if *i, const struct conf_addr *a,
			   bool added)
{
	struct conf_addr *ours = a->family == AF_INET6 ? &i->addr6 : &i->addr4;
	struct vrrp_if old = *i;

	if (!t->quiet && t->ops.addresses)
		t->ops.addresses(t->ops.arg);
	if (a->family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&a->v6))
		return;
	if (added && !ours->family) {
		*ours = *a;
	} else if (!added && addr_equal(ours, a)) {
		ours->family = 0;
		if (!t->quiet && read_addresses(t) < 0)
			log_warnx("cannot read the addresses of %s", i->name);
	} else {
		return;
	}
	tell(t, i, &old);
}

static void address_message(struct vrrp_ifs *t, struct nlmsghdr *h)
{
	bool added = h->nlmsg_type == RTM_NEWADDR;
	struct ifaddrmsg *m = nlmsg_data(h);
	struct nlattr *a[IFA_MAX + 1], *at;
	struct conf_addr addr = { .family = m->ifa_family };
	int bytes = m->ifa_family == AF_INET6 ? 16 : 4;
	struct vrrp_if *i;

	if (nlmsg_parse(h, sizeof(*m), a, IFA_MAX, NULL) < 0)
		return;
	at = a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS];
	i = by_index(t, (int)m->ifa_index);
	if (!i || !at || nla_len(at) < bytes)
		return;
	memcpy(m->ifa_family == AF_INET6 ? (void *)&addr.v6 : (void *)&addr.v4, nla_data(at),
	       (size_t)bytes);
	if (t->wanted) {
		if (i->index == t->wanted_index && addr_equal(&addr, t->wanted))
			t->found = true;
		return;
	}
	if (t->ops.is_virtual && t->ops.is_virtual(&addr, t->ops.arg))
		virtual_message(t, i, &addr, added);
	else
		source_message(t, i, &addr, added);
}

static int message_cb(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct vrrp_ifs *t = arg;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		link_message(t, h);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address_message(t, h);
		break;
	}
	return NL_OK;
}

static int dump(struct vrrp_ifs *t, int type, int family)
{
	struct rtgenmsg gen = { .rtgen_family = (unsigned char)family };
	bool quiet = t->quiet;
	int r, tries = 0;

	t->quiet = true;
	do { /* a dump that something changed under is done again */
		r = nl_send_simple(t->ask, type, NLM_F_DUMP, &gen, sizeof(gen));
		if (r >= 0)
			r = nl_recvmsgs_default(t->ask);
	} while (r == -NLE_DUMP_INTR && ++tries < DUMP_TRIES);
	t->quiet = quiet;
	return r < 0 ? nl_errno(r) : 0;
}

static int read_addresses(struct vrrp_ifs *t)
{
	return dump(t, RTM_GETADDR, AF_UNSPEC);
}

int vrrp_ifs_read(struct vrrp_ifs *t)
{
	struct vrrp_if *i;
	bool quiet = t->quiet;
	int r;

	t->quiet = true;
	while (nl_recvmsgs_default(t->events) >= 0)
		; /* news of what the dump will tell anyway */
	for (i = t->first; i; i = i->next)
		forget(t, i);
	t->quiet = quiet;
	r = dump(t, RTM_GETLINK, AF_UNSPEC);
	return r < 0 ? r : read_addresses(t);
}

/* After lost messages: everything anew, and tell what is different. */
static void resync(struct vrrp_ifs *t)
{
	struct vrrp_if *i, *copy, *c;
	size_t n = 0;

	for (i = t->first; i; i = i->next)
		n++;
	copy = calloc(n ? n : 1, sizeof(*copy));
	if (!copy)
		return;
	for (i = t->first, c = copy; i; i = i->next)
		*c++ = *i;
	if (vrrp_ifs_read(t) < 0)
		log_warnx("cannot read the interfaces");
	for (i = t->first, c = copy; i; i = i->next, c++)
		if (memcmp(i, c, offsetof(struct vrrp_if, next)) != 0)
			tell(t, i, c);
	free(copy);
}

static void events_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct vrrp_ifs *t = arg;
	int r;

	(void)f;
	(void)revents;
	do {
		r = nl_recvmsgs_default(t->events);
	} while (r >= 0);
	if (nl_errno(r) == -ENOMEM) { /* ENOBUFS: the kernel dropped some */
		log_warnx("netlink messages were lost; reading all interfaces anew");
		resync(t);
	}
}

static struct nl_sock *open_socket(struct vrrp_ifs *t)
{
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);

	if (sk)
		nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, message_cb, t);
	return sk;
}

struct vrrp_ifs *vrrp_ifs_new(struct loop *l, const struct vrrp_if_ops *ops)
{
	struct vrrp_ifs *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return NULL;
	t->loop = l;
	t->ops = *ops;
	t->ask = open_socket(t);
	t->events = open_socket(t);
	if (!t->ask || !t->events) {
		r = errno;
		goto fail;
	}
	nl_socket_disable_seq_check(t->events);
	nl_socket_set_nonblocking(t->events);
	r = nl_socket_add_memberships(t->events, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
				      RTNLGRP_IPV6_IFADDR, 0);
	if (r < 0) {
		r = -nl_errno(r);
		goto fail;
	}
	r = -loop_fd_add(l, &t->watch, nl_socket_get_fd(t->events), EPOLLIN, events_ready, t);
	if (!r)
		return t;
fail:
	vrrp_ifs_free(t);
	errno = r;
	return NULL;
}

void vrrp_ifs_free(struct vrrp_ifs *t)
{
	struct vrrp_if *i;

	if (!t)
		return;
	loop_fd_del(t->loop, &t->watch);
	nl_socket_free(t->events);
	nl_socket_free(t->ask);
	while ((i = t->first)) {
		t->first = i->next;
		free(i);
	}
	free(t);
}
