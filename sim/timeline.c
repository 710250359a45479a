#include "timeline.h"

#include "trigger.h"

struct moment timeline_moment(const struct step *step, size_t i)
{
	struct moment m = { false, 0, 0 };

	for (;; i--) {
		m.ns += step[i].offset_ns;
		if (step[i].base != WHEN_PREVIOUS || i == 0)
			break;
	}
	if (step[i].base == WHEN_EVENT)
		m.event = i + 1;
	/* An event is waited for as soon as the step before it is done. */
	while (i > 0 && (step[i].base == WHEN_EVENT || step[i].base == WHEN_PREVIOUS))
		i--;
	m.after_settled = step[i].base == WHEN_SETTLED || step[i].base == WHEN_EVENT;
	return m;
}

bool timeline_same_base(const struct moment *a, const struct moment *b)
{
	return a->after_settled == b->after_settled && a->event == b->event;
}

int64_t timeline_length(const struct step *step, size_t n)
{
	int64_t waits = 0, last = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (step[i].base == WHEN_EVENT)
			waits = last + (step[i].when ? step[i].when->limit_ns : 0);
		else if (step[i].base != WHEN_PREVIOUS)
			waits = 0;
		last = waits + timeline_moment(step, i).ns;
	}
	return last;
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
	if (timeline_same_base(&m, &first) && phase_ns >= m.ns - first.ns)
		return false;
	for (i = 1; i < n && step[i].base == WHEN_PREVIOUS; i++)
		;
	if (i < n && step[i].base != WHEN_EVENT) {
		/* What moves along must not come after what stays. */
		struct moment last = timeline_moment(step, i - 1);

		m = timeline_moment(step, i);
		if (timeline_same_base(&m, &last) && last.ns + phase_ns > m.ns)
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
	if (m.event)
		from = t->event == m.event ? t->event_ns : TIMELINE_UNKNOWN;
	return from == TIMELINE_UNKNOWN ? TIMELINE_UNKNOWN : from + m.ns;
}

const struct step *timeline_awaits(const struct timeline *t)
{
	const struct step *s = t->next < t->n ? &t->step[t->next] : NULL;

	if (!s || s->base != WHEN_EVENT || t->event == t->next + 1)
		return NULL;
	if (timeline_moment(t->step, t->next).after_settled &&
	    t->settled_ns == TIMELINE_UNKNOWN)
		return NULL;
	return s;
}

void timeline_came(struct timeline *t, int64_t ns)
{
	t->event = t->next + 1;
	t->event_ns = ns;
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
