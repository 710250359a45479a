/* Sync daemons and timeouts: which commands, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "log.h"
#include "lvs_sync.h"

struct bench {
	struct ipvs v;
	struct conf_global g, g2;
	struct lvs_sync s;
};

static char eth0[] = "eth0", eth1[] = "eth1", vi_1[] = "VI_1";

static int setup(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	if (ipvs_fake_open(&b.v) < 0)
		return -1;
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	ipvs_close(&((struct bench *)*state)->v);
	return 0;
}

static void start(struct bench *b)
{
	lvs_sync_init(&b->s, &b->v, &b->g);
	lvs_sync_start(&b->s);
}

static void expect(struct bench *b, const char *commands)
{
	assert_string_equal(ipvs_fake_log(&b->v), commands);
	ipvs_fake_clear(&b->v);
}

static void lvs_sync__nothing_asked_nothing_done(void **state)
{
	struct bench *b = *state;

	start(b);
	lvs_sync_instance(&b->s, "VI_1", true);
	lvs_sync_stop(&b->s);
	expect(b, "");
}

static void lvs_sync__unbound_runs_both(void **state)
{
	struct bench *b = *state;

	b->g.lvs_sync_ifname = eth0;
	b->g.lvs_sync_id = 7;
	start(b);
	expect(b, "STOP_DAEMON master id 0\nSTOP_DAEMON backup id 0\n"
		  "START_DAEMON master id 7 on eth0\nSTART_DAEMON backup id 7 on eth0\n");
	lvs_sync_instance(&b->s, "VI_1", true);
	expect(b, "");
	lvs_sync_stop(&b->s);
	lvs_sync_stop(&b->s);
	expect(b, "STOP_DAEMON master id 0\nSTOP_DAEMON backup id 0\n");
}

static void lvs_sync__bound_follows_the_instance(void **state)
{
	struct bench *b = *state;

	b->g.lvs_sync_ifname = eth0;
	b->g.lvs_sync_instance = vi_1;
	b->g.lvs_sync_id = 51;
	start(b);
	expect(b, "STOP_DAEMON master id 0\nSTOP_DAEMON backup id 0\n"
		  "START_DAEMON backup id 51 on eth0\n");
	lvs_sync_instance(&b->s, "VI_2", true); /* another's */
	lvs_sync_instance(&b->s, "VI_1", false);
	expect(b, "");
	lvs_sync_instance(&b->s, "VI_1", true);
	expect(b, "STOP_DAEMON backup id 51\nSTART_DAEMON master id 51 on eth0\n");
	lvs_sync_instance(&b->s, "VI_1", true);
	expect(b, "");
	lvs_sync_stop(&b->s);
	expect(b, "STOP_DAEMON master id 51\n");
}

static void lvs_sync__flush_comes_last(void **state)
{
	struct bench *b = *state;

	b->g.lvs_flush = true;
	b->g.lvs_timeout_udp_s = 10;
	start(b);
	expect(b, "SET_TIMEOUTS 900 120 10\nFLUSH\n");
}

static void lvs_sync__timeouts_are_put_back(void **state)
{
	struct bench *b = *state;

	b->g.lvs_timeout_tcp_s = 60;
	start(b);
	lvs_sync_stop(&b->s);
	expect(b, "SET_TIMEOUTS 60 120 300\nSET_TIMEOUTS 900 120 300\n");
}

static void lvs_sync__reload(void **state)
{
	struct bench *b = *state;

	b->g.lvs_sync_ifname = eth0;
	b->g.lvs_timeout_tcp_s = 60;
	b->g2.lvs_sync_ifname = eth0;
	b->g2.lvs_timeout_tcp_s = 60;
	start(b);
	ipvs_fake_clear(&b->v);
	lvs_sync_reload(&b->s, &b->g2);
	expect(b, "");
	b->g.lvs_sync_ifname = eth1;
	b->g.lvs_timeout_tcp_s = 0;
	lvs_sync_reload(&b->s, &b->g);
	expect(b, "STOP_DAEMON master id 0\nSTOP_DAEMON backup id 0\n"
		  "SET_TIMEOUTS 900 120 300\n"
		  "START_DAEMON master id 0 on eth1\nSTART_DAEMON backup id 0 on eth1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(lvs_sync__nothing_asked_nothing_done),
		T(lvs_sync__unbound_runs_both),
		T(lvs_sync__bound_follows_the_instance),
		T(lvs_sync__flush_comes_last),
		T(lvs_sync__timeouts_are_put_back),
		T(lvs_sync__reload),
#undef T
	};

	log_init("test", LOG_LVL_ERR, LOG_TO_STDERR);
	return cmocka_run_group_tests_name("lvs_sync", tests, NULL, NULL);
}
