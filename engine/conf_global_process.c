/* global_defs: how processes run. */
#include <ctype.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "conf_global.h"

#define PROCESS_NAME 15

/* --- kinds of values --- */

static void check_switch(struct conf_ctx *c)
{
	conf_switch(c);
}

static void check_name(struct conf_ctx *c)
{
	const char *name = conf_word(c, 1);

	if (!c->give_up && strlen(name) > PROCESS_NAME)
		conf_say(c, K_VALUE, 1, "'%s' is cut to %d characters", name,
			 PROCESS_NAME);
}

/* --- processes --- */

static bool nice_value(struct conf_ctx *c, int *out)
{
	*out = 0;
	if (conf_nword(c) < 2 || !conf_int(c, 1, -20, 19, true, out)) {
		conf_say(c, K_VALUE, 1, "'%s' must be -20 to 19; ignored",
			 conf_word(c, 0));
		*out = 0;
		return false;
	}
	return true;
}

static void vrrp_nice(struct conf_ctx *c)
{
	nice_value(c, &conf_globals(c)->vrrp_nice);
}

static void checker_nice(struct conf_ctx *c)
{
	nice_value(c, &conf_globals(c)->checker_nice);
}

static void bfd_nice(struct conf_ctx *c)
{
	int n;

	nice_value(c, &n);
}

static void rt_value(struct conf_ctx *c, int *out)
{
	int lo = sched_get_priority_min(SCHED_RR),
	    hi = sched_get_priority_max(SCHED_RR), n;

	if (conf_nword(c) < 2 || !conf_int(c, 1, INT_MIN, INT_MAX, true, &n)) {
		conf_say(c, K_VALUE, 1, "'%s' needs a number; ignored",
			 conf_word(c, 0));
		return;
	}
	if (n < lo || n > hi)
		conf_say(c, K_VALUE, 1, "'%s' must be %d to %d, got %d; taken as %d",
			 conf_word(c, 0), lo, hi, n, n < lo ? lo : hi);
	*out = n < lo ? lo : n > hi ? hi : n;
}

static void vrrp_rt(struct conf_ctx *c)
{
	rt_value(c, &conf_globals(c)->vrrp_rt_priority);
}

static void checker_rt(struct conf_ctx *c)
{
	rt_value(c, &conf_globals(c)->checker_rt_priority);
}

static void bfd_rt(struct conf_ctx *c)
{
	int n;

	rt_value(c, &n);
}

static void rt_limit(struct conf_ctx *c)
{
	unsigned int n;

	conf_take_uint(c, 1, UINT_MAX, &n);
}

static void cpu_affinity(struct conf_ctx *c)
{
	long ncpu = sysconf(_SC_NPROCESSORS_ONLN);
	size_t i;
	int n;

	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "'%s' needs CPU numbers; ignored",
			 conf_word(c, 0));
	for (i = 1; i < conf_nword(c); i++)
		if (!conf_int(c, i, 0, (int)ncpu - 1, true, &n)) {
			conf_say(c, K_VALUE, i, "there is no CPU '%s'; ignored",
				 conf_word(c, i));
			return;
		}
}

static void vrrp_no_swap(struct conf_ctx *c)
{
	conf_globals(c)->vrrp_no_swap = true;
}

static void checker_no_swap(struct conf_ctx *c)
{
	conf_globals(c)->checker_no_swap = true;
}

static void max_auto_priority(struct conf_ctx *c)
{
	int n = sched_get_priority_max(SCHED_RR); /* without a number */

	if (conf_nword(c) > 1 && !conf_int(c, 1, -1, n, true, &n))
		conf_say(c, K_VALUE, 1, "max_auto_priority is ignored");
	else
		conf_globals(c)->max_auto_priority = n > 0 ? n : 0;
}

static void min_auto_delay(struct conf_ctx *c)
{
	int n;

	if (conf_nword(c) < 2 || !conf_int(c, 1, 1, 10000000, true, &n))
		conf_say(c, K_VALUE, 1, "min_auto_priority_delay is ignored");
	else
		conf_globals(c)->min_auto_delay_ns = (int64_t)n * NS_PER_US;
}

static void uint_or_message(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_nword(c) < 2 || !conf_uint(c, 1, 0, UINT_MAX, false, &n))
		conf_say(c, K_VALUE, 1, "'%s' needs a number; ignored",
			 conf_word(c, 0));
}

static void uint_required(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 0, UINT_MAX, false, &n))
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void rx_bufs_policy(struct conf_ctx *c)
{
	bool mtu = false, advert = false, size = false;
	unsigned int n;
	size_t i;

	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "vrrp_rx_bufs_policy needs a policy");
	for (i = 1; i < conf_nword(c); i++) {
		if (!strcasecmp(conf_word(c, i), "MTU"))
			mtu = true;
		else if (!strcasecmp(conf_word(c, i), "ADVERT"))
			advert = true;
		else if (conf_uint(c, 1, 0, UINT_MAX, false, &n))
			size = true;
		else
			conf_say(c, K_VALUE, i, "'%s' is no policy", conf_word(c, i));
	}
	if (size + mtu + advert > 1)
		conf_say(c, K_CONFLICT, 1, "only one policy at a time; '%s' wins",
			 size ? "the size" : "MTU");
}

static void rx_bufs_multiplier(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_nword(c) != 2 || !conf_uint(c, 1, 1, UINT_MAX, false, &n))
		conf_say(c, K_VALUE, 1, "vrrp_rx_bufs_multiplier needs one number");
}

static const struct conf_kw words[] = {
	{ .name = "bfd_cpu_affinity",
	  .fn = cpu_affinity,
	  .later = "run BFD on these CPUs" },
	{ .name = "bfd_no_swap", .later = "keep BFD in memory" },
	{ .name = "bfd_priority",
	  .fn = bfd_nice,
	  .later = "run BFD at this nice value" },
	{ .name = "bfd_process_name",
	  .fn = check_name,
	  .later = "name its BFD process so" },
	{ .name = "bfd_rlimit_rtime",
	  .fn = rt_limit,
	  .later = "limit the time of its BFD process" },
	{ .name = "bfd_rlimit_rttime",
	  .fn = rt_limit,
	  .later = "limit the time of its BFD process" },
	{ .name = "bfd_rt_priority",
	  .fn = bfd_rt,
	  .later = "run BFD at this real-time priority" },
	{ .name = "checker_cpu_affinity",
	  .fn = cpu_affinity,
	  .later = "run the checkers on these CPUs" },
	{ .name = "checker_no_swap", .fn = checker_no_swap },
	{ .name = "checker_priority", .fn = checker_nice },
	{ .name = "checker_process_name",
	  .fn = check_name,
	  .later = "name its checker process so" },
	{ .name = "checker_rlimit_rtime",
	  .fn = rt_limit,
	  .later = "limit how long the checkers run at a time" },
	{ .name = "checker_rlimit_rttime",
	  .fn = rt_limit,
	  .later = "limit how long the checkers run at a time" },
	{ .name = "checker_rt_priority", .fn = checker_rt },
	{ .name = "lvs_netlink_cmd_rcv_bufs",
	  .fn = uint_or_message,
	  .later = "size its netlink buffers so; halbd reads again when one was too "
		   "small" },
	{ .name = "lvs_netlink_cmd_rcv_bufs_force",
	  .fn = check_switch,
	  .later = "size its netlink buffers past the limit" },
	{ .name = "lvs_netlink_monitor_rcv_bufs",
	  .fn = uint_or_message,
	  .later = "size its netlink buffers so; halbd reads again when one was too "
		   "small" },
	{ .name = "lvs_netlink_monitor_rcv_bufs_force",
	  .fn = check_switch,
	  .later = "size its netlink buffers past the limit" },
	{ .name = "lvs_process_name",
	  .fn = check_name,
	  .later = "name its checker process so" },
	{ .name = "max_auto_priority", .fn = max_auto_priority },
	{ .name = "min_auto_priority_delay", .fn = min_auto_delay },
	{ .name = "process_monitor_rcv_bufs",
	  .fn = uint_or_message,
	  .later = "size its buffer for process events so" },
	{ .name = "process_monitor_rcv_bufs_force",
	  .fn = check_switch,
	  .later = "size its buffer for process events past the limit" },
	{ .name = "process_name", .fn = check_name, .later = "name its process so" },
	{ .name = "process_names", .later = "name its processes by their work" },
	{ .name = "random_seed",
	  .fn = uint_required,
	  .later = "start its random numbers there (2.2.7 reads it and does not)" },
	{ .name = "vrrp_cpu_affinity",
	  .fn = cpu_affinity,
	  .later = "run VRRP on these CPUs" },
	{ .name = "vrrp_netlink_cmd_rcv_bufs",
	  .fn = uint_or_message,
	  .later = "size its netlink buffers so; halbd reads again when one was too "
		   "small" },
	{ .name = "vrrp_netlink_cmd_rcv_bufs_force",
	  .fn = check_switch,
	  .later = "size its netlink buffers past the limit" },
	{ .name = "vrrp_netlink_monitor_rcv_bufs",
	  .fn = uint_or_message,
	  .later = "size its netlink buffers so; halbd reads again when one was too "
		   "small" },
	{ .name = "vrrp_netlink_monitor_rcv_bufs_force",
	  .fn = check_switch,
	  .later = "size its netlink buffers past the limit" },
	{ .name = "vrrp_no_swap", .fn = vrrp_no_swap },
	{ .name = "vrrp_priority", .fn = vrrp_nice },
	{ .name = "vrrp_process_name",
	  .fn = check_name,
	  .later = "name its VRRP process so" },
	{ .name = "vrrp_rlimit_rtime",
	  .fn = rt_limit,
	  .later = "limit how long VRRP runs at a time" },
	{ .name = "vrrp_rlimit_rttime",
	  .fn = rt_limit,
	  .later = "limit how long VRRP runs at a time" },
	{ .name = "vrrp_rt_priority", .fn = vrrp_rt },
	{ .name = "vrrp_rx_bufs_multiplier",
	  .fn = rx_bufs_multiplier,
	  .later = "size the receive buffers of adverts by it" },
	{ .name = "vrrp_rx_bufs_policy",
	  .fn = rx_bufs_policy,
	  .later = "size the receive buffers of adverts so" },
};

const struct conf_words conf_global_process_words = CONF_WORDS(words);
