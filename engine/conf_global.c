/* global_defs: who we are, who is told; before the file is read, and after. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf_global.h"

#define US 1000000

/* --- kinds of values --- */

void conf_take_string(struct conf_ctx *c, char **out)
{
	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "'%s' needs a name; ignored", conf_word(c, 0));
		return;
	}
	free(*out);
	*out = conf_dup(c, 1);
}

void conf_take_switch(struct conf_ctx *c, bool *out)
{
	int on = conf_switch(c);

	if (on >= 0)
		*out = on;
}

bool conf_take_uint(struct conf_ctx *c, unsigned int lo, unsigned int hi,
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
	conf_take_string(c, &conf_globals(c)->router_id);
}

static void email_from(struct conf_ctx *c)
{
	conf_take_string(c, &conf_globals(c)->email_from);
}

static void email_line(struct conf_ctx *c)
{
	struct conf_global *g = conf_globals(c);
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
	size_t before = conf_globals(c)->nemail;
	struct conf_pos pos = conf_here(c, 0);

	conf_value_block(c, email_line);
	if (conf_globals(c)->nemail == before)
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
	free(conf_globals(c)->smtp_server);
	conf_globals(c)->smtp_server = conf_dup(c, 1);
}

static void smtp_helo(struct conf_ctx *c)
{
	if (conf_nword(c) < 2)
		return;
	free(conf_globals(c)->smtp_helo);
	conf_globals(c)->smtp_helo = conf_dup(c, 1);
}

static void smtp_timeout(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_take_uint(c, 0, UINT_MAX / US, &n) && !n)
		conf_say(c, K_VALUE, 1, "'%s' must be above 0; taken as 1", conf_word(c, 0));
}

static void script_user(struct conf_ctx *c)
{
	struct conf_global *g = conf_globals(c);
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
	conf_globals(c)->enable_script_security = true;
}

static const struct conf_kw words[] = {
	{ .name = "enable_script_security", .fn = script_security },
	{ .name = "notification_email", .fn = email,
	  .later = "send mail to these addresses",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "notification_email_from", .fn = email_from },
	{ .name = "router_id", .fn = router_id },
	{ .name = "script_user", .fn = script_user },
	{ .name = "smtp_connect_timeout", .fn = smtp_timeout },
	{ .name = "smtp_helo_name", .fn = smtp_helo },
	{ .name = "smtp_server", .fn = smtp_server },
};

const struct conf_block conf_global_block = {
	.words = CONF_WORDS(words),
	.more = { &conf_global_vrrp_words, &conf_global_lvs_words,
		  &conf_global_process_words, &conf_global_rest_words },
	.what = "global_defs",
};

/* --- before and after --- */

void conf_global_init(struct conf_ctx *c)
{
	struct conf_global *g = conf_globals(c);

	g->vrrp_version = 2;
	g->min_auto_delay_ns = NS_PER_S;
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
	struct conf_global *g = conf_globals(c);
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
