/*
 * global_defs: SNMP, D-Bus, packet filters, mail, scripts at start and end, files:
 * what halbd knows but for the most part does not do.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_global.h"

static void check_switch(struct conf_ctx *c)
{
	conf_switch(c);
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

static void umask_bits(struct conf_ctx *c)
{
	static const char names[] =
		"IRUSR IWUSR IXUSR IRGRP IWGRP IXGRP IROTH IWOTH IXOTH";
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
				conf_say(c, K_VALUE, i, "'%s' is no umask",
					 conf_word(c, i));
				return;
			}
			p += 5;
			or_next = true;
		}
	}
	if (!or_next)
		conf_say(c, K_VALUE, 1, "umask needs a bit");
}

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
		check = INCLUDE_READABLE | INCLUDE_MATCH | INCLUDE_WILDCARD |
			INCLUDE_BRACE;
	for (i = 1; i < conf_nword(c); i++) {
		const char *word = conf_word(c, i);
		char sign = *word == '-' || *word == '+' ? *word++ : '=';

		if (sign == '=' && i > 1) {
			conf_say(c, K_DUPLICATE, i,
				 "'%s' needs a + or - before it; ignored", word);
			continue;
		}
		if (sign == '=')
			check = 0;
		for (j = flag = 0; j < 4; j++)
			if (!strcmp(word, flags[j].name))
				flag = flags[j].flag;
		if (!flag)
			conf_say(c, K_VALUE, i, "include_check knows no '%s'; ignored",
				 word);
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
		conf_say(c, K_VALUE, 0,
			 "this kernel has no igmp_link_local_mcast_reports");
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

static const struct conf_kw words[] = {
	{ .name = "config_save_dir",
	  .fn = save_dir,
	  .later = "keep a copy of each configuration there" },
	{ .name = "data_use_instance",
	  .fn = check_switch,
	  .later = "put the instance's name into its dump files' names" },
	{ .name = "dbus_service_name",
	  .fn = check_something,
	  .later = "name its D-Bus service so" },
	{ .name = "disable_local_igmp",
	  .fn = igmp,
	  .later = "keep IGMP reports off interfaces of VMACs" },
	{ .name = "enable_dbus", .later = "offer the instances over D-Bus" },
	{ .name = "enable_snmp_checker", .later = "answer SNMP about real servers" },
	{ .name = "enable_snmp_keepalived", .later = "answer SNMP" },
	{ .name = "enable_snmp_rfc", .later = "answer SNMP by the RFCs" },
	{ .name = "enable_snmp_rfcv2", .later = "answer SNMP by RFC 2787" },
	{ .name = "enable_snmp_rfcv3", .later = "answer SNMP by RFC 6527" },
	{ .name = "enable_snmp_vrrp", .later = "answer SNMP about instances" },
	{ .name = "enable_traps",
	  .later = "send SNMP traps",
	  .unsafe = "whoever waits for them hears nothing" },
	{ .name = "fifo_write_vrrp_states_on_reload",
	  .later = "write the states to the FIFOs again after a reload" },
	{ .name = "include_check", .fn = include_check },
	{ .name = "log_unknown_vrids",
	  .later = "log adverts of virtual routers that it does not know" },
	{ .name = "nftables",
	  .fn = nftables,
	  .later = "filter with nftables, in this table" },
	{ .name = "nftables_counters", .later = "count what its filter rules match" },
	{ .name = "nftables_ifindex",
	  .later = "name interfaces by number in its filter rules" },
	{ .name = "nftables_ipvs",
	  .fn = nftables,
	  .later = "make one service by fwmark of a group, marked by nftables" },
	{ .name = "nftables_ipvs_priority",
	  .fn = chain_priority,
	  .later = "hook its marks in at this priority" },
	{ .name = "nftables_ipvs_start_fwmark",
	  .fn = start_fwmark,
	  .later = "count its fwmarks from here" },
	{ .name = "nftables_priority",
	  .fn = chain_priority,
	  .later = "hook its filter in at this priority" },
	{ .name = "no_checker_emails",
	  .fn = check_switch,
	  .later = "send no mail about checkers" },
	{ .name = "no_email_faults", .later = "send no mail about FAULT" },
	{ .name = "reload_check_config",
	  .later = "check the configuration before it reloads, which halbd always "
		   "does" },
	{ .name = "reload_file", .later = "mark a reload with a file" },
	{ .name = "reload_repeat",
	  .later = "reload once more at the same time on other days" },
	{ .name = "reload_time_file",
	  .fn = time_file,
	  .later = "reload at the time that stands in this file",
	  .unsafe = "the reload does not come; send SIGHUP" },
	{ .name = "shutdown_script",
	  .fn = side_script,
	  .later = "run it when it ends",
	  .unsafe = "what it does must be done otherwise (ExecStopPost= of systemd)" },
	{ .name = "shutdown_script_timeout",
	  .fn = side_script_timeout,
	  .later = "give up shutdown_script so late" },
	{ .name = "smtp_alert",
	  .fn = check_switch,
	  .later = "send mail about what happens here",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "smtp_alert_checker",
	  .fn = check_switch,
	  .later = "send mail about real servers",
	  .unsafe = "whoever waits for it hears nothing; use notify_up and "
		    "notify_down" },
	{ .name = "smtp_alert_vrrp",
	  .fn = check_switch,
	  .later = "send mail about instances",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "snmp_socket",
	  .fn = snmp_socket,
	  .later = "reach the SNMP agent there" },
	{ .name = "startup_script",
	  .fn = side_script,
	  .later = "run it before it starts",
	  .unsafe = "what it does must be done otherwise (ExecStartPre= of systemd)" },
	{ .name = "startup_script_timeout",
	  .fn = side_script_timeout,
	  .later = "give up startup_script so late" },
	{ .name = "tmp_config_directory",
	  .fn = directory,
	  .later = "keep its copy of the configuration there" },
	{ .name = "umask", .fn = umask_bits, .later = "make files with these rights" },
	{ .name = "vmac_addr_prefix",
	  .fn = check_word,
	  .later = "name the interfaces of addresses with use_vmac so" },
	{ .name = "vrrp_iptables", .fn = vrrp_iptables },
};

const struct conf_words conf_global_rest_words = CONF_WORDS(words);
