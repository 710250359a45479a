/* Settled: from events alone, with a clock that the test turns. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "conf.h"
#include "settle.h"
#include "siteconf.h"

#define MS NS_PER_MS

static char lan[] = "lan", eth[] = "eth0", vi[] = "VI_1", lvs1[] = "lvs1", lvs2[] = "lvs2";

/* Two directors, one instance with one address, one service with one server. */
struct fixture {
	struct topo_link link;
	struct topo_if ifs[2];
	struct topo_node node[2];
	struct topology topo;
	struct conf_vip vip;
	struct vrrp_conf vrrp[2];
	struct checker_conf checker;
	struct lvs_real_conf real;
	struct lvs_service_conf service;
	struct conf conf[2];
	struct siteconf_node dir[2];
	struct siteconf siteconf;
	struct case_ c;
	struct settle *s;
	char missing[512];
};

static struct conf_addr v4(const char *text)
{
	struct conf_addr a = { .family = AF_INET };

	assert_int_equal(inet_pton(AF_INET, text, &a.v4), 1);
	return a;
}

static void set_up(struct fixture *x)
{
	char *names[] = { lvs1, lvs2 };
	int i;

	memset(x, 0, sizeof(*x));
	x->link.name = lan;
	x->vip.addr = v4("192.168.31.200");
	x->checker.type = CHECK_TCP;
	x->real = (struct lvs_real_conf){ .addr = v4("192.168.31.113"), .port = 80,
					  .checker = &x->checker, .nchecker = 1 };
	x->service = (struct lvs_service_conf){ .addr = x->vip.addr, .port = 80,
						.protocol = IPPROTO_TCP,
						.real = &x->real, .nreal = 1 };
	for (i = 0; i < 2; i++) {
		x->ifs[i] = (struct topo_if){ .name = eth, .link = &x->link };
		x->node[i] = (struct topo_node){ .name = names[i], .role = ROLE_DIRECTOR,
						 .ifs = &x->ifs[i], .nif = 1 };
		x->vrrp[i] = (struct vrrp_conf){ .name = vi, .ifname = eth,
						 .family = AF_INET, .vrid = 51,
						 .vip = &x->vip, .nvip = 1 };
		x->conf[i] = (struct conf){ .vrrp = &x->vrrp[i], .nvrrp = 1,
					    .service = &x->service, .nservice = 1 };
		x->dir[i] = (struct siteconf_node){ .node = &x->node[i],
						    .conf = &x->conf[i] };
	}
	x->topo = (struct topology){ .node = x->node, .nnode = 2 };
	x->siteconf = (struct siteconf){ x->dir, 2 };
	x->c.topo = &x->topo;
	x->c.siteconf = &x->siteconf;
	x->s = settle_new(&x->c);
	assert_non_null(x->s);
}

static void advert(struct fixture *x, const char *node, int priority, int64_t t)
{
	struct event e = { .t = t, .type = EV_VRRP, .node = node };

	e.vrrp.link = lan;
	e.vrrp.src = "192.168.31.54";
	e.vrrp.vrid = 51;
	e.vrrp.priority = priority;
	e.vrrp.interval = NS_PER_S;
	settle_event(x->s, &e);
}

static void address(struct fixture *x, const char *node, bool added, int64_t t)
{
	struct event e = { .t = t, .type = EV_ADDR, .node = node };

	e.addr.addr = "192.168.31.200/32";
	e.addr.added = added;
	settle_event(x->s, &e);
}

static void table(struct fixture *x, const char *node, const char *dest, enum ipvs_op op,
		  int64_t t)
{
	struct event e = { .t = t, .type = EV_IPVS, .node = node };

	e.ipvs.what = dest ? IPVS_DEST : IPVS_SERVICE;
	e.ipvs.op = op;
	e.ipvs.service = "TCP 192.168.31.200:80";
	e.ipvs.dest = dest;
	settle_event(x->s, &e);
}

static void answer(struct fixture *x, const char *node, const char *from, bool refused)
{
	struct wire_answer a = { .family = AF_INET, .port = 80, .refused = refused };

	assert_int_equal(inet_pton(AF_INET, from, &a.src.v4), 1);
	settle_answer(x->s, node, &a);
}

static bool done(struct fixture *x, int64_t t)
{
	return settle_done(x->s, t, x->missing, sizeof(x->missing));
}

/* All that it takes, from t = 0 on; settled at 1200 ms. */
static void everything(struct fixture *x)
{
	const char *node[] = { lvs1, lvs2 };
	int i;

	for (i = 0; i < 2; i++) {
		table(x, node[i], NULL, IPVS_ADDED, 0);
		table(x, node[i], "192.168.31.113:80", IPVS_ADDED, 0);
		answer(x, node[i], "192.168.31.113", false);
	}
	advert(x, lvs1, 101, 100 * MS);
	address(x, lvs1, true, 101 * MS);
	advert(x, lvs1, 101, 1100 * MS);
}

static void settle__takes_everything(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x);
	assert_false(settle_has_master(x.s));
	everything(&x);
	assert_true(settle_has_master(x.s));
	assert_false(done(&x, 1099 * MS)); /* master for less than an interval */
	assert_true(done(&x, 1200 * MS));
	assert_string_equal(x.missing, "");
	settle_free(x.s);
}

static void settle__wants_adverts_that_go_on(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x);
	everything(&x);
	assert_true(done(&x, 2500 * MS));
	assert_false(done(&x, 2700 * MS));
	assert_non_null(strstr(x.missing, "no master of VI_1"));
	settle_free(x.s);
}

static void settle__wants_one_master_alone(void **state)
{
	struct fixture x;
	int64_t t;

	(void)state;
	set_up(&x);
	everything(&x);
	for (t = 1300 * MS; t < 5000 * MS; t += 500 * MS) {
		advert(&x, lvs2, 100, t);
		advert(&x, lvs1, 101, t + 250 * MS);
		assert_false(done(&x, t + 300 * MS));
	}
	settle_free(x.s);
}

static void settle__forgets_a_master_that_says_goodbye(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x);
	everything(&x);
	advert(&x, lvs1, 0, 1150 * MS);
	assert_false(done(&x, 1200 * MS));
	assert_false(settle_has_master(x.s));
	settle_free(x.s);
}

static void settle__wants_the_address_on_the_master_alone(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x);
	everything(&x);
	address(&x, lvs2, true, 1150 * MS);
	assert_false(done(&x, 1200 * MS));
	assert_non_null(strstr(x.missing, "lvs2 still has 192.168.31.200"));
	address(&x, lvs2, false, 1160 * MS);
	assert_true(done(&x, 1200 * MS));
	address(&x, lvs1, false, 1170 * MS);
	assert_false(done(&x, 1200 * MS));
	assert_non_null(strstr(x.missing, "lvs1 has not got 192.168.31.200"));
	settle_free(x.s);
}

static void settle__wants_every_director_to_have_its_answers(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x);
	table(&x, lvs1, NULL, IPVS_ADDED, 0);
	table(&x, lvs2, NULL, IPVS_ADDED, 0);
	answer(&x, lvs1, "192.168.31.113", true); /* refused: an answer, no entry */
	answer(&x, lvs2, "192.168.31.150", true); /* somebody else's */
	advert(&x, lvs1, 101, 100 * MS);
	address(&x, lvs1, true, 101 * MS);
	advert(&x, lvs1, 101, 1100 * MS);
	assert_false(done(&x, 1200 * MS));
	assert_string_equal(x.missing,
			    "lvs2 has had no answer from 192.168.31.113:80 to a check");
	x.c.settle_without_checks = true;
	assert_true(done(&x, 1200 * MS));
	settle_free(x.s);
}

static void settle__wants_tables_that_are_complete_and_quiet(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x);
	everything(&x);
	table(&x, lvs2, "192.168.31.113:80", IPVS_REMOVED, 1150 * MS);
	assert_false(done(&x, 1400 * MS));
	assert_non_null(strstr(x.missing, "lvs2 has no IPVS entry for TCP 192.168.31.200:80 "
					  "at 192.168.31.113:80"));
	table(&x, lvs2, "192.168.31.113:80", IPVS_ADDED, 1250 * MS);
	assert_false(done(&x, 1400 * MS));
	assert_non_null(strstr(x.missing, "has just changed"));
	assert_true(done(&x, 1450 * MS));
	settle_free(x.s);
}

static void settle__says_as_much_as_fits(void **state)
{
	struct fixture x;
	char small[10];

	(void)state;
	set_up(&x);
	assert_false(settle_done(x.s, 0, small, sizeof(small)));
	assert_int_equal(strlen(small), sizeof(small) - 1);
	assert_false(settle_done(x.s, 0, NULL, 0));
	settle_free(x.s);
}

/* A site of hundreds lacks everything at first. */
static void settle__says_how_many_more(void **state)
{
	struct lvs_real_conf many[20];
	struct fixture x;
	size_t i;

	(void)state;
	set_up(&x);
	settle_free(x.s);
	for (i = 0; i < 20; i++) {
		many[i] = x.real;
		many[i].port = 1000 + (int)i;
	}
	x.service.real = many;
	x.service.nreal = 20;
	x.s = settle_new(&x.c);
	assert_false(done(&x, 0));
	/* A master, 20 answers and a service of each director, quiet tables: six are said. */
	assert_non_null(strstr(x.missing, "lvs1 has had no answer from 192.168.31.113:1000"));
	assert_null(strstr(x.missing, "113:1010"));
	assert_string_equal(strrchr(x.missing, ';'), "; and 38 more");
	settle_free(x.s);
}

static void settle__knows_an_interface_that_is_not_there(void **state)
{
	static char other[] = "enp0s3";
	struct fixture x;

	(void)state;
	set_up(&x);
	settle_free(x.s);
	x.vrrp[0].ifname = x.vrrp[1].ifname = other;
	x.s = settle_new(&x.c);
	everything(&x);
	assert_false(done(&x, 1200 * MS));
	assert_non_null(strstr(x.missing, "VI_1 is on an interface"));
	settle_free(x.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settle__takes_everything),
		cmocka_unit_test(settle__wants_adverts_that_go_on),
		cmocka_unit_test(settle__wants_one_master_alone),
		cmocka_unit_test(settle__forgets_a_master_that_says_goodbye),
		cmocka_unit_test(settle__wants_the_address_on_the_master_alone),
		cmocka_unit_test(settle__wants_every_director_to_have_its_answers),
		cmocka_unit_test(settle__wants_tables_that_are_complete_and_quiet),
		cmocka_unit_test(settle__says_as_much_as_fits),
		cmocka_unit_test(settle__says_how_many_more),
		cmocka_unit_test(settle__knows_an_interface_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
