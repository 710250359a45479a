#include "vip.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "log.h"
#include "nl.h"
#include "if_sysctl.h"
#include "vrrp_arp.h"

#define SEND_TRIES  3
#define REQUEST_MAX 192 /* one address */
#define FOREVER	    0xffffffffu

struct vip_nl {
	struct nl_sock *sk;
	struct loop *loop; /* (borrowed) */
	struct loop_fd watch;
};

static const void *data_of(const struct conf_addr *a)
{
	return a->family == AF_INET6 ? (const void *)&a->v6 : (const void *)&a->v4;
}

static int size_of(const struct conf_addr *a)
{
	return a->family == AF_INET6 ? 16 : 4;
}

static bool addr_equal(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family &&
	       (!a->family || !memcmp(data_of(a), data_of(b), (size_t)size_of(a)));
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool conf_vip_equal(const struct conf_vip *a, const struct conf_vip *b)
{
	return addr_equal(&a->addr, &b->addr) && a->prefixlen == b->prefixlen &&
	       text_equal(a->dev, b->dev) && text_equal(a->label, b->label) &&
	       a->scope == b->scope && addr_equal(&a->brd, &b->brd) &&
	       a->has_peer == b->has_peer && addr_equal(&a->peer, &b->peer) &&
	       a->flags == b->flags && a->preferred_lft == b->preferred_lft;
}

/* --- requests --- */

/* Those that keepalived sets, and those that the file names. */
static uint32_t flags_of(const struct conf_vip *c)
{
	uint32_t flags = c->addr.family == AF_INET6 ? IFA_F_NODAD : 0;

	return (flags & ~c->flag_mask) | c->flags;
}

static int put_attributes(struct nl_msg *m, const struct vip *v)
{
	const struct conf_vip *c = v->conf;
	const struct conf_addr *peer = c->has_peer ? &c->peer : &c->addr;
	struct ifa_cacheinfo life = { .ifa_prefered = c->preferred_lft, .ifa_valid = FOREVER };
	int r;

	r = nla_put(m, IFA_LOCAL, size_of(&c->addr), data_of(&c->addr));
	if (!r)
		r = nla_put(m, IFA_ADDRESS, size_of(peer), data_of(peer));
	if (!r && c->brd.family)
		r = nla_put(m, IFA_BROADCAST, size_of(&c->brd), data_of(&c->brd));
	if (!r && c->label && c->addr.family == AF_INET)
		r = nla_put_string(m, IFA_LABEL, c->label);
	if (!r)
		r = nla_put_u32(m, IFA_FLAGS, flags_of(c));
	if (!r && c->addr.family == AF_INET6 && c->preferred_lft != FOREVER)
		r = nla_put(m, IFA_CACHEINFO, sizeof(life), &life);
	return r;
}

/* Appends one request to `to`, which has room. */
static int put_request(struct iovec *to, const struct vip *v, bool add)
{
	const struct conf_vip *c = v->conf;
	struct ifaddrmsg head = {
		.ifa_family = (uint8_t)c->addr.family,
		.ifa_prefixlen = (uint8_t)c->prefixlen,
		.ifa_flags = (uint8_t)flags_of(c),
		.ifa_scope = (uint8_t)c->scope,
		.ifa_index = (uint32_t)v->ifp->index,
	};
	struct nl_msg *m = nlmsg_alloc_size(REQUEST_MAX);
	int r = -ENOMEM, flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct nlmsghdr *h;

	if (!m)
		return r;
	h = nlmsg_put(m, 0, 0, add ? RTM_NEWADDR : RTM_DELADDR, 0, NLM_F_REQUEST | flags);
	if (!h || nlmsg_append(m, &head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
	    put_attributes(m, v) < 0)
		goto out;
	h = nlmsg_hdr(m);
	memcpy((char *)to->iov_base + to->iov_len, h, NLMSG_ALIGN(h->nlmsg_len));
	to->iov_len += NLMSG_ALIGN(h->nlmsg_len);
	r = 0;
out:
	nlmsg_free(m);
	return r;
}

static void build_frame(struct vip *v)
{
	const struct conf_addr *a = &v->conf->addr;

	v->frame_len = 0;
	if (!v->ifp->ether || !v->ifp->index)
		return;
	if (a->family == AF_INET) {
		vrrp_arp_build(v->frame, v->ifp->mac, &a->v4);
		v->frame_len = VRRP_ARP_BYTES;
	} else {
		vrrp_ndisc_build(v->frame, v->ifp->mac, &a->v6,
				 if_sysctl_get("ipv6", v->ifp->name, "forwarding") > 0);
		v->frame_len = VRRP_NA_BYTES;
	}
}

int vips_rebuild(struct vips *s)
{
	size_t i;
	int r;

	s->add.iov_len = s->del.iov_len = 0;
	for (i = 0; i < s->n; i++) {
		build_frame(&s->v[i]);
		if (!s->v[i].ifp->index)
			continue;
		r = put_request(&s->add, &s->v[i], true);
		if (!r)
			r = put_request(&s->del, &s->v[i], false);
		if (r < 0)
			return r;
	}
	return 0;
}

int vips_init(struct vips *s, const struct vrrp_conf *c, struct vrrp_if *ifp,
	      struct vrrp_ifs *ifs)
{
	size_t i, room = c->nvip * REQUEST_MAX;
	const char *dev;
	int r = -ENOMEM;

	memset(s, 0, sizeof(*s));
	if (!c->nvip)
		return 0;
	s->v = calloc(c->nvip, sizeof(*s->v));
	s->add.iov_base = malloc(room);
	s->del.iov_base = malloc(room);
	if (!s->v || !s->add.iov_base || !s->del.iov_base)
		goto fail;
	for (i = 0; i < c->nvip; i++) {
		dev = c->vip[i].dev;
		s->v[i].conf = &c->vip[i];
		/* On a VMAC's base interface means on the VMAC. */
		s->v[i].ifp = dev && strcmp(dev, c->ifname) != 0 ? vrrp_if_get(ifs, dev) :
								   ifp;
		if (!s->v[i].ifp)
			goto fail;
	}
	s->n = c->nvip;
	r = vips_rebuild(s);
	if (!r)
		return 0;
fail:
	vips_finish(s);
	return r;
}

void vips_finish(struct vips *s)
{
	free(s->v);
	free(s->add.iov_base);
	free(s->del.iov_base);
	memset(s, 0, sizeof(*s));
}

/* --- the channel --- */

/* Being there already, or having gone before, is what was wanted. */
static bool harmless(int err)
{
	return !err || err == EEXIST || err == EADDRNOTAVAIL || err == ENODEV;
}

static void answers_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	union {
		struct nlmsghdr h;
		char bytes[4096];
	} buf;
	struct nlmsghdr *h;
	struct nlmsgerr *e;
	ssize_t n;
	int left;

	(void)revents;
	(void)arg;
	while ((n = recv(f->fd, &buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		left = (int)n;
		for (h = &buf.h; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			e = nlmsg_data(h);
			if (h->nlmsg_type != NLMSG_ERROR || harmless(-e->error))
				continue;
			errno = -e->error;
			log_warn("a virtual address could not be %s",
				 e->msg.nlmsg_type == RTM_NEWADDR ? "added" : "removed");
		}
	}
}

struct vip_nl *vip_nl_new(struct loop *l)
{
	struct vip_nl *n = calloc(1, sizeof(*n));
	int r;

	if (!n)
		return NULL;
	n->loop = l;
	n->sk = nl_open(NETLINK_ROUTE);
	if (n->sk) {
		r = loop_fd_add(l, &n->watch, nl_socket_get_fd(n->sk), EPOLLIN,
				answers_ready, n);
		if (!r)
			return n;
		errno = -r;
	}
	r = errno;
	vip_nl_free(n);
	errno = r;
	return NULL;
}

void vip_nl_free(struct vip_nl *n)
{
	if (!n)
		return;
	loop_fd_del(n->loop, &n->watch);
	nl_socket_free(n->sk);
	free(n);
}

/*
 * The kernel works through all requests before send() returns; where it has no memory to
 * take them it has done none. An address too many or too few is too dear to give up then.
 */
static int send_requests(struct vip_nl *n, const struct iovec *req)
{
	int tries, fd = nl_socket_get_fd(n->sk);

	if (!req->iov_len)
		return 0;
	for (tries = 0; tries < SEND_TRIES; tries++) {
		if (send(fd, req->iov_base, req->iov_len, 0) >= 0)
			return 0;
		if (errno != ENOBUFS && errno != ENOMEM && errno != EINTR)
			break;
	}
	return -errno;
}

int vips_apply(struct vip_nl *n, const struct vips *s, bool add)
{
	return send_requests(n, add ? &s->add : &s->del);
}

int vip_apply_one(struct vip_nl *n, const struct vip *v, bool add)
{
	char bytes[REQUEST_MAX];
	struct iovec req = { bytes, 0 };
	int r;

	if (!v->ifp->index)
		return 0;
	r = put_request(&req, v, add);
	return r < 0 ? r : send_requests(n, &req);
}
