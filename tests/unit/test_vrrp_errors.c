/*
 * Every allocation, socket, option and netlink request of VRRP's that can fail does
 * so once: what was asked for is refused in an orderly way, or goes on without, and
 * nothing is left behind (the sanitized build looks for leaks).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cmocka.h>

#include "clock.h"
#include "inject.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "netnsfix.h"
#include "nl.h"
#include "nlbatch.h"
#include "vip.h"
#include "vip_drop.h"
#include "vmac.h"
#include "vrrp_garp.h"
#include "vrrp_if.h"
#include "vrrp_inst.h"
#include "vrrp_sock.h"

static void nothing_received(void *user, const struct vrrp_rx *rx, void *arg)
{
	(void)user;
	(void)rx;
	(void)arg;
}

static int sockets(void *arg)
{
	struct vrrp_if lo = { .name = "lo", .index = 1 };
	struct loop *l = loop_new();
	struct vrrp_socks *p = l ? vrrp_socks_new(l, nothing_received, NULL) : NULL;
	struct vrrp_sock *four = NULL, *six = NULL;
	int r = -ENOMEM;

	(void)arg;
	if (!p)
		goto out;
	four = vrrp_sock_get(p, &lo, vrrp_multicast(AF_INET), 0, 51, &lo);
	six = four ? vrrp_sock_get(p, &lo, vrrp_multicast(AF_INET6), 0, 51, &lo) : NULL;
	r = six ? 0 : -errno;
	vrrp_sock_put(p, six, 51, &lo);
	vrrp_sock_put(p, four, 51, &lo);
out:
	vrrp_socks_free(p);
	loop_free(l);
	return r;
}

static void vrrp_errors__sockets(void **state)
{
	(void)state;
	need_netns();
	inject_all(sockets, NULL, 20);
}

static int interfaces(void *arg)
{
	const struct vrrp_if_ops none = { 0 };
	struct loop *l = loop_new();
	struct vrrp_ifs *t = l ? vrrp_ifs_new(l, &none) : NULL;
	struct vrrp_if *i;
	int r = -ENOMEM;

	(void)arg;
	if (t) {
		i = vrrp_if_get(t, "lo");
		r = i ? vrrp_ifs_read(t) : -ENOMEM;
		if (!r)
			assert_int_equal(i->index, 1);
	}
	vrrp_ifs_free(t);
	loop_free(l);
	return r;
}

static void vrrp_errors__interfaces(void **state)
{
	(void)state;
	need_netns();
	inject_all(interfaces, NULL, 8);
}

static int addresses(void *arg)
{
	struct conf_vip vip[2] = {
		{ .addr.family = AF_INET, .prefixlen = 32, .preferred_lft = UINT32_MAX },
		{ .addr.family = AF_INET6, .prefixlen = 128, .preferred_lft = UINT32_MAX },
	};
	const struct vrrp_conf c = { .name = (char[]){ "A" }, .ifname = (char[]){ "lo" },
				     .vip = vip, .nvip = 2 };
	struct vrrp_if lo = { .name = "lo", .index = 1 };
	struct loop *l = loop_new();
	struct vip_nl *nl = l ? vip_nl_new(l) : NULL;
	struct vrrp_garp *g = l ? vrrp_garp_new(l) : NULL;
	struct vips s = { 0 };
	int r = -ENOMEM;

	(void)arg;
	inet_pton(AF_INET, "10.9.0.200", &vip[0].addr.v4);
	inet_pton(AF_INET6, "2001:db8::1", &vip[1].addr.v6);
	if (nl && g)
		r = vips_init(&s, &c, &lo, NULL);
	if (!r)
		r = vips_apply(nl, &s, true);
	if (!r)
		r = vip_apply_one(nl, &s.v[0], false);
	vips_finish(&s);
	vrrp_garp_free(g);
	vip_nl_free(nl);
	loop_free(l);
	return r;
}

static void vrrp_errors__addresses(void **state)
{
	(void)state;
	need_netns();
	inject_all(addresses, NULL, 10);
}

static int filters(void *arg)
{
	struct conf_addr a = { .family = AF_INET };
	struct vip_drop *d = vip_drop_new();
	int r = d ? 0 : -errno;

	(void)arg;
	inet_pton(AF_INET, "10.9.0.200", &a.v4);
	if (d)
		r = vip_drop_set(d, &a, true);
	if (!r)
		r = vip_drop_set(d, &a, false);
	vip_drop_free(d);
	return r;
}

static void vrrp_errors__filters(void **state)
{
	(void)state;
	need_netns();
	if (filters(NULL) < 0) {
		print_message("skipped: this kernel has no nf_tables\n");
		skip();
	}
	inject_all(filters, NULL, 20);
}

/* --- what belongs to others --- */

static int add_bridge(const char *name)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	struct nl_batch_item bad;
	struct nl_batch b = { 0 };
	int r;

	assert_non_null(sk);
	nl_batch_init(&b, sk);
	link_add_bridge(&b, name, 77, mac);
	r = nl_batch_commit(&b, &bad);
	nl_batch_finish(&b);
	nl_socket_free(sk);
	return r;
}

/* An instance on a VMAC: when that cannot be made, its base stays what it is. */
static int vmac(void *arg)
{
	const struct vrrp_if_ops none = { 0 };
	struct conf_vip vip = { .addr.family = AF_INET, .prefixlen = 32 };
	const struct vrrp_conf c = { .name = (char[]){ "A" }, .ifname = (char[]){ "base" },
				     .vip = &vip, .nvip = 1, .family = AF_INET, .vrid = 51,
				     .version = 2, .use_vmac = true };
	const struct vrrp_ops ops = { 0 };
	const struct conf all = { 0 };
	struct vrrp_inst i = { 0 };
	struct vrrp_env env = { .ops = &ops };
	int r = -ENOMEM;

	(void)arg;
	env.loop = loop_new();
	env.ifs = env.loop ? vrrp_ifs_new(env.loop, &none) : NULL;
	if (env.ifs) {
		r = vrrp_inst_init(&i, &c, &all, &env);
		if (!r)
			assert_int_not_equal(if_nametoindex("vrrp.51"), 0);
		vrrp_inst_finish(&i);
	}
	vrrp_ifs_free(env.ifs);
	loop_free(env.loop);
	if (!if_nametoindex("base"))
		fail_msg("the base is gone after %s", inject_what());
	return r;
}

static void vrrp_errors__vmac(void **state)
{
	(void)state;
	need_netns();
	if (add_bridge("base") < 0) {
		print_message("skipped: no bridges here\n");
		skip();
	}
	if (vmac(NULL) < 0) {
		print_message("skipped: this kernel has no macvlan\n");
		skip();
	}
	inject_all(vmac, NULL, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vrrp_errors__sockets),
		cmocka_unit_test(vrrp_errors__interfaces),
		cmocka_unit_test(vrrp_errors__addresses),
		cmocka_unit_test(vrrp_errors__filters),
		cmocka_unit_test(vrrp_errors__vmac),
	};

	return cmocka_run_group_tests(tests, netns_setup, NULL);
}
