/* For tests that put addresses on lo, in a network namespace of their own. */
#ifndef VIPFIX_H
#define VIPFIX_H

#include "lvs_fixture.h"
#include "vip.h"

static inline void put_on_lo(struct vip_nl *nl, const char *text, bool on)
{
	struct conf_vip c = { .addr = fix_addr(text), .preferred_lft = UINT32_MAX };
	struct vrrp_if lo = { .name = "lo", .index = 1 };
	const struct vip v = { .conf = &c, .ifp = &lo };

	c.prefixlen = c.addr.family == AF_INET6 ? 128 : 32;
	assert_int_equal(vip_apply_one(nl, &v, on), 0);
}

#endif
