/* What a site answers to who asks about it, and the faults asked for by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_line.h"
#include "fault_impl.h"
#include "live_impl.h"
#include "run.h"

void live_answer_wait(struct live_conn *c)
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

void live_put_event(struct live_conn *c, const struct event *e,
		    const struct sitestate *before)
{
	char line[600], *text = NULL;
	size_t len = 0;
	FILE *f;

	if (!c->json) {
		if (event_line(line, sizeof(line), e, c->all ? NULL : before))
			live_put_line(c, line);
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
		live_put_event(c, &log->v[i], &s);
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

void live_answer(struct live_conn *c, const struct talk *t)
{
	json_t *ask = json_loadb((const char *)t->data, t->len, 0, NULL);
	const char *verb = json_string_value(json_object_get(ask, "verb"));

	c->asked = true;
	c->owner = json_is_true(json_object_get(ask, "owner"));
	if (!verb)
		live_done(c, EXIT_SOFTWARE);
	else if (!strcmp(verb, "wait") && live_is_settled(c->live))
		live_answer_wait(c);
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
