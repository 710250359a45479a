/*
 * A connection of the backend.
 *
 * It is read, answered and closed in as few system calls as can be:
 * the request has often come by the time of accept(), so it is read at once;
 * the page is ready made; only a connection that has to wait is put into the
 * loop. What a request costs is measured (issue figures count instructions).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "web_impl.h"
#include "web_tls.h"

#define LINGER_NS  NS_PER_S /* for clients that do not close */
#define OVER	   16 /* descriptors are closed at once, so long after the last: */
#define OVER_NS	   (300 * NS_PER_US)
#define STREAM_LEN 65536

static void conn_ready(struct loop_fd *f, uint32_t revents, void *arg);
static void conn_timer(struct loop_timer *t, void *arg);

/* --- life of a connection --- */

static struct web_conn *conn_new(struct web_port *p, int fd)
{
	struct web *w = p->web;
	struct web_conn *c = w->spare;

	if (c)
		w->spare = c->next;
	else
		c = malloc(sizeof(*c));
	if (!c)
		return NULL;
	memset(c, 0, offsetof(struct web_conn, buf));
	c->port = p;
	c->fd = fd;
	loop_timer_init(&c->timer, conn_timer, c);
	c->next = w->conns;
	if (c->next)
		c->next->prev = c;
	w->conns = c;
	return c;
}

void web_close_over(struct web *w)
{
	loop_timer_cancel(w->loop, &w->over_timer);
	while (w->nover)
		close(w->over[--w->nover]);
}

/*
 * Ends a connection of which nothing is unread, as close() would. The descriptor waits
 * for others: what close() frees has to wait for RCU, and the kernel's tick goes on
 * meanwhile. And they all wait until the client has read its reply.
 */
static void close_with_others(struct web *w, int fd)
{
	if (shutdown(fd, SHUT_RDWR) < 0) {
		close(fd);
		return;
	}
	w->over[w->nover++] = fd;
	if (w->nover == WEB_OVER_MAX)
		web_close_over(w);
	else if (w->nover == OVER)
		loop_timer_set(w->loop, &w->over_timer, clock_now() + OVER_NS);
}

/* All but the descriptor, which epoll knows no more. */
static void put_away(struct web_conn *c)
{
	struct web *w = c->port->web;

	loop_timer_cancel(w->loop, &c->timer);
	free(c->out);
	if (c->prev)
		c->prev->next = c->next;
	else
		w->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->next = w->spare;
	w->spare = c;
	if (w->stopping && !w->conns)
		loop_stop(w->loop, 0);
}

void web_conn_free(struct web_conn *c, bool reset)
{
	const struct linger hard = { .l_onoff = 1 };

	if (c->tls) {
		if (!reset)
			web_tls->bye(c->tls);
		web_tls->end(c->tls);
	}
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	loop_fd_del(c->port->web->loop, &c->watch);
	close(c->fd);
	put_away(c);
}

/* After its last answer. */
static void conn_end(struct web_conn *c)
{
	if (c->tls || c->watch.added) {
		web_conn_free(c, false);
		return;
	}
	close_with_others(c->port->web, c->fd);
	put_away(c);
}

/* Waits for `events`. False when that fails, and the connection is gone. */
static bool wait_for(struct web_conn *c, uint32_t events)
{
	struct loop *l = c->port->web->loop;
	int r;

	if (c->watch.added)
		r = loop_fd_mod(l, &c->watch, events);
	else
		r = loop_fd_add(l, &c->watch, c->fd, events, conn_ready, c);
	if (r < 0)
		web_conn_free(c, true);
	return r == 0;
}

/* --- bytes, plain or over TLS --- */

static ssize_t conn_send(struct web_conn *c, const void *buf, size_t len, int flags)
{
	return c->tls ? web_tls->send(c->tls, buf, len) :
			send(c->fd, buf, len, MSG_NOSIGNAL | flags);
}

static ssize_t conn_recv(struct web_conn *c)
{
	size_t room = sizeof(c->buf) - c->len;
	char first;
	ssize_t n;

	if (c->port->tls && !c->begun) {
		n = recv(c->fd, &first, 1, MSG_PEEK);
		if (n <= 0)
			return n;
		c->begun = true;
		if (first == TLS_HANDSHAKE && !(c->tls = web_tls->begin(c->fd))) {
			errno = ENOMEM;
			return -1;
		}
	}
	return c->tls ? web_tls->recv(c->tls, c->buf + c->len, room) :
			recv(c->fd, c->buf + c->len, room, 0);
}

/* --- writing --- */

/* No more requests on this connection, and nothing unread. */
static bool is_last(const struct web_conn *c)
{
	return (!c->keep || c->port->web->stopping) && c->len == 0 && c->skip == 0;
}

/* The answer is out: on with the next request, or the end. */
static void answered(struct web_conn *c)
{
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_at = 0;
	c->stream = 0;
	if (c->keep && !c->port->web->stopping) {
		c->state = CONN_READ;
		return;
	}
	/* With bytes unread, close() would send a reset that may overtake the
	 * answer (RFC 9112 9.6). */
	if (is_last(c)) {
		conn_end(c);
		return;
	}
	if (c->tls)
		web_tls->bye(c->tls);
	shutdown(c->fd, SHUT_WR);
	c->state = CONN_LINGER;
	c->len = 0;
	loop_timer_set(c->port->web->loop, &c->timer, clock_now() + LINGER_NS);
	wait_for(c, EPOLLIN);
}

/* Makes up bytes until the socket is full. 1: all sent, 0: full, -1: gone. */
static int send_stream(struct web_conn *c)
{
	static const char zeros[STREAM_LEN];
	size_t n;
	ssize_t r;

	while (c->stream) {
		n = c->stream > 0 && c->stream < STREAM_LEN ? (size_t)c->stream
							    : STREAM_LEN;
		r = conn_send(c, zeros, n, 0);
		if (r < 0)
			return errno == EAGAIN ? 0 : -1;
		if (c->stream > 0)
			c->stream -= r;
	}
	return 1;
}

/* Writes what is left. False: the connection is gone or waits. */
static bool push(struct web_conn *c)
{
	ssize_t r;
	int done = 1;

	while (c->out_at < c->out_len && done > 0) {
		r = conn_send(c, c->out + c->out_at, c->out_len - c->out_at, 0);
		if (r > 0)
			c->out_at += (size_t)r;
		else
			done = errno == EAGAIN ? 0 : -1;
	}
	if (done > 0)
		done = send_stream(c);
	if (done < 0) {
		web_conn_free(c, false);
		return false;
	}
	if (done == 0) {
		c->state = CONN_WRITE;
		wait_for(c, EPOLLOUT);
		return false;
	}
	answered(c);
	return true;
}

/* Sends a text that stays someone else's: copied only when it does not fit. */
static void send_text(struct web_conn *c, const char *text, size_t len)
{
	/* What close() follows goes out with its FIN, in one segment. */
	int more = is_last(c) ? MSG_MORE : 0;
	ssize_t r = conn_send(c, text, len, more);

	if (r == (ssize_t)len) {
		answered(c);
		return;
	}
	if (r < 0 && errno != EAGAIN) {
		web_conn_free(c, false);
		return;
	}
	if (r > 0) {
		text += r;
		len -= (size_t)r;
	}
	c->out = malloc(len);
	if (!c->out) {
		web_conn_free(c, true);
		return;
	}
	memcpy(c->out, text, len);
	c->out_len = len;
	push(c);
}

static void send_status(struct web_conn *c, int status, bool head)
{
	size_t len;
	char *text = web_page_status(status, c->keep, head, &len);

	if (text)
		send_text(c, text, len);
	else
		web_conn_free(c, true);
	free(text);
}

/* --- requests --- */

static bool path_is(const struct http_req *r, const char *path)
{
	return r->path_len == strlen(path) && !memcmp(r->path, path, r->path_len);
}

/* The last one that was given counts. */
static int status_of(const struct web_port *port, const struct http_req *r)
{
	const struct web_path *p;

	for (p = port->paths; p; p = p->next)
		if (r->path_len == p->len && !memcmp(r->path, p->path, p->len))
			return p->status;
	return http_path_is_root(r->path, r->path_len) ? 200 : 404;
}

static void start_stream(struct web_conn *c, const struct http_req *r)
{
	int64_t bytes = http_req_number(r, "bytes", -2);

	if (bytes == -1) {
		send_status(c, 400, r->head);
		return;
	}
	c->keep = c->keep && bytes >= 0;
	c->stream = r->head ? 0 : bytes == -2 ? -1 : bytes;
	c->out = web_page_stream(c->port, bytes == -2 ? -1 : bytes, c->keep, &c->out_len);
	if (!c->out) {
		web_conn_free(c, true);
		return;
	}
	push(c);
}

/* Takes the request off the buffer; its body may still be to come. */
static void consume(struct web_conn *c, const struct http_req *r)
{
	size_t have = c->len - r->head_len, skip;

	skip = r->body_len < have ? (size_t)r->body_len : have;
	c->skip = r->body_len - skip;
	c->len = have - skip;
	memmove(c->buf, c->buf + r->head_len + skip, c->len);
}

static void answer(struct web_conn *c, const struct http_req *req)
{
	const struct web_page *page;
	struct http_req r = *req;
	struct web *w = c->port->web;
	int status = status_of(c->port, &r);
	bool stream = path_is(&r, "/stream");

	c->keep = r.keep_alive && !w->stopping;
	if (stream && w->mode != WEB_ERROR) {
		char query[256]; /* consume() moves what it points to */

		r.query_len = r.query_len < sizeof(query) ? r.query_len : 0;
		if (r.query)
			memcpy(query, r.query, r.query_len);
		r.query = r.query ? query : NULL;
		consume(c, req);
		start_stream(c, &r);
		return;
	}
	consume(c, req);
	if (w->mode == WEB_ERROR) {
		send_status(c, w->value, r.head);
	} else if (status != 200) {
		send_status(c, status, r.head);
	} else {
		page = web_page_get(c->port, c->keep);
		if (page)
			send_text(c, page->text, r.head ? page->head_len : page->len);
		else
			web_conn_free(c, true);
	}
}

/* A request that cannot be understood: what follows it cannot be either. */
static void refuse(struct web_conn *c, int status, const struct http_req *r)
{
	c->keep = status == 405 && r->keep_alive;
	if (status == 405)
		consume(c, r);
	send_status(c, status, false);
}

/* Whether the mode lets an answer go now; else it is held. */
static bool may_answer(struct web_conn *c)
{
	struct web *w = c->port->web;

	if (w->mode != WEB_HANG && w->mode != WEB_SLOW)
		return true;
	if (c->state == CONN_HELD) /* its time has come */
		return true;
	c->state = CONN_HELD;
	if (w->mode == WEB_SLOW)
		loop_timer_set(w->loop, &c->timer, clock_now() + w->value * NS_PER_MS);
	/* Only a client that gives up wakes us. */
	wait_for(c, EPOLLRDHUP);
	return false;
}

/* Answers whole requests in the buffer, one after the other, while it can. */
void web_conn_serve(struct web_conn *c)
{
	struct web *w = c->port->web;
	struct http_req r;
	uint64_t skip;
	int status;

	for (;;) {
		skip = c->skip < c->len ? c->skip : c->len;
		if (skip) {
			c->skip -= skip;
			c->len -= (size_t)skip;
			memmove(c->buf, c->buf + skip, c->len);
		}
		if (c->skip || !c->len)
			break;
		status = http_req_read(c->buf, c->len, &r);
		if (status < 0)
			break;
		if (!may_answer(c))
			return;
		c->state = CONN_WRITE;
		if (status)
			refuse(c, status, &r);
		else
			answer(c, &r);
		/* Freed connections are never used again before the loop goes on. */
		if (w->spare == c || c->state != CONN_READ)
			return;
	}
	if (w->stopping)
		web_conn_free(c, false);
	else
		wait_for(c, EPOLLIN);
}

/* Reads once, and serves. False: the connection is gone, or there is nothing yet. */
static bool read_once(struct web_conn *c)
{
	ssize_t n = conn_recv(c);

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		wait_for(c, EPOLLIN);
		return false;
	}
	if (n <= 0) {
		web_conn_free(c, false);
		return false;
	}
	if (c->state == CONN_LINGER)
		return true;
	c->len += (size_t)n;
	web_conn_serve(c);
	return c->port->web->spare != c;
}

static void conn_read(struct web_conn *c)
{
	/* What TLS has taken from the socket epoll does not speak of. */
	while (read_once(c) && c->tls && web_tls->pending(c->tls) &&
	       (c->state == CONN_READ || c->state == CONN_LINGER))
		;
}

static void conn_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct web_conn *c = arg;

	(void)f;
	if (c->state == CONN_HELD || (revents & EPOLLERR)) {
		web_conn_free(c, false); /* the client has given up */
		return;
	}
	if (c->state == CONN_WRITE) {
		if (push(c) && c->port->web->spare != c && c->state == CONN_READ)
			web_conn_serve(c);
		return;
	}
	conn_read(c);
}

static void conn_timer(struct loop_timer *t, void *arg)
{
	struct web_conn *c = arg;

	(void)t;
	if (c->state == CONN_HELD)
		web_conn_serve(c);
	else
		web_conn_free(c, true);
}

bool web_conn_accept(struct web_port *p, int listener)
{
	struct web_conn *c;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	c = conn_new(p, fd);
	if (c)
		conn_read(c);
	else
		close(fd);
	return true;
}

void web_port_accept(struct loop_fd *f, uint32_t revents, void *arg)
{
	(void)revents;
	web_conn_accept(arg, f->fd);
}
