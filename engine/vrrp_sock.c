#include "vrrp_sock_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>


/* Where the kernel puts the checksum into an IPv6 message. */
#define CHECKSUM_AT 6

static const struct conf_addr group4 = {
	.family = AF_INET,
	.v4.s_addr = __builtin_bswap32(0xe0000012),
};
static const struct conf_addr group6 = {
	.family = AF_INET6,
	.v6.s6_addr = { 0xff, 0x02, [15] = 0x12 },
};

const struct conf_addr *vrrp_multicast(int family)
{
	return family == AF_INET6 ? &group6 : &group4;
}

static int set_int(int fd, int level, int what, int value)
{
	return setsockopt(fd, level, what, &value, sizeof(value));
}

/* --- opening --- */

static int open_raw(const struct vrrp_sock *s)
{
	int fd = socket(s->family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, VRRP_PROTO), err;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, s->ifp->name,
		       (socklen_t)strlen(s->ifp->name)) < 0)
		goto fail;
	if (s->family == AF_INET6 && set_int(fd, IPPROTO_IPV6, IPV6_CHECKSUM, CHECKSUM_AT) < 0)
		goto fail;
	if (s->family == AF_INET && set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) < 0)
		goto fail;
	return fd;
fail:
	err = errno;
	close(fd);
	return -err;
}

static int join_group(const struct vrrp_sock *s, int fd)
{
	struct ip_mreqn m4 = { .imr_multiaddr = s->at.v4, .imr_ifindex = s->index };
	struct ipv6_mreq m6 = { .ipv6mr_multiaddr = s->at.v6,
				.ipv6mr_interface = (unsigned int)s->index };

	if (s->family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m4, sizeof(m4));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &m6, sizeof(m6));
}

static int open_in(struct vrrp_sock *s)
{
	int fd = open_raw(s), err;
	struct sockaddr_storage ss;
	socklen_t len;

	if (fd < 0)
		return fd;
	if (s->buffer)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)s->buffer);
	if (!s->unicast && join_group(s, fd) < 0)
		goto fail;
	/* Nothing for other addresses. (IPv6 has no such bind to a group.) */
	len = vrrp_sock_addr(&ss, &s->at, s->index);
	if ((s->unicast || s->family == AF_INET) && bind(fd, (struct sockaddr *)&ss, len) < 0)
		goto fail;
	/* Timers start when an advert comes in, not when we come to read it. */
	if (set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) < 0)
		goto fail;
	if (s->family == AF_INET6 &&
	    (set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) < 0 ||
	     set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) < 0))
		goto fail;
	return fd;
fail:
	err = errno;
	close(fd);
	return -err;
}

static int multicast_out(const struct vrrp_sock *s, int fd)
{
	struct ip_mreqn m4 = { .imr_ifindex = s->index };

	if (s->family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &m4, sizeof(m4)) < 0 ||
			       set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0) < 0 ?
			       -1 : 0;
	return set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, s->index) < 0 ||
		       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) < 0 ||
		       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, VRRP_TTL) < 0 ?
		       -1 : 0;
}

static int open_out(struct vrrp_sock *s)
{
	int fd = open_raw(s), err;

	if (fd < 0)
		return fd;
	if (s->family == AF_INET && set_int(fd, IPPROTO_IP, IP_HDRINCL, 1) < 0)
		goto fail;
	if (s->family == AF_INET6 &&
	    (set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, VRRP_TTL) < 0 ||
	     set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, VRRP_TOS) < 0))
		goto fail;
	if (!s->unicast && multicast_out(s, fd) < 0)
		goto fail;
	if (set_int(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL) < 0)
		goto fail;
	if (shutdown(fd, SHUT_RD) < 0 && errno != ENOTCONN)
		goto fail;
	set_int(fd, SOL_SOCKET, SO_RCVBUF, 0); /* it is never read */
	return fd;
fail:
	err = errno;
	close(fd);
	return -err;
}

/* --- the pool --- */

struct vrrp_socks *vrrp_socks_new(struct loop *l, vrrp_sock_cb *cb, void *arg)
{
	struct vrrp_socks *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->loop = l;
	p->cb = cb;
	p->arg = arg;
	loop_idle(l, vrrp_socks_flush, p);
	return p;
}

const uint64_t *vrrp_socks_strays(const struct vrrp_socks *p)
{
	return p->stray;
}

static void close_pair(struct vrrp_sock *s)
{
	loop_fd_del(s->pool->loop, &s->watch);
	if (s->in >= 0)
		close(s->in);
	if (s->out >= 0)
		close(s->out);
	free(s);
}

void vrrp_socks_free(struct vrrp_socks *p)
{
	struct vrrp_sock *s;

	if (!p)
		return;
	loop_idle(p->loop, NULL, NULL);
	while ((s = p->first)) {
		p->first = s->next;
		close_pair(s);
	}
	free(p);
}

bool vrrp_sock_on(const struct vrrp_sock *s, const struct vrrp_if *i,
		  const struct conf_addr *at)
{
	return s->ifp == i && s->index == i->index && s->family == at->family &&
	       conf_addr_cmp(&s->at, at) == 0;
}

static bool is_multicast(const struct conf_addr *a)
{
	return a->family == AF_INET6 ? IN6_IS_ADDR_MULTICAST(&a->v6) :
				       IN_MULTICAST(ntohl(a->v4.s_addr));
}

static struct vrrp_sock *new_pair(struct vrrp_socks *p, struct vrrp_if *i,
				  const struct conf_addr *at, uint32_t buffer)
{
	struct vrrp_sock *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return NULL;
	s->pool = p;
	s->family = at->family;
	s->at = *at;
	s->unicast = !is_multicast(at);
	s->buffer = buffer;
	s->ifp = i;
	s->index = i->index;
	s->in = s->out = -1;
	r = s->in = open_in(s);
	if (r >= 0)
		r = s->out = open_out(s);
	if (r >= 0)
		r = loop_fd_add(p->loop, &s->watch, s->in, EPOLLIN | EPOLLET,
				vrrp_sock_readable, s);
	if (r >= 0)
		return s;
	close_pair(s);
	errno = -r;
	return NULL;
}

struct vrrp_sock *vrrp_sock_get(struct vrrp_socks *p, struct vrrp_if *i,
				const struct conf_addr *at, uint32_t buffer, int vrid,
				void *user)
{
	struct vrrp_sock *s;

	if (!i->index) {
		errno = ENODEV;
		return NULL;
	}
	for (s = p->first; s; s = s->next)
		if (vrrp_sock_on(s, i, at))
			break;
	if (!s) {
		s = new_pair(p, i, at, buffer);
		if (!s)
			return NULL;
		s->next = p->first;
		p->first = s;
	}
	s->users++;
	if (!s->user[vrid])
		s->user[vrid] = user;
	return s;
}

void vrrp_sock_put(struct vrrp_socks *p, struct vrrp_sock *s, int vrid, void *user)
{
	struct vrrp_sock **at;

	if (!s)
		return;
	vrrp_sock_flush(s);
	if (s->user[vrid] == user)
		s->user[vrid] = NULL;
	if (--s->users)
		return;
	for (at = &p->first; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	p->gone = true;
	close_pair(s);
}
