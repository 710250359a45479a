/*
 * A node's whole IPVS table, line by line as ipvsadm -Ln shows it:
 *
 *	ipvs lvs1 table at end {
 *		TCP 192.168.31.200:80 rr
 *		-> 192.168.31.113:80 Route 1
 *	}
 *
 * The order of the lines within a service, and of the services, is no matter.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect_int.h"
#include "span.h"

static const struct {
	const char *shown, *event;
} forwards[] = {
	{ "Route", "DR" }, { "Masq", "NAT" }, { "Tunnel", "TUN" }, { "Local", "LOCAL" },
};
#define NFORWARD (sizeof(forwards) / sizeof(forwards[0]))

static char *line_of(const char *service, const char *dest, const char *forward, int weight)
{
	char *line;
	size_t i;

	for (i = 0; forward && i < NFORWARD; i++)
		if (!strcmp(forward, forwards[i].event))
			forward = forwards[i].shown;
	if (asprintf(&line, "%s -> %s %s %d", service, dest, forward ? forward : "?",
		     weight) < 0)
		return NULL;
	return line;
}

/* --- reading --- */

static bool is_protocol(const char *w)
{
	return !strcmp(w, "TCP") || !strcmp(w, "UDP") || !strcmp(w, "SCTP") ||
	       !strcmp(w, "FWM");
}

/* "TCP 192.168.31.200:80 rr", "FWM 1 rr" or "FWM 1 IPv6 rr" */
static int read_service(char **service, char **line, const struct block_stmt *s,
			struct block_diag *d)
{
	bool v6 = s->nword == 4 && !strcmp(s->word[2].text, "IPv6");

	if (!is_protocol(s->word[0].text) || (s->nword != 3 && !v6)) {
		block_error_at(d, s, 0, "a line is 'TCP 192.168.31.200:80 rr' or "
			       "'-> 192.168.31.113:80 Route 1'");
		return -1;
	}
	free(*service);
	if (asprintf(service, "%s %s%s", s->word[0].text, s->word[1].text,
		     v6 ? " IPv6" : "") < 0)
		*service = NULL;
	if (!*service ||
	    asprintf(line, "%s %s", *service, s->word[s->nword - 1].text) < 0)
		return -1;
	return 0;
}

/* "-> 192.168.31.113:80 Route 1" */
static int read_dest(const char *service, char **line, const struct block_stmt *s,
		     struct block_diag *d)
{
	const char *names[NFORWARD], *forward, *near;
	int64_t weight;
	size_t i;

	if (!service) {
		block_error_at(d, s, 0, "of which service? its line comes first");
		return -1;
	}
	if (s->nword != 4) {
		block_error_at(d, s, s->nword > 4 ? 4 : s->nword,
			       "a destination is '-> 192.168.31.113:80 Route 1'");
		return -1;
	}
	forward = s->word[2].text;
	for (i = 0; i < NFORWARD; i++) {
		names[i] = forwards[i].shown;
		if (!strcmp(forward, forwards[i].shown) || !strcmp(forward, forwards[i].event))
			break;
	}
	if (i == NFORWARD) {
		near = block_nearest(forward, names, NFORWARD);
		block_error_at(d, s, 2, "Route, Masq, Tunnel or Local belongs here, got '%s'%s%s%s",
			       forward, near ? ", did you mean '" : "", near ? near : "",
			       near ? "'?" : "");
		return -1;
	}
	if (block_int(d, s, 3, 0, 65535, &weight) < 0)
		return -1;
	*line = line_of(service, s->word[1].text, forwards[i].event, (int)weight);
	return *line ? 0 : -1;
}

int table_parse(struct expect *e, const struct block *body, struct block_diag *d)
{
	const struct block_stmt *s;
	char *service = NULL, *line, **lines;
	int r = 0;

	for (s = body ? body->first : NULL; s; s = s->next) {
		line = NULL;
		if (!strcmp(s->word[0].text, "->"))
			r = read_dest(service, &line, s, d) < 0 ? -1 : r;
		else
			r = read_service(&service, &line, s, d) < 0 ? -1 : r;
		if (!line)
			continue;
		lines = reallocarray(e->line_of, e->nline + 1, sizeof(*lines));
		if (!lines) {
			free(line);
			r = -1;
			break;
		}
		e->line_of = lines;
		e->line_of[e->nline++] = line;
	}
	free(service);
	return r;
}

void table_finish(struct expect *e)
{
	while (e->nline)
		free(e->line_of[--e->nline]);
	free(e->line_of);
	e->line_of = NULL;
}

/* --- the table over time --- */

static int find(char *const *v, size_t n, const char *line)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i], line))
			return (int)i;
	return -1;
}

/* Forgets the line of that service or destination. */
static void forget(struct table_lines *t, const struct event *v)
{
	size_t i, n = strlen(v->ipvs.service), m;

	for (i = 0; i < t->n; i++) {
		const char *rest = t->v[i] + n;

		if (strncmp(t->v[i], v->ipvs.service, n) != 0 || *rest != ' ')
			continue;
		if (v->ipvs.what == IPVS_SERVICE) {
			if (!strncmp(rest, " -> ", 4))
				continue;
		} else {
			m = strlen(v->ipvs.dest);
			if (strncmp(rest, " -> ", 4) != 0 ||
			    strncmp(rest + 4, v->ipvs.dest, m) != 0 || rest[4 + m] != ' ')
				continue;
		}
		free(t->v[i]);
		t->v[i] = t->v[--t->n];
		return;
	}
}

int table_event(struct table_lines *t, const struct event *v, const char *node)
{
	char *line = NULL, **lines;

	if (v->type == EV_FAULT && v->fault.effective && v->text && text_same(v->node, node) &&
	    !strncmp(v->text, "crash", 5)) {
		table_lines_finish(t);
		return 0;
	}
	if (v->type != EV_IPVS || !text_same(v->node, node) || !v->ipvs.service)
		return 0;
	if (v->ipvs.what == IPVS_DEST && !v->ipvs.dest)
		return 0;
	forget(t, v);
	if (v->ipvs.op == IPVS_REMOVED)
		return 0;
	if (v->ipvs.what == IPVS_DEST)
		line = line_of(v->ipvs.service, v->ipvs.dest, v->ipvs.forward, v->ipvs.weight);
	else if (asprintf(&line, "%s %s", v->ipvs.service,
			  v->ipvs.sched ? v->ipvs.sched : "?") < 0)
		line = NULL;
	lines = line ? reallocarray(t->v, t->n + 1, sizeof(*lines)) : NULL;
	if (!lines) {
		free(line);
		return -ENOMEM;
	}
	t->v = lines;
	t->v[t->n++] = line;
	return 0;
}

void table_lines_finish(struct table_lines *t)
{
	while (t->n)
		free(t->v[--t->n]);
	free(t->v);
	*t = (struct table_lines){ 0 };
}

bool table_is(const struct table_lines *t, const struct expect *e)
{
	size_t i;

	if (t->n != e->nline)
		return false;
	for (i = 0; i < e->nline; i++)
		if (find(t->v, t->n, e->line_of[i]) < 0)
			return false;
	return true;
}

/* What differs at t: "missing: …; too much: …" */
int table_differs(char *buf, size_t size, const struct event_log *log,
		  const struct expect *e, int64_t at)
{
	struct table_lines t = { 0 };
	size_t i, len = 0;
	int r = 0;

	for (i = 0; !r && i < log->n && log->v[i].t <= at; i++)
		r = table_event(&t, &log->v[i], e->node);
	buf[0] = '\0';
	for (i = 0; !r && i < e->nline && len < size; i++)
		if (find(t.v, t.n, e->line_of[i]) < 0)
			len += (size_t)snprintf(buf + len, size - len, "%slacks %s",
						len ? "; " : "", e->line_of[i]);
	for (i = 0; !r && i < t.n && len < size; i++)
		if (find(e->line_of, e->nline, t.v[i]) < 0)
			len += (size_t)snprintf(buf + len, size - len, "%shas %s",
						len ? "; " : "", t.v[i]);
	table_lines_finish(&t);
	return r;
}
