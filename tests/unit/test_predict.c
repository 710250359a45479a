/* The failover window and the oddities, from the configuration alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "lint.h"
#include "predict.h"

#define MS NS_PER_MS
#define S  NS_PER_S

/* The lab's pair, as keepalived takes its files. */
static struct conf_vip vip[2];
static struct vrrp_conf vrrp[2];
static struct checker_conf checker;
static struct lvs_real_conf real[2];
static struct lvs_service_conf service[2];
static struct conf conf[2];
static struct director site[2];
static struct findings f;

static struct conf_addr addr(const char *text)
{
	struct conf_addr a = { .family = AF_INET };

	assert_int_equal(inet_pton(AF_INET, text, &a.v4), 1);
	return a;
}

static int setup(void **state)
{
	static const char *const names[] = { "lvs1", "lvs2" };
	static const char *const paths[] = { "lvs1.conf", "lvs2.conf" };
	int i;

	(void)state;
	checker = (struct checker_conf){ .type = CHECK_TCP,
					 .connect_timeout_ns = 3 * S,
					 .delay_loop_ns = 3 * S,
					 .delay_before_retry_ns = 4 * S,
					 .retry = 1 };
	real[0] = (struct lvs_real_conf){ .addr = addr("192.168.31.113"), .port = 80,
					  .weight = 1, .checker = &checker, .nchecker = 1,
					  .line = 26 };
	real[1] = real[0];
	real[1].addr = addr("192.168.31.150");
	for (i = 0; i < 2; i++) {
		vip[i] = (struct conf_vip){ .addr = addr("192.168.31.200"),
					    .prefixlen = 32 };
		vrrp[i] = (struct vrrp_conf){ .name = (char *)"VI_1", .family = AF_INET,
					      .ifname = (char *)"enp0s3",
					      .version = 2, .vrid = 51,
					      .start_master = i == 0,
					      .priority = 101 - i, .advert_ns = S,
					      .vip = &vip[i], .nvip = 1,
					      .down_timer_adverts = 3, .line = 5 };
		service[i] = (struct lvs_service_conf){ .addr = addr("192.168.31.200"),
							.port = 80,
							.protocol = IPPROTO_TCP,
							.scheduler = (char *)"rr",
							.real = real, .nreal = 2,
							.line = 20 };
		conf[i] = (struct conf){ .vrrp = &vrrp[i], .nvrrp = 1,
					 .service = &service[i], .nservice = 1 };
		site[i] = (struct director){ .name = names[i], .path = paths[i],
					     .conf = &conf[i] };
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	findings_finish(&f);
	return 0;
}

static bool found(const char *file, const char *words)
{
	size_t i;

	for (i = 0; i < f.n; i++)
		if ((!file || !strcmp(f.v[i].file, file)) && strstr(f.v[i].text, words))
			return true;
	return false;
}

static void lint(void)
{
	findings_finish(&f);
	assert_int_equal(lint_site(&f, site, 2, NULL), 0);
}

static void predict__the_labs_figures(void **state)
{
	struct span_range r = predict_crash(&vrrp[1]);

	(void)state;
	assert_int_equal(r.lo_ns, 2609375000);
	assert_int_equal(r.hi_ns, 3609375000);
	assert_int_equal(predict_stop(&vrrp[1]), 609375000);
	assert_int_equal(predict_return(&vrrp[0]), 3605468750);
	r = predict_removal(&checker, false);
	assert_int_equal(r.lo_ns, 4 * S);
	assert_int_equal(r.hi_ns, 7 * S);
	r = predict_removal(&checker, true);
	assert_int_equal(r.lo_ns, 10 * S);
	assert_int_equal(r.hi_ns, 13 * S);
	checker.retry = 3; /* what the author meant by nb_get_retry */
	r = predict_removal(&checker, false);
	assert_int_equal(r.lo_ns, 12 * S);
	assert_int_equal(r.hi_ns, 15 * S);
	r = predict_removal(&checker, true);
	assert_int_equal(r.lo_ns, 24 * S);
	assert_int_equal(r.hi_ns, 27 * S);
}

static void predict__version_3_at_a_tenth(void **state)
{
	struct span_range r;

	(void)state;
	vrrp[1].version = 3;
	vrrp[1].advert_ns = 100 * MS;
	r = predict_crash(&vrrp[1]);
	assert_int_equal(r.hi_ns, 360937500);
}

static void predict__nobody_comes_back_with_nopreempt(void **state)
{
	(void)state;
	vrrp[0].start_master = false;
	assert_int_equal(predict_return(&vrrp[0]), 3 * S + 605468750);
	vrrp[0].nopreempt = true;
	assert_int_equal(predict_return(&vrrp[0]), -1);
}

static void predict__pairs_by_priority_then_address(void **state)
{
	struct vrrp_pair p[4];

	(void)state;
	assert_int_equal(predict_pairs(site, 2, p, 4), 1);
	assert_ptr_equal(p[0].master_at, &site[0]);
	assert_ptr_equal(p[0].backup_at, &site[1]);
	vrrp[0].priority = 100;
	site[0].ip = "192.168.31.9";
	site[1].ip = "192.168.31.51"; /* higher, though not as text */
	assert_int_equal(predict_pairs(site, 2, p, 4), 1);
	assert_ptr_equal(p[0].master_at, &site[1]);
	vrrp[1].vrid = 52;
	assert_int_equal(predict_pairs(site, 2, p, 4), 2);
	assert_null(p[0].backup);
}

/* Three in the order of the files 101, 100, and one between or beside them. */
static void predict__later_takeovers(void **state)
{
	struct vrrp_conf third = vrrp[1];
	struct conf its = { .vrrp = &third, .nvrrp = 1 };
	struct director d[3] = { { .name = "lvs3", .conf = &its }, site[0], site[1] };
	struct vrrp_pair p;

	(void)state;
	third.priority = 99;
	assert_int_equal(predict_pairs(d, 3, &p, 1), 1);
	assert_ptr_equal(p.backup_at, &d[2]);
	assert_true(predict_next(d, 3, &p, &p));
	assert_int_equal(p.vrid, 51);
	assert_ptr_equal(p.master_at, &d[2]);
	assert_ptr_equal(p.backup_at, &d[0]);
	assert_int_equal(predict_crash(p.backup).hi_ns, 3 * S + 157 * S / 256);
	assert_true(predict_next(d, 3, &p, &p));
	assert_ptr_equal(p.master, &third);
	assert_null(p.backup);
	assert_false(predict_next(d, 3, &p, &p));
	assert_ptr_equal(p.master, &third);

	/* Equal priorities, no address known: each once, the first file's first. */
	vrrp[0].priority = third.priority = 100;
	assert_int_equal(predict_pairs(d, 3, &p, 1), 1);
	assert_ptr_equal(p.master_at, &d[0]);
	assert_true(predict_next(d, 3, &p, &p));
	assert_ptr_equal(p.master_at, &d[1]);
	assert_ptr_equal(p.backup_at, &d[2]);
	d[2].ip = "192.168.31.9";
	d[1].ip = "192.168.31.51";
	d[0].ip = "192.168.31.10";
	assert_int_equal(predict_pairs(d, 3, &p, 1), 1);
	assert_ptr_equal(p.master_at, &d[1]);
	assert_true(predict_next(d, 3, &p, &p));
	assert_ptr_equal(p.backup_at, &d[2]);

	/* Another virtual router's is not in the line. */
	vrrp[1].vrid = 52;
	assert_int_equal(predict_pairs(d, 2, &p, 1), 1);
	assert_true(predict_next(d, 3, &p, &p));
	assert_null(p.backup);
}

static void lint__says_what_the_lab_lacks(void **state)
{
	(void)state;
	lint();
	assert_true(found("lvs1.conf", "VI_1 is not authenticated"));
	assert_true(found("lvs1.conf", "TCP 192.168.31.200:80 is not persistent"));
	assert_true(found("lvs2.conf", "192.168.31.150:80: one retry"));
	assert_false(found(NULL, "both become master"));
	assert_false(found(NULL, "UDP"));
}

static void lint__mismatches_that_make_two_masters(void **state)
{
	(void)state;
	vrrp[1].vrid = 52;
	lint();
	assert_true(found("lvs2.conf", "virtual_router_id 52 here and 51 on lvs1"));
	vrrp[1].vrid = 51;
	vrrp[1].advert_ns = 2 * S;
	lint();
	assert_true(found("lvs2.conf", "advert_int is 1 s on lvs1 and 2 s on lvs2"));
	vrrp[1].advert_ns = S;
	vrrp[1].auth = VRRP_AUTH_PASS;
	lint();
	assert_true(found("lvs2.conf", "authentication is none on lvs1 and PASS on lvs2"));
	vrrp[0].auth = VRRP_AUTH_PASS;
	memcpy(vrrp[0].auth_data, "1234", 4);
	lint();
	assert_true(found("lvs2.conf", "the passwords of lvs1 and lvs2 differ"));
	vrrp[0].auth = vrrp[1].auth = VRRP_AUTH_NONE;
	vip[1].addr = addr("192.168.31.201");
	lint();
	assert_true(found("lvs2.conf", "192.168.31.200 is among the addresses of lvs1"));
	vip[1].addr = vip[0].addr;
	vrrp[1].version = 3;
	lint();
	assert_true(found("lvs2.conf", "speaks version 2 on lvs1 and 3 on lvs2"));
}

static void lint__roles(void **state)
{
	(void)state;
	vrrp[1].priority = 101;
	lint();
	assert_true(found("lvs2.conf", "has priority 101 on both lvs1 and lvs2"));
	vrrp[1].priority = 100;
	vrrp[1].start_master = true;
	lint();
	assert_true(found("lvs2.conf", "is `state MASTER` on both"));
	vrrp[1].start_master = false;
	vrrp[0].nopreempt = true;
	lint();
	assert_true(found("lvs1.conf", "nopreempt does nothing with `state MASTER`"));
}

static void lint__services(void **state)
{
	(void)state;
	service[1].protocol = IPPROTO_UDP;
	lint();
	assert_true(found("lvs2.conf", "UDP 192.168.31.200:80 is a UDP service"));
	assert_true(found("lvs1.conf", "is on lvs1 but not on lvs2"));
	service[1].protocol = IPPROTO_TCP;
	service[1].nreal = 1;
	lint();
	assert_true(found("lvs2.conf", "192.168.31.150:80 is a real server on lvs1, not on "
				       "lvs2"));
	service[1].nreal = 2;
	service[1].forward = LVS_NAT;
	lint();
	assert_true(found("lvs2.conf", "is forwarded by DR on lvs1 and NAT on lvs2"));
	service[1].forward = LVS_DR;
	service[1].addr = addr("192.168.31.210");
	lint();
	assert_true(found("lvs2.conf", "no instance has this address"));
	service[1].addr = service[0].addr;
	service[1].scheduler = (char *)"wlc";
	service[1].persistence_s = 60;
	lint();
	assert_true(found("lvs2.conf", "the scheduler is rr on lvs1 and wlc on lvs2"));
	assert_true(found("lvs2.conf", "persistence_timeout is 0 s on lvs1 and 60 s on lvs2"));
	real[0].nchecker = 0;
	lint();
	assert_true(found("lvs1.conf", "192.168.31.113:80 has no health check"));
}

/* The second director has a real server of its own with the same address. */
static void lint__real_servers_of_two(void **state)
{
	struct checker_conf other = checker;
	struct lvs_real_conf its[2] = { real[0], real[1] };

	(void)state;
	service[1].real = its;
	its[0].checker = &other;
	lint();
	assert_false(found(NULL, "in another way"));
	assert_false(found(NULL, "has weight"));
	its[1].weight = 5;
	lint();
	assert_true(found("lvs2.conf", "192.168.31.150:80 has weight 1 on lvs1 and 5 on lvs2"));
	other.retry = 3;
	lint();
	assert_true(found("lvs2.conf", "192.168.31.113:80 is checked in another way on lvs2 than "
				       "on lvs1 (retry)"));
	other = checker;
	other.type = CHECK_HTTP;
	lint();
	assert_true(found("lvs2.conf", "than on lvs1 (HTTP_GET)"));
	its[0].nchecker = 0;
	lint();
	assert_true(found("lvs2.conf", "than on lvs1 (the number of checkers)"));
}

static void lint__who_hears_whom(void **state)
{
	struct conf_addr peer[2] = { addr("192.168.31.51"), addr("192.168.31.54") };

	(void)state;
	vrrp[1].ifname = (char *)"eth0";
	lint();
	assert_true(found("lvs2.conf", "VRID 51 is on enp0s3 on lvs1 and on eth0 on lvs2"));
	vrrp[1].peer = &peer[1];
	vrrp[1].npeer = 1;
	lint();
	assert_true(found("lvs2.conf", "lvs2 sends to unicast peers, lvs1 by multicast"));
	vrrp[0].peer = &peer[0];
	vrrp[0].npeer = 1;
	vrrp[0].unicast_src = addr("192.168.31.54");
	vrrp[1].unicast_src = addr("192.168.31.51");
	lint();
	assert_false(found(NULL, "unicast peers"));
	vrrp[1].unicast_src = addr("192.168.31.52");
	lint();
	assert_true(found("lvs2.conf", "lvs2 (192.168.31.52) is not among the unicast peers of "
				       "lvs1"));
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(predict__the_labs_figures),
		T(predict__version_3_at_a_tenth),
		T(predict__nobody_comes_back_with_nopreempt),
		T(predict__pairs_by_priority_then_address),
		T(predict__later_takeovers),
		T(lint__says_what_the_lab_lacks),
		T(lint__mismatches_that_make_two_masters),
		T(lint__roles),
		T(lint__services),
		T(lint__real_servers_of_two),
		T(lint__who_hears_whom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
