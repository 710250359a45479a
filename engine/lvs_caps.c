#include "lvs_caps.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "priv.h"

#define NOBODY 65534

/* What this process does itself, and what it takes to start its children. */
int lvs_caps_owner(void)
{
	static const cap_value_t keep[] = { CAP_NET_ADMIN, CAP_NET_RAW, CAP_SETUID,
					    CAP_SETGID,	   CAP_KILL,	CAP_SETPCAP,
					    CAP_SYS_RESOURCE, CAP_SYS_NICE };
	cap_t have = cap_get_proc(), want = cap_init();
	cap_flag_value_t on;
	size_t i;
	int r = 0;

	for (i = 0; have && want && i < sizeof(keep) / sizeof(keep[0]); i++) {
		if (cap_get_flag(have, keep[i], CAP_PERMITTED, &on) < 0 || on != CAP_SET)
			continue;
		cap_set_flag(want, CAP_PERMITTED, 1, &keep[i], CAP_SET);
		cap_set_flag(want, CAP_EFFECTIVE, 1, &keep[i], CAP_SET);
	}
	if (!have || !want || cap_set_proc(want) < 0)
		r = -errno;
	cap_free(have);
	cap_free(want);
	return r;
}

/* Both fail where user namespaces do not map nobody: then root means nothing. */
static void become_nobody(void)
{
	if (setgroups(0, NULL) < 0)
		log_debug("setgroups: %s", strerror(errno));
	if (setresgid(NOBODY, NOBODY, NOBODY) < 0)
		log_debug("setresgid: %s", strerror(errno));
	if (setresuid(NOBODY, NOBODY, NOBODY) < 0)
		log_debug("setresuid: %s", strerror(errno));
}

static int drop_bounding_set(void)
{
	cap_value_t v;
	int have;

	for (v = 0; v < cap_max_bits(); v++) {
		have = cap_get_bound(v);
		if (have > 0 && cap_drop_bound(v) < 0 && errno != EPERM)
			return -errno;
	}
	return 0;
}

static int clear_capabilities(void)
{
	cap_t none = cap_init(), now = NULL;
	int r = 0;

	if (!none || cap_set_proc(none) < 0)
		r = -errno;
	if (!r)
		now = cap_get_proc();
	if (!r && (!now || cap_compare(now, none) != 0))
		r = -EPERM;
	cap_free(none);
	cap_free(now);
	return r;
}

int lvs_caps_worker(void)
{
	int r;

	r = drop_bounding_set(); /* while CAP_SETPCAP is there */
	if (r < 0)
		return r;
	cap_reset_ambient();
	become_nobody();
	r = clear_capabilities();
	if (r < 0)
		return r;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

void lvs_caps_priority(const struct conf_global *g)
{
	if (g->checker_nice && setpriority(PRIO_PROCESS, 0, g->checker_nice) < 0)
		log_warn("checker_priority %d", g->checker_nice);
	if (g->checker_rt_priority && priv_rt(g->checker_rt_priority) < 0)
		log_warn("checker_rt_priority %d", g->checker_rt_priority);
	if (g->checker_no_swap && mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_warn("checker_no_swap");
}
