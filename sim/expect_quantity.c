/* Counts, spans and shares against their bound. */
#include <string.h>

#include "clock.h"
#include "expect_int.h"
#include "span.h"

static const char *const op_words[] = {
	[OP_LE] = "at most",  [OP_LT] = "less than", [OP_GE] = "at least",
	[OP_GT] = "more than", [OP_EQ] = "exactly",   [OP_NE] = "not",
};

bool holds_int(int64_t a, enum op op, int64_t b)
{
	switch (op) {
	case OP_LE:
		return a <= b;
	case OP_LT:
		return a < b;
	case OP_GE:
		return a >= b;
	case OP_GT:
		return a > b;
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	}
	return false;
}

/* part/whole against a share, without the roundings of a division. */
static bool holds_share(uint64_t part, uint64_t whole, enum op op, double share)
{
	double a = (double)part, b = share * (double)whole;
	double eps = 1e-9 * (double)whole;

	switch (op) {
	case OP_LE:
		return a <= b + eps;
	case OP_LT:
		return a < b - eps;
	case OP_GE:
		return a >= b - eps;
	case OP_GT:
		return a > b + eps;
	case OP_EQ:
		return a >= b - eps && a <= b + eps;
	case OP_NE:
		return a < b - eps || a > b + eps;
	}
	return false;
}

static bool is_span(enum quantity q)
{
	return q == Q_LONGEST_GAP || q == Q_TOTAL_GAP || q == Q_LATENCY ||
	       q == Q_ADVERT_INTERVAL;
}

static void set_outcome(struct expect_result *r, bool held)
{
	r->outcome = held ? EXPECT_HELD : EXPECT_NOT_HELD;
}

void judge_int(const struct judge *j, const struct expect *e, int64_t actual)
{
	char a[SPAN_LEN], b[SPAN_LEN];

	set_outcome(j->r, holds_int(actual, e->op, e->value));
	if (is_span(e->quantity)) {
		result_set(&j->r->expected, "%s %s", op_words[e->op],
			   span_text(a, e->value));
		/* 3.7000004 s against 3.7 s: as many digits as tell them apart */
		result_set(&j->r->actual, "%s",
			   strcmp(span_text(b, actual), a) != 0 || actual == e->value ?
				   b :
				   span_exact(b, actual));
	} else {
		result_set(&j->r->expected, "%s %jd", op_words[e->op], (intmax_t)e->value);
		result_set(&j->r->actual, "%jd", (intmax_t)actual);
	}
}

static void judge_share(const struct judge *j, const struct expect *e, uint64_t part,
			uint64_t whole)
{
	result_set(&j->r->expected, "%s %.6g%%", op_words[e->op], 100 * e->share);
	if (!whole) {
		result_undecided(j->r, "nothing to take a share of");
		return;
	}
	set_outcome(j->r, holds_share(part, whole, e->op, e->share));
	result_set(&j->r->actual, "%.6g%% (%ju of %ju)",
		   100 * (double)part / (double)whole, (uintmax_t)part, (uintmax_t)whole);
}

static const struct gap *longest(const struct traffic_stats *s)
{
	const struct gap *g = NULL;
	size_t i;

	for (i = 0; i < s->ngap; i++)
		if (!g || s->gap[i].end_ns - s->gap[i].start_ns > g->end_ns - g->start_ns)
			g = &s->gap[i];
	return g;
}

static void gap_moments(const struct judge *j, const struct expect *e,
			const struct traffic_stats *s)
{
	const struct gap *g = longest(s);

	if (!g)
		return;
	result_moment(j->r, g->start_ns, "first of %ju failed requests of %s was due",
		      (uintmax_t)g->failed, e->traffic);
	if (g->open)
		result_moment(j->r, g->end_ns, "the run ended without a good reply");
	else
		result_moment(j->r, g->end_ns, "first good reply after it");
}

static void failed_moments(const struct judge *j, const struct expect *e, int64_t from,
			   int64_t to)
{
	size_t i;

	for (i = 0; i < j->log->n; i++) {
		const struct event *v = &j->log->v[i];

		if (v->type != EV_REQUEST || strcmp(v->request.traffic, e->traffic) ||
		    v->request.result == REQ_OK || v->request.result == REQ_CUT ||
		    v->request.due < from || v->request.due >= to)
			continue;
		if (e->quantity == Q_REASON && v->request.result != e->reason)
			continue;
		result_moment(j->r, v->request.due, "request %ju of %s was due: %s",
			      (uintmax_t)v->request.n, e->traffic,
			      request_result_name(v->request.result));
		return;
	}
}

static void last_answer_moment(const struct judge *j, const struct expect *e, int64_t from,
			       int64_t to)
{
	const struct event *last = NULL;
	size_t i;

	for (i = 0; i < j->log->n; i++) {
		const struct event *v = &j->log->v[i];

		if (v->type == EV_REQUEST && !strcmp(v->request.traffic, e->traffic) &&
		    v->request.result == REQ_OK && v->request.backend &&
		    !strcmp(v->request.backend, e->node) && v->request.due >= from &&
		    v->request.due < to)
			last = v;
	}
	if (last)
		result_moment(j->r, last->t, "last answer of %s", e->node);
}

static uint64_t answers_of(const struct traffic_stats *s, const char *node)
{
	size_t i;

	for (i = 0; i < s->nbackend; i++)
		if (!strcmp(s->backend[i].name, node))
			return s->backend[i].ok;
	return 0;
}

static uint64_t named_answers(const struct traffic_stats *s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s->nbackend; i++)
		n += s->backend[i].ok;
	return n;
}

static void count_or_share(const struct judge *j, const struct expect *e, uint64_t part,
			   uint64_t whole)
{
	if (e->percent)
		judge_share(j, e, part, whole);
	else
		judge_int(j, e, (int64_t)part);
}

/* Answers of the server with most, less those of the one with fewest. */
static void judge_fair(const struct judge *j, const struct expect *e,
		       const struct traffic_stats *s)
{
	const struct topology *t = j->c->topo;
	const char *most = NULL, *least = NULL;
	uint64_t n, hi = 0, lo = 0;
	size_t i;

	for (i = 0; i < (e->nnamed ? e->nnamed : t->nnode); i++) {
		const char *name = e->nnamed ? e->stmt->word[e->first_at + i].text :
					       t->node[i].name;

		if (!e->nnamed && t->node[i].role != ROLE_SERVER)
			continue;
		n = answers_of(s, name);
		if (!most || n > hi) {
			most = name;
			hi = n;
		}
		if (!least || n < lo) {
			least = name;
			lo = n;
		}
	}
	judge_int(j, e, (int64_t)(hi - lo));
	if (hi == lo)
		result_set(&j->r->actual, "0 (%ju each)", (uintmax_t)hi);
	else
		result_set(&j->r->actual, "%ju (%s %ju, %s %ju)", (uintmax_t)(hi - lo), most,
			   (uintmax_t)hi, least, (uintmax_t)lo);
}

/* The client that saw most of them decides. */
static void judge_per_client(const struct judge *j, const struct expect *e,
			     const struct traffic_stats *s)
{
	const struct client_share *worst = NULL;
	size_t i;

	for (i = 0; i < s->nclient; i++)
		if (!worst || s->client[i].nbackend > worst->nbackend)
			worst = &s->client[i];
	if (!worst) {
		result_undecided(j->r, "nobody knows who answered %s", e->traffic);
		return;
	}
	judge_int(j, e, (int64_t)worst->nbackend);
	if (s->nclient > 1)
		result_set(&j->r->actual, "%zu (%s, of %zu clients)", worst->nbackend,
			   worst->name, s->nclient);
}

static void judge_stats(const struct judge *j, const struct expect *e,
			const struct traffic_stats *s, int64_t from, int64_t to)
{
	int64_t ns;

	if (!s->sent && e->quantity != Q_SENT) {
		result_undecided(j->r, "no request of %s ended in that time", e->traffic);
		return;
	}
	switch (e->quantity) {
	case Q_SENT:
		judge_int(j, e, (int64_t)s->sent);
		break;
	case Q_OK:
		count_or_share(j, e, s->ok, s->sent);
		failed_moments(j, e, from, to);
		break;
	case Q_FAILED:
		count_or_share(j, e, s->failed, s->sent);
		failed_moments(j, e, from, to);
		break;
	case Q_REASON:
		count_or_share(j, e, s->reason[e->reason], s->sent);
		failed_moments(j, e, from, to);
		break;
	case Q_GAPS:
		judge_int(j, e, (int64_t)s->ngap);
		gap_moments(j, e, s);
		break;
	case Q_PER_CLIENT:
		judge_per_client(j, e, s);
		break;
	case Q_LONGEST_GAP:
		judge_int(j, e, s->longest_gap_ns);
		gap_moments(j, e, s);
		break;
	case Q_TOTAL_GAP:
		judge_int(j, e, s->total_gap_ns);
		gap_moments(j, e, s);
		break;
	case Q_LATENCY:
		ns = traffic_latency(s, e->quantile);
		if (ns == NS_NONE)
			result_undecided(j->r, "no good reply to take it from");
		else
			judge_int(j, e, ns);
		break;
	case Q_ANSWERS:
		judge_int(j, e, (int64_t)answers_of(s, e->node));
		last_answer_moment(j, e, from, to);
		break;
	case Q_SHARE:
		judge_share(j, e, answers_of(s, e->node), named_answers(s));
		break;
	case Q_FAIR:
		judge_fair(j, e, s);
		break;
	default:
		break;
	}
}

/* One request every so often: a gap is known no better than that. */
static void set_resolution(const struct judge *j, const struct expect *e)
{
	char a[SPAN_LEN];
	size_t i;

	if (e->quantity != Q_LONGEST_GAP && e->quantity != Q_TOTAL_GAP)
		return;
	for (i = 0; i < j->c->ntraffic; i++)
		if (!strcmp(j->c->traffic[i].name, e->traffic) &&
		    j->c->traffic[i].rate_per_s > 0)
			result_set(&j->r->tolerance, "none; a request every %s",
				   span_text(a, (int64_t)((double)NS_PER_S /
							  j->c->traffic[i].rate_per_s)));
}

static void judge_failovers(const struct judge *j, const struct expect *e, int64_t from,
			    int64_t to)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < j->m->nfailover; i++) {
		const struct failover *f = &j->m->failover[i];
		int64_t t = f->to ? f->first_advert_ns : f->last_advert_ns;

		if (t < from || t > to)
			continue;
		n++;
		if (f->to)
			result_moment(j->r, t, "%s takes VRID %d over from %s", f->to,
				      f->vrid, f->from ? f->from : "nobody");
		else
			result_moment(j->r, t, "last advert of %s; nobody takes VRID %d over",
				      f->from, f->vrid);
	}
	judge_int(j, e, n);
}

int judge_quantity(const struct judge *j, const struct expect *e)
{
	struct traffic_stats s;
	int64_t from, to;
	int r;

	if (!window_times(j, &e->window, &from, &to))
		return 0;
	if (e->quantity == Q_FAILOVERS) {
		judge_failovers(j, e, from, to);
		return 0;
	}
	if (e->quantity == Q_ADVERT_INTERVAL)
		return judge_interval(j, e, from, to);
	if (e->quantity == Q_ADVERT_PRIORITY)
		return judge_priority(j, e, from, to);
	if (e->quantity >= Q_ADVERTS && e->quantity <= Q_LOG)
		return judge_count(j, e, from, to);
	if (!e->window.has_to)
		to = INT64_MAX;
	r = measure_traffic(&s, j->log, e->traffic, from, to);
	if (r)
		return r;
	judge_stats(j, e, &s, from, to);
	set_resolution(j, e);
	traffic_stats_finish(&s);
	return 0;
}
