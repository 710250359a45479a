#include "vrrp_sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

/* Packets read in one go; timers get their turn after so many. */
#define READS_AT_ONCE 16
/* Where the kernel puts the checksum into an IPv6 message. */
#define CHECKSUM_AT 6
/* An older stamp than this is taken for a changed clock. */
#define STAMP_AGE_NS NS_PER_S

struct vrrp_sock {
	int family, index; /* index: of the interface when it was opened */
	struct vrrp_if *ifp; /* (borrowed) */
	struct conf_addr at; /* a group, or (unicast) our own address */
	bool unicast;
	uint32_t buffer;
	int in, out;
	unsigned int users;
	struct loop_fd watch;
	struct vrrp_socks *pool;
	struct vrrp_sock *next;
};

struct vrrp_socks {
	struct loop *loop; /* (borrowed) */
	vrrp_sock_cb *cb;
	void *arg;
	struct vrrp_sock *first;
	bool gone; /* a callback closed a pair: the reader looks no further */
};

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

static socklen_t to_sockaddr(struct sockaddr_storage *ss, const struct conf_addr *a, int index)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)a->family;
	if (a->family == AF_INET) {
		in->sin_addr = a->v4;
		return sizeof(*in);
	}
	in6->sin6_addr = a->v6;
	if (IN6_IS_ADDR_LINKLOCAL(&a->v6) || IN6_IS_ADDR_MULTICAST(&a->v6))
		in6->sin6_scope_id = (uint32_t)index;
	return sizeof(*in6);
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
	len = to_sockaddr(&ss, &s->at, s->index);
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

/* --- receiving --- */

/* A stamp of real time as a monotonic instant; 0 when it makes no sense (the
 * clock was set meanwhile). */
static int64_t monotonic(const struct timespec *ts)
{
	struct timespec real;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &real);
	age = (real.tv_sec - ts->tv_sec) * NS_PER_S + real.tv_nsec - ts->tv_nsec;
	return age < 0 || age > STAMP_AGE_NS ? 0 : clock_now() - age;
}

static void ancillary(struct msghdr *m, struct vrrp_rx *rx)
{
	struct in6_pktinfo info;
	struct timespec ts;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS &&
		    c->cmsg_len == CMSG_LEN(sizeof(ts))) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			rx->at_ns = monotonic(&ts);
		}
		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_HOPLIMIT && c->cmsg_len == CMSG_LEN(sizeof(int))) {
			memcpy(&rx->ttl, CMSG_DATA(c), sizeof(int));
		} else if (c->cmsg_type == IPV6_PKTINFO &&
			   c->cmsg_len == CMSG_LEN(sizeof(info))) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			rx->dst.family = AF_INET6;
			rx->dst.v6 = info.ipi6_addr;
		}
	}
}

/* 1: a packet is in rx, 0: there is none, -1: this one was nothing. */
static int read_one(const struct vrrp_sock *s, uint8_t *buf, size_t size, struct vrrp_rx *rx)
{
	char control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		     CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_in6 from;
	struct iovec iov = { buf, size };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from),
			    .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(s->in, &m, 0);

	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	if (m.msg_flags & MSG_TRUNC)
		return -1;
	if (s->family == AF_INET) {
		if (vrrp_packet_ip4(buf, (size_t)n, rx) != VRRP_OK)
			return -1;
		ancillary(&m, rx);
		return 1;
	}
	memset(rx, 0, sizeof(*rx));
	rx->ttl = -1;
	rx->src.family = AF_INET6;
	rx->src.v6 = from.sin6_addr;
	rx->msg = buf;
	rx->len = (size_t)n;
	ancillary(&m, rx);
	/* Bound to no address: what came for us alone is not for a multicast pair. */
	if (!s->unicast && rx->dst.family && !IN6_IS_ADDR_MULTICAST(&rx->dst.v6))
		return -1;
	return 1;
}

void vrrp_sock_read(struct vrrp_sock *s)
{
	struct vrrp_socks *p = s->pool;
	uint8_t buf[VRRP_PACKET_MAX + 40]; /* IPv4 options too */
	struct vrrp_rx rx;
	int i, r;

	p->gone = false;
	for (i = 0; i < READS_AT_ONCE && !p->gone; i++) {
		r = read_one(s, buf, sizeof(buf), &rx);
		if (r == 0)
			break;
		if (r > 0)
			p->cb(s, vrrp_packet_vrid(&rx), &rx, p->arg);
	}
}

static void readable(struct loop_fd *f, uint32_t revents, void *arg)
{
	(void)f;
	(void)revents;
	vrrp_sock_read(arg);
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
	return p;
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
		r = loop_fd_add(p->loop, &s->watch, s->in, EPOLLIN, readable, s);
	if (r >= 0)
		return s;
	close_pair(s);
	errno = -r;
	return NULL;
}

struct vrrp_sock *vrrp_sock_get(struct vrrp_socks *p, struct vrrp_if *i,
				const struct conf_addr *at, uint32_t buffer)
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
	return s;
}

void vrrp_sock_put(struct vrrp_socks *p, struct vrrp_sock *s)
{
	struct vrrp_sock **at;

	if (!s || --s->users)
		return;
	for (at = &p->first; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	p->gone = true;
	close_pair(s);
}

int vrrp_sock_send(struct vrrp_sock *s, const struct vrrp_tx *t,
		   const struct conf_addr *src, const struct conf_addr *dst)
{
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct in6_pktinfo info = { .ipi6_addr = src->v6,
				    .ipi6_ifindex = (unsigned int)s->index };
	struct sockaddr_storage to;
	struct iovec iov = { t->buf, t->len };
	struct msghdr m = { .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	m.msg_namelen = to_sockaddr(&to, dst, s->index);
	if (s->family == AF_INET6) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
	return sendmsg(s->out, &m, s->unicast ? 0 : MSG_DONTROUTE) < 0 ? -errno : 0;
}
