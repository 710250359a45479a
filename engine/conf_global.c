/* global_defs: who we are, and what VRRP does by default. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_global.h"

#define US 1000000

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

void conf_take_switch(struct conf_ctx *c, bool *out)
{
	int on = conf_switch(c);

	if (on >= 0)
		*out = on;
}

/* A number from lo on; what is out of range is said twice by keepalived. */
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
	take_string(c, &conf_globals(c)->router_id);
}

static void email_from(struct conf_ctx *c)
{
	take_string(c, &conf_globals(c)->email_from);
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

/* --- VRRP's defaults --- */

static void version(struct conf_ctx *c)
{
	int n;

	if (conf_int(c, 1, 2, 3, true, &n))
		conf_globals(c)->vrrp_version = n;
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
	mcast_group(c, AF_INET, &conf_globals(c)->mcast_group4);
}

static void mcast_group6(struct conf_ctx *c)
{
	mcast_group(c, AF_INET6, &conf_globals(c)->mcast_group6);
}

static void garp_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_take_uint(c, 0, UINT_MAX / US, &n))
		c->def.garp_delay_us = (int64_t)n * US;
}

/* A repeat count: 0 is taken as 1. */
static void take_repeat(struct conf_ctx *c, unsigned int *out)
{
	unsigned int n;

	if (!conf_take_uint(c, 0, UINT_MAX, &n))
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
	conf_take_uint(c, 0, UINT_MAX, &c->def.garp_refresh_s);
}

static void garp_refresh_repeat(struct conf_ctx *c)
{
	take_repeat(c, &c->def.garp_refresh_rep);
}

static void lower_prio_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_take_uint(c, 0, UINT_MAX / US, &n))
		c->def.garp_lower_prio_delay_us = (int64_t)n * US;
}

static void lower_prio_repeat(struct conf_ctx *c)
{
	conf_take_uint(c, 0, INT_MAX, &c->def.garp_lower_prio_rep);
}

static void down_timer(struct conf_ctx *c)
{
	conf_take_uint(c, 1, 100, &c->def.down_timer_adverts);
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
	take_interval(c, 1000, &conf_globals(c)->vrrp_startup_delay_ns);
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
	conf_take_switch(c, &c->def.lower_prio_no_advert);
}

static void higher_prio_send_advert(struct conf_ctx *c)
{
	conf_take_switch(c, &c->def.higher_prio_send_advert);
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
	conf_take_switch(c, &c->def.notify_priority_changes);
}

static void dynamic_interfaces(struct conf_ctx *c)
{
	c->def.dynamic_interfaces = true;
	conf_globals(c)->dynamic_interfaces = true;
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
	take_string(c, &conf_globals(c)->default_ifname);
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
	take_once(c, &conf_globals(c)->vmac_prefix);
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

static const struct conf_kw words[] = {
	{ .name = "default_interface", .fn = default_interface },
	{ .name = "dynamic_interfaces", .fn = dynamic_interfaces },
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
	{ .name = "vmac_prefix", .fn = vmac_prefix },
	{ .name = "vrrp_check_unicast_src", .fn = check_src },
	{ .name = "vrrp_down_timer_adverts", .fn = down_timer },
	{ .name = "vrrp_garp_extra_if", .fn = garp_extra_if,
	  .later = "repeat gratuitous ARPs on other interfaces that have the "
		   "addresses" },
	{ .name = "vrrp_garp_interval", .fn = garp_interval },
	{ .name = "vrrp_garp_lower_prio_delay", .fn = lower_prio_delay },
	{ .name = "vrrp_garp_lower_prio_repeat", .fn = lower_prio_repeat },
	{ .name = "vrrp_garp_master_delay", .fn = garp_delay },
	{ .name = "vrrp_garp_master_refresh", .fn = garp_refresh },
	{ .name = "vrrp_garp_master_refresh_repeat", .fn = garp_refresh_repeat },
	{ .name = "vrrp_garp_master_repeat", .fn = garp_repeat },
	{ .name = "vrrp_gna_interval", .fn = gna_interval },
	{ .name = "vrrp_higher_prio_send_advert", .fn = higher_prio_send_advert },
	{ .name = "vrrp_lower_prio_no_advert", .fn = lower_prio_no_advert },
	{ .name = "vrrp_mcast_group4", .fn = mcast_group4 },
	{ .name = "vrrp_mcast_group6", .fn = mcast_group6 },
	{ .name = "vrrp_min_garp", .fn = min_garp },
	{ .name = "vrrp_notify_priority_changes", .fn = priority_changes },
	{ .name = "vrrp_skip_check_adv_addr", .fn = skip_check },
	{ .name = "vrrp_startup_delay", .fn = startup_delay },
	{ .name = "vrrp_strict", .fn = strict },
	{ .name = "vrrp_version", .fn = version },
	{ .name = "vrrp_vmac_garp_intvl", .fn = garp_extra_if,
	  .later = "repeat gratuitous ARPs on other interfaces that have the "
		   "addresses" },
};

const struct conf_block conf_global_block = {
	.words = CONF_WORDS(words),
	.more = { &conf_global_lvs_words, &conf_global_process_words,
		  &conf_global_rest_words },
	.what = "global_defs",
};

/* --- before and after --- */

void conf_global_init(struct conf_ctx *c)
{
	struct conf_global *g = conf_globals(c);

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
