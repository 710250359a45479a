/*
 * HTTP clients. `http` makes a new connection for each request, as a browser's
 * first visit or `curl` does. `keepalive` holds connections open and makes a
 * new one only when all are busy, as a reverse proxy's pool does; a request on
 * a connection that the failover has cut fails, and is not sent again.
 *
 * Cheap on purpose, since every instruction here is on the site's clock: sockets are
 * opened (traffic_socks.h) and closed some at a time; epoll is told of each only once
 * (edge-triggered); the request is sent right after connect(), which on a quick path has
 * finished its handshake by then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "log.h"
#include "traffic_impl.h"
#include "traffic_socks.h"
#include "web_reply.h"

#define CLOSED 16 /* at once, or some more */
#define SPARE  (16 + CLOSED)

struct conn {
	TAILQ_ENTRY(conn) list; /* of http.busy, .idle or .spare */
	struct loop_fd watch;
	struct http *http;
	int fd;
	struct request req; /* while busy */
	bool busy, sent;
	bool ended; /* the server has closed its side */
	bool over;
	struct web_reply reply;
};

TAILQ_HEAD(conns, conn);

struct http {
	struct traffic t;   /* first: what ops get is cast */
	bool keep;	    /* connections outlive their request */
	struct conns busy;  /* in the order in which they were due */
	struct conns idle;  /* keepalive: open, longest idle first */
	struct conns over;  /* shut down, but not closed */
	size_t nover;
	struct conns spare; /* memory alone */
	struct loop_timer deadline; /* of the first busy one, or earlier */
	struct loop_timer chores;   /* sockets are opened and closed */
	struct traffic_socks socks;
	char request[512];
	size_t request_len;
	bool ports_noted;
};

static struct http *http_of(struct traffic *t)
{
	return (struct http *)t;
}

/* --- connections --- */

static struct conn *conn_alloc(struct http *h)
{
	struct conn *c = TAILQ_FIRST(&h->spare);

	if (c) {
		TAILQ_REMOVE(&h->spare, c, list);
		return c;
	}
	c = calloc(1, sizeof(*c));
	if (c)
		c->http = h;
	return c;
}

static void conn_close(struct conn *c)
{
	struct http *h = c->http;

	if (c->watch.added) /* a system call less than taking it from epoll first */
		loop_fd_close(h->t.env.loop, &c->watch);
	else
		close(c->fd);
	c->fd = -1;
	TAILQ_INSERT_HEAD(&h->spare, c, list);
}

static void close_all_over(struct http *h)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&h->over))) {
		TAILQ_REMOVE(&h->over, c, list);
		conn_close(c);
	}
	h->nover = 0;
}

/*
 * Ends the connection as close() would: with a FIN where there is one, where nobody has
 * answered without a word. Only the descriptor waits for others: what close() frees has
 * to wait for RCU, and meanwhile the kernel's tick goes on, which costs as much as a
 * tenth of a request.
 */
static void conn_end(struct conn *c)
{
	struct http *h = c->http;

	if (shutdown(c->fd, SHUT_RDWR) < 0) {
		conn_close(c);
		return;
	}
	c->over = true;
	TAILQ_INSERT_TAIL(&h->over, c, list);
	h->nover++;
}

static bool make_room(struct traffic *t)
{
	struct http *h = http_of(t);
	bool any = h->nover > 0;

	close_all_over(h);
	return any;
}

/* --- the end of a request --- */

/* Ends c's request; c itself is then idle or gone. */
static void finish(struct conn *c, enum request_result result, const char *backend)
{
	struct http *h = c->http;
	struct request req = c->req;

	TAILQ_REMOVE(&h->busy, c, list);
	c->busy = false;
	if (h->keep && result == REQ_OK && !c->reply.close && !c->ended)
		TAILQ_INSERT_TAIL(&h->idle, c, list);
	else if (result == REQ_OK || (result == REQ_TIMEOUT && !c->sent))
		conn_end(c); /* nothing is unread, for which close() would send a reset */
	else
		conn_close(c);
	traffic_end(&h->t, &req, result, backend);
}

static void finish_reply(struct conn *c)
{
	const char *backend = NULL;

	if (c->reply.state == REPLY_DONE && c->reply.status == 200)
		backend = traffic_backend(&c->http->t, web_reply_body(&c->reply));
	finish(c, backend ? REQ_OK : REQ_BAD_REPLY, backend);
}

static void finish_errno(struct conn *c, int err)
{
	struct http *h = c->http;

	if (err == EADDRNOTAVAIL && !h->ports_noted) {
		h->ports_noted = true;
		record_note(h->t.env.rec, h->t.from,
			    "%s: no local port left for more connections", h->t.conf->name);
	}
	finish(c, traffic_result(err), NULL);
}

/* --- talking --- */

/* Sends the request, if the connection is there. False: c is finished. */
static bool conn_send(struct conn *c)
{
	struct http *h = c->http;
	ssize_t n = send(c->fd, h->request, h->request_len, MSG_NOSIGNAL);

	if (n == (ssize_t)h->request_len) {
		c->sent = true;
		return true;
	}
	if (n < 0 && errno == EAGAIN)
		return true; /* still connecting */
	/* A few hundred bytes always fit into an empty socket buffer. */
	finish_errno(c, n < 0 ? errno : EPIPE);
	return false;
}

static void conn_recv(struct conn *c)
{
	char buf[4096];
	ssize_t n;

	for (;;) {
		n = recv(c->fd, buf, sizeof(buf), 0);
		if (n < 0) {
			if (errno != EAGAIN)
				finish_errno(c, errno);
			return;
		}
		if (n == 0) {
			if (c->reply.state == REPLY_HEAD && !c->reply.head_len) {
				finish(c, REQ_RESET, NULL); /* closed without a word */
				return;
			}
			web_reply_eof(&c->reply);
		} else {
			web_reply_feed(&c->reply, buf, (size_t)n);
		}
		if (c->reply.state >= REPLY_DONE) {
			finish_reply(c);
			return;
		}
	}
}

static void conn_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct conn *c = arg;

	/* A child that is being started holds a closed descriptor open for a moment, and
	 * epoll may still speak of it. */
	if (!f->added || c->over)
		return;
	if (!c->busy) { /* idle: the server closes, or it says what nobody asked */
		if (revents & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
			TAILQ_REMOVE(&c->http->idle, c, list);
			conn_close(c);
		}
		return;
	}
	if (revents & (EPOLLRDHUP | EPOLLHUP))
		c->ended = true;
	if (!c->sent && !conn_send(c))
		return;
	if (c->sent && (revents & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		conn_recv(c);
}

/* --- those that are late --- */

static void arm_deadline(struct http *h)
{
	struct conn *c = TAILQ_FIRST(&h->busy);

	if (c && !loop_timer_is_set(&h->deadline))
		loop_timer_set(h->t.env.loop, &h->deadline,
			       c->req.due_ns + h->t.conf->timeout_ns);
}

static void deadline_passed(struct loop_timer *timer, void *arg)
{
	struct http *h = arg;
	int64_t now = clock_now();
	struct conn *c;

	(void)timer;
	while ((c = TAILQ_FIRST(&h->busy)) &&
	       c->req.due_ns + h->t.conf->timeout_ns <= now)
		finish(c, REQ_TIMEOUT, NULL);
	arm_deadline(h);
}

/* --- chores --- */

static void chores_due(struct loop_timer *timer, void *arg)
{
	struct http *h = arg;

	(void)timer;
	if (h->nover >= CLOSED)
		close_all_over(h);
	traffic_socks_refill(&h->socks);
}

/* Half-way to the next request, where they are in the latency of none. */
static void arm_chores(struct http *h, const struct request *req)
{
	if (h->nover < CLOSED && !traffic_socks_none(&h->socks))
		return;
	if (!loop_timer_is_set(&h->chores))
		loop_timer_set(h->t.env.loop, &h->chores,
			       req->due_ns + (int64_t)(h->t.interval_ns / 2));
}

/* --- a request is due --- */

/* A connection that is being made; NULL with *err. */
static struct conn *conn_new(struct http *h, int *err)
{
	int fd = traffic_socks_take(&h->socks);
	struct conn *c = fd < 0 ? NULL : conn_alloc(h);

	if (!c) {
		*err = fd < 0 ? -fd : ENOMEM;
		fd_close(&fd);
		return NULL;
	}
	c->fd = fd;
	c->ended = c->over = false;
	return c;
}

/* Connects and sends, as far as that goes at once. */
static void conn_start(struct conn *c)
{
	struct http *h = c->http;
	int r;

	if (connect(c->fd, (struct sockaddr *)&h->t.to, h->t.to_len) < 0 &&
	    errno != EINPROGRESS) {
		finish_errno(c, errno);
		return;
	}
	r = loop_fd_add(h->t.env.loop, &c->watch, c->fd,
			EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, conn_ready, c);
	if (r < 0)
		finish_errno(c, -r);
	else
		conn_send(c);
}

static void http_send(struct traffic *t, const struct request *req)
{
	struct http *h = http_of(t);
	struct conn *c = TAILQ_FIRST(&h->idle);
	bool fresh = !c;
	int err = 0;

	if (c)
		TAILQ_REMOVE(&h->idle, c, list);
	else
		c = conn_new(h, &err);
	if (!c) { /* the client node is down, or the harness out of descriptors */
		record_note(t->env.rec, t->from, "%s: no socket: %s", t->conf->name,
			    strerror(err));
		traffic_end(t, req, REQ_CUT, NULL);
		return;
	}
	c->req = *req;
	c->busy = true;
	c->sent = false;
	web_reply_init(&c->reply);
	TAILQ_INSERT_TAIL(&h->busy, c, list);
	if (fresh)
		conn_start(c);
	else
		conn_send(c);
	arm_deadline(h);
	arm_chores(h, req);
}

/* --- life --- */

static int http_open(struct traffic *t)
{
	struct http *h = http_of(t);
	size_t i, n = traffic_busy(t) + SPARE;
	struct conn *c;
	int len;

	h->keep = t->conf->kind == TRAFFIC_KEEPALIVE;
	traffic_socks_init(&h->socks, t, make_room);
	TAILQ_INIT(&h->busy);
	TAILQ_INIT(&h->idle);
	TAILQ_INIT(&h->over);
	TAILQ_INIT(&h->spare);
	loop_timer_init(&h->deadline, deadline_passed, h);
	loop_timer_init(&h->chores, chores_due, h);
	len = snprintf(h->request, sizeof(h->request),
		       "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: halbsim\r\n%s\r\n",
		       t->conf->path, t->conf->target,
		       h->keep ? "" : "Connection: close\r\n");
	if (len >= (int)sizeof(h->request)) {
		log_warnx("traffic %s: the path is too long", t->conf->name);
		return -ENAMETOOLONG;
	}
	h->request_len = (size_t)len;
	for (i = 0; i < n; i++) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return -ENOMEM;
		c->http = h;
		TAILQ_INSERT_HEAD(&h->spare, c, list);
	}
	return 0;
}

static void http_drop(struct traffic *t, enum request_result result)
{
	struct http *h = http_of(t);
	struct conn *c;

	while ((c = TAILQ_FIRST(&h->busy)))
		finish(c, result, NULL);
	loop_timer_cancel(t->env.loop, &h->deadline);
}

static void http_close(struct traffic *t)
{
	struct http *h = http_of(t);
	struct conn *c;

	loop_timer_cancel(t->env.loop, &h->deadline);
	loop_timer_cancel(t->env.loop, &h->chores);
	while ((c = TAILQ_FIRST(&h->busy))) {
		TAILQ_REMOVE(&h->busy, c, list);
		conn_close(c);
	}
	while ((c = TAILQ_FIRST(&h->idle))) {
		TAILQ_REMOVE(&h->idle, c, list);
		conn_close(c);
	}
	close_all_over(h);
	traffic_socks_close(&h->socks);
}

static void http_free(struct traffic *t)
{
	struct http *h = http_of(t);
	struct conn *c;

	http_close(t);
	while ((c = TAILQ_FIRST(&h->spare))) {
		TAILQ_REMOVE(&h->spare, c, list);
		free(c);
	}
}

const struct traffic_ops traffic_http_ops = {
	.kind = TRAFFIC_HTTP,
	.size = sizeof(struct http),
	.open = http_open,
	.send = http_send,
	.drop = http_drop,
	.close = http_close,
	.free = http_free,
};

const struct traffic_ops traffic_keepalive_ops = {
	.kind = TRAFFIC_KEEPALIVE,
	.size = sizeof(struct http),
	.open = http_open,
	.send = http_send,
	.drop = http_drop,
	.close = http_close,
	.free = http_free,
};
