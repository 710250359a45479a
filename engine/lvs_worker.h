/*
 * The check worker as its owner sees it: starting it, starting it again when it
 * dies, its reports and our corrections. Nothing that it says is taken on trust.
 */
#ifndef HALBD_LVS_WORKER_H
#define HALBD_LVS_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "check.h"
#include "loop.h"

/* Embedded in its user's struct; lvs_worker_init() first. */
struct lvs_worker {
	struct loop *loop;	   /* (borrowed), as the next two */
	const struct conf *conf;
	struct check_state *state; /* shared memory */
	size_t nchecker;	   /* of the configuration, with MISC_CHECKs */
	/* A report with a checker's number in range, and `up` 0 or 1. */
	void (*report)(void *arg, uint32_t checker, bool up);
	/* It died: put right what it may have written into the shared states. */
	void (*died)(void *arg);
	void *arg;
	pid_t pid; /* 0: none */
	struct loop_fd channel;
	struct loop_timer respawn;
};

void lvs_worker_init(struct lvs_worker *w);
/* Starts it; when that fails, tries again later. */
void lvs_worker_start(struct lvs_worker *w);
/* Kills it and waits for its end. Harmless when there is none. */
void lvs_worker_stop(struct lvs_worker *w);
/* A child was reaped. True when it was the worker: another is on its way. */
bool lvs_worker_reaped(struct lvs_worker *w, pid_t pid, int status);
/* checks_correct() over there. */
void lvs_worker_correct(struct lvs_worker *w, uint32_t checker, bool up);

#endif
