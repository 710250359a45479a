/* Adverts that come in, with the moment at which they did. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "vrrp_sock_priv.h"

/* Packets read in one go, and how often; timers get their turn after that. */
#define READS_AT_ONCE 4
#define ROUNDS	      4
/* An older stamp than this is taken for a changed clock. */
#define STAMP_AGE_NS NS_PER_S

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

/* What recvmmsg() fills in for one packet. */
struct place {
	uint8_t buf[VRRP_PACKET_MAX + 40]; /* IPv4 options too */
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int)) +
					      CMSG_SPACE(sizeof(struct in6_pktinfo)) +
					      CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_in6 from;
	struct iovec iov;
};

static void prepare(const struct vrrp_sock *s, struct mmsghdr *m, struct place *p)
{
	p->iov = (struct iovec){ p->buf, sizeof(p->buf) };
	m->msg_hdr = (struct msghdr){ .msg_iov = &p->iov, .msg_iovlen = 1,
				      .msg_control = p->control,
				      .msg_controllen = sizeof(p->control) };
	if (s->family == AF_INET)
		return; /* the packet has its source */
	m->msg_hdr.msg_name = &p->from;
	m->msg_hdr.msg_namelen = sizeof(p->from);
}

/* What came in as rx: VRRP_OK, or why it is none. */
static enum vrrp_verdict cut(const struct vrrp_sock *s, struct mmsghdr *m,
			     const struct place *p, struct vrrp_rx *rx)
{
	enum vrrp_verdict r;

	if (m->msg_hdr.msg_flags & MSG_TRUNC)
		return VRRP_BAD_LENGTH;
	if (s->family == AF_INET) {
		r = vrrp_packet_ip4(p->buf, m->msg_len, rx);
		if (r == VRRP_OK)
			ancillary(&m->msg_hdr, rx);
		return r;
	}
	memset(rx, 0, sizeof(*rx));
	rx->ttl = -1;
	rx->src.family = AF_INET6;
	rx->src.v6 = p->from.sin6_addr;
	rx->msg = p->buf;
	rx->len = m->msg_len;
	ancillary(&m->msg_hdr, rx);
	/* Bound to no address: what came for us alone is not for a multicast pair. */
	if (!s->unicast && rx->dst.family && !IN6_IS_ADDR_MULTICAST(&rx->dst.v6))
		return VRRP_BAD_SOURCE;
	return VRRP_OK;
}

/* Whose it is decides the virtual router id. */
static void deliver(struct vrrp_sock *s, struct mmsghdr *m, const struct place *place)
{
	struct vrrp_socks *p = s->pool;
	struct vrrp_rx rx;
	enum vrrp_verdict r = cut(s, m, place, &rx);
	int vrid;

	if (r == VRRP_OK) {
		vrid = vrrp_packet_vrid(&rx);
		if (vrid >= 0 && s->user[vrid]) {
			p->cb(s->user[vrid], &rx, p->arg);
			return;
		}
		r = vrid < 0 ? VRRP_BAD_SHORT : VRRP_BAD_VRID;
	}
	p->stray[r]++;
}

void vrrp_sock_read(struct vrrp_sock *s)
{
	struct vrrp_socks *p = s->pool;
	struct mmsghdr m[READS_AT_ONCE];
	struct place place[READS_AT_ONCE];
	int i, n, rounds;

	p->gone = false;
	for (rounds = 0; rounds < ROUNDS && !p->gone; rounds++) {
		for (i = 0; i < READS_AT_ONCE; i++)
			prepare(s, &m[i], &place[i]);
		n = recvmmsg(s->in, m, READS_AT_ONCE, 0, NULL);
		for (i = 0; i < n && !p->gone; i++)
			deliver(s, &m[i], &place[i]);
		if (n < READS_AT_ONCE)
			return; /* that was all */
	}
	if (!p->gone)
		loop_fd_again(p->loop, &s->watch);
}

void vrrp_sock_readable(struct loop_fd *f, uint32_t revents, void *arg)
{
	(void)f;
	(void)revents;
	vrrp_sock_read(arg);
}
