/*
 * The figures of a run as its report.json has them: what `compare` gates on and
 * `history` draws. Less is better in all of them. They are read from the file
 * alone, so that a baseline needs nothing else.
 */
#ifndef HALBSIM_FIGURES_H
#define HALBSIM_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct figure {
	char *name;   /* "http: longest gap"; the same in every run of the case */
	bool is_time; /* nanoseconds; else a number of things */
	bool exact;   /* any difference is one: the number of failovers */
	bool phased;  /* longer when the fault comes sooner after an advert */
	bool seen;    /* else value means nothing */
	int64_t value;
	int64_t every_ns; /* it ends with a request, and these come so often; or 0 */
};

struct figure_expect {
	char *text;
	int ok; /* 1, 0; -1: it could not be judged */
};

struct figures {
	char *path; /* the file */
	char *case_name, *engine, *version, *kernel, *time, *verdict;
	int64_t seed;
	int64_t phase_ns; /* from the last advert to the fault; INT64_MIN: not seen */
	struct figure *v;
	size_t n;
	struct figure_expect *expect;
	size_t nexpect;
};

/*
 * Reads a report.json. 0, or -errno after one message that names the file and
 * what is wrong with it: not JSON (where), another schema, a key that is missing
 * or of the wrong kind. Free with figures_finish().
 */
int figures_read(struct figures *f, const char *path);
void figures_finish(struct figures *f);

/* The figure of that name, or NULL. */
const struct figure *figures_find(const struct figures *f, const char *name);

#endif
