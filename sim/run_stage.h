/*
 * What a run asks of the kernel for itself, so that the harness is on time:
 * the real-time class (children go back to the normal one), exact timers,
 * memory that is there, descriptors enough.
 */
#ifndef HALBSIM_RUN_STAGE_H
#define HALBSIM_RUN_STAGE_H

#include <sched.h>

/* How it was before. */
struct run_stage {
	int policy;
	struct sched_param param;
};

/* As much of it as is permitted; run_stage_leave() puts the class back. */
void run_stage_enter(struct run_stage *st);
void run_stage_leave(const struct run_stage *st);

#endif
