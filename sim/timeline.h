/*
 * The timeline: which step is due when. Pure: the caller tells it the instants
 * of the start, of settled and of what is waited for, and asks for the next
 * step.
 *
 * Steps count from the start, from settled, or from the step before: from when
 * that one was due, not from when it was done, so that a slow fault delays
 * nothing. Steps that count from the start come first; settled is not declared
 * before the last of them was carried out (timeline_wants_settled()). A step
 * may instead wait for an event (trigger.h), from when the one before it was
 * carried out; what follows counts from that event.
 */
#ifndef HALBSIM_TIMELINE_H
#define HALBSIM_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"

/* A step's moment: so long after the start, after settled, or after an event. */
struct moment {
	bool after_settled;
	int64_t ns;
	size_t event; /* 1 + the step whose event it counts from; 0: none */
};

struct moment timeline_moment(const struct step *step, size_t i);

/* True when both count from the same instant. */
bool timeline_same_base(const struct moment *a, const struct moment *b);

/*
 * How long after settled (or the start) the last step comes when each event
 * takes all the time that it may.
 */
int64_t timeline_length(const struct step *step, size_t n);

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
	size_t event;		      /* 1 + the last step whose event came; 0: none */
	int64_t event_ns;	      /* when it came */
};

void timeline_init(struct timeline *t, const struct step *step, size_t n);

/* When the next step is due; TIMELINE_UNKNOWN: not yet known, or none is left. */
int64_t timeline_due(const struct timeline *t);
/* The next step, and on to the one after; NULL when none is left. */
const struct step *timeline_take(struct timeline *t);
/* The next step, when it is its event that has to come now; else NULL. */
const struct step *timeline_awaits(const struct timeline *t);
/* That event has come. */
void timeline_came(struct timeline *t, int64_t ns);
/* True unless steps that wait for settled come after steps that do not. */
bool timeline_wants_settled(const struct timeline *t);

#endif
