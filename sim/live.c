#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "live_impl.h"
#include "log.h"

/* Events kept for who asks for the past; a site may be up for weeks. */
#define EVENTS_KEPT 20000

/* --- connections --- */

static void conn_ready(struct loop_fd *f, uint32_t revents, void *arg);

void live_put(struct live_conn *c, enum talk_kind kind, const void *data, size_t len)
{
	if (!c->done && talk_put(&c->out, kind, data, len) < 0)
		c->done = true;
	live_watch(c);
}

void live_put_line(struct live_conn *c, const char *line)
{
	live_put(c, TALK_LINE, line, strlen(line));
}

void live_say(struct live_conn *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	live_put(c, TALK_SAY, text, strlen(text));
}

void live_done(struct live_conn *c, int status)
{
	if (c->done)
		return;
	talk_put_number(&c->out, TALK_DONE, status);
	c->done = true;
	c->follows = c->waits = false;
	live_watch(c);
}

static void conn_free(struct live_conn *c)
{
	struct live_conn **at;

	for (at = &c->live->conns; *at && *at != c; at = &(*at)->next)
		;
	if (*at)
		*at = c->next;
	live_exec_free(c->exec);
	loop_fd_del(c->live->env.loop, &c->watch);
	close(c->fd);
	bytes_finish(&c->in);
	bytes_finish(&c->out);
	free(c);
}

void live_watch(struct live_conn *c)
{
	uint32_t events = EPOLLIN;

	if (c->exec && !live_exec_wants(c->exec))
		events = 0;
	if (bytes_left(&c->out) || c->done)
		events |= EPOLLOUT;
	if (!c->watch.added)
		loop_fd_add(c->live->env.loop, &c->watch, c->fd, events, conn_ready, c);
	else if (c->watch.events != events)
		loop_fd_mod(c->live->env.loop, &c->watch, events);
}

static void accepted(int fd, void *arg)
{
	struct live *l = arg;
	struct live_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*c = (struct live_conn){ .live = l, .fd = fd, .next = l->conns };
	l->conns = c;
	live_watch(c);
}

static void door_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	int fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC);

	(void)revents;
	if (fd >= 0)
		accepted(fd, arg);
}

/* --- reading and writing --- */

/* False when the connection is over. */
static bool hear(struct live_conn *c)
{
	char buf[16384];
	struct talk t;
	ssize_t n = read(c->fd, buf, sizeof(buf));
	int r;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0 || bytes_add(&c->in, buf, (size_t)n) < 0)
		return false;
	while ((r = talk_take(&c->in, &t)) > 0) {
		if (t.kind == TALK_ASK && !c->asked)
			live_answer(c, &t);
		else if (c->exec)
			live_exec_input(c, &t);
	}
	return r == 0;
}

static bool tell(struct live_conn *c)
{
	size_t left = bytes_left(&c->out);
	ssize_t n;

	if (left) {
		n = send(c->fd, c->out.v + c->out.at, left, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		bytes_use(&c->out, (size_t)n);
	}
	if (bytes_left(&c->out))
		return true;
	if (c->exec)
		live_exec_room(c->exec);
	return !c->done || bytes_left(&c->out);
}

static void conn_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct live_conn *c = arg;
	struct live *l = c->live;
	bool ok = true, owner;

	(void)f;
	if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
		ok = hear(c);
	if (ok && (revents & EPOLLOUT))
		ok = tell(c);
	if (ok) {
		live_watch(c);
		return;
	}
	owner = c->owner && !live_is_settled(l);
	conn_free(c);
	if (owner)
		l->env.abandoned(l->env.arg);
}

/* --- what happens --- */

static void follow(struct live_conn *c, const struct event *e, const struct sitestate *s)
{
	if (bytes_left(&c->out) > 4 * LIVE_BACKLOG) {
		c->lost++;
		return;
	}
	if (c->lost) {
		char line[80];

		if (c->json)
			snprintf(line, sizeof(line), "{\"lost\":%ju}", (uintmax_t)c->lost);
		else
			snprintf(line, sizeof(line), "(%ju events lost: read faster)",
				 (uintmax_t)c->lost);
		c->lost = 0;
		live_put_line(c, line);
	}
	live_put_event(c, e, s);
}

static void forget_oldest(struct event_log *log)
{
	if (log->n < 2 * EVENTS_KEPT)
		return;
	memmove(log->v, log->v + log->n - EVENTS_KEPT, EVENTS_KEPT * sizeof(*log->v));
	log->n = EVENTS_KEPT;
}

void live_event(struct live *l, const struct event *e)
{
	struct live_conn *c, *next;
	bool was = live_is_settled(l);

	for (c = l->conns; c; c = c->next)
		if (c->follows)
			follow(c, e, &l->state);
	sitestate_event(&l->state, e);
	for (c = l->conns; c && !was && live_is_settled(l); c = next) {
		next = c->next;
		if (c->waits)
			live_answer_wait(c);
	}
	forget_oldest(l->env.rec->log);
}

bool live_exited(struct live *l, const char *what, int status)
{
	struct live_conn *c;

	if (strncmp(what, "exec-", 5) != 0)
		return false;
	for (c = l->conns; c; c = c->next)
		if (c->exec && live_exec_ended(c->exec, what, status))
			break;
	return true; /* also of one whose asker is gone */
}

/* --- life --- */

struct live *live_new(const struct live_env *env, const struct live_doors *doors)
{
	struct relay_env re = { env->loop, doors->out, doors->in, accepted, NULL };
	struct live *l = calloc(1, sizeof(*l));
	size_t i;
	int r = l ? 0 : -ENOMEM;

	if (l) {
		l->env = *env;
		r = sitestate_init(&l->state);
	}
	/* What happened before (a run that has ended, the site's building). */
	for (i = 0; r == 0 && i < env->rec->log->n; i++)
		sitestate_event(&l->state, &env->rec->log->v[i]);
	if (r == 0 && doors->listen_fd >= 0)
		r = loop_fd_add(env->loop, &l->door, doors->listen_fd, EPOLLIN, door_ready, l);
	if (r == 0 && doors->owner_fd >= 0)
		accepted(doors->owner_fd, l);
	if (r == 0 && doors->out) {
		re.arg = l;
		l->relay = relay_new(&re);
		r = l->relay ? 0 : -errno;
	}
	if (r == 0)
		return l;
	errno = -r;
	log_warn("the site cannot be talked to");
	live_free(l);
	return NULL;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	while (l->conns)
		conn_free(l->conns);
	relay_free(l->relay);
	loop_fd_del(l->env.loop, &l->door);
	sitestate_finish(&l->state);
	free(l);
}
