/* The words of vrrp_instance about gratuitous ARP. */
#include <limits.h>

#include "conf_vrrp_words.h"

#define US 1000000

static bool take(struct conf_ctx *c, unsigned int lo, unsigned int hi, unsigned int *n)
{
	if (conf_uint(c, 1, lo, hi, true, n))
		return true;
	conf_say(c, K_VALUE, 1, "(%s) '%s' is ignored", name(c), conf_word(c, 0));
	return false;
}

static void garp_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (take(c, 0, UINT_MAX / US, &n))
		cur(c)->v.garp_master_delay_ns = n * INT64_C(1000000000);
}

static void garp_refresh(struct conf_ctx *c)
{
	unsigned int n;

	cur(c)->v.garp_master_refresh_ns = 0;
	if (take(c, 0, UINT_MAX, &n))
		cur(c)->v.garp_master_refresh_ns = n * INT64_C(1000000000);
}

static void repeat(struct conf_ctx *c, int *out)
{
	unsigned int n;

	if (!take(c, 0, UINT_MAX, &n))
		return;
	if (!n)
		conf_say(c, K_VALUE, 1, "(%s) '%s' must be above 0; taken as 1", name(c),
			 conf_word(c, 0));
	*out = n ? n > INT_MAX ? INT_MAX : (int)n : 1;
}

static void garp_repeat(struct conf_ctx *c)
{
	repeat(c, &cur(c)->v.garp_master_rep);
}

static void garp_refresh_repeat(struct conf_ctx *c)
{
	repeat(c, &cur(c)->v.garp_master_refresh_rep);
}

static void lower_prio_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (take(c, 0, UINT_MAX / US, &n))
		cur(c)->lower_prio_delay_us = (int64_t)n * US;
}

static void lower_prio_repeat(struct conf_ctx *c)
{
	take(c, 0, INT_MAX, &cur(c)->lower_prio_rep);
}

static void garp_extra_if(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	unsigned int delay = UINT_MAX;
	size_t i;

	if (conf_is(c, 0, "vmac_garp_intvl"))
		conf_say(c, K_DEPRECATED, 0, "vmac_garp_intvl is now garp_extra_if");
	for (i = 1; i < conf_nword(c); i++) {
		if (conf_is(c, i, "all"))
			b->v.garp_extra_if_all = true;
		else if (!conf_uint(c, i, 0, 86400, true, &delay)) {
			conf_say(c, K_VALUE, i, "(%s) '%s' is ignored", name(c),
				 conf_word(c, 0));
			return;
		}
	}
	if (delay == UINT_MAX) {
		conf_say(c, K_VALUE, 1, "(%s) '%s' needs a time; ignored", name(c),
			 conf_word(c, 0));
		return;
	}
	b->v.garp_extra_if_s = (int)delay;
	b->garp_extra_set = true;
}

static const struct conf_kw words[] = {
	{ .name = "garp_extra_if", .fn = garp_extra_if,
	  .later = "repeat gratuitous ARPs on other interfaces that have the "
		   "addresses" },
	{ .name = "garp_lower_prio_delay", .fn = lower_prio_delay },
	{ .name = "garp_lower_prio_repeat", .fn = lower_prio_repeat },
	{ .name = "garp_master_delay", .fn = garp_delay },
	{ .name = "garp_master_refresh", .fn = garp_refresh },
	{ .name = "garp_master_refresh_repeat", .fn = garp_refresh_repeat },
	{ .name = "garp_master_repeat", .fn = garp_repeat },
	{ .name = "vmac_garp_intvl", .fn = garp_extra_if,
	  .later = "repeat gratuitous ARPs on other interfaces that have the "
		   "addresses" },
};

const struct conf_words conf_vrrp_garp_words = CONF_WORDS(words);
