/*
 * A bulk TCP flow, read at a steady pace: each "request" is the next
 * STREAM_CHUNK bytes of one endless reply, due at its time. What the server
 * sends ahead is kept small, so that a stall shows within a chunk or two. When
 * the flow breaks, what was due fails, and the next chunk that comes due opens
 * a new one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "traffic_impl.h"
#include "traffic_pending.h"
#include "web_reply.h"

#define STREAM_CHUNK  4096
#define STREAM_RCVBUF 4096 /* doubled by the kernel, for its own use */

struct stream {
	struct traffic t; /* first */
	struct pending pending;
	struct loop_fd watch;
	int fd;	    /* -1: not open */
	bool sent;  /* the request */
	size_t got; /* of the oldest chunk that is due */
	const char *backend; /* who sends it, interned; NULL: not known */
	struct web_reply head;
	char request[512];
	size_t request_len;
};

static struct stream *stream_of(struct traffic *t)
{
	return (struct stream *)t;
}

static void close_flow(struct stream *s)
{
	loop_fd_del(s->t.env.loop, &s->watch);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void broken(struct stream *s, enum request_result result)
{
	close_flow(s);
	pending_end_all(&s->pending, result);
}

/* Bytes of the flow that count; the reply's header does not. False: broken. */
static bool take(struct stream *s, const char *data, size_t len)
{
	if (s->head.state == REPLY_HEAD) {
		web_reply_feed(&s->head, data, len);
		if (s->head.state == REPLY_HEAD)
			return true;
		len = (size_t)s->head.got;
		if (s->head.state == REPLY_BAD || s->head.status != 200) {
			broken(s, REQ_BAD_REPLY);
			return false;
		}
		if (s->head.page) /* other servers do not say */
			s->backend = traffic_backend(&s->t, s->head.page);
	}
	s->got += len;
	while (s->got >= STREAM_CHUNK && pending_end_first(&s->pending, REQ_OK, s->backend))
		s->got -= STREAM_CHUNK;
	return true;
}

/* Reads what is due, and no more: the rest waits in the socket. */
static void read_due(struct stream *s)
{
	char buf[STREAM_CHUNK];
	ssize_t n;

	while (s->fd >= 0 && s->pending.first < s->pending.next) {
		n = recv(s->fd, buf, sizeof(buf) - s->got, 0);
		if (n > 0) {
			if (!take(s, buf, (size_t)n))
				return;
			continue;
		}
		if (n < 0 && errno == EAGAIN)
			return;
		broken(s, n < 0 ? traffic_result(errno) : REQ_RESET);
	}
}

static void send_request(struct stream *s)
{
	ssize_t n = send(s->fd, s->request, s->request_len, MSG_NOSIGNAL);

	if (n == (ssize_t)s->request_len)
		s->sent = true;
	else if (n >= 0 || errno != EAGAIN)
		broken(s, n < 0 ? traffic_result(errno) : REQ_RESET);
}

static void ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct stream *s = arg;

	(void)f;
	(void)revents;
	if (!s->sent)
		send_request(s);
	if (s->fd >= 0 && s->sent)
		read_due(s);
}

/* Runs in the client's namespace. */
static int open_socket(void *arg)
{
	struct stream *s = arg;
	int size = STREAM_RCVBUF;

	s->fd = socket(s->t.to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		return -errno;
	return 0;
}

/* Opens a new flow. 0, or -errno: no socket (the site's errors come later). */
static int open_flow(struct stream *s)
{
	int r = s->t.env.in_node(s->t.from, open_socket, s, s->t.env.arg);

	s->sent = false;
	s->got = 0;
	s->backend = NULL;
	web_reply_init(&s->head);
	if (!r && connect(s->fd, (struct sockaddr *)&s->t.to, s->t.to_len) < 0 &&
	    errno != EINPROGRESS) {
		broken(s, traffic_result(errno));
		return 0;
	}
	if (!r)
		r = loop_fd_add(s->t.env.loop, &s->watch, s->fd,
				EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, ready, s);
	if (r < 0)
		close_flow(s);
	return r;
}

static void stream_send(struct traffic *t, const struct request *req)
{
	struct stream *s = stream_of(t);
	uint64_t nr;
	int r = pending_add(&s->pending, req, &nr);

	if (r < 0) {
		traffic_end(t, req, REQ_CUT, NULL);
		return;
	}
	if (s->fd < 0) {
		r = open_flow(s);
		if (r < 0) {
			record_note(t->env.rec, t->from, "%s: no socket: %s",
				    t->conf->name, strerror(-r));
			pending_end(&s->pending, nr, REQ_CUT, NULL);
		}
	} else if (s->sent) {
		read_due(s);
	}
}

static int stream_open(struct traffic *t)
{
	struct stream *s = stream_of(t);
	int len;

	s->fd = -1;
	len = snprintf(s->request, sizeof(s->request),
		       "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: halbsim\r\n"
		       "Connection: close\r\n\r\n", t->conf->path, t->conf->target);
	if (len >= (int)sizeof(s->request)) {
		log_warnx("traffic %s: the path is too long", t->conf->name);
		return -ENAMETOOLONG;
	}
	s->request_len = (size_t)len;
	return pending_init(&s->pending, t, REQ_TIMEOUT);
}

static void stream_drop(struct traffic *t, enum request_result result)
{
	pending_end_all(&stream_of(t)->pending, result);
}

static void stream_close(struct traffic *t)
{
	close_flow(stream_of(t));
}

static void stream_free(struct traffic *t)
{
	close_flow(stream_of(t));
	pending_finish(&stream_of(t)->pending);
}

const struct traffic_ops traffic_stream_ops = {
	.kind = TRAFFIC_STREAM,
	.size = sizeof(struct stream),
	.open = stream_open,
	.send = stream_send,
	.drop = stream_drop,
	.close = stream_close,
	.free = stream_free,
};
