/* global_defs: LVS, and the notify FIFOs. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf_global.h"

#define LVS_TIMEOUT (86400 * 31)

/* --- LVS --- */

static void lvs_timeouts(struct conf_ctx *c)
{
	struct conf_global *g = conf_globals(c);
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
	conf_globals(c)->lvs_flush = true;
}

static void lvs_flush_on_stop(struct conf_ctx *c)
{
	if (conf_nword(c) == 1)
		conf_globals(c)->lvs_flush_on_stop = true;
	else if (conf_is(c, 1, "VS"))
		conf_globals(c)->lvs_flush_on_stop_vs = true;
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
		conf_globals(c)->lvs_sync_group = addr;
}

/* Takes option i of lvs_sync_daemon; returns how many words it was. */
static size_t sync_option(struct conf_ctx *c, size_t i)
{
	struct conf_global *g = conf_globals(c);
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
	struct conf_global *g = conf_globals(c);
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
	conf_take_switch(c, &conf_globals(c)->rs_init_notifies);
}

static void log_all_failures(struct conf_ctx *c)
{
	conf_take_switch(c, &conf_globals(c)->checker_log_all_failures);
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
	fifo(c, &conf_globals(c)->notify_fifo);
}

static void notify_fifo_script(struct conf_ctx *c)
{
	fifo_script(c, &conf_globals(c)->notify_fifo);
}

static void vrrp_fifo(struct conf_ctx *c)
{
	fifo(c, &conf_globals(c)->vrrp_notify_fifo);
}

static void vrrp_fifo_script(struct conf_ctx *c)
{
	fifo_script(c, &conf_globals(c)->vrrp_notify_fifo);
}

static void lvs_fifo(struct conf_ctx *c)
{
	fifo(c, &conf_globals(c)->lvs_notify_fifo);
}

static void lvs_fifo_script(struct conf_ctx *c)
{
	fifo_script(c, &conf_globals(c)->lvs_notify_fifo);
}

static const struct conf_kw words[] = {
	{ .name = "checker_log_all_failures", .fn = log_all_failures },
	{ .name = "lvs_flush", .fn = lvs_flush },
	{ .name = "lvs_flush_on_stop", .fn = lvs_flush_on_stop },
	{ .name = "lvs_flush_onstop", .fn = lvs_flush_on_stop },
	{ .name = "lvs_notify_fifo", .fn = lvs_fifo },
	{ .name = "lvs_notify_fifo_script", .fn = lvs_fifo_script },
	{ .name = "lvs_sync_daemon", .fn = lvs_sync_daemon },
	{ .name = "lvs_timeouts", .fn = lvs_timeouts },
	{ .name = "notify_fifo", .fn = notify_fifo },
	{ .name = "notify_fifo_script", .fn = notify_fifo_script },
	{ .name = "rs_init_notifies", .fn = rs_init_notifies },
	{ .name = "vrrp_notify_fifo", .fn = vrrp_fifo },
	{ .name = "vrrp_notify_fifo_script", .fn = vrrp_fifo_script },
};

const struct conf_words conf_global_lvs_words = CONF_WORDS(words);
