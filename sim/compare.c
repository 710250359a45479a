#include "compare.h"

#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "span.h"

struct compare_limits compare_defaults(const char *time)
{
	if (text_same(time, "virtual"))
		return (struct compare_limits){ 0.01, 50 * NS_PER_US };
	return (struct compare_limits){ 0.20, 50 * NS_PER_MS };
}

/* By how much sooner after the last advert the fault came now. */
static int64_t phase_shift(const struct compare *c)
{
	int64_t a = c->base->phase_ns, b = c->now->phase_ns;

	return a == INT64_MIN || b == INT64_MIN || b >= a ? 0 : a - b;
}

static int64_t magnitude(int64_t v)
{
	return v < 0 ? -v : v;
}

static int64_t tolerance(const struct figure *base, const struct compare_limits *l)
{
	int64_t t = (int64_t)(l->share * (double)magnitude(base->value));

	return base->is_time && t < l->floor_ns ? l->floor_ns : t;
}

/* What is allowed beyond the tolerance, because it says nothing of the engine. */
static int64_t slack(const struct compare *c, const struct figure *base)
{
	int64_t shift = base->phased ? phase_shift(c) : 0;

	if (base->is_time)
		return base->every_ns + shift;
	return base->every_ns ? 1 + shift / base->every_ns : 0;
}

static void judge(const struct compare *c, struct compare_row *r,
		  const struct compare_limits *l)
{
	int64_t tol;

	if (!r->base || !r->now) {
		r->status = r->base ? COMPARE_GONE : COMPARE_NEW;
		return;
	}
	tol = r->base->exact ? 0 : tolerance(r->base, l);
	r->moved = r->now->value - r->base->value;
	r->allowed = r->base->exact ? 0 : tol + slack(c, r->base);
	if (!r->moved)
		r->status = COMPARE_SAME;
	else if (r->moved > r->allowed || r->base->exact)
		r->status = COMPARE_WORSE;
	else
		r->status = -r->moved > r->allowed ? COMPARE_BETTER : COMPARE_WITHIN;
}

static const struct figure *if_seen(const struct figure *f)
{
	return f && f->seen ? f : NULL;
}

static int add_row(struct compare *c, const char *name, const struct compare_limits *l)
{
	struct compare_row *v = reallocarray(c->v, c->n + 1, sizeof(*v)), *r;

	if (!v)
		return -ENOMEM;
	c->v = v;
	r = &v[c->n];
	*r = (struct compare_row){ .name = name,
				   .base = if_seen(figures_find(c->base, name)),
				   .now = if_seen(figures_find(c->now, name)) };
	if (!r->base && !r->now)
		return 0;
	judge(c, r, l);
	c->worse += r->status == COMPARE_WORSE || r->status == COMPARE_GONE;
	c->better += r->status == COMPARE_BETTER;
	c->n++;
	return 0;
}

static int rank(const char *verdict)
{
	return text_same(verdict, "held") ? 0 : text_same(verdict, "inconclusive") ? 1 : 2;
}

static int ok_now(const struct figures *now, const char *text)
{
	size_t i;

	for (i = 0; i < now->nexpect; i++)
		if (text_same(now->expect[i].text, text))
			return now->expect[i].ok;
	return 1; /* it is not expected any more */
}

static int comparable(const struct figures *base, const struct figures *now)
{
	if (!text_same(base->case_name, now->case_name)) {
		log_warnx("%s is of the case '%s', %s of '%s'", now->path, now->case_name,
			  base->path, base->case_name);
		return -EINVAL;
	}
	if (!text_same(base->time, now->time)) {
		log_warnx("%s is in %s time, %s in %s: these do not compare", now->path,
			  now->time, base->path, base->time);
		return -EINVAL;
	}
	return 0;
}

int compare_runs(struct compare *c, const struct figures *base, const struct figures *now,
		 const struct compare_limits *limits)
{
	size_t i;
	int r = comparable(base, now);

	*c = (struct compare){ .base = base, .now = now };
	for (i = 0; i < base->n && !r; i++)
		r = add_row(c, base->v[i].name, limits);
	for (i = 0; i < now->n && !r; i++)
		if (!figures_find(base, now->v[i].name))
			r = add_row(c, now->v[i].name, limits);
	if (r) {
		compare_finish(c);
		return r;
	}
	c->verdict_worse = rank(now->verdict) > rank(base->verdict);
	for (i = 0; i < base->nexpect; i++)
		c->broken += base->expect[i].ok == 1 &&
			     ok_now(now, base->expect[i].text) != 1;
	return 0;
}

void compare_finish(struct compare *c)
{
	free(c->v);
	*c = (struct compare){ 0 };
}

bool compare_regressed(const struct compare *c)
{
	return c->worse || c->broken || c->verdict_worse;
}
