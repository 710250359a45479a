/* What the clients saw: one traffic's requests, in the order they were due. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

static int by_n(const void *a, const void *b)
{
	const struct event *x = *(const struct event *const *)a;
	const struct event *y = *(const struct event *const *)b;

	if (x->request.due != y->request.due)
		return x->request.due < y->request.due ? -1 : 1;
	return (x->request.n > y->request.n) - (x->request.n < y->request.n);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b)
{
	const struct backend_share *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int add_backend(struct traffic_stats *s, const char *name)
{
	struct backend_share *v;
	size_t i;

	for (i = 0; i < s->nbackend; i++) {
		if (!strcmp(s->backend[i].name, name)) {
			s->backend[i].ok++;
			return 0;
		}
	}
	v = realloc(s->backend, (s->nbackend + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->backend = v;
	v[s->nbackend++] = (struct backend_share){ .name = name, .ok = 1 };
	return 0;
}

/* Names are interned: equal ones are the same. */
static int add_client(struct traffic_stats *s, const char *name, const char *backend)
{
	struct client_share *c;
	const char **names;
	size_t i;

	for (i = 0; i < s->nclient && s->client[i].name != name; i++)
		;
	if (i == s->nclient) {
		c = realloc(s->client, (s->nclient + 1) * sizeof(*c));
		if (!c)
			return -ENOMEM;
		s->client = c;
		c[s->nclient++] = (struct client_share){ .name = name };
	}
	c = &s->client[i];
	for (i = 0; i < c->nbackend; i++)
		if (c->backend[i] == backend)
			return 0;
	names = realloc(c->backend, (c->nbackend + 1) * sizeof(*names));
	if (!names)
		return -ENOMEM;
	c->backend = names;
	names[c->nbackend++] = backend;
	return 0;
}

void traffic_per_client(const struct traffic_stats *s, size_t *least, size_t *most)
{
	size_t i;

	*least = *most = 0;
	for (i = 0; i < s->nclient; i++) {
		if (!i || s->client[i].nbackend < *least)
			*least = s->client[i].nbackend;
		if (s->client[i].nbackend > *most)
			*most = s->client[i].nbackend;
	}
}

static int add_gap(struct traffic_stats *s, int64_t due)
{
	struct gap *v = realloc(s->gap, (s->ngap + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	s->gap = v;
	v[s->ngap++] = (struct gap){ .start_ns = due, .open = true };
	return 0;
}

static int count(struct traffic_stats *s, const struct event *e)
{
	struct gap *last = s->ngap ? &s->gap[s->ngap - 1] : NULL;
	int r;

	if (e->request.result == REQ_CUT) {
		s->cut++;
		return 0;
	}
	s->sent++;
	s->reason[e->request.result]++;
	if (e->request.result == REQ_OK) {
		s->latency[s->ok++] = e->t - e->request.due;
		if (last && last->open) {
			last->open = false;
			last->end_ns = e->t;
		}
		if (!e->request.backend)
			return 0;
		r = add_backend(s, e->request.backend);
		return r ? r : add_client(s, e->node, e->request.backend);
	}
	s->failed++;
	if (!last || !last->open) {
		r = add_gap(s, e->request.due);
		if (r)
			return r;
		last = &s->gap[s->ngap - 1];
	}
	last->failed++;
	return 0;
}

/*
 * A request due after the window still ends a gap that began in it. Returns
 * false when there is none left to end.
 */
static bool close_gap(struct traffic_stats *s, const struct event *e)
{
	struct gap *last = s->ngap ? &s->gap[s->ngap - 1] : NULL;

	if (!last || !last->open)
		return false;
	if (e->request.result == REQ_OK) {
		last->open = false;
		last->end_ns = e->t;
	}
	return last->open;
}

static void sum_gaps(struct traffic_stats *s, int64_t end)
{
	int64_t covered = INT64_MIN;
	size_t i;

	for (i = 0; i < s->ngap; i++) {
		struct gap *g = &s->gap[i];
		int64_t from;

		if (g->open)
			g->end_ns = end > g->start_ns ? end : g->start_ns;
		if (g->end_ns - g->start_ns > s->longest_gap_ns)
			s->longest_gap_ns = g->end_ns - g->start_ns;
		from = g->start_ns > covered ? g->start_ns : covered;
		if (g->end_ns > from) {
			s->total_gap_ns += g->end_ns - from;
			covered = g->end_ns;
		}
	}
}

int64_t traffic_latency(const struct traffic_stats *s, double q)
{
	double exact = q * (double)s->ok;
	uint64_t rank = (uint64_t)exact;

	if (!s->ok)
		return NS_NONE;
	if ((double)rank < exact)
		rank++;
	if (rank < 1)
		rank = 1;
	if (rank > s->ok)
		rank = s->ok;
	return s->latency[rank - 1];
}

int measure_traffic(struct traffic_stats *s, const struct event_log *log,
		    const char *name, int64_t from_ns, int64_t to_ns)
{
	const struct event **v;
	int64_t end = 0;
	size_t i, n = 0;
	int r = 0;

	*s = (struct traffic_stats){ .name = name };
	v = calloc(log->n + 1, sizeof(struct event *));
	s->latency = calloc(log->n + 1, sizeof(*s->latency));
	if (!v || !s->latency) {
		r = -ENOMEM;
		goto out;
	}
	for (i = 0; i < log->n; i++) {
		const struct event *e = &log->v[i];

		if (e->type == EV_END || e->t > end)
			end = e->t;
		if (e->type == EV_REQUEST && e->request.traffic &&
		    !strcmp(e->request.traffic, name) && e->request.due >= from_ns)
			v[n++] = e;
	}
	qsort(v, n, sizeof(*v), by_n);
	for (i = 0; i < n && !r; i++) {
		if (v[i]->request.due < to_ns)
			r = count(s, v[i]);
		else if (!close_gap(s, v[i]))
			break;
	}
	if (r)
		goto out;
	sum_gaps(s, end);
	qsort(s->latency, s->ok, sizeof(*s->latency), by_value);
	if (s->nbackend)
		qsort(s->backend, s->nbackend, sizeof(*s->backend), by_name);
	s->latency_p50_ns = traffic_latency(s, 0.5);
	s->latency_p99_ns = traffic_latency(s, 0.99);
	s->latency_max_ns = traffic_latency(s, 1.0);
out:
	free(v);
	if (r)
		traffic_stats_finish(s);
	return r;
}

void traffic_stats_finish(struct traffic_stats *s)
{
	while (s->nclient)
		free(s->client[--s->nclient].backend);
	free(s->client);
	free(s->gap);
	free(s->backend);
	free(s->latency);
	*s = (struct traffic_stats){ 0 };
}
