/*
 * A run against a baseline, figure by figure.
 *
 * What may be allowed for is allowed for, and nothing else: a share of the
 * baseline or a floor, whichever is more; one request's time where a request
 * ends the figure; and where the fault came sooner after an advertisement than
 * in the baseline, that much more of a gap.
 */
#ifndef HALBSIM_COMPARE_H
#define HALBSIM_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "figures.h"

struct compare_limits {
	double share;	  /* of the baseline: 0.01 */
	int64_t floor_ns; /* of times */
};

/* 1 % or 50 µs in virtual time, 20 % or 50 ms in real time. */
struct compare_limits compare_defaults(const char *time);

enum compare_status {
	COMPARE_SAME,	/* to the nanosecond */
	COMPARE_WITHIN, /* moved, no more than is allowed */
	COMPARE_BETTER, /* by more than the share or the floor */
	COMPARE_WORSE,
	COMPARE_NEW,	/* the baseline has no such figure */
	COMPARE_GONE,	/* it was seen in the baseline and is not now: worse */
};

struct compare_row {
	const char *name; /* (borrowed from the figures) */
	const struct figure *base, *now; /* (borrowed) NULL: none, or not seen */
	int64_t moved, allowed; /* now - base; how much more would have been good */
	enum compare_status status;
};

struct compare {
	const struct figures *base, *now; /* (borrowed) */
	struct compare_row *v;
	size_t n;
	bool verdict_worse;
	size_t broken; /* expectations that held in the baseline and do not now */
	size_t worse, better;
};

/*
 * Returns 0, -ENOMEM, or -EINVAL after a message when the two cannot be
 * compared (another case, another kind of time). Free with compare_finish().
 */
int compare_runs(struct compare *c, const struct figures *base, const struct figures *now,
		 const struct compare_limits *limits);
void compare_finish(struct compare *c);

/* True when something is worse: the gate's answer. */
bool compare_regressed(const struct compare *c);

/* The table, of what moved (all: of everything). 0 or -EIO. */
int compare_text(FILE *f, const struct compare *c, bool all);
int compare_markdown(FILE *f, const struct compare *c, bool all);

#endif
