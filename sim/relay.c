#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"

/* How soon the rings are looked at again. */
#define BUSY_NS	 (2 * NS_PER_MS)
#define QUIET_NS (20 * NS_PER_MS)
/* Counts as busy for so long after something has moved. */
#define LINGER_NS (NS_PER_S)

#define PIECE 16384u

enum kind { OPENED = 1, DATA, ENDED, TAKEN, RESET };

struct head {
	uint32_t chan;
	uint32_t kind;
	uint32_t len; /* DATA: bytes that follow; TAKEN: how many were */
};

struct chan {
	struct relay *r;
	uint32_t id;
	int fd;
	struct loop_fd watch;
	uint32_t credit;      /* may be sent to the other end */
	struct bytes pending; /* came from there, not yet written */
	bool in_ended, out_ended, told_end;
	struct chan *next;
};

struct relay {
	struct relay_env env;
	struct loop_timer timer;
	struct chan *chans;
	uint32_t last_id;
	int64_t moved_ns;
};

static void chan_ready(struct loop_fd *f, uint32_t revents, void *arg);

static bool send_head(struct relay *r, uint32_t id, enum kind kind, uint32_t len,
		      const void *data, size_t dlen)
{
	struct head h = { id, kind, len };

	return ring_put(r->env.out, &h, sizeof(h), data, dlen);
}

static void chan_free(struct chan *c)
{
	struct chan **at;

	for (at = &c->r->chans; *at && *at != c; at = &(*at)->next)
		;
	if (*at)
		*at = c->next;
	loop_fd_del(c->r->env.loop, &c->watch);
	close(c->fd);
	bytes_finish(&c->pending);
	free(c);
}

static void reset(struct chan *c)
{
	/* Without room the other end learns of it when it sends something. */
	send_head(c->r, c->id, RESET, 0, NULL, 0);
	chan_free(c);
}

static void set_events(struct chan *c)
{
	uint32_t events = 0;

	if (!c->in_ended && c->credit &&
	    ring_room(c->r->env.out) > PIECE + sizeof(struct head))
		events |= EPOLLIN;
	if (bytes_left(&c->pending))
		events |= EPOLLOUT;
	if (!c->watch.added) {
		if (events)
			loop_fd_add(c->r->env.loop, &c->watch, c->fd, events, chan_ready, c);
	} else if (!events) {
		/* else a hang-up would be told again and again */
		loop_fd_del(c->r->env.loop, &c->watch);
	} else if (c->watch.events != events) {
		loop_fd_mod(c->r->env.loop, &c->watch, events);
	}
}

/* From the socket into the ring. False when the connection is gone. */
static bool pull(struct chan *c)
{
	char buf[PIECE];
	size_t max = c->credit < PIECE ? c->credit : PIECE;
	ssize_t n;

	if (c->in_ended || !max || ring_room(c->r->env.out) < max + sizeof(struct head))
		return true;
	n = read(c->fd, buf, max);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->r->moved_ns = clock_now();
	if (n == 0) {
		c->in_ended = true;
		return true;
	}
	c->credit -= (uint32_t)n;
	return send_head(c->r, c->id, DATA, (uint32_t)n, buf, (size_t)n);
}

/* What came for the socket into it. False when the connection is gone. */
static bool push(struct chan *c)
{
	size_t left = bytes_left(&c->pending);
	ssize_t n;

	if (left) {
		n = send(c->fd, c->pending.v + c->pending.at, left, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		bytes_use(&c->pending, (size_t)n);
		if (!send_head(c->r, c->id, TAKEN, (uint32_t)n, NULL, 0))
			return false;
	}
	if (!bytes_left(&c->pending) && c->out_ended)
		shutdown(c->fd, SHUT_WR);
	return true;
}

/* Tells the end, and is done with it when both sides have ended. */
static void settle(struct chan *c)
{
	if (c->in_ended && !c->told_end)
		c->told_end = send_head(c->r, c->id, ENDED, 0, NULL, 0);
	if (c->told_end && c->out_ended && !bytes_left(&c->pending))
		chan_free(c);
	else
		set_events(c);
}

static void chan_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct chan *c = arg;

	(void)f;
	if (!push(c) || ((revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !pull(c)))
		reset(c);
	else
		settle(c);
}

static struct chan *chan_new(struct relay *r, uint32_t id, int fd)
{
	struct chan *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct chan){ .r = r, .id = id, .fd = fd, .credit = RELAY_WINDOW,
			    .next = r->chans };
	fcntl(fd, F_SETFL, O_NONBLOCK);
	r->chans = c;
	return c;
}

static struct chan *find(struct relay *r, uint32_t id)
{
	struct chan *c;

	for (c = r->chans; c && c->id != id; c = c->next)
		;
	return c;
}

static void opened(struct relay *r, uint32_t id)
{
	struct chan *c;
	int sv[2];

	if (!r->env.accept || find(r, id) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0) {
		send_head(r, id, RESET, 0, NULL, 0);
		return;
	}
	c = chan_new(r, id, sv[0]);
	if (!c) {
		close(sv[0]);
		close(sv[1]);
		return;
	}
	set_events(c);
	r->env.accept(sv[1], r->env.arg);
}

/* One message of the other end; false when there is none, or nonsense. */
static bool take(struct relay *r)
{
	static unsigned char buf[PIECE];
	struct head h;
	struct chan *c;

	if (!ring_peek(r->env.in, 0, &h, sizeof(h)))
		return false;
	if (h.kind == DATA &&
	    (h.len > PIECE || !ring_peek(r->env.in, sizeof(h), buf, h.len)))
		return false;
	ring_skip(r->env.in, sizeof(h) + (h.kind == DATA ? h.len : 0));
	r->moved_ns = clock_now();
	if (h.kind == OPENED) {
		opened(r, h.chan);
		return true;
	}
	c = find(r, h.chan);
	if (!c)
		return true;
	if (h.kind == TAKEN)
		c->credit += h.len;
	else if (h.kind == ENDED)
		c->out_ended = true;
	if (h.kind == RESET)
		chan_free(c);
	else if ((h.kind == DATA && (bytes_left(&c->pending) + h.len > RELAY_WINDOW ||
				     bytes_add(&c->pending, buf, h.len) < 0)) ||
		 !push(c) || (h.kind == TAKEN && !pull(c)))
		reset(c);
	else
		settle(c);
	return true;
}

static void look(struct loop_timer *t, void *arg)
{
	struct relay *r = arg;
	struct chan *c, *next;
	int64_t now;

	while (take(r))
		;
	for (c = r->chans; c; c = next) {
		next = c->next;
		settle(c); /* the ring may have room again */
	}
	now = clock_now();
	loop_timer_set(r->env.loop, t,
		       now + (now - r->moved_ns < LINGER_NS ? BUSY_NS : QUIET_NS));
}

struct relay *relay_new(const struct relay_env *env)
{
	struct relay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->env = *env;
	r->moved_ns = clock_now();
	loop_timer_init(&r->timer, look, r);
	if (loop_timer_set(env->loop, &r->timer, clock_now()) == 0)
		return r;
	free(r);
	errno = ENOMEM;
	return NULL;
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	loop_timer_cancel(r->env.loop, &r->timer);
	while (r->chans)
		chan_free(r->chans);
	free(r);
}

int relay_open(struct relay *r, int fd)
{
	struct chan *c = chan_new(r, ++r->last_id, fd);

	if (!c)
		return -ENOMEM;
	if (!send_head(r, c->id, OPENED, 0, NULL, 0)) {
		chan_free(c);
		return -ENOBUFS;
	}
	r->moved_ns = clock_now();
	set_events(c);
	return 0;
}
