/* A step of the failover budget against its time. */
#include <string.h>

#include "expect_int.h"
#include "span.h"

/*
 * The failover that is meant: of this node and router, and begun by the fault
 * that the window counts from or the first one after that instant.
 */
static const struct failover *find(const struct judge *j, const struct expect *e,
				   int64_t base)
{
	size_t i;

	for (i = 0; i < j->m->nfailover; i++) {
		const struct failover *f = &j->m->failover[i];

		if (e->node && (!f->to || strcmp(f->to, e->node)))
			continue;
		if (e->vrid && f->vrid != e->vrid)
			continue;
		if (e->window.base.kind == BASE_STEP ||
		    (f->fault_ns != NS_NONE && f->fault_ns >= base) ||
		    (f->first_advert_ns != NS_NONE && f->first_advert_ns >= base))
			return f;
	}
	return NULL;
}

static void judge_bound(const struct judge *j, const struct expect *e,
			const struct failover *f, int64_t t)
{
	char a[SPAN_LEN], b[SPAN_LEN];

	if (f->bound_ns == NS_NONE) {
		result_undecided(j->r, "this failover has no bound: no advert to count from");
		return;
	}
	result_set(&j->r->expected, "%s by the RFC's bound%s%s", budget_step_names[e->step],
		   e->value ? " plus " : "", e->value ? span_text(a, e->value) : "");
	j->r->outcome = t <= f->bound_ns + e->value ? EXPECT_HELD : EXPECT_NOT_HELD;
	if (t <= f->bound_ns)
		result_set(&j->r->actual, "%s before it", span_text(b, f->bound_ns - t));
	else
		result_set(&j->r->actual, "%s after it", span_text(b, t - f->bound_ns));
	result_moment(j->r, f->last_advert_ns, "last advert of %s", f->from);
	result_moment(j->r, f->bound_ns, "the RFC's bound");
	result_moment(j->r, t, "%s", budget_step_names[e->step]);
}

static void judge_window(const struct judge *j, const struct expect *e, int64_t base,
			 int64_t t)
{
	const struct window *w = &e->window;
	char a[SPAN_LEN], b[SPAN_LEN];
	bool held = (!w->has_from || t >= base + w->from_ns) &&
		    (!w->has_to || t <= base + w->to_ns);

	if (w->has_from && w->has_to && w->from_ns)
		result_set(&j->r->expected, "%s to %s after %s", span_text(a, w->from_ns),
			   span_text(b, w->to_ns), base_name(&w->base));
	else if (w->has_to)
		result_set(&j->r->expected, "within %s of %s", span_text(a, w->to_ns),
			   base_name(&w->base));
	else
		result_set(&j->r->expected, "not before %s after %s",
			   span_text(a, w->from_ns), base_name(&w->base));
	j->r->outcome = held ? EXPECT_HELD : EXPECT_NOT_HELD;
	result_set(&j->r->actual, "%s", span_text(a, t - base));
	result_moment(j->r, base, "%s", base_name(&w->base));
	result_moment(j->r, t, "%s", budget_step_names[e->step]);
}

int judge_step(const struct judge *j, const struct expect *e)
{
	int64_t base = base_time(j, &e->window.base), t;
	const struct failover *f;
	char a[SPAN_LEN];

	if (base == NS_NONE) {
		result_undecided(j->r, "%s never came", base_name(&e->window.base));
		return 0;
	}
	f = find(j, e, base);
	t = f ? step_time(f, e->step) : NS_NONE;
	if (t != NS_NONE && e->bound) {
		judge_bound(j, e, f, t);
		return 0;
	}
	if (t != NS_NONE) {
		judge_window(j, e, base, t);
		return 0;
	}
	if (e->window.has_to && base + e->window.to_ns > j->m->end_ns) {
		result_undecided(j->r, "not seen, and the run ended %s before the time was up",
				 span_text(a, base + e->window.to_ns - j->m->end_ns));
		return 0;
	}
	j->r->outcome = EXPECT_NOT_HELD;
	result_set(&j->r->expected, "%s%s%s", budget_step_names[e->step],
		   e->node ? " of " : "", e->node ? e->node : "");
	result_set(&j->r->actual, f ? "not seen" : "no such failover");
	result_moment(j->r, base, "%s", base_name(&e->window.base));
	result_moment(j->r, j->m->end_ns, "the end, without it");
	return 0;
}
