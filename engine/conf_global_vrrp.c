/* global_defs: what VRRP does by default. */
#include <limits.h>
#include <stdlib.h>

#include "conf_global.h"

#define US 1000000

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
	conf_take_string(c, &conf_globals(c)->default_ifname);
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

const struct conf_words conf_global_vrrp_words = CONF_WORDS(words);
