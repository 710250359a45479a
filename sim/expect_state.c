/* States over time: at an instant, within a span, always, never, eventually. */
#include <string.h>

#include "clock.h"
#include "expect_int.h"
#include "facts.h"
#include "span.h"

/*
 * How long a node that has just heard a better master may take to step back:
 * the instant of a takeover. Both engines need less than 1 ms of it in virtual
 * time; the rest is for real time on a busy machine.
 */
#define YIELD_GRACE_NS (50 * NS_PER_MS)

/* That the table is as written; looked at when all of one instant is done. */
static int fact_table(struct fact *f, const struct event_log *log, const struct expect *e)
{
	struct table_lines t = { 0 };
	size_t i;
	int r;

	*f = (struct fact){ 0 };
	r = fact_set(f, INT64_MIN + 1, table_is(&t, e));
	for (i = 0; i < log->n && !r; i++) {
		r = table_event(&t, &log->v[i], e->node);
		if (!r && (i + 1 == log->n || log->v[i + 1].t > log->v[i].t))
			r = fact_set(f, log->v[i].t, table_is(&t, e));
	}
	table_lines_finish(&t);
	return r;
}

static int find_fact(struct fact *f, const struct judge *j, const struct expect *e)
{
	int r = 0;

	switch (e->state) {
	case ST_VIP:
		r = fact_address(f, j->log, e->node, e->addr);
		break;
	case ST_MASTER:
		r = fact_master(f, &j->m->claims, e->node, e->vrid);
		break;
	case ST_IPVS:
		r = fact_ipvs(f, j->log, e->node, e->service, e->dest, e->weight);
		break;
	case ST_ONE_HOLDER:
		r = fact_one_holder(f, j->log, &j->m->claims);
		break;
	case ST_TABLE:
		r = fact_table(f, j->log, e);
		break;
	case ST_ONE_MASTER:
	case ST_BY_MASTER:
		break;
	}
	if (!r && e->negated)
		r = fact_negate(f);
	return r;
}

/* The state, and its opposite, in words: "192.168.31.200 on lvs2". */
static void describe(const struct expect *e, bool value, char *buf, size_t size)
{
	const char *no = value == !e->negated ? "" : "not ";

	switch (e->state) {
	case ST_VIP:
		snprintf(buf, size, "%s %son %s", e->addr, no, e->node);
		break;
	case ST_MASTER:
		snprintf(buf, size, "%s %smaster", e->node, no);
		break;
	case ST_IPVS:
		snprintf(buf, size, "%s%s%s %sin the table of %s", e->service,
			 e->dest ? " -> " : "", e->dest ? e->dest : "", no, e->node);
		break;
	case ST_ONE_HOLDER:
		snprintf(buf, size, "each virtual address on %s", *no ? "two nodes"
								      : "one node at most");
		break;
	case ST_TABLE:
		snprintf(buf, size, "the table of %s %s", e->node,
			 *no ? "is another" : "is as written");
		break;
	case ST_ONE_MASTER:
	case ST_BY_MASTER:
		snprintf(buf, size, "one master");
		break;
	}
}

static void set_outcome(struct expect_result *r, bool held)
{
	r->outcome = held ? EXPECT_HELD : EXPECT_NOT_HELD;
}

/* The last change at or before t, as a moment. */
static void last_change(const struct judge *j, const struct expect *e,
			const struct fact *f, int64_t t)
{
	char what[200];
	size_t i = f->n;

	while (i-- > 0) {
		if (f->v[i].t > t)
			continue;
		describe(e, f->v[i].value, what, sizeof(what));
		if (f->v[i].t >= 0)
			result_moment(j->r, f->v[i].t, "%s", what);
		return;
	}
}

static void judge_at(const struct judge *j, const struct expect *e, const struct fact *f,
		     int64_t t)
{
	char what[200];
	bool value = fact_at(f, t);

	set_outcome(j->r, value);
	describe(e, true, what, sizeof(what));
	result_set(&j->r->expected, "%s", what);
	describe(e, value, what, sizeof(what));
	result_set(&j->r->actual, "%s", what);
	last_change(j, e, f, t);
}

static void judge_within(const struct judge *j, const struct expect *e,
			 const struct fact *f, int64_t from, int64_t to)
{
	int64_t base = base_time(j, &e->window.base);
	int64_t end = to < j->m->end_ns ? to : j->m->end_ns;
	int64_t t = fact_first(f, from, end, true), late;
	char what[200], a[SPAN_LEN];

	describe(e, true, what, sizeof(what));
	if (e->mode == MODE_EVENTUALLY && !e->window.given)
		result_set(&j->r->expected, "%s at some time", what);
	else
		result_set(&j->r->expected, "%s within %s of %s", what,
			   span_text(a, to - base), base_name(&e->window.base));
	if (t != NS_NONE) {
		j->r->outcome = EXPECT_HELD;
		if (t == from)
			result_set(&j->r->actual, "so from the beginning");
		else
			result_set(&j->r->actual, "after %s", span_text(a, t - base));
		result_moment(j->r, t, "%s", what);
		return;
	}
	if (to > j->m->end_ns) {
		result_undecided(j->r, "the run ended %s before the time was up",
				 span_text(a, to - j->m->end_ns));
		return;
	}
	j->r->outcome = EXPECT_NOT_HELD;
	late = fact_first(f, end, j->m->end_ns, true);
	if (late != NS_NONE) {
		result_set(&j->r->actual, "after %s", span_text(a, late - base));
		result_moment(j->r, late, "%s", what);
	} else {
		result_set(&j->r->actual, "never");
		last_change(j, e, f, j->m->end_ns);
	}
}

/* `want` throughout [from, to]; `never` is always not. */
static void judge_throughout(const struct judge *j, const struct expect *e,
			     const struct fact *f, int64_t from, int64_t to, bool want)
{
	int64_t end = to < j->m->end_ns ? to : j->m->end_ns;
	int64_t t = fact_first(f, from, end, !want), back;
	char what[200], a[SPAN_LEN];

	describe(e, want, what, sizeof(what));
	result_set(&j->r->expected, "%s throughout", what);
	set_outcome(j->r, t == NS_NONE);
	if (t == NS_NONE) {
		result_set(&j->r->actual, "so throughout");
		return;
	}
	describe(e, !want, what, sizeof(what));
	result_moment(j->r, t, "%s", what);
	back = fact_first(f, t, end, want);
	if (back == NS_NONE) {
		result_set(&j->r->actual, "%s, to the end", what);
		return;
	}
	result_set(&j->r->actual, "%s for %s", what, span_text(a, back - t));
	describe(e, want, what, sizeof(what));
	result_moment(j->r, back, "%s again", what);
}

static void judge_one_master(const struct judge *j, int64_t from, int64_t to)
{
	struct claim_breach b;
	char a[SPAN_LEN];

	result_set(&j->r->expected, "one master per virtual router among those who hear "
				    "each other");
	result_set(&j->r->tolerance, "%s to yield after hearing the better master",
		   span_text(a, YIELD_GRACE_NS));
	if (!claims_breach(&j->m->claims, j->log, from, to, YIELD_GRACE_NS, &b)) {
		j->r->outcome = EXPECT_HELD;
		result_set(&j->r->actual, "so throughout");
		return;
	}
	j->r->outcome = EXPECT_NOT_HELD;
	result_set(&j->r->actual, "%s and %s were both master of VRID %d for %s",
		   b.winner->node, b.loser->node, b.winner->vrid,
		   span_text(a, b.until_ns - b.both_from_ns));
	result_moment(j->r, b.both_from_ns, "two masters");
	result_moment(j->r, b.heard_ns, "%s has heard %s, which has the higher priority",
		      b.loser->node, b.winner->node);
	result_moment(j->r, b.until_ns, "%s",
		      b.until_ns >= j->m->end_ns ? "still two at the end" : "one again");
}

static int show_difference(const struct judge *j, const struct expect *e, int64_t at)
{
	char what[400];
	int r = table_differs(what, sizeof(what), j->log, e, at);

	if (!r && *what)
		result_moment(j->r, at, "it %s", what);
	return r;
}

int judge_state(const struct judge *j, const struct expect *e)
{
	struct fact f = { 0 };
	int64_t from, to;
	int r;

	if (!window_times(j, &e->window, &from, &to))
		return 0;
	if (e->state == ST_ONE_MASTER) {
		judge_one_master(j, from, to);
		return 0;
	}
	if (e->state == ST_BY_MASTER)
		return judge_by_master(j, from, to, YIELD_GRACE_NS);
	r = find_fact(&f, j, e);
	if (r)
		goto out;
	switch (e->mode) {
	case MODE_AT:
		/* between A and B: at some moment of it */
		if (from == to)
			judge_at(j, e, &f, from);
		else
			judge_within(j, e, &f, from, to);
		break;
	case MODE_EVENTUALLY:
		if (!e->window.given)
			from = base_time(j, &e->window.base);
		judge_within(j, e, &f, from, to);
		break;
	case MODE_WITHIN:
		judge_within(j, e, &f, from, to);
		break;
	case MODE_ALWAYS:
	case MODE_NEVER:
		judge_throughout(j, e, &f, from, to, e->mode == MODE_ALWAYS);
		break;
	}
	if (e->state == ST_TABLE && j->r->outcome == EXPECT_NOT_HELD &&
	    (e->mode != MODE_ALWAYS || j->r->nmoment))
		r = show_difference(j, e, e->mode == MODE_AT	 ? from :
					  e->mode == MODE_ALWAYS ? j->r->moment[0].t :
								   j->m->end_ns);
out:
	fact_finish(&f);
	return r;
}
