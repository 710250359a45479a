/*
 * max_auto_priority: a process whose timers end late gets more urgent, one step of
 * SCHED_RR each time, as keepalived 2.2.7's processes do.
 */
#ifndef HALBD_AUTO_RT_H
#define HALBD_AUTO_RT_H

#include "conf.h"
#include "loop.h"

/* Embedded in its user's struct, which lives as long as the loop runs. */
struct auto_rt {
	int now, most; /* real-time priorities; now 0: none yet */
};

/*
 * From now on a timer of `l` that ends min_auto_priority_delay late or more raises this
 * process's priority: from `rt` (0: none) to max_auto_priority at most. No effect when
 * that is not set. A step that fails is reported, and the last.
 */
void auto_rt_watch(struct auto_rt *a, struct loop *l, int rt, const struct conf_global *g);
/*
 * For a process that is to give up CAP_SYS_NICE, before it does: RLIMIT_RTPRIO lets it
 * have the priorities all the same. Not for one with children, which would have it too.
 */
void auto_rt_allow(const struct conf_global *g);

#endif
