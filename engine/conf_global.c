/* global_defs, and the words that stand outside every block. */
#include "conf_int.h"

#include <ctype.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define S_NS	     INT64_C(1000000000)
#define US	     1000000
#define LVS_TIMEOUT  (86400 * 31)
#define PROCESS_NAME 15

static struct conf_global *global(struct conf_ctx *c)
{
	return &c->conf->global;
}

/* --- kinds of values --- */

/* Word 1 into a string of which the last one counts. */
static void take_string(struct conf_ctx *c, char **out)
{
	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "'%s' needs a name; ignored", conf_word(c, 0));
		return;
	}
	free(*out);
	*out = conf_dup(c, 1);
}

static void take_switch(struct conf_ctx *c, bool *out)
{
	int on = conf_switch(c);

	if (on >= 0)
		*out = on;
}

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

/* A number from lo on; what is out of range is said twice by keepalived. */
static bool take_uint(struct conf_ctx *c, unsigned int lo, unsigned int hi,
		      unsigned int *out)
{
	unsigned int n;

	if (!conf_uint(c, 1, lo, hi, true, &n)) {
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
		return false;
	}
	*out = n;
	return true;
}

/* --- who and where --- */

static void router_id(struct conf_ctx *c)
{
	take_string(c, &global(c)->router_id);
}

static void email_from(struct conf_ctx *c)
{
	take_string(c, &global(c)->email_from);
}

static void email_line(struct conf_ctx *c)
{
	struct conf_global *g = global(c);
	size_t i;

	for (i = 0; i < conf_nword(c) && !c->give_up; i++) {
		char **more = conf_grow(c, g->email, &g->nemail, sizeof(*more));

		if (!more)
			return;
		g->email = more;
		more[g->nemail - 1] = conf_dup(c, i);
		if (!more[g->nemail - 1])
			g->nemail--;
	}
}

static void email(struct conf_ctx *c)
{
	size_t before = global(c)->nemail;
	struct conf_pos pos = conf_here(c, 0);

	conf_value_block(c, email_line);
	if (global(c)->nemail == before)
		conf_say_at(c, K_VALUE, &pos, "notification_email is empty");
}

static void smtp_server(struct conf_ctx *c)
{
	const char *host = conf_word(c, 1);
	struct conf_addr addr;
	unsigned int port;

	if (c->give_up)
		return;
	if (conf_nword(c) > 2 && !conf_uint(c, 2, 1, 65535, true, &port)) {
		conf_say(c, K_ADDRESS, 1, "smtp_server is ignored");
		return;
	}
	if (!strpbrk(host, "-/") && strpbrk(host, ".:") && !conf_addr_text(host, &addr))
		conf_say(c, K_NOTE, 1, "keepalived looks '%s' up when it starts", host);
	free(global(c)->smtp_server);
	global(c)->smtp_server = conf_dup(c, 1);
}

static void smtp_helo(struct conf_ctx *c)
{
	if (conf_nword(c) < 2)
		return;
	free(global(c)->smtp_helo);
	global(c)->smtp_helo = conf_dup(c, 1);
}

static void smtp_timeout(struct conf_ctx *c)
{
	unsigned int n;

	if (take_uint(c, 0, UINT_MAX / US, &n) && !n)
		conf_say(c, K_VALUE, 1, "'%s' must be above 0; taken as 1", conf_word(c, 0));
}

static void script_user(struct conf_ctx *c)
{
	struct conf_global *g = global(c);
	unsigned int uid = 0, gid = 0;

	if (conf_nword(c) < 2) {
		conf_say(c, K_USER, 1, "script_user needs a user; ignored");
		return;
	}
	free(g->script_user);
	free(g->script_group);
	g->script_user = conf_dup(c, 1);
	g->script_group = conf_nword(c) > 2 ? conf_dup(c, 2) : NULL;
	c->def.script_user_set = true;
	if (conf_script_user(c, 1, NULL, &uid, &gid)) {
		c->def.script_uid = uid;
		c->def.script_gid = gid;
	} else if (!c->give_up) {
		c->def.script_user_failed = true;
		conf_say(c, K_USER, 1,
			 "there is no such user or group; scripts that name no user will "
			 "not run");
	}
}

static void script_security(struct conf_ctx *c)
{
	global(c)->enable_script_security = true;
}

/* --- VRRP's defaults --- */

static void version(struct conf_ctx *c)
{
	int n;

	if (conf_int(c, 1, 2, 3, true, &n))
		global(c)->vrrp_version = n;
	else
		conf_say(c, K_VALUE, 1, "vrrp_version must be 2 or 3; ignored");
}

static void mcast_group(struct conf_ctx *c, int family, struct conf_addr *out)
{
	const char *text = conf_word(c, 1);
	struct conf_addr addr;

	if (c->give_up)
		return;
	if (!conf_addr_text(text, &addr) || addr.family != family ||
	    !conf_addr_multicast(&addr)) {
		conf_say(c, K_ADDRESS, 1, "'%s' is no IPv%d multicast address; ignored",
			 text, family == AF_INET ? 4 : 6);
		return;
	}
	if (family == AF_INET6 && !IN6_IS_ADDR_MC_LINKLOCAL(&addr.v6))
		conf_say(c, K_ADDRESS, 1, "'%s' should be link-local, ff02::/16", text);
	*out = addr;
}

static void mcast_group4(struct conf_ctx *c)
{
	mcast_group(c, AF_INET, &global(c)->mcast_group4);
}

static void mcast_group6(struct conf_ctx *c)
{
	mcast_group(c, AF_INET6, &global(c)->mcast_group6);
}

static void garp_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (take_uint(c, 0, UINT_MAX / US, &n))
		c->def.garp_delay_us = (int64_t)n * US;
}

/* A repeat count: 0 is taken as 1. */
static void take_repeat(struct conf_ctx *c, unsigned int *out)
{
	unsigned int n;

	if (!take_uint(c, 0, UINT_MAX, &n))
		return;
	if (!n)
		conf_say(c, K_VALUE, 1, "'%s' must be above 0; taken as 1", conf_word(c, 0));
	*out = n ? n : 1;
}

static void garp_repeat(struct conf_ctx *c)
{
	take_repeat(c, &c->def.garp_rep);
}

static void garp_refresh(struct conf_ctx *c)
{
	c->def.garp_refresh_s = 0;
	take_uint(c, 0, UINT_MAX, &c->def.garp_refresh_s);
}

static void garp_refresh_repeat(struct conf_ctx *c)
{
	take_repeat(c, &c->def.garp_refresh_rep);
}

static void lower_prio_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (take_uint(c, 0, UINT_MAX / US, &n))
		c->def.garp_lower_prio_delay_us = (int64_t)n * US;
}

static void lower_prio_repeat(struct conf_ctx *c)
{
	take_uint(c, 0, INT_MAX, &c->def.garp_lower_prio_rep);
}

static void down_timer(struct conf_ctx *c)
{
	take_uint(c, 1, 100, &c->def.down_timer_adverts);
}

/* Seconds with decimals; 0 is out of range, as the distributions' sample has it. */
static void take_interval(struct conf_ctx *c, uint64_t lo, int64_t *ns)
{
	uint64_t us;

	if (conf_time_us(c, 1, lo, UINT_MAX, &us))
		*ns = (int64_t)(uint32_t)us * 1000;
	else if (!c->give_up)
		conf_say(c, K_VALUE, 1, "'%s' is ignored%s", conf_word(c, 0),
			 conf_is(c, 1, "0") ? "; without it there is none, as 0 means" : "");
}

static void garp_interval(struct conf_ctx *c)
{
	take_interval(c, 1, &c->conf->global.garp_interval_ns);
}

static void gna_interval(struct conf_ctx *c)
{
	take_interval(c, 1, &c->conf->global.gna_interval_ns);
}

static void startup_delay(struct conf_ctx *c)
{
	take_interval(c, 1000, &global(c)->vrrp_startup_delay_ns);
}

static void min_garp(struct conf_ctx *c)
{
	int on = conf_switch(c);

	if (on < 0 || (!on && conf_nword(c) > 1))
		return;
	/* What has been set already stays. */
	if (c->def.garp_rep == 5)
		c->def.garp_rep = 1;
	if (c->def.garp_refresh_rep == 1)
		c->def.garp_refresh_rep = 0;
	if (c->def.garp_delay_us == 5 * US)
		c->def.garp_delay_us = 0;
}

static void lower_prio_no_advert(struct conf_ctx *c)
{
	take_switch(c, &c->def.lower_prio_no_advert);
}

static void higher_prio_send_advert(struct conf_ctx *c)
{
	take_switch(c, &c->def.higher_prio_send_advert);
}

static void strict(struct conf_ctx *c)
{
	c->def.strict = true;
}

static void skip_check(struct conf_ctx *c)
{
	c->def.skip_check_adv_addr = true;
}

static void check_src(struct conf_ctx *c)
{
	c->def.check_unicast_src = true;
}

static void priority_changes(struct conf_ctx *c)
{
	take_switch(c, &c->def.notify_priority_changes);
}

static void dynamic_interfaces(struct conf_ctx *c)
{
	c->def.dynamic_interfaces = true;
	global(c)->dynamic_interfaces = true;
	if (conf_nword(c) < 2)
		return;
	if (conf_is(c, 1, "allow_if_changes"))
		c->def.allow_if_changes = true;
	else
		conf_say(c, K_VALUE, 1, "dynamic_interfaces takes allow_if_changes, not '%s'",
			 conf_word(c, 1));
}

static void default_interface(struct conf_ctx *c)
{
	take_string(c, &global(c)->default_ifname);
}

static void take_once(struct conf_ctx *c, char **out)
{
	const char *word = conf_word(c, 1);

	if (c->give_up)
		return;
	if (*out)
		conf_say(c, K_DUPLICATE, 1, "'%s' was set before, to '%s'; '%s' is ignored",
			 conf_word(c, 0), *out, word);
	else
		*out = conf_dup(c, 1);
}

static void vmac_prefix(struct conf_ctx *c)
{
	take_once(c, &global(c)->vmac_prefix);
}

static void garp_extra_if(struct conf_ctx *c)
{
	unsigned int delay = 0;
	size_t i;

	if (conf_is(c, 0, "vrrp_vmac_garp_intvl"))
		conf_say(c, K_DEPRECATED, 0, "vrrp_vmac_garp_intvl is now vrrp_garp_extra_if");
	for (i = 1; i < conf_nword(c); i++)
		if (!conf_is(c, i, "all") && !conf_uint(c, i, 1, 86400, true, &delay)) {
			conf_say(c, K_VALUE, i, "'%s' is ignored", conf_word(c, 0));
			return;
		}
	if (!delay)
		conf_say(c, K_VALUE, 1, "'%s' needs a time; ignored", conf_word(c, 0));
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
	nice_value(c, &global(c)->vrrp_nice);
}

static void checker_nice(struct conf_ctx *c)
{
	nice_value(c, &global(c)->checker_nice);
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
	rt_value(c, &global(c)->vrrp_rt_priority);
}

static void checker_rt(struct conf_ctx *c)
{
	rt_value(c, &global(c)->checker_rt_priority);
}

static void bfd_rt(struct conf_ctx *c)
{
	int n;

	rt_value(c, &n);
}

static void rt_limit(struct conf_ctx *c)
{
	unsigned int n;

	take_uint(c, 1, UINT_MAX, &n);
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
	global(c)->vrrp_no_swap = true;
}

static void checker_no_swap(struct conf_ctx *c)
{
	global(c)->checker_no_swap = true;
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

/* --- notify FIFOs --- */

static void fifo(struct conf_ctx *c, struct conf_fifo *f)
{
	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "'%s' needs a path; ignored", conf_word(c, 0));
		return;
	}
	if (f->path) {
		conf_say(c, K_DUPLICATE, 1, "'%s' was set before; '%s' is ignored",
			 conf_word(c, 0), conf_word(c, 1));
		return;
	}
	if (conf_nword(c) > 2 ? !conf_script_user(c, 2, NULL, &f->uid, &f->gid) :
				!conf_script_default_user(c, NULL, &f->uid, &f->gid)) {
		conf_say(c, K_NOTE, 2, "there is no such user; the FIFO is ignored");
		return;
	}
	f->path = conf_dup(c, 1);
}

static void fifo_script(struct conf_ctx *c, struct conf_fifo *f)
{
	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "'%s' needs a script; ignored", conf_word(c, 0));
	else if (f->script.argv)
		conf_say(c, K_DUPLICATE, 1, "'%s' was set before; '%s' is ignored",
			 conf_word(c, 0), conf_word(c, 1));
	else
		conf_notify_script(c, &f->script, conf_word(c, 0));
}

static void notify_fifo(struct conf_ctx *c)
{
	fifo(c, &global(c)->notify_fifo);
}

static void notify_fifo_script(struct conf_ctx *c)
{
	fifo_script(c, &global(c)->notify_fifo);
}

static void vrrp_fifo(struct conf_ctx *c)
{
	fifo(c, &global(c)->vrrp_notify_fifo);
}

static void vrrp_fifo_script(struct conf_ctx *c)
{
	fifo_script(c, &global(c)->vrrp_notify_fifo);
}

static void lvs_fifo(struct conf_ctx *c)
{
	fifo(c, &global(c)->lvs_notify_fifo);
}

static void lvs_fifo_script(struct conf_ctx *c)
{
	fifo_script(c, &global(c)->lvs_notify_fifo);
}

/* --- LVS --- */

static void lvs_timeouts(struct conf_ctx *c)
{
	struct conf_global *g = global(c);
	size_t i;

	if (conf_nword(c) < 3) {
		conf_say(c, K_VALUE, 1, "lvs_timeouts needs tcp, tcpfin or udp and a number");
		return;
	}
	for (i = 1; i < conf_nword(c); i++) {
		uint32_t *to = conf_is(c, i, "tcp")    ? &g->lvs_timeout_tcp_s :
			       conf_is(c, i, "tcpfin") ? &g->lvs_timeout_fin_s :
			       conf_is(c, i, "udp")    ? &g->lvs_timeout_udp_s :
							 NULL;
		unsigned int n;

		if (!to) {
			conf_say(c, K_VALUE, i, "'%s' is none of tcp, tcpfin, udp",
				 conf_word(c, i));
		} else if (i + 1 == conf_nword(c)) {
			conf_say(c, K_VALUE, i, "'%s' needs a number; ignored",
				 conf_word(c, i));
		} else if (conf_uint(c, ++i, 0, LVS_TIMEOUT, false, &n)) {
			*to = n;
		} else {
			conf_say(c, K_VALUE, i, "lvs_timeouts %s is ignored",
				 conf_word(c, i - 1));
		}
	}
}

static void lvs_flush(struct conf_ctx *c)
{
	global(c)->lvs_flush = true;
}

static void lvs_flush_on_stop(struct conf_ctx *c)
{
	if (conf_nword(c) == 1)
		global(c)->lvs_flush_on_stop = true;
	else if (conf_is(c, 1, "VS"))
		global(c)->lvs_flush_on_stop_vs = true;
	else
		conf_say(c, K_VALUE, 1, "lvs_flush_on_stop takes VS or nothing, not '%s'",
			 conf_word(c, 1));
}

/* One of lvs_sync_daemon's `word NUMBER`. */
static void sync_number(struct conf_ctx *c, size_t i, unsigned int lo, unsigned int hi,
			unsigned int *out)
{
	if (i + 1 == conf_nword(c))
		conf_say(c, K_VALUE, i, "'%s' needs a number; ignored", conf_word(c, i));
	else if (!conf_uint(c, i + 1, lo, hi, false, out))
		conf_say(c, K_VALUE, i + 1, "lvs_sync_daemon's %s is ignored",
			 conf_word(c, i));
}

static void sync_group_addr(struct conf_ctx *c, size_t i)
{
	struct conf_addr addr;

	if (i + 1 == conf_nword(c)) {
		conf_say(c, K_VALUE, i, "'group' needs an address; ignored");
		return;
	}
	if (!conf_addr_text(conf_word(c, i + 1), &addr) || !conf_addr_multicast(&addr))
		conf_say(c, K_ADDRESS, i + 1, "'%s' is no multicast address; ignored",
			 conf_word(c, i + 1));
	else
		global(c)->lvs_sync_group = addr;
}

/* Takes option i of lvs_sync_daemon; returns how many words it was. */
static size_t sync_option(struct conf_ctx *c, size_t i)
{
	struct conf_global *g = global(c);
	unsigned int n = UINT_MAX;

	if (conf_is(c, i, "inst")) {
		if (g->lvs_sync_instance)
			conf_say(c, K_DUPLICATE, i, "an instance was named before; ignored");
		else
			g->lvs_sync_instance = conf_dup(c, i + 1);
	} else if (conf_is(c, i, "id")) {
		sync_number(c, i, 0, 255, &n);
		g->lvs_sync_id = n <= 255 ? (int)n : g->lvs_sync_id;
	} else if (conf_is(c, i, "maxlen")) {
		sync_number(c, i, 1, 65535 - 20 - 8, &n);
		g->lvs_sync_maxlen = n <= 65535 ? (uint16_t)n : g->lvs_sync_maxlen;
	} else if (conf_is(c, i, "port")) {
		sync_number(c, i, 1, 65535, &n);
		g->lvs_sync_port = n <= 65535 ? (uint16_t)n : g->lvs_sync_port;
	} else if (conf_is(c, i, "ttl")) {
		sync_number(c, i, 1, 255, &n);
		g->lvs_sync_ttl = n <= 255 ? (uint8_t)n : g->lvs_sync_ttl;
	} else if (conf_is(c, i, "group")) {
		sync_group_addr(c, i);
	} else if (i == 2) { /* as it was written before version 1.3 */
		free(g->lvs_sync_instance);
		g->lvs_sync_instance = conf_dup(c, 2);
		return 1;
	} else if (i == 3) {
		if (conf_uint(c, 3, 0, 255, false, &n)) {
			g->lvs_sync_id = (int)n;
			conf_say(c, K_DEPRECATED, 3, "write 'id' before the number");
		} else {
			conf_say(c, K_VALUE, 3, "lvs_sync_daemon's id is ignored");
		}
		return 1;
	} else {
		conf_say(c, K_VALUE, i, "lvs_sync_daemon knows no '%s'", conf_word(c, i));
		return 1;
	}
	return 2;
}

static void lvs_sync_daemon(struct conf_ctx *c)
{
	struct conf_global *g = global(c);
	size_t i;

	if (g->lvs_sync_ifname) {
		conf_say(c, K_DUPLICATE, 0, "lvs_sync_daemon was set before; ignored");
		return;
	}
	if (conf_nword(c) < 2 || strlen(conf_word(c, 1)) >= 16) {
		conf_say(c, K_VALUE, 1, "lvs_sync_daemon needs an interface; ignored");
		return;
	}
	g->lvs_sync_ifname = conf_dup(c, 1);
	for (i = 2; i < conf_nword(c) && !c->give_up; i += sync_option(c, i))
		;
}

static void rs_init_notifies(struct conf_ctx *c)
{
	take_switch(c, &global(c)->rs_init_notifies);
}

static void log_all_failures(struct conf_ctx *c)
{
	take_switch(c, &global(c)->checker_log_all_failures);
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
	{ .name = "checker_log_all_failures", .fn = log_all_failures },
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
	{ .name = "default_interface", .fn = default_interface },
	{ .name = "disable_local_igmp", .fn = igmp,
	  .later = "local IGMP reports stay on; ignoring it is safe" },
	{ .name = "dynamic_interfaces", .fn = dynamic_interfaces },
	{ .name = "enable_dbus",
	  .later = "there is no D-Bus; ignoring it is safe for the service" },
	{ .name = "enable_script_security", .fn = script_security },
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
	{ .name = "lvs_flush", .fn = lvs_flush },
	{ .name = "lvs_flush_on_stop", .fn = lvs_flush_on_stop },
	{ .name = "lvs_flush_onstop", .fn = lvs_flush_on_stop },
	{ .name = "lvs_netlink_cmd_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "lvs_netlink_cmd_rcv_bufs_force", .fn = check_switch, .later = BUFS },
	{ .name = "lvs_netlink_monitor_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "lvs_netlink_monitor_rcv_bufs_force", .fn = check_switch, .later = BUFS },
	{ .name = "lvs_notify_fifo", .fn = lvs_fifo },
	{ .name = "lvs_notify_fifo_script", .fn = lvs_fifo_script },
	{ .name = "lvs_process_name", .fn = check_name, .later = NAMES },
	{ .name = "lvs_sync_daemon", .fn = lvs_sync_daemon },
	{ .name = "lvs_timeouts", .fn = lvs_timeouts },
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
	{ .name = "notification_email", .fn = email },
	{ .name = "notification_email_from", .fn = email_from },
	{ .name = "notify_fifo", .fn = notify_fifo },
	{ .name = "notify_fifo_script", .fn = notify_fifo_script },
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
	{ .name = "router_id", .fn = router_id },
	{ .name = "rs_init_notifies", .fn = rs_init_notifies },
	{ .name = "script_user", .fn = script_user },
	{ .name = "shutdown_script", .fn = side_script,
	  .later = "it does not run; what it does must be done otherwise" },
	{ .name = "shutdown_script_timeout", .fn = side_script_timeout,
	  .later = "shutdown_script does not run" },
	{ .name = "smtp_alert", .fn = check_switch },
	{ .name = "smtp_alert_checker", .fn = check_switch },
	{ .name = "smtp_alert_vrrp", .fn = check_switch },
	{ .name = "smtp_connect_timeout", .fn = smtp_timeout },
	{ .name = "smtp_helo_name", .fn = smtp_helo },
	{ .name = "smtp_server", .fn = smtp_server },
	{ .name = "snmp_socket", .fn = snmp_socket, .later = SNMP },
	{ .name = "startup_script", .fn = side_script,
	  .later = "it does not run; what it does must be done otherwise" },
	{ .name = "startup_script_timeout", .fn = side_script_timeout,
	  .later = "startup_script does not run" },
	{ .name = "tmp_config_directory", .fn = directory,
	  .later = "halbd keeps no copy on disk; ignoring it is safe" },
	{ .name = "umask", .fn = umask_bits, .later = "halbd writes no such files" },
	{ .name = "vmac_addr_prefix", .fn = check_word, .later = "VMACs are named vrrp.N" },
	{ .name = "vmac_prefix", .fn = vmac_prefix },
	{ .name = "vrrp_check_unicast_src", .fn = check_src },
	{ .name = "vrrp_cpu_affinity", .fn = cpu_affinity,
	  .later = "VRRP runs on any CPU; ignoring it is safe" },
	{ .name = "vrrp_down_timer_adverts", .fn = down_timer },
	{ .name = "vrrp_garp_extra_if", .fn = garp_extra_if,
	  .later = "GARPs go out of the address's own interface" },
	{ .name = "vrrp_garp_interval", .fn = garp_interval },
	{ .name = "vrrp_garp_lower_prio_delay", .fn = lower_prio_delay },
	{ .name = "vrrp_garp_lower_prio_repeat", .fn = lower_prio_repeat },
	{ .name = "vrrp_garp_master_delay", .fn = garp_delay },
	{ .name = "vrrp_garp_master_refresh", .fn = garp_refresh },
	{ .name = "vrrp_garp_master_refresh_repeat", .fn = garp_refresh_repeat },
	{ .name = "vrrp_garp_master_repeat", .fn = garp_repeat },
	{ .name = "vrrp_gna_interval", .fn = gna_interval },
	{ .name = "vrrp_higher_prio_send_advert", .fn = higher_prio_send_advert },
	{ .name = "vrrp_iptables", .fn = vrrp_iptables },
	{ .name = "vrrp_lower_prio_no_advert", .fn = lower_prio_no_advert },
	{ .name = "vrrp_mcast_group4", .fn = mcast_group4 },
	{ .name = "vrrp_mcast_group6", .fn = mcast_group6 },
	{ .name = "vrrp_min_garp", .fn = min_garp },
	{ .name = "vrrp_netlink_cmd_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "vrrp_netlink_cmd_rcv_bufs_force", .fn = check_switch, .later = BUFS },
	{ .name = "vrrp_netlink_monitor_rcv_bufs", .fn = uint_or_message, .later = BUFS },
	{ .name = "vrrp_netlink_monitor_rcv_bufs_force", .fn = check_switch,
	  .later = BUFS },
	{ .name = "vrrp_no_swap", .fn = vrrp_no_swap },
	{ .name = "vrrp_notify_fifo", .fn = vrrp_fifo },
	{ .name = "vrrp_notify_fifo_script", .fn = vrrp_fifo_script },
	{ .name = "vrrp_notify_priority_changes", .fn = priority_changes },
	{ .name = "vrrp_priority", .fn = vrrp_nice },
	{ .name = "vrrp_process_name", .fn = check_name, .later = NAMES },
	{ .name = "vrrp_rlimit_rtime", .fn = rt_limit,
	  .later = "halbd sets no such limit; ignoring it is safe" },
	{ .name = "vrrp_rlimit_rttime", .fn = rt_limit,
	  .later = "halbd sets no such limit; ignoring it is safe" },
	{ .name = "vrrp_rt_priority", .fn = vrrp_rt },
	{ .name = "vrrp_rx_bufs_multiplier", .fn = rx_bufs_multiplier, .later = BUFS },
	{ .name = "vrrp_rx_bufs_policy", .fn = rx_bufs_policy, .later = BUFS },
	{ .name = "vrrp_skip_check_adv_addr", .fn = skip_check },
	{ .name = "vrrp_startup_delay", .fn = startup_delay },
	{ .name = "vrrp_strict", .fn = strict },
	{ .name = "vrrp_version", .fn = version },
	{ .name = "vrrp_vmac_garp_intvl", .fn = garp_extra_if,
	  .later = "GARPs go out of the address's own interface" },
};

const struct conf_block conf_global_block =
	CONF_BLOCK(words, NULL, NULL, "global_defs");

/* --- before and after --- */

void conf_global_init(struct conf_ctx *c)
{
	struct conf_global *g = global(c);

	g->vrrp_version = 2;
	g->lvs_sync_id = -1;
	conf_addr_text("224.0.0.18", &g->mcast_group4);
	conf_addr_text("ff02::12", &g->mcast_group6);
	c->def.garp_rep = 5;
	c->def.garp_refresh_rep = 1;
	c->def.garp_delay_us = 5 * US;
	c->def.garp_lower_prio_rep = UINT_MAX;
	c->def.garp_lower_prio_delay_us = -1;
	c->def.down_timer_adverts = 3;
}

void conf_global_complete(struct conf_ctx *c)
{
	struct conf_pos pos = { c->opt->path, 1, 1 };
	struct conf_global *g = global(c);
	char host[256] = "";

	if (c->give_up)
		return;
	if (!g->router_id && !gethostname(host, sizeof(host) - 1))
		g->router_id = conf_strdup(c, host);
	if (!g->vmac_prefix)
		g->vmac_prefix = conf_strdup(c, "vrrp");
	if (c->side_script_flags & SC_IS_SCRIPT && !g->enable_script_security)
		conf_say_at(c, K_SECURITY, &pos,
			    "scripts run at start and stop, and enable_script_security is "
			    "not set");
}

static void fifo_clear(struct conf_fifo *f)
{
	free(f->path);
	conf_script_clear(&f->script);
}

void conf_global_clear(struct conf_global *g)
{
	size_t i;

	free(g->router_id);
	free(g->script_user);
	free(g->script_group);
	free(g->lvs_sync_ifname);
	free(g->lvs_sync_instance);
	free(g->default_ifname);
	free(g->vmac_prefix);
	fifo_clear(&g->notify_fifo);
	fifo_clear(&g->vrrp_notify_fifo);
	fifo_clear(&g->lvs_notify_fifo);
	for (i = 0; i < g->nemail; i++)
		free(g->email[i]);
	free(g->email);
	free(g->email_from);
	free(g->smtp_server);
	free(g->smtp_helo);
}
