#include "timeline.h"

struct moment timeline_moment(const struct step *step, size_t i)
{
	struct moment m = { false, 0 };

	for (;; i--) {
		m.ns += step[i].offset_ns;
		if (step[i].base != WHEN_PREVIOUS || i == 0)
			break;
	}
	m.after_settled = step[i].base == WHEN_SETTLED;
	return m;
}

bool timeline_shift(struct step *step, size_t n, int64_t phase_ns)
{
	struct moment first, m;
	size_t i;

	if (!phase_ns)
		return true;
	if (!n)
		return false;
	first = timeline_moment(step, 0);
	m = timeline_moment(step, n - 1);
	if (m.after_settled == first.after_settled && phase_ns >= m.ns - first.ns)
		return false;
	for (i = 1; i < n && step[i].base == WHEN_PREVIOUS; i++)
		;
	if (i < n) {
		/* What moves along must not come after what stays. */
		struct moment last = timeline_moment(step, i - 1);

		m = timeline_moment(step, i);
		if (m.after_settled == last.after_settled && last.ns + phase_ns > m.ns)
			return false;
	}
	step[0].offset_ns += phase_ns;
	return true;
}

void timeline_init(struct timeline *t, const struct step *step, size_t n)
{
	*t = (struct timeline){ .step = step,
				.n = n,
				.start_ns = TIMELINE_UNKNOWN,
				.settled_ns = TIMELINE_UNKNOWN };
}

int64_t timeline_due(const struct timeline *t)
{
	struct moment m;
	int64_t from;

	if (t->next >= t->n)
		return TIMELINE_UNKNOWN;
	m = timeline_moment(t->step, t->next);
	from = m.after_settled ? t->settled_ns : t->start_ns;
	return from == TIMELINE_UNKNOWN ? TIMELINE_UNKNOWN : from + m.ns;
}

const struct step *timeline_take(struct timeline *t)
{
	return t->next < t->n ? &t->step[t->next++] : NULL;
}

bool timeline_wants_settled(const struct timeline *t)
{
	/* Those that wait for settled come last. */
	return t->next >= t->n || timeline_moment(t->step, t->next).after_settled ||
	       !timeline_moment(t->step, t->n - 1).after_settled;
}
