/* Limits of invented hosts beside what sites need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "block.h"
#include "host_limits.h"
#include "topology.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct host_limits roomy(void)
{
	struct host_limits h;
	size_t i;

	for (i = 0; i < NLIMITS; i++)
		h.v[i] = INT64_C(1) << 40;
	return h;
}

/* Debian's own, but for what depends on memory. */
static struct host_limits usual(void)
{
	struct host_limits h = roomy();

	h.v[LIMIT_NEIGH4] = h.v[LIMIT_NEIGH6] = 1024;
	h.v[LIMIT_NEIGH4_GC] = h.v[LIMIT_NEIGH6_GC] = 512;
	h.v[LIMIT_BACKLOG] = 1000;
	return h;
}

static struct site_needs site_of(const char *name)
{
	struct block_diag d = { .out = stderr };
	struct site_needs n;
	struct topology *t;
	char dir[64];

	snprintf(dir, sizeof(dir), "topologies/%s", name);
	t = topology_load(dir, &d);
	assert_non_null(t);
	limits_site(t, &n);
	topology_free(t);
	return n;
}

static void limits__a_small_site_fits(void **state)
{
	static const char *const small[] = { "lvs_dr",	 "lvs_nat",    "lvs_tun",
					     "lvs_nat6", "lvs_routed", "lvs_three" };
	struct host_limits h = usual();
	struct limit_finding f[NLIMITS];
	size_t i;

	(void)state;
	for (i = 0; i < N(small); i++) {
		struct site_needs n = site_of(small[i]);

		assert_int_equal(limits_compare(&n, &h, f), 0);
	}
}

/* lvs1, lvs2, web1, web2 and a client on one switch. */
static void limits__counts_each_side_of_a_pair(void **state)
{
	struct site_needs n = site_of("lvs_dr");

	(void)state;
	assert_int_equal(n.least[LIMIT_NEIGH4], 2 * 2 * 2 + 2 * 1);
	assert_int_equal(n.most[LIMIT_NEIGH4], 2 * 2 * (2 + 1) + 2 * 2 * 1);
	assert_int_equal(n.most[LIMIT_NEIGH6], 0);
	assert_int_equal(n.most[LIMIT_BACKLOG], 2 * 5);
	assert_int_equal(n.least[LIMIT_NET_NS], 5 + 2);
	n = site_of("lvs_dr6");
	assert_int_equal(n.most[LIMIT_NEIGH6], 2 * 2 * (2 + 1) + 2 * 2 * 1);
}

static void limits__a_thousand_nodes_overflow_usual_tables(void **state)
{
	struct host_limits h = usual();
	struct limit_finding f[NLIMITS];
	struct site_needs n;
	char text[LIMIT_TEXT], cmd[LIMIT_TEXT];

	(void)state;
	limits_lan(1000, &n);
	assert_int_equal(limits_compare(&n, &h, f), 3);
	assert_int_equal(f[0].limit, LIMIT_NEIGH4);
	assert_true(f[0].fatal); /* 2 × 2 × 499 + 2 × 499 at the least */
	assert_int_equal(f[0].needs, 2 * 2 * 998 + 2 * 499 * 499);
	assert_int_equal(f[0].has, 1024);
	assert_int_equal(f[1].limit, LIMIT_NEIGH4_GC);
	assert_false(f[1].fatal);
	assert_int_equal(f[2].limit, LIMIT_BACKLOG);
	assert_false(f[2].fatal);
	limit_text(&f[2], text, sizeof(text));
	assert_string_equal(text, "net.core.netdev_max_backlog is 1000, this site may need "
				  "2000: a broadcast (ARP, VRRP) does not reach every node");
	assert_string_equal(limit_command(&f[2], cmd, sizeof(cmd)),
			    "sysctl -w net.core.netdev_max_backlog=4096");
}

static void limits__what_would_fail_is_fatal(void **state)
{
	static const enum limit fatal[] = { LIMIT_NET_NS, LIMIT_MNT_NS, LIMIT_PID_NS,
					    LIMIT_UTS_NS, LIMIT_IPC_NS, LIMIT_PIDS,
					    LIMIT_THREADS };
	struct limit_finding f[NLIMITS];
	struct host_limits h;
	struct site_needs n;
	size_t i;

	(void)state;
	limits_lan(100, &n);
	for (i = 0; i < N(fatal); i++) {
		h = roomy();
		h.v[fatal[i]] = n.least[fatal[i]];
		assert_int_equal(limits_compare(&n, &h, f), 0);
		h.v[fatal[i]]--;
		assert_int_equal(limits_compare(&n, &h, f), 1);
		assert_int_equal(f[0].limit, fatal[i]);
		assert_true(f[0].fatal);
	}
}

static void limits__an_estimate_is_a_warning(void **state)
{
	static const enum limit estimates[] = { LIMIT_FILES, LIMIT_MEMORY };
	struct limit_finding f[NLIMITS];
	struct host_limits h;
	struct site_needs n;
	size_t i;

	(void)state;
	limits_lan(100, &n);
	for (i = 0; i < N(estimates); i++) {
		h = roomy();
		h.v[estimates[i]] = n.most[estimates[i]] - 1;
		assert_int_equal(limits_compare(&n, &h, f), 1);
		assert_false(f[0].fatal);
	}
}

static void limits__what_cannot_be_read_is_not_judged(void **state)
{
	struct limit_finding f[NLIMITS];
	struct host_limits h;
	struct site_needs n;
	size_t i;

	(void)state;
	limits_lan(1000, &n);
	for (i = 0; i < NLIMITS; i++)
		h.v[i] = LIMIT_UNKNOWN;
	assert_int_equal(limits_compare(&n, &h, f), 0);
}

static void limits__every_command_is_enough(void **state)
{
	struct limit_finding f[NLIMITS];
	struct host_limits h;
	struct site_needs n;
	char cmd[LIMIT_TEXT];
	size_t i, k;

	(void)state;
	limits_lan(1000, &n);
	for (i = 0; i < NLIMITS; i++)
		h.v[i] = 0;
	k = limits_compare(&n, &h, f);
	assert_int_equal(k, NLIMITS - 2); /* without IPv6 */
	for (i = 0; i < k; i++) {
		const char *last;
		long to;

		if (!limit_command(&f[i], cmd, sizeof(cmd))) {
			assert_int_equal(f[i].limit, LIMIT_MEMORY);
			continue;
		}
		last = strrchr(cmd, '=');
		if (strstr(cmd, " + "))
			last = strstr(cmd, " + ") + 2;
		assert_int_equal(sscanf(last + 1, "%ld", &to), 1);
		assert_true(to >= f[i].needs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits__a_small_site_fits),
		cmocka_unit_test(limits__counts_each_side_of_a_pair),
		cmocka_unit_test(limits__a_thousand_nodes_overflow_usual_tables),
		cmocka_unit_test(limits__what_would_fail_is_fatal),
		cmocka_unit_test(limits__an_estimate_is_a_warning),
		cmocka_unit_test(limits__what_cannot_be_read_is_not_judged),
		cmocka_unit_test(limits__every_command_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
