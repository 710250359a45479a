/*
 * What a run asks of the kernel for itself, so that the harness is on time:
 * the real-time class (children go back to the normal one), exact timers,
 * memory that is there, descriptors enough.
 */
#ifndef HALBSIM_RUN_STAGE_H
#define HALBSIM_RUN_STAGE_H

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

/* How it was before. */
struct run_stage {
	int policy;
	struct sched_param param;
};

/* As much of it as is permitted; run_stage_leave() puts the class back. */
void run_stage_enter(struct run_stage *st);
void run_stage_leave(const struct run_stage *st);

/*
 * For halbweb in virtual time, where all nodes share one processor: `urgent` puts the
 * process into the run's own class. A client that hears its answer no longer stops the
 * backend in the middle of close(), so a request takes two switches, not four. A node
 * with a share of its own (fault cpu) needs the ordinary class again. Where it is not
 * permitted nothing changes.
 */
void run_stage_backend(pid_t pid, bool urgent);

#endif
