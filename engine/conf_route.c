/*
 * Routes and rules: virtual_routes, virtual_rules, static_routes, static_rules.
 * halbd does not set them; what keepalived says of the usual mistakes is said.
 */
#include <string.h>

#include "conf_build.h"

static void interface(struct conf_ctx *c, size_t i)
{
	if (i < conf_nword(c) && !conf_if_wanted(c, conf_word(c, i)))
		conf_say(c, K_INTERFACE, i, "there is no interface '%s' here",
			 conf_word(c, i));
}

void conf_route_line(struct conf_ctx *c)
{
	bool tracked = true, has_if = false;
	size_t i;

	for (i = 0; i < conf_nword(c); i++) {
		if (conf_is(c, i, "dev") || conf_is(c, i, "oif")) {
			has_if = true;
			interface(c, ++i);
		} else if (conf_is(c, i, "no_track") || conf_is(c, i, "track_group")) {
			tracked = false;
		} else if (conf_is(c, i, "gw") || conf_is(c, i, "or")) {
			conf_say(c, K_DEPRECATED, i, "'%s' is now '%s'", conf_word(c, i),
				 conf_is(c, i, "gw") ? "via" : "nexthop");
		}
	}
	if (tracked && !has_if)
		conf_say(c, K_VALUE, 0, "a route without dev cannot be tracked; write no_track");
}

void conf_rule_line(struct conf_ctx *c)
{
	bool preference = false;
	size_t i;

	for (i = 0; i < conf_nword(c); i++) {
		preference |= conf_is(c, i, "preference") || conf_is(c, i, "order") ||
			      conf_is(c, i, "priority");
		if (conf_is(c, i, "iif") || conf_is(c, i, "oif") || conf_is(c, i, "dev"))
			interface(c, ++i);
	}
	if (!preference)
		conf_say(c, K_VALUE, 0, "a rule without preference gets one by chance");
}
