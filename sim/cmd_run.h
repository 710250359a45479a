/*
 * `halbsim run` in parts: what is to be run (cmd_run_plan.c), what is said of it
 * (cmd_run_show.c), and the verb itself.
 */
#ifndef HALBSIM_CMD_RUN_H
#define HALBSIM_CMD_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "job.h"
#include "opts.h"

enum which { WHICH_CASE, WHICH_HALBD, WHICH_KEEPALIVED, WHICH_BOTH };

struct planned {
	char *path, *root;
	enum engine engine;
	uint64_t seed;
	char *dir; /* the run's folder; NULL: none came about */
	int64_t wall_ns;
	int status;
};

struct run_cmd {
	struct job common;
	uint64_t seed, jobs, repeat;
	struct opt_list set;
	char *setting[2 * OPT_LIST_MAX + 1]; /* NAME and VALUE in turn */
	int time, engine;
	bool quiet, stay, stay_on_error;
	const char *name; /* of the site that stays */
	struct planned *v;
	size_t n;
	/* as they end */
	size_t ndone;
	bool counted; /* drawn */
	int worst;
	size_t count[5]; /* held, failed, inconclusive, skipped, in error */
};

/* --- what is to be run --- */

/* --set NAME=VALUE as pairs in cmd->setting. 0, or an exit code after a message. */
int run_plan_settings(const struct verb *v, struct run_cmd *cmd);
/* Fills cmd->v from the cases named. The worst exit code, after a message each. */
int run_plan_all(struct run_cmd *cmd, int n, char **arg);

/* --- what is said of it --- */

/* In the child, of one run: its report, or for the parent a line and what did not hold. */
void run_show_report(FILE *out, const struct report *r, const struct run_cmd *cmd);
/* On a terminal, one line under those that have ended; and off it again. */
void run_show_count(void *cmd);
void run_show_no_count(struct run_cmd *cmd);
/* One has ended; `text` is what its child has left to say. */
void run_show_end(const struct run_cmd *cmd, const struct planned *p, const char *text);
/* How many of each kind, which took longest, which did not hold. */
void run_show_summary(const struct run_cmd *cmd, int64_t wall_ns);
/* Where a run's end is counted: cmd->count[]. */
size_t run_show_slot(int status);

#endif
