/*
 * UDP: one flow of numbered datagrams, which the backend sends back, its page behind them. With a
 * rate of thousands a second it shows gaps more finely than anything else; as
 * it is one flow, IPVS keeps it on one real server for as long as it knows it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h> /* wants struct timespec */

#include "log.h"
#include "traffic_impl.h"
#include "traffic_pending.h"

#define MAGIC UINT64_C(0x68616c6273696d00) /* "halbsim" */

#define ERRORS_MAX 8 /* in a row, before the socket is left alone for now */

/* What is on the wire; our own bytes come back, so the order does not matter. */
struct datagram {
	uint64_t magic, nr;
};

/* What comes back: the same, a blank, and the page of whoever answers. */
struct answer {
	struct datagram d;
	char page[256];
};

struct udp {
	struct traffic t; /* first */
	struct pending pending;
	struct loop_fd watch;
	int fd; /* -1: not open */
};

static struct udp *udp_of(struct traffic *t)
{
	return (struct udp *)t;
}

/* Which of ours ICMP has brought back, and why. True when there was one. */
static bool read_error(struct udp *u)
{
	union {
		struct cmsghdr align;
		char buf[512];
	} control;
	struct sock_extended_err err = { 0 };
	struct datagram d = { 0 };
	struct iovec iov = { &d, sizeof(d) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n = recvmsg(u->fd, &m, MSG_ERRQUEUE);

	if (n < 0)
		return false;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			memcpy(&err, CMSG_DATA(c), sizeof(err));
	if (n == (ssize_t)sizeof(d) && d.magic == MAGIC)
		pending_end(&u->pending, d.nr, traffic_result((int)err.ee_errno), NULL);
	return true;
}

/* Other echo servers add no page: then nobody knows who it was. */
static const char *backend_of(struct udp *u, struct answer *a, ssize_t n)
{
	size_t len = (size_t)n - sizeof(a->d);

	a->page[len] = '\0';
	return len > 1 ? traffic_backend(&u->t, a->page + 1) : NULL;
}

static void ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct udp *u = arg;
	struct answer a;
	int errors = 0;
	ssize_t n;

	(void)f;
	if (revents & EPOLLERR)
		while (read_error(u))
			;
	while (errors < ERRORS_MAX) {
		n = recv(u->fd, &a, sizeof(a) - 1, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			errors++; /* the pending error; its queue has told of it */
		else if (n >= (ssize_t)sizeof(a.d) && a.d.magic == MAGIC)
			pending_end(&u->pending, a.d.nr, REQ_OK, backend_of(u, &a, n));
	}
}

/* Runs in the client's namespace. */
static int open_socket(void *arg)
{
	struct udp *u = arg;
	int on = 1, level, option;

	level = u->t.to.ss_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
	option = u->t.to.ss_family == AF_INET6 ? IPV6_RECVERR : IP_RECVERR;
	u->fd = socket(u->t.to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (u->fd < 0)
		return -errno;
	if (setsockopt(u->fd, level, option, &on, sizeof(on)) < 0 ||
	    connect(u->fd, (struct sockaddr *)&u->t.to, u->t.to_len) < 0)
		return -errno;
	return 0;
}

static void close_socket(struct udp *u)
{
	loop_fd_del(u->t.env.loop, &u->watch);
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

static int ensure_socket(struct udp *u)
{
	int r;

	if (u->fd >= 0)
		return 0;
	r = u->t.env.in_node(u->t.from, open_socket, u, u->t.env.arg);
	if (!r)
		r = loop_fd_add(u->t.env.loop, &u->watch, u->fd, EPOLLIN, ready, u);
	if (r < 0)
		close_socket(u);
	return r;
}

static void udp_send(struct traffic *t, const struct request *req)
{
	struct udp *u = udp_of(t);
	struct datagram d = { .magic = MAGIC };
	int r = ensure_socket(u);
	ssize_t n;

	if (r < 0 && r != -ENETUNREACH) {
		record_note(t->env.rec, t->from, "%s: no socket: %s", t->conf->name,
			    strerror(-r));
		traffic_end(t, req, REQ_CUT, NULL);
		return;
	}
	if (r < 0 || pending_add(&u->pending, req, &d.nr) < 0) {
		traffic_end(t, req, REQ_UNREACHABLE, NULL);
		return;
	}
	n = send(u->fd, &d, sizeof(d), MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN) {
		/* An error that ICMP has brought for an earlier one comes out here;
		 * it was reported for that one, and this one was not sent. */
		while (read_error(u))
			;
		n = send(u->fd, &d, sizeof(d), MSG_NOSIGNAL);
	}
	if (n < 0 && errno != EAGAIN)
		pending_end(&u->pending, d.nr, traffic_result(errno), NULL);
}

static int udp_open(struct traffic *t)
{
	struct udp *u = udp_of(t);

	u->fd = -1;
	return pending_init(&u->pending, t, REQ_LOST);
}

static void udp_drop(struct traffic *t, enum request_result result)
{
	pending_end_all(&udp_of(t)->pending, result);
}

static void udp_close(struct traffic *t)
{
	close_socket(udp_of(t));
}

static void udp_free(struct traffic *t)
{
	close_socket(udp_of(t));
	pending_finish(&udp_of(t)->pending);
}

const struct traffic_ops traffic_udp_ops = {
	.kind = TRAFFIC_UDP,
	.size = sizeof(struct udp),
	.open = udp_open,
	.send = udp_send,
	.drop = udp_drop,
	.close = udp_close,
	.free = udp_free,
};
