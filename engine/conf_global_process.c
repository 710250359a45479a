/* global_defs: processes, and what halbd knows but does not do. */
#include <ctype.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
		conf_say(c, K_VALUE, 1, "'%s' is cut to %d characters", name, PROCESS_NAME);
}

static void check_something(struct conf_ctx *c)
{
	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "'%s' needs a name; ignored", conf_word(c, 0));
}

static void check_word(struct conf_ctx *c)
{
	conf_word(c, 1);
}

/* --- processes --- */

static bool nice_value(struct conf_ctx *c, int *out)
{
	*out = 0;
	if (conf_nword(c) < 2 || !conf_int(c, 1, -20, 19, true, out)) {
		conf_say(c, K_VALUE, 1, "'%s' must be -20 to 19; ignored", conf_word(c, 0));
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
	int lo = sched_get_priority_min(SCHED_RR), hi = sched_get_priority_max(SCHED_RR), n;

	if (conf_nword(c) < 2 || !conf_int(c, 1, INT_MIN, INT_MAX, true, &n)) {
		conf_say(c, K_VALUE, 1, "'%s' needs a number; ignored", conf_word(c, 0));
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
		conf_say(c, K_VALUE, 1, "'%s' needs CPU numbers; ignored", conf_word(c, 0));
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
	int n;

	if (conf_nword(c) > 1 &&
	    !conf_int(c, 1, -1, sched_get_priority_max(SCHED_RR), true, &n))
		conf_say(c, K_VALUE, 1, "max_auto_priority is ignored");
}

static void min_auto_delay(struct conf_ctx *c)
{
	int n;

	if (conf_nword(c) < 2 || !conf_int(c, 1, 1, 10000000, true, &n))
		conf_say(c, K_VALUE, 1, "min_auto_priority_delay is ignored");
}

static void uint_or_message(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_nword(c) < 2 || !conf_uint(c, 1, 0, UINT_MAX, false, &n))
		conf_say(c, K_VALUE, 1, "'%s' needs a number; ignored", conf_word(c, 0));
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

static void umask_bits(struct conf_ctx *c)
{
	static const char names[] = "IRUSR IWUSR IXUSR IRGRP IWGRP IXGRP IROTH IWOTH IXOTH";
	const char *word = conf_word(c, 1), *p;
	bool or_next = false;
	char *rest;
	long n;
	size_t i;

	if (c->give_up)
		return;
	if (isdigit((unsigned char)*word)) {
		n = strtol(word, &rest, 0);
		if (conf_nword(c) != 2 || *rest || n < 0 || n & ~0777L)
			conf_say(c, K_VALUE, 1, "'%s' is no umask", word);
		return;
	}
	for (i = 1; i < conf_nword(c); i++) {
		for (p = conf_word(c, i); *p;) {
			char bit[6] = "";

			if (or_next && *p++ == '|') {
				or_next = false;
				continue;
			}
			strncpy(bit, p, 5);
			if (or_next || strlen(bit) < 5 || !strstr(names, bit)) {
				conf_say(c, K_VALUE, i, "'%s' is no umask", conf_word(c, i));
				return;
			}
			p += 5;
			or_next = true;
		}
	}
	if (!or_next)
		conf_say(c, K_VALUE, 1, "umask needs a bit");
}

/* --- the rest --- */

static void nftables(struct conf_ctx *c)
{
	if (conf_nword(c) > 1 && strlen(conf_word(c, 1)) >= 256)
		conf_say(c, K_VALUE, 1, "this name is too long; ignored");
}

static void vrrp_iptables(struct conf_ctx *c)
{
	conf_say(c, K_DEPRECATED, 0, "iptables is not used here; write nftables");
}

static void chain_priority(struct conf_ctx *c)
{
	int n;

	if (!conf_int(c, 1, INT32_MIN, INT32_MAX, false, &n))
		conf_say(c, K_NUMBER, 1, "'%s' is ignored", conf_word(c, 0));
}

static void start_fwmark(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 1, UINT32_MAX, false, &n))
		conf_say(c, K_NUMBER, 1, "'%s' is ignored", conf_word(c, 0));
}

static void snmp_socket(struct conf_ctx *c)
{
	if (conf_nword(c) != 2)
		conf_say(c, K_VALUE, 1, "snmp_socket needs one name; ignored");
}

static void time_file(struct conf_ctx *c)
{
	if (conf_nword(c) != 2)
		conf_say(c, K_VALUE, 1, "reload_time_file needs one name; ignored");
}

static void include_check(struct conf_ctx *c)
{
	static const struct {
		const char *name;
		unsigned int flag;
	} flags[] = {
		{ "read", INCLUDE_READABLE },
		{ "match", INCLUDE_MATCH },
		{ "wildcard_match", INCLUDE_WILDCARD },
		{ "brace_match", INCLUDE_BRACE },
	};
	unsigned int check = conf_lex_include_check(c->lex), flag;
	size_t i, j;

	if (conf_nword(c) < 2)
		check = INCLUDE_READABLE | INCLUDE_MATCH | INCLUDE_WILDCARD | INCLUDE_BRACE;
	for (i = 1; i < conf_nword(c); i++) {
		const char *word = conf_word(c, i);
		char sign = *word == '-' || *word == '+' ? *word++ : '=';

		if (sign == '=' && i > 1) {
			conf_say(c, K_DUPLICATE, i, "'%s' needs a + or - before it; ignored",
				 word);
			continue;
		}
		if (sign == '=')
			check = 0;
		for (j = flag = 0; j < 4; j++)
			if (!strcmp(word, flags[j].name))
				flag = flags[j].flag;
		if (!flag)
			conf_say(c, K_VALUE, i, "include_check knows no '%s'; ignored", word);
		else if (sign == '=')
			check = INCLUDE_READABLE | flag;
		else
			check = sign == '+' ? check | flag : check & ~flag;
	}
	conf_lex_set_include_check(c->lex, check);
}

static void igmp(struct conf_ctx *c)
{
	if (access("/proc/sys/net/ipv4/igmp_link_local_mcast_reports", W_OK))
		conf_say(c, K_VALUE, 0, "this kernel has no igmp_link_local_mcast_reports");
}

static void directory(struct conf_ctx *c)
{
	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "'%s' needs a folder", conf_word(c, 0));
}

static void save_dir(struct conf_ctx *c)
{
	const char *dir = conf_word(c, 1);
	struct stat st;

	if (!c->give_up && !stat(dir, &st) && !S_ISDIR(st.st_mode))
		conf_say(c, K_VALUE, 1, "'%s' is no folder", dir);
}

static void side_script(struct conf_ctx *c)
{
	struct conf_script s = { 0 };
	struct conf_pos pos = conf_here(c, 1);

	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "'%s' needs a script", conf_word(c, 0));
		return;
	}
	conf_notify_script(c, &s, conf_word(c, 0));
	if (!s.argv)
		conf_say(c, K_SCRIPT, 1, "'%s' is ignored", conf_word(c, 0));
	else
		c->side_script_flags |= conf_notify_check(c, &s, &pos);
	conf_script_clear(&s);
}

static void side_script_timeout(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_nword(c) < 2 || !conf_uint(c, 1, 1, 1000, true, &n))
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

#define MAIL  "halbd sends no mail; ignoring it is safe for the service"
#define NAMES "halbd names its processes itself; ignoring it is safe"
#define SNMP  "there is no SNMP agent; ignoring it is safe for the service"
#define BUFS  "halbd sizes its own buffers; ignoring it is safe"
#define NFT   "halbd has its own filter rules; ignoring it is safe"
#define AUTO  "halbd does not change its own priority; ignoring it is safe"

static const struct conf_kw words[] = {
	{ .name = "bfd_cpu_affinity", .fn = cpu_affinity, .later = "there is no BFD" },
	{ .name = "bfd_no_swap", .later = "there is no BFD" },
	{ .name = "bfd_priority", .fn = bfd_nice, .later = "there is no BFD" },
	{ .name = "bfd_process_name", .fn = check_name, .later = NAMES },
	{ .name = "bfd_rlimit_rtime", .fn = rt_limit, .later = "there is no BFD" },
	{ .name = "bfd_rlimit_rttime", .fn = rt_limit, .later = "there is no BFD" },
	{ .name = "bfd_rt_priority", .fn = bfd_rt, .later = "there is no BFD" },
	{ .name = "checker_cpu_affinity", .fn = cpu_affinity,
	  .later = "checkers run on any CPU; ignoring it is safe" },
	{ .name = "checker_no_swap", .fn = checker_no_swap },
	{ .name = "checker_priority", .fn = checker_nice },
	{ .name = "checker_process_name", .fn = check_name, .later = NAMES },
	{ .name = "checker_rlimit_rtime", .fn = rt_limit,
	  .later = "halbd sets no such limit; ignoring it is safe" },
	{ .name = "checker_rlimit_rttime", .fn = rt_limit,
	  .later = "halbd sets no such limit; ignoring it is safe" },
	{ .name = "checker_rt_priority", .fn = checker_rt },
	{ .name = "config_save_dir", .fn = save_dir,
	  .later = "no copy of the configuration is kept; ignoring it is safe" },
	{ .name = "data_use_instance", .fn = check_switch,
	  .later = "it names dump files; ignoring it is safe" },
	{ .name = "dbus_service_name", .fn = check_something,
	  .later = "there is no D-Bus; ignoring it is safe for the service" },
	{ .name = "disable_local_igmp", .fn = igmp,
	  .later = "local IGMP reports stay on; ignoring it is safe" },
	{ .name = "enable_dbus",
	  .later = "there is no D-Bus; ignoring it is safe for the service" },
	{ .name = "enable_snmp_checker", .later = SNMP },
	{ .name = "enable_snmp_keepalived", .later = SNMP },
	{ .name = "enable_snmp_rfc", .later = SNMP },
	{ .name = "enable_snmp_rfcv2", .later = SNMP },
	{ .name = "enable_snmp_rfcv3", .later = SNMP },
	{ .name = "enable_snmp_vrrp", .later = SNMP },
	{ .name = "enable_traps", .later = SNMP },
	{ .name = "fifo_write_vrrp_states_on_reload",
	  .later = "states are not written again on reload" },
	{ .name = "include_check", .fn = include_check },
	{ .name = "log_unknown_vrids",
	  .later = "adverts of unknown VRIDs are counted, not logged" },
	{ .name = "lvs_netlink_cmd_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "lvs_netlink_cmd_rcv_bufs_force", .fn = check_switch, .later = BUFS },
	{ .name = "lvs_netlink_monitor_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "lvs_netlink_monitor_rcv_bufs_force", .fn = check_switch, .later = BUFS },
	{ .name = "lvs_process_name", .fn = check_name, .later = NAMES },
	{ .name = "max_auto_priority", .fn = max_auto_priority, .later = AUTO },
	{ .name = "min_auto_priority_delay", .fn = min_auto_delay, .later = AUTO },
	{ .name = "nftables", .fn = nftables, .later = NFT },
	{ .name = "nftables_counters", .later = NFT },
	{ .name = "nftables_ifindex", .later = NFT },
	{ .name = "nftables_ipvs", .fn = nftables,
	  .later = "groups are services of their own; ignoring it is safe" },
	{ .name = "nftables_ipvs_priority", .fn = chain_priority, .later = NFT },
	{ .name = "nftables_ipvs_start_fwmark", .fn = start_fwmark, .later = NFT },
	{ .name = "nftables_priority", .fn = chain_priority, .later = NFT },
	{ .name = "no_checker_emails", .fn = check_switch, .later = MAIL },
	{ .name = "no_email_faults", .later = MAIL },
	{ .name = "process_monitor_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "process_monitor_rcv_bufs_force", .fn = check_switch, .later = BUFS },
	{ .name = "process_name", .fn = check_name, .later = NAMES },
	{ .name = "process_names", .later = NAMES },
	{ .name = "random_seed", .fn = uint_required,
	  .later = "keepalived 2.2.7 does not use it either" },
	{ .name = "reload_check_config",
	  .later = "halbd always checks before it reloads" },
	{ .name = "reload_file", .later = "it only marks a reload; ignoring it is safe" },
	{ .name = "reload_repeat", .later = "ignoring it is safe" },
	{ .name = "reload_time_file", .fn = time_file,
	  .later = "reloads are not scheduled by a file" },
	{ .name = "shutdown_script", .fn = side_script,
	  .later = "it does not run; what it does must be done otherwise" },
	{ .name = "shutdown_script_timeout", .fn = side_script_timeout,
	  .later = "shutdown_script does not run" },
	{ .name = "smtp_alert", .fn = check_switch },
	{ .name = "smtp_alert_checker", .fn = check_switch },
	{ .name = "smtp_alert_vrrp", .fn = check_switch },
	{ .name = "snmp_socket", .fn = snmp_socket, .later = SNMP },
	{ .name = "startup_script", .fn = side_script,
	  .later = "it does not run; what it does must be done otherwise" },
	{ .name = "startup_script_timeout", .fn = side_script_timeout,
	  .later = "startup_script does not run" },
	{ .name = "tmp_config_directory", .fn = directory,
	  .later = "halbd keeps no copy on disk; ignoring it is safe" },
	{ .name = "umask", .fn = umask_bits, .later = "halbd writes no such files" },
	{ .name = "vmac_addr_prefix", .fn = check_word, .later = "VMACs are named vrrp.N" },
	{ .name = "vrrp_cpu_affinity", .fn = cpu_affinity,
	  .later = "VRRP runs on any CPU; ignoring it is safe" },
	{ .name = "vrrp_iptables", .fn = vrrp_iptables },
	{ .name = "vrrp_netlink_cmd_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "vrrp_netlink_cmd_rcv_bufs_force", .fn = check_switch, .later = BUFS },
	{ .name = "vrrp_netlink_monitor_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "vrrp_netlink_monitor_rcv_bufs_force", .fn = check_switch,
	  .later = BUFS },
	{ .name = "vrrp_no_swap", .fn = vrrp_no_swap },
	{ .name = "vrrp_priority", .fn = vrrp_nice },
	{ .name = "vrrp_process_name", .fn = check_name, .later = NAMES },
	{ .name = "vrrp_rlimit_rtime", .fn = rt_limit,
	  .later = "halbd sets no such limit; ignoring it is safe" },
	{ .name = "vrrp_rlimit_rttime", .fn = rt_limit,
	  .later = "halbd sets no such limit; ignoring it is safe" },
	{ .name = "vrrp_rt_priority", .fn = vrrp_rt },
	{ .name = "vrrp_rx_bufs_multiplier", .fn = rx_bufs_multiplier, .later = BUFS },
	{ .name = "vrrp_rx_bufs_policy", .fn = rx_bufs_policy, .later = BUFS },
};

const struct conf_words conf_global_process_words = CONF_WORDS(words);
