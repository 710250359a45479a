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

#include "block.h"
#include "clock.h"
#include "event_line.h"
#include "fault_impl.h"
#include "live_impl.h"
#include "log.h"
#include "run.h"

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

static void put_line(struct live_conn *c, const char *line)
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

/* --- questions --- */

static bool is_settled(const struct live *l)
{
	return l->state.phase != PHASE_SETTLING && l->state.phase != PHASE_BUILDING;
}

static void answer_wait(struct live_conn *c)
{
	if (c->live->state.phase == PHASE_UNSETTLED)
		live_say(c, "it did not settle: %s", c->live->state.missing);
	live_done(c, c->live->state.phase == PHASE_UNSETTLED ? EXIT_INCONCLUSIVE : EXIT_HELD);
}

/* What the directors are configured to have, beside what they have. */
static json_t *configured(const struct live *l)
{
	const struct case_ *c = l->env.c;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < c->topo->nnode; i++) {
		static const char *const roles[] = {
			[ROLE_OTHER] = "node", [ROLE_DIRECTOR] = "director",
			[ROLE_SERVER] = "server", [ROLE_CLIENT] = "client",
			[ROLE_ROUTER] = "router"
		};
		const struct topo_node *n = &c->topo->node[i];
		struct site_node *sn = site_node(l->env.site, n->name);

		json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "name", n->name,
						      "role", roles[n->role], "up",
						      sn && site_node_is_up(sn)));
	}
	return list;
}

static void answer_status(struct live_conn *c)
{
	struct live *l = c->live;
	json_t *j = sitestate_json(&l->state, record_now(l->env.rec));
	char missing[1024] = "", *text;

	if (j && l->state.phase == PHASE_SETTLING)
		l->env.missing(missing, sizeof(missing), l->env.arg);
	if (j && missing[0])
		json_object_set_new(j, "missing", json_string(missing));
	if (j) {
		json_object_set_new(j, "case", json_string(l->env.c->name));
		json_object_set_new(j, "site", configured(l));
	}
	text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	json_decref(j);
	if (text)
		live_put(c, TALK_JSON, text, strlen(text));
	live_done(c, text ? EXIT_HELD : EXIT_SOFTWARE);
	free(text);
}

static void put_event(struct live_conn *c, const struct event *e,
		      const struct sitestate *before)
{
	char line[600], *text = NULL;
	size_t len = 0;
	FILE *f;

	if (!c->json) {
		if (event_line(line, sizeof(line), e, c->all ? NULL : before))
			put_line(c, line);
		return;
	}
	f = open_memstream(&text, &len);
	if (!f)
		return;
	event_write(e, f);
	if (fclose(f) == 0 && len) /* without its newline */
		live_put(c, TALK_LINE, text, len - 1);
	free(text);
}

/* The past is told with the state as it was then. */
static void put_past(struct live_conn *c)
{
	const struct event_log *log = c->live->env.rec->log;
	struct sitestate s;
	size_t i;

	if (sitestate_init(&s) < 0)
		return;
	for (i = 0; i < log->n; i++) {
		put_event(c, &log->v[i], &s);
		sitestate_event(&s, &log->v[i]);
	}
	sitestate_finish(&s);
}

struct asked_fault {
	struct live *live;
	int fd; /* names the connection, which may be gone by then */
	struct live_conn *conn;
	int64_t t;
	char *text, *node;
	char **argv;
	size_t argc;
};

static void fault_free(struct asked_fault *a)
{
	size_t i;

	for (i = 0; i < a->argc; i++)
		free(a->argv[i]);
	free(a->argv);
	free(a->text);
	free(a);
}

static bool still_there(const struct asked_fault *a)
{
	struct live_conn *c;

	for (c = a->live->conns; c; c = c->next)
		if (c == a->conn && c->fd == a->fd && !c->done)
			return true;
	return false;
}

static void fault_seen(const struct fault_result *res, void *arg)
{
	struct asked_fault *a = arg;
	struct record *rec = a->live->env.rec;
	struct event e = { .t = a->t, .type = EV_FAULT };

	e.text = record_text(rec, a->text);
	if (a->argc > 1 && topology_node(a->live->env.c->topo, a->argv[1]))
		e.node = record_text(rec, a->argv[1]);
	e.fault.effective = res->effective;
	e.fault.done = record_time(rec, res->at_ns);
	e.fault.proof = record_text(rec, res->proof);
	record_add(rec, &e);
	if (still_there(a)) {
		live_put(a->conn, TALK_LINE, res->proof, strlen(res->proof));
		if (!res->effective)
			live_say(a->conn, "'%s' had no effect", a->text);
		live_done(a->conn, res->effective ? EXIT_HELD : EXIT_INCONCLUSIVE);
	}
	fault_free(a);
}

/* Its words, as a step of a timeline would have them. */
static struct asked_fault *fault_words(struct live_conn *c, const json_t *ask)
{
	const json_t *words = json_object_get(ask, "words");
	struct asked_fault *a = calloc(1, sizeof(*a));
	size_t n = json_array_size(words), i, len = 1;

	if (!a)
		return NULL;
	*a = (struct asked_fault){ .live = c->live, .fd = c->fd, .conn = c,
				   .t = record_now(c->live->env.rec),
				   .argv = calloc(n + 1, sizeof(char *)) };
	for (i = 0; a->argv && i < n; i++) {
		const char *w = json_string_value(json_array_get(words, i));

		a->argv[i] = strdup(w ? w : "");
		if (!a->argv[i])
			break;
		a->argc++;
		len += strlen(a->argv[i]) + 1;
	}
	a->text = calloc(1, len);
	if (!a->argv || a->argc != n || !a->text) {
		fault_free(a);
		return NULL;
	}
	for (i = 0; i < n; i++)
		sprintf(a->text + strlen(a->text), "%s%s", i ? " " : "", a->argv[i]);
	return a;
}

static void answer_fault(struct live_conn *c, const json_t *ask)
{
	struct asked_fault *a = fault_words(c, ask);
	struct fault_words w = { .topo = c->live->env.c->topo };
	struct fault_call call;
	int r;

	if (!a) {
		live_done(c, EXIT_SOFTWARE);
		return;
	}
	w.argv = a->argv;
	w.argc = a->argc;
	if (!a->argc || fault_read(&call, &w) < 0) {
		live_say(c, "%s", a->argc ? w.error : "which fault?");
		live_done(c, EXIT_USAGE_ERROR);
		fault_free(a);
		return;
	}
	r = fault_apply(c->live->env.faults, a->argv, a->argc, fault_seen, a);
	if (r < 0) {
		live_say(c, "'%s' could not be carried out: %s", a->text, strerror(-r));
		live_done(c, EXIT_SOFTWARE);
		fault_free(a);
	}
}

static void answer_events(struct live_conn *c, const json_t *ask)
{
	c->json = json_is_true(json_object_get(ask, "json"));
	c->all = json_is_true(json_object_get(ask, "all"));
	if (json_is_true(json_object_get(ask, "past")))
		put_past(c);
	if (json_is_true(json_object_get(ask, "follow")))
		c->follows = true;
	else
		live_done(c, EXIT_HELD);
}

static void answer(struct live_conn *c, const struct talk *t)
{
	json_t *ask = json_loadb((const char *)t->data, t->len, 0, NULL);
	const char *verb = json_string_value(json_object_get(ask, "verb"));

	c->asked = true;
	c->owner = json_is_true(json_object_get(ask, "owner"));
	if (!verb)
		live_done(c, EXIT_SOFTWARE);
	else if (!strcmp(verb, "wait") && is_settled(c->live))
		answer_wait(c);
	else if (!strcmp(verb, "wait"))
		c->waits = c->follows = true;
	else if (!strcmp(verb, "status"))
		answer_status(c);
	else if (!strcmp(verb, "events"))
		answer_events(c, ask);
	else if (!strcmp(verb, "fault"))
		answer_fault(c, ask);
	else if (!strcmp(verb, "exec"))
		live_exec_start(c, ask);
	else {
		live_say(c, "this site does not know '%s' (another version of halbsim?)", verb);
		live_done(c, EXIT_SOFTWARE);
	}
	json_decref(ask);
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
			answer(c, &t);
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
	owner = c->owner && !is_settled(l);
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
		put_line(c, line);
	}
	put_event(c, e, s);
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
	bool was = is_settled(l);

	for (c = l->conns; c; c = c->next)
		if (c->follows)
			follow(c, e, &l->state);
	sitestate_event(&l->state, e);
	for (c = l->conns; c && !was && is_settled(l); c = next) {
		next = c->next;
		if (c->waits)
			answer_wait(c);
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
