#include "auto_rt.h"

#include <sys/resource.h>

#include "log.h"
#include "priv.h"

static void late(void *arg)
{
	struct auto_rt *a = arg;

	if (a->now >= a->most)
		return;
	if (priv_rt(a->now + 1) < 0) {
		log_warn("late, and real-time priority %d cannot be had", a->now + 1);
		a->most = a->now;
		return;
	}
	a->now++;
	log_info("late: real-time priority is %d from now", a->now);
}

void auto_rt_watch(struct auto_rt *a, struct loop *l, int rt, const struct conf_global *g)
{
	a->now = rt;
	a->most = g->max_auto_priority;
	if (a->most > a->now)
		loop_late(l, g->min_auto_delay_ns, late, a);
}

void auto_rt_allow(const struct conf_global *g)
{
	struct rlimit r = { .rlim_cur = (rlim_t)g->max_auto_priority,
			    .rlim_max = (rlim_t)g->max_auto_priority };

	if (g->max_auto_priority > 0 && setrlimit(RLIMIT_RTPRIO, &r) < 0)
		log_warn("max_auto_priority %d", g->max_auto_priority);
}
