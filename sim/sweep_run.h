/* A sweep as it is carried out, on top of its definition (sweep.h). */
#ifndef HALBSIM_SWEEP_RUN_H
#define HALBSIM_SWEEP_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job.h"
#include "sweep.h"

struct sweep_run {
	struct sweep s;
	struct job common;
	char *case_dir, *topo_dir, *dir;
	uint64_t jobs, seed;
	uint64_t shard, shards; /* this one, of so many */
	bool quiet, fresh;
	size_t *todo; /* trials */
	size_t ntodo, ndone;
	int64_t began_ns, worst_ns;
	int broken; /* the exit code of the trial that stopped it all */
	bool live;  /* progress on a terminal */
};

/*
 * Runs the trials of run->dir that are not finished, several at a time, and writes its
 * tables; run->todo is the caller's to free. Returns an exit code: the worst of the
 * trials', or why there is none.
 */
int sweep_run(struct sweep_run *run);

#endif
