#include "packet_sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "closer.h"
#include "log.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define RCVBUF_BYTES (4 * 1024 * 1024)
#define STEP_NS	     NS_PER_MS /* more than this between two clocks is a step */

static int64_t stamp(struct msghdr *m, int64_t real_offset_ns)
{
	struct cmsghdr *c;
	struct timespec ts;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec - real_offset_ns;
	}
	return clock_now();
}

void packet_follow_clock(int64_t *real_offset_ns)
{
	int64_t offset = clock_real_offset();

	if (offset > *real_offset_ns + STEP_NS || offset < *real_offset_ns - STEP_NS)
		*real_offset_ns = offset;
}

ssize_t packet_receive(int fd, int64_t real_offset_ns, void *frame, size_t size,
		       struct sockaddr_ll *from, int64_t *mono_ns)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct iovec iov = { frame, size };
	struct msghdr m = { .msg_name = from,
			    .msg_namelen = sizeof(*from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_TRUNC);

	if (n > 0)
		*mono_ns = stamp(&m, real_offset_ns);
	return n;
}

static ssize_t receive(struct packet_sock *p)
{
	uint8_t frame[PACKET_SNAP];
	struct sockaddr_ll from;
	int64_t mono_ns;
	ssize_t n = packet_receive(p->fd, p->real_offset_ns, frame, sizeof(frame), &from,
				   &mono_ns);
	size_t len = n < PACKET_SNAP ? (size_t)n : PACKET_SNAP;

	if (n > 0)
		p->frame(from.sll_ifindex, mono_ns, frame, len, p->arg);
	return n;
}

static void ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct packet_sock *p = arg;

	(void)f;
	(void)revents;
	packet_follow_clock(&p->real_offset_ns);
	while (p->fd >= 0 && receive(p) >= 0)
		;
	if (p->fd >= 0 && errno != EAGAIN && errno != ENETDOWN)
		log_warn("a packet socket");
}

int packet_sock_open(struct packet_sock *p, int protocol, int ifindex,
		     const struct sock_fprog *filter)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET,
				   .sll_protocol = htons((uint16_t)protocol),
				   .sll_ifindex = ifindex };
	int on = 1, size = RCVBUF_BYTES, r;

	p->loop = NULL;
	p->real_offset_ns = clock_real_offset();
	/* Protocol 0 hears nothing yet: the filter comes first. */
	p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		return -errno;
	if (setsockopt(p->fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter)) == 0 &&
	    setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0 &&
	    setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) == 0 &&
	    setsockopt(p->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == 0 &&
	    bind(p->fd, (struct sockaddr *)&sll, sizeof(sll)) == 0)
		return 0;
	r = -errno;
	packet_sock_close(p);
	return r;
}

int packet_sock_hear_outgoing(struct packet_sock *p)
{
	int off = 0;

	if (setsockopt(p->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &off, sizeof(off)) < 0)
		return -errno;
	return 0;
}

int packet_sock_watch(struct packet_sock *p, struct loop *loop)
{
	p->loop = loop;
	return loop_fd_add(loop, &p->watch, p->fd, EPOLLIN, ready, p);
}

void packet_sock_close(struct packet_sock *p)
{
	if (p->fd < 0)
		return;
	if (p->loop)
		loop_fd_del(p->loop, &p->watch);
	closer_close(p->fd); /* on this path nobody may wait for the kernel */
	p->fd = -1;
}
