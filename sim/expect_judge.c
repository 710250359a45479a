/* Judging: each expectation by its kind, then what the run as a whole allows. */
#include <errno.h>
#include <stdlib.h>

#include "expect_int.h"

static int judge_none(const struct judge *j, const struct expect *e)
{
	struct expect count = *e;

	count.kind = EX_QUANTITY;
	count.quantity = Q_FAILOVERS;
	count.op = OP_EQ;
	count.value = 0;
	return judge_quantity(j, &count);
}

/* On a site that never settled only what counts from the engines' start does. */
static bool counts(const struct judge *j, const struct expect *e)
{
	return j->m->settled || (e->window.given && e->window.base.kind == BASE_START);
}

static int judge_one(const struct judge *j, const struct expect *e)
{
	int r = 0;

	result_set(&j->r->tolerance, "none");
	result_set(&j->r->expected, "%s", e->text);
	if (!counts(j, e)) {
		result_undecided(j->r, "the site never settled");
		return 0;
	}
	switch (e->kind) {
	case EX_QUANTITY:
		r = judge_quantity(j, e);
		break;
	case EX_STATE:
		r = judge_state(j, e);
		break;
	case EX_STEP:
		r = judge_step(j, e);
		break;
	case EX_NO_FAILOVER:
		r = judge_none(j, e);
		break;
	}
	if (!r && j->r->outcome == EXPECT_HELD && !j->m->complete)
		result_undecided(j->r, "the run did not reach its end");
	return r;
}

int expect_judge(struct expect_results *res, const struct case_ *c,
		 const struct event_log *log, const struct measures *m)
{
	struct judge j = { .c = c, .log = log, .m = m };
	const struct expect *e;
	size_t n = 0;
	int r = 0;

	*res = (struct expect_results){ 0 };
	for (e = c->expect; e; e = e->next)
		n++;
	res->v = calloc(n + 1, sizeof(*res->v));
	if (!res->v)
		return -ENOMEM;
	for (e = c->expect; e && !r; e = e->next) {
		j.r = &res->v[res->n++];
		j.r->of = e;
		r = judge_one(&j, e);
		/* A text that could not be had is out of memory too. */
		if (!r && (!j.r->expected || !j.r->actual || !j.r->tolerance))
			r = -ENOMEM;
	}
	if (r)
		expect_results_finish(res);
	return r;
}

void expect_results_finish(struct expect_results *res)
{
	size_t i, k;

	for (i = 0; i < res->n; i++) {
		struct expect_result *r = &res->v[i];

		for (k = 0; k < r->nmoment; k++)
			free(r->moment[k].what);
		free(r->moment);
		free(r->expected);
		free(r->actual);
		free(r->tolerance);
	}
	free(res->v);
	*res = (struct expect_results){ 0 };
}
