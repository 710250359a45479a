/* The runs of a case over time: `halbsim history`. */
#ifndef HALBSIM_HISTORY_H
#define HALBSIM_HISTORY_H

#include <stddef.h>
#include <stdio.h>

#include "figures.h"

struct history_run {
	char *name;    /* the run's folder below OUT/CASE (owned) */
	char *started; /* "2026-11-22T18:40:07Z"; NULL: not known (owned) */
	struct figures f;
};

struct history {
	char *case_name;
	struct history_run *v; /* oldest first */
	size_t n;
	struct figures *baseline; /* what is kept for the case, an engine each */
	size_t nbaseline;
};

/*
 * Reads the last `most` runs of a case and its baselines. Runs without a whole
 * report are left out after a message. 0 or -errno after a message (-ENOENT: no
 * run there). Free with history_finish().
 */
int history_read(struct history *h, const char *out, const char *case_name, size_t most);
void history_finish(struct history *h);

/* A table. 0 or -EIO. */
int history_text(FILE *f, const struct history *h);
/* A page like report.html: one plot a figure, a line an engine. 0 or -EIO. */
int history_html(FILE *f, const struct history *h);

#endif
