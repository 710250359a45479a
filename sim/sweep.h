/*
 * A sweep: the same case at many phases of its first fault, with other
 * quantities, with both engines. Its definition and its results live in one
 * folder:
 *
 *	sweep.json        what is swept, and a fingerprint of that
 *	input/            the case and its topology as they were
 *	trials/N.json     one line for each finished trial
 *	table.jsonl, table.csv, sweep.html   made from the trials, in their order
 *	worst/            the run folder of the worst trial
 *
 * Trial N is one point of engines × quantities × phases, phases fastest. What it
 * computes depends on the definition and N alone, not on who runs it or when: so
 * sweeps can be interrupted, cut into shards and merged.
 */
#ifndef HALBSIM_SWEEP_H
#define HALBSIM_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "case.h"
#include "hash.h"
#include "report.h"

struct job;

#define SWEEP_MAX_AXES 8
#define SWEEP_NONE     INT64_MIN /* this was not seen */

/* A quantity (quantity.h) and its values. */
struct sweep_axis {
	char *name, **v;
	size_t n;
};

struct sweep {
	char *case_name, *folder; /* of the case below input/cases */
	long long *phase;	  /* ns */
	size_t nphase;
	struct sweep_axis axis[SWEEP_MAX_AXES];
	size_t naxis;
	enum engine engine[2];
	size_t nengine;
	uint64_t seed; /* of the first phase; the others count up */
	char *kernel;  /* NULL: the usual one */
	char *build;   /* of halbsim */
	char key[HASH_TEXT];
};

struct sweep_point {
	size_t trial, group; /* group: all of one engine and the same quantities */
	size_t value[SWEEP_MAX_AXES];
	enum engine engine;
	int64_t phase_ns;
	uint64_t seed;
};

enum sweep_measure { SWEEP_GAP, SWEEP_ADVERT, SWEEP_OK, SWEEP_ABOVE, SWEEP_MEASURES };

/* A finished trial. Spans count from the fault; SWEEP_NONE: not seen. */
struct sweep_result {
	struct sweep_point at;
	char *verdict;
	int64_t measure[SWEEP_MEASURES];
	uint64_t failed;
	int64_t bound_lo_ns, bound_hi_ns; /* 2 and 3 × advert + skew */
	char **not_held;		  /* expectations, as written */
	size_t nnot_held;
	char *line; /* as it is in the table, with its newline */
};

struct sweep_results {
	struct sweep_result *v; /* in order of trials */
	size_t n;
};

enum { SWEEP_MIN, SWEEP_P50, SWEEP_P90, SWEEP_P99, SWEEP_MAX, SWEEP_QUANTILES };

struct sweep_quantiles {
	size_t n;
	int64_t at[SWEEP_QUANTILES];
};

/* "min", "p50", … */
extern const char *const sweep_quantile_name[SWEEP_QUANTILES];

/* --- definition (sweep.c) --- */

void sweep_finish(struct sweep *s);
size_t sweep_count(const struct sweep *s);
size_t sweep_groups(const struct sweep *s);
void sweep_point(const struct sweep *s, size_t trial, struct sweep_point *p);
/* "keepalived, advert_int 0.1": what group g has in common. Malloc'd. */
char *sweep_group_text(const struct sweep *s, size_t g);
/* Computes s->key from the definition and the files of both folders. 0/-errno. */
int sweep_key(struct sweep *s, const char *case_dir, const char *topo_dir);
/* DIR/sweep.json. 0, or -errno after a message (-ENOENT without one: none there). */
int sweep_write(const struct sweep *s, const char *dir);
int sweep_read(struct sweep *s, const char *dir);

/* What a sweep was asked for (sweep_plan.c). */
struct sweep_wish {
	const char *case_path, *root;
	const char *phase;  /* FROM..TO/STEP, one span, `N random`; NULL: as written */
	const char *engine; /* names with commas; NULL: the case's, else halbd */
	const char *const *set; /* NAME=VALUES */
	size_t nset;
	uint64_t seed;
	const char *kernel;
};

/*
 * Makes the definition and checks all of it: every value is tried on the case.
 * case_dir and topo_dir (malloc'd) are its sources. 0, or an exit code after a
 * message.
 */
int sweep_plan(struct sweep *s, const struct sweep_wish *w, char **case_dir,
	       char **topo_dir);

/* --- trials (sweep_trial.c) --- */

/*
 * Runs a trial of the sweep in DIR; `common` has the options that change no
 * result. Run folders go under `out`. *line (malloc'd) is its line. Returns 0, or
 * an exit code after a message when there is no result.
 */
int sweep_trial(const struct sweep *s, const char *dir, const struct job *common,
		size_t trial, const char *out, char **line);
/* DIR/trials/N.json, malloc'd. */
char *sweep_trial_path(const char *dir, size_t trial);

/*
 * The sweep's folder, when `path` is a DIR/trials/N.json; malloc'd, else NULL. And
 * that trial again: 0 the same, 1 not, or another exit code (sweep_replay.c).
 */
char *sweep_dir_of(const char *path);
int sweep_replay(const char *path, const char *dir, const struct job *common);

/* --- results (sweep_table.c) --- */

/* All finished trials of DIR. 0, or -errno after a message. */
int sweep_results_read(struct sweep_results *r, const struct sweep *s, const char *dir);
void sweep_results_finish(struct sweep_results *r);
/* One line of a trial. 0 or -EINVAL; r->line is a copy. */
int sweep_result_parse(struct sweep_result *r, const struct sweep *s, const char *line);
void sweep_result_finish(struct sweep_result *r);
/* table.jsonl, table.csv and sweep.html. 0, or -errno after a message. */
int sweep_tables(const struct sweep *s, const struct sweep_results *r, const char *dir);
int sweep_csv(FILE *f, const struct sweep *s, const struct sweep_results *r);

/* --- figures (sweep_stats.c) --- */

/* By nearest rank, of group g; q->n is 0 when it was never seen. 0 or -ENOMEM. */
int sweep_quantiles(struct sweep_quantiles *q, const struct sweep_results *r, size_t g,
		    enum sweep_measure m);
/* The values of a group, sorted; malloc'd (NULL: none, *n = 0; or no memory). */
int64_t *sweep_values(const struct sweep_results *r, size_t g, enum sweep_measure m,
		      size_t *n);
/* The trial with the longest gap (the first of equals), or NULL. */
const struct sweep_result *sweep_worst(const struct sweep_results *r);
const char *sweep_measure_name(enum sweep_measure m);

#define SWEEP_BINS 20

struct sweep_histogram {
	int64_t lo_ns, step_ns; /* bin i: from lo + i × step; step is at least 1 */
	size_t count[SWEEP_BINS], n;
};

/* Of sorted values; the largest one is in the last bin that is used. */
void sweep_histogram(struct sweep_histogram *h, const int64_t *v, size_t n);

/* A failed expectation of a group: how often, and at which phase first. */
struct sweep_failure {
	const char *text; /* (borrowed) */
	size_t count;
	const struct sweep_result *first; /* smallest phase */
};

/* Fills at most `max`, in the order in which they turn up; returns how many. */
size_t sweep_failures(const struct sweep_results *r, size_t g, struct sweep_failure *v,
		      size_t max);

/* --- for people (sweep_text.c, sweep_html.c) --- */

int sweep_text(FILE *f, const struct sweep *s, const struct sweep_results *r,
	       const char *dir, const struct style *style);
int sweep_html(FILE *f, const struct sweep *s, const struct sweep_results *r);

#endif
