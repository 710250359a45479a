/*
 * The timeline: which step is due when. Pure: the caller tells it the instants
 * of the start and of settled, and asks for the next step.
 *
 * Steps count from the start, from settled, or from the step before: from when
 * that one was due, not from when it was done, so that a slow fault delays
 * nothing. Steps that count from the start come first; settled is not declared
 * before the last of them was carried out (timeline_wants_settled()).
 */
#ifndef HALBSIM_TIMELINE_H
#define HALBSIM_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"

/* A step's moment: so long after the start, or after settled. */
struct moment {
	bool after_settled;
	int64_t ns;
};

struct moment timeline_moment(const struct step *step, size_t i);

/*
 * Delays the first step (and with it those that count from it) by phase_ns.
 * Returns false, and changes nothing, when it would then come at or after a step
 * that does not move, or later than the timeline as written ends.
 */
bool timeline_shift(struct step *step, size_t n, int64_t phase_ns);

#define TIMELINE_UNKNOWN INT64_MAX

struct timeline {
	const struct step *step; /* (borrowed) */
	size_t n, next;
	int64_t start_ns, settled_ns; /* TIMELINE_UNKNOWN: not yet */
};

void timeline_init(struct timeline *t, const struct step *step, size_t n);

/* When the next step is due; TIMELINE_UNKNOWN: not yet known, or none is left. */
int64_t timeline_due(const struct timeline *t);
/* The next step, and on to the one after; NULL when none is left. */
const struct step *timeline_take(struct timeline *t);
/* True unless steps that wait for settled come after steps that do not. */
bool timeline_wants_settled(const struct timeline *t);

#endif
