/*
 * A run, read back: its case, its events and everything computed from them.
 * The report_*.c files write it, one format each, and compute nothing.
 */
#ifndef HALBSIM_REPORT_H
#define HALBSIM_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "case.h"
#include "event.h"
#include "expect.h"
#include "measure.h"
#include "rundir.h"

enum verdict { VERDICT_HELD, VERDICT_FAILED, VERDICT_INCONCLUSIVE };

#define REPORT_MAX_REASONS 16

struct report {
	char *dir;		/* the run's folder, as a command would name it */
	struct run_info info;	/* what it was asked for */
	struct case_ *c;	/* (owned) from the run's own copy */
	struct event_log log;	/* sorted */
	const struct event *run; /* its EV_RUN; NULL when it never came so far */
	struct measures m;
	struct expect_results expect;
	enum verdict verdict;
	char *reason[REPORT_MAX_REASONS]; /* (owned) of an inconclusive one */
	size_t nreason;
};

/*
 * Reads a run's folder and judges it. `name` is the folder as the replay
 * command shall name it (NULL: dir). Returns 0, or an exit code (64: not a run
 * or damaged; 70) after a message. Free with report_finish().
 */
int report_load(struct report *r, const char *dir, const char *name);
/* The same for what a person calls a run; `out` is where run folders are. */
int report_load_run(struct report *r, const char *arg, const char *out);
void report_finish(struct report *r);

const char *verdict_name(enum verdict v); /* "held" … */
int verdict_exit(enum verdict v);
/* Which of two exit codes counts: 70, 64, 1, 2, 4, 0. */
int exit_worst(int a, int b);

/* What an EV_RUN says, or what was asked for where it is missing. */
const char *report_engine(const struct report *r);
const char *report_engine_version(const struct report *r);
const char *report_kernel(const struct report *r);
uint64_t report_seed(const struct report *r);

/* How a text report looks. */
struct style {
	bool color;
	bool utf8; /* else ASCII only */
};

/* From the stream, the locale and NO_COLOR. */
struct style style_for(FILE *f);
/* One of ✓ ✗ ? or its ASCII stand-in, coloured. */
const char *style_mark(const struct style *s, enum expect_outcome o);
/* The verdict's word, coloured. */
const char *style_verdict(const struct style *s, enum verdict v);
/* Escape codes; empty without colour. */
const char *style_on(const struct style *s, const char *code);
const char *style_off(const struct style *s);

/* Each writes the whole report. 0 or -errno. */
int report_json(FILE *f, const struct report *r);
int report_text(FILE *f, const struct report *r, const struct style *s);
int report_junit(FILE *f, const struct report *const *r, size_t n);
int report_tap(FILE *f, const struct report *const *r, size_t n);
int report_markdown(FILE *f, const struct report *const *r, size_t n);
/* Every request, a line each (report_csv.c). */
int report_csv(FILE *f, const struct report *const *r, size_t n);

/* report.json, report.txt and report.html, in the run's folder. 0 or -errno after a message. */
int report_save(const struct report *r, const char *dir);

/* The timeline part of the text report (report_story.c). */
void report_story(FILE *f, const struct report *r, const struct style *s);
/* Its budget part (report_budget.c). */
void report_budget(FILE *f, const struct failover *fo, const struct style *s);

#endif
