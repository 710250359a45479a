#include "priv.h"

#include <errno.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"

static bool dropped;

/* Drops from the bounding set whatever the kernel knows of. */
static int empty_bounds(void)
{
	cap_value_t c;

	for (c = 0; CAP_IS_SUPPORTED(c); c++)
		if (cap_get_bound(c) == 1 && cap_drop_bound(c) < 0)
			return -errno;
	return 0;
}

/* Permitted: those of both that we have. Effective: CAP_NET_ADMIN, and the other
 * one if `raw`. */
static int set_caps(bool raw)
{
	static const cap_value_t wanted[] = { CAP_NET_ADMIN, CAP_NET_RAW };
	cap_t have = cap_get_proc(), want = cap_init();
	cap_flag_value_t on;
	int r = 0;
	size_t i;

	if (!have || !want)
		r = -errno;
	for (i = 0; !r && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (cap_get_flag(have, wanted[i], CAP_PERMITTED, &on) < 0)
			r = -errno;
		else if (on == CAP_SET &&
			 (cap_set_flag(want, CAP_PERMITTED, 1, &wanted[i], CAP_SET) < 0 ||
			  ((i == 0 || raw) &&
			   cap_set_flag(want, CAP_EFFECTIVE, 1, &wanted[i], CAP_SET) < 0)))
			r = -errno;
	}
	if (!r && cap_set_proc(want) < 0)
		r = -errno;
	cap_free(have);
	cap_free(want);
	return r;
}

int priv_vrrp(void)
{
	int r = empty_bounds();

	if (r < 0 && r != -EPERM)
		return r;
	r = set_caps(false);
	if (r < 0)
		return r;
	dropped = true;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

void priv_raw(bool on)
{
	int r = dropped ? set_caps(on) : 0;

	if (r < 0) {
		errno = -r;
		log_warn("cannot %s CAP_NET_RAW", on ? "raise" : "lower");
	}
}

int priv_rt(int priority)
{
	struct sched_param p = { .sched_priority = priority };

	return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &p) < 0 ? -errno : 0;
}

int priv_urgency(int rt, int nice, bool no_swap)
{
	int r = 0;

	if (prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0) < 0)
		return -errno;
	if (rt > 0)
		r = priv_rt(rt);
	if (r < 0)
		return r;
	if (nice && setpriority(PRIO_PROCESS, 0, nice) < 0)
		return -errno;
	return (rt > 0 || no_swap) && mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? -errno : 0;
}
