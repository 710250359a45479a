/* Virtual servers against the recorder: which commands, in which order. */
#include <errno.h>
#include <linux/ip_vs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "check.h"
#include "log.h"
#include "lvs.h"
#include "lvs_fixture.h"

/* A configuration, its services, the recorder, and what the hooks heard. */
struct bench {
	struct fix f, f2; /* f2: after a reload */
	struct ipvs v;
	struct lvs *l;
	char heard[1024];
};

static void hear_real(void *arg, const struct lvs_service *s, const struct lvs_real *r,
		      bool stopping)
{
	struct bench *b = arg;
	size_t n = strlen(b->heard);

	(void)s;
	snprintf(b->heard + n, sizeof(b->heard) - n, "%s %s%s\n", lvs_real_text(r),
		 r->alive ? "UP" : "DOWN", stopping ? " stopping" : "");
}

static void hear_quorum(void *arg, const struct lvs_service *s, bool stopping)
{
	struct bench *b = arg;
	size_t n = strlen(b->heard);

	snprintf(b->heard + n, sizeof(b->heard) - n, "quorum %s%s\n",
		 s->quorum_up ? "UP" : "DOWN", stopping ? " stopping" : "");
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (!b || ipvs_fake_open(&b->v) < 0)
		return -1;
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	lvs_free(b->l);
	ipvs_close(&b->v);
	free(b);
	return 0;
}

static void start(struct bench *b)
{
	struct lvs_hooks hooks = { hear_real, hear_quorum, b };

	b->l = lvs_new(&b->f.c, &b->v, &hooks);
	assert_non_null(b->l);
	assert_int_equal(lvs_start(b->l), 0);
}

static void expect(struct bench *b, const char *commands)
{
	assert_string_equal(ipvs_fake_log(&b->v), commands);
	ipvs_fake_clear(&b->v);
}

static void heard(struct bench *b, const char *text)
{
	assert_string_equal(b->heard, text);
	b->heard[0] = '\0';
}

/* --- the lab --- */

#define NEW_LAB "NEW_SERVICE TCP 192.168.31.200:80 rr\n"
#define VS	"TCP 192.168.31.200:80 -> "
#define ADD113	"NEW_DEST " VS "192.168.31.113:80 DR weight 1\n"
#define ADD150	"NEW_DEST " VS "192.168.31.150:80 DR weight 1\n"
#define DEL113	"DEL_DEST " VS "192.168.31.113:80\n"
#define DEL150	"DEL_DEST " VS "192.168.31.150:80\n"
#define DEL_LAB "DEL_SERVICE TCP 192.168.31.200:80\n"

static void lvs__builds_the_lab(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	start(b);
	expect(b, NEW_LAB ADD113 ADD150);
	assert_int_equal(ipvs_fake_batches(&b->v), 1);
	heard(b, "quorum UP\n");
}

static void lvs__stop_takes_all_down(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	start(b);
	lvs_check_state(b->l, 0, false);
	ipvs_fake_clear(&b->v);
	b->heard[0] = '\0';
	assert_int_equal(lvs_stop(b->l), 0);
	expect(b, DEL150 DEL_LAB); /* 113 was not there */
	heard(b, "");		   /* no omega: nobody is told */
}

static void lvs__omega_is_told_at_stop(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.service[0].omega = true;
	start(b);
	b->heard[0] = '\0';
	lvs_stop(b->l);
	heard(b, "192.168.31.113:80 DOWN stopping\n192.168.31.150:80 DOWN stopping\n"
		 "quorum DOWN stopping\n");
}

static void lvs__check_removes_and_adds(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	start(b);
	ipvs_fake_clear(&b->v);
	b->heard[0] = '\0';
	assert_true(lvs_check_state(b->l, 0, false));
	expect(b, DEL113);
	assert_true(lvs_check_state(b->l, 0, false)); /* old news */
	expect(b, "");
	assert_true(lvs_check_state(b->l, 0, true));
	expect(b, ADD113);
	heard(b, "192.168.31.113:80 DOWN\n192.168.31.113:80 UP\n");
}

static void lvs__all_down_loses_quorum(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	start(b);
	ipvs_fake_clear(&b->v);
	b->heard[0] = '\0';
	lvs_check_state(b->l, 0, false);
	lvs_check_state(b->l, 1, false);
	expect(b, DEL113 DEL150);
	heard(b, "192.168.31.113:80 DOWN\n192.168.31.150:80 DOWN\nquorum DOWN\n");
}

static void lvs__all_checkers_must_agree(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_checker(&b->f.real[0][0], CHECK_HTTP); /* checker 1; 150's is 2 */
	start(b);
	ipvs_fake_clear(&b->v);
	lvs_check_state(b->l, 0, false);
	expect(b, DEL113);
	lvs_check_state(b->l, 1, false);
	lvs_check_state(b->l, 0, true);
	expect(b, "");
	lvs_check_state(b->l, 1, true);
	expect(b, ADD113);
	lvs_check_state(b->l, 2, false);
	expect(b, DEL150);
}

/* --- what services can be --- */

static void lvs__service_settings(void **state)
{
	struct bench *b = *state;
	struct lvs_service_conf *s;
	char wlc[] = "wlc", mh[] = "mh", sip[] = "sip";

	fix_init(&b->f);
	s = fix_service(&b->f, "10.0.0.1", 53);
	s->protocol = IPPROTO_UDP;
	s->one_packet = true;
	s->scheduler = wlc;
	s->forward = LVS_NAT;
	fix_real(&b->f, s, "10.1.0.1")->port = 5353;
	b->f.real[0][0].upper_threshold = 100;
	b->f.real[0][0].lower_threshold = 90;
	s = fix_service(&b->f, "fd00::1", 443);
	s->protocol = IPPROTO_SCTP;
	s->scheduler = mh;
	s->sched_flags = IP_VS_SVC_F_SCHED1;
	s->forward = LVS_TUN;
	fix_real(&b->f, s, "fd00::2")->weight = 70000;
	s = fix_service(&b->f, "10.0.0.2", 80);
	s->persistence_s = 60;
	s->persistence_granularity = inet_addr("255.255.255.0");
	s->pe_name = sip;
	start(b);
	expect(b, "NEW_SERVICE UDP 10.0.0.1:53 wlc ops\n"
		  "NEW_DEST UDP 10.0.0.1:53 -> 10.1.0.1:5353 NAT weight 1 "
		  "thresholds 100 90\n"
		  "NEW_SERVICE SCTP [fd00::1]:443 mh flags 0x8\n"
		  "NEW_DEST SCTP [fd00::1]:443 -> [fd00::2]:443 TUN weight 65535\n"
		  "NEW_SERVICE TCP 10.0.0.2:80 rr persistent 60 mask ffffff00 pe sip\n");
}

static void lvs__direct_routing_takes_the_service_port(void **state)
{
	struct bench *b = *state;
	struct lvs_service_conf *s;

	fix_init(&b->f);
	s = fix_service(&b->f, "10.0.0.1", 80);
	fix_real(&b->f, s, "10.1.0.1")->port = 8080;
	start(b);
	expect(b, "NEW_SERVICE TCP 10.0.0.1:80 rr\n"
		  "NEW_DEST TCP 10.0.0.1:80 -> 10.1.0.1:80 DR weight 1\n");
}

static void lvs__fwmark_has_no_port(void **state)
{
	struct bench *b = *state;
	struct lvs_service_conf *s;

	fix_init(&b->f);
	s = fix_service(&b->f, "0.0.0.0", 0);
	s->addr.family = 0;
	s->family = AF_INET;
	s->fwmark = 7;
	fix_real(&b->f, s, "10.1.0.1")->port = 80;
	fix_real(&b->f, s, "10.1.0.2")->port = 80;
	s->real[1].forward = LVS_NAT;
	start(b);
	expect(b, "NEW_SERVICE FWM 7 rr\n"
		  "NEW_DEST FWM 7 -> 10.1.0.1:0 DR weight 1\n"
		  "NEW_DEST FWM 7 -> 10.1.0.2:80 NAT weight 1\n");
}

static void lvs__group_has_each_address_once(void **state)
{
	struct bench *b = *state;
	struct lvs_group_entry_conf entry[2] = {
		{ .addr = fix_addr("10.0.0.254"), .count = 3, .port = 80 },
		{ .fwmark = 9 },
	};
	char name[] = "g";
	struct lvs_group_conf group = { .name = name, .entry = entry, .nentry = 2 };
	struct lvs_service_conf *s;

	fix_init(&b->f);
	b->f.c.group = &group;
	b->f.c.ngroup = 1;
	s = fix_service(&b->f, "0.0.0.0", 0);
	s->addr.family = 0;
	s->family = AF_INET;
	s->group = &group;
	fix_checker(fix_real(&b->f, s, "10.1.0.1"), CHECK_TCP);
	start(b);
	expect(b, "NEW_SERVICE TCP 10.0.0.254:80 rr\n"
		  "NEW_SERVICE TCP 10.0.0.255:80 rr\n"
		  "NEW_SERVICE TCP 10.0.1.0:80 rr\n"
		  "NEW_SERVICE FWM 9 rr\n"
		  "NEW_DEST TCP 10.0.0.254:80 -> 10.1.0.1:80 DR weight 1\n"
		  "NEW_DEST TCP 10.0.0.255:80 -> 10.1.0.1:80 DR weight 1\n"
		  "NEW_DEST TCP 10.0.1.0:80 -> 10.1.0.1:80 DR weight 1\n"
		  "NEW_DEST FWM 9 -> 10.1.0.1:0 DR weight 1\n");
	lvs_check_state(b->l, 0, false);
	ipvs_fake_clear(&b->v);
	lvs_stop(b->l);
	expect(b, "DEL_SERVICE TCP 10.0.0.254:80\n"
		  "DEL_SERVICE TCP 10.0.0.255:80\n"
		  "DEL_SERVICE TCP 10.0.1.0:80\n"
		  "DEL_SERVICE FWM 9\n");
}

/* --- alpha, inhibit, quorum, sorry server --- */

static void lvs__alpha_waits_for_a_success(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.checker[0][0][0].alpha = true;
	start(b);
	expect(b, NEW_LAB ADD150);
	lvs_check_state(b->l, 0, true);
	expect(b, ADD113);
}

static void lvs__inhibit_sets_weight_0(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.real[0][0].inhibit = true;
	start(b);
	ipvs_fake_clear(&b->v);
	lvs_check_state(b->l, 0, false);
	expect(b, "SET_DEST " VS "192.168.31.113:80 DR weight 0\n");
	lvs_check_state(b->l, 0, true);
	expect(b, "SET_DEST " VS "192.168.31.113:80 DR weight 1\n");
	lvs_stop(b->l);
	expect(b, DEL113 DEL150 DEL_LAB);
}

static void lvs__inhibit_and_alpha_start_at_weight_0(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.real[0][0].inhibit = true;
	b->f.checker[0][0][0].alpha = true;
	start(b);
	expect(b, NEW_LAB "NEW_DEST " VS "192.168.31.113:80 DR weight 0\n" ADD150);
}

#define ADD_SORRY "NEW_DEST " VS "192.168.31.99:80 DR weight 1\n"
#define DEL_SORRY "DEL_DEST " VS "192.168.31.99:80\n"

static void lvs__sorry_server_takes_over(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_sorry(&b->f, &b->f.service[0], "192.168.31.99");
	start(b);
	expect(b, NEW_LAB ADD113 ADD150);
	lvs_check_state(b->l, 0, false);
	lvs_check_state(b->l, 1, false);
	expect(b, DEL113 DEL150 ADD_SORRY);
	lvs_check_state(b->l, 1, true);
	expect(b, DEL_SORRY ADD150);
	lvs_stop(b->l);
	expect(b, DEL150 DEL_LAB);
}

static void lvs__lost_quorum_removes_the_living(void **state)
{
	struct bench *b = *state;
	struct lvs_service_conf *s;

	fix_lab(&b->f);
	s = &b->f.service[0];
	fix_checker(fix_real(&b->f, s, "192.168.31.160"), CHECK_TCP);
	fix_sorry(&b->f, s, "192.168.31.99");
	s->quorum = 2;
	s->hysteresis = 1;
	start(b); /* 3 >= 2 + 1 */
	ipvs_fake_clear(&b->v);
	b->heard[0] = '\0';
	lvs_check_state(b->l, 0, false); /* 2 */
	lvs_check_state(b->l, 1, false); /* 1 = 2 - 1: still enough */
	expect(b, DEL113 DEL150);
	lvs_check_state(b->l, 2, false);
	lvs_check_state(b->l, 2, true); /* 1 < 3 */
	expect(b, "DEL_DEST " VS "192.168.31.160:80\n" ADD_SORRY);
	lvs_check_state(b->l, 1, true); /* 2 < 3 */
	expect(b, "");
	lvs_check_state(b->l, 0, true); /* 3 */
	expect(b, DEL_SORRY ADD113 ADD150 "NEW_DEST " VS
					  "192.168.31.160:80 DR weight 1\n");
	heard(b, "192.168.31.113:80 DOWN\n192.168.31.150:80 DOWN\n192.168.31.160:80 DOWN\n"
		 "quorum DOWN\n192.168.31.160:80 UP\n192.168.31.150:80 UP\n"
		 "192.168.31.113:80 UP\nquorum UP\n");
}

static void lvs__all_alpha_starts_with_the_sorry_server(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_sorry(&b->f, &b->f.service[0], "192.168.31.99");
	b->f.checker[0][0][0].alpha = b->f.checker[0][1][0].alpha = true;
	start(b);
	expect(b, NEW_LAB ADD_SORRY);
	lvs_check_state(b->l, 0, true);
	expect(b, DEL_SORRY ADD113);
}

static void lvs__inhibited_sorry_server_stays_at_weight_0(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_sorry(&b->f, &b->f.service[0], "192.168.31.99");
	b->f.sorry[0].inhibit = true;
	start(b);
	expect(b, NEW_LAB ADD113 ADD150 "NEW_DEST " VS "192.168.31.99:80 DR weight 0\n");
	lvs_check_state(b->l, 0, false);
	lvs_check_state(b->l, 1, false);
	expect(b, DEL113 DEL150 "SET_DEST " VS "192.168.31.99:80 DR weight 1\n");
	lvs_check_state(b->l, 0, true);
	expect(b, "SET_DEST " VS "192.168.31.99:80 DR weight 0\n" ADD113);
}

static void lvs__dynamic_weight(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.checker[0][0][0].type = CHECK_MISC;
	start(b);
	ipvs_fake_clear(&b->v);
	lvs_check_weight(b->l, 0, 9, false);
	expect(b, "SET_DEST " VS "192.168.31.113:80 DR weight 10\n");
	lvs_check_weight(b->l, 0, 9, false);
	expect(b, "");
	lvs_check_weight(b->l, 0, 0, true);
	lvs_check_state(b->l, 0, false);
	lvs_check_state(b->l, 0, true);
	expect(b, DEL113 ADD113);
	lvs_check_weight(b->l, 0, -1, false); /* at weight 0 it is alive, but no quorum */
	assert_int_equal(lvs_service(b->l, 0)->live_weight, 1);
}

/* --- what the kernel refuses --- */

static void lvs__leftovers_are_taken_over(void **state)
{
	struct bench *b = *state;
	struct lvs *first;

	fix_lab(&b->f);
	start(b);
	first = b->l; /* killed without a word */
	ipvs_fake_clear(&b->v);
	start(b);
	lvs_free(first);
	expect(b, "NEW_SERVICE TCP 192.168.31.200:80 rr = EEXIST\n"
		  "NEW_DEST " VS "192.168.31.113:80 DR weight 1 = EEXIST\n"
		  "NEW_DEST " VS "192.168.31.150:80 DR weight 1 = EEXIST\n");
	lvs_check_state(b->l, 0, false);
	expect(b, DEL113);
}

static void lvs__gone_is_gone(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	start(b);
	ipvs_fake_fail(&b->v, IPVS_DEL_DEST, -ENOENT, 1);
	assert_true(lvs_check_state(b->l, 0, false));
	assert_false(lvs_checker(b->l, 0)->is_up);
}

static void lvs__set_of_what_is_not_there_adds_it(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.real[0][0].inhibit = true;
	start(b);
	ipvs_fake_clear(&b->v);
	ipvs_fake_fail(&b->v, IPVS_SET_DEST, -ENOENT, 1);
	lvs_check_state(b->l, 0, false);
	expect(b, "SET_DEST " VS "192.168.31.113:80 DR weight 0 = ENOENT\n"
		  "NEW_DEST " VS "192.168.31.113:80 DR weight 0 = EEXIST\n");
}

static void lvs__refused_change_is_not_taken(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	start(b);
	ipvs_fake_clear(&b->v);
	b->heard[0] = '\0';
	ipvs_fake_fail(&b->v, IPVS_DEL_DEST, -EPERM, 1);
	assert_false(lvs_check_state(b->l, 0, false));
	expect(b, "DEL_DEST " VS "192.168.31.113:80 = EPERM\n");
	assert_true(lvs_checker(b->l, 0)->is_up);
	heard(b, "");
	assert_true(lvs_check_state(b->l, 0, false));
	expect(b, DEL113);
}

static void lvs__flush_on_stop(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.c.global.lvs_flush_on_stop = true;
	start(b);
	ipvs_fake_clear(&b->v);
	lvs_stop(b->l);
	expect(b, "FLUSH\n");
}

static void lvs__flush_on_stop_vs(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	b->f.c.global.lvs_flush_on_stop = b->f.c.global.lvs_flush_on_stop_vs = true;
	start(b);
	ipvs_fake_clear(&b->v);
	lvs_stop(b->l);
	expect(b, DEL_LAB);
}

/* --- reload --- */

static struct check_state to[64];

/* Reloads into f2, with these states of the checkers before. */
static void reload(struct bench *b, const struct check_state *from)
{
	static const struct check_state none[64];
	struct lvs_hooks hooks = { hear_real, hear_quorum, b };
	struct lvs *new = lvs_new(&b->f2.c, &b->v, &hooks);

	assert_non_null(new);
	ipvs_fake_clear(&b->v);
	b->heard[0] = '\0';
	assert_int_equal(lvs_reload(lvs_plan_new(new, b->l), from ? from : none, to), 0);
	b->l = new;
}

static void lvs__reload_without_change_is_silent(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_lab(&b->f2);
	start(b);
	lvs_check_state(b->l, 0, false);
	reload(b, NULL);
	expect(b, "");
	heard(b, "");
	assert_false(lvs_checker(b->l, 0)->is_up);
	assert_false(to[0].is_up);
	assert_true(to[0].has_run);
	lvs_check_state(b->l, 0, true);
	expect(b, ADD113);
}

static void lvs__reload_changes_one_weight(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_lab(&b->f2);
	b->f2.real[0][1].weight = 5;
	start(b);
	reload(b, NULL);
	expect(b, "SET_DEST " VS "192.168.31.150:80 DR weight 5\n");
	assert_int_equal(lvs_service(b->l, 0)->live_weight, 6);
}

static void lvs__reload_removes_and_adds_real_servers(void **state)
{
	struct bench *b = *state;
	struct lvs_service_conf *s;

	fix_lab(&b->f);
	fix_init(&b->f2);
	s = fix_service(&b->f2, "192.168.31.200", 80);
	fix_checker(fix_real(&b->f2, s, "192.168.31.150"), CHECK_TCP);
	fix_checker(fix_real(&b->f2, s, "192.168.31.160"), CHECK_TCP);
	start(b);
	reload(b, NULL);
	expect(b, DEL113 "NEW_DEST " VS "192.168.31.160:80 DR weight 1\n");
	heard(b, "192.168.31.113:80 DOWN\n");
}

static void lvs__reload_removes_and_adds_services(void **state)
{
	struct bench *b = *state;
	struct lvs_service_conf *s;

	fix_lab(&b->f);
	fix_init(&b->f2);
	s = fix_service(&b->f2, "10.0.0.1", 80);
	fix_real(&b->f2, s, "10.1.0.1");
	start(b);
	reload(b, NULL);
	expect(b, DEL113 DEL150 DEL_LAB "NEW_SERVICE TCP 10.0.0.1:80 rr\n"
					"NEW_DEST TCP 10.0.0.1:80 -> 10.1.0.1:80 DR "
					"weight 1\n");
}

static void lvs__reload_edits_the_service(void **state)
{
	struct bench *b = *state;
	char wrr[] = "wrr";

	fix_lab(&b->f);
	fix_lab(&b->f2);
	b->f2.service[0].scheduler = wrr;
	b->f2.service[0].persistence_s = 30;
	start(b);
	reload(b, NULL);
	expect(b, "SET_SERVICE TCP 192.168.31.200:80 wrr persistent 30\n");
}

static void lvs__reload_keeps_retries(void **state)
{
	struct check_state from[2] = { { .retry_it = 3 }, { .retry_it = 1 } };
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_lab(&b->f2);
	b->f2.checker[0][0][0].retry = 2;
	b->f2.checker[0][1][0].retry = 5;
	start(b);
	lvs_check_state(b->l, 0, true);
	lvs_check_state(b->l, 1, true);
	reload(b, from);
	assert_int_equal(to[0].retry_it, 1); /* one more failure is enough */
	assert_int_equal(to[1].retry_it, 1);
}

static void lvs__reload_with_another_checker_starts_afresh(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_lab(&b->f2);
	b->f2.checker[0][0][0].connect_port = 8080;
	start(b);
	lvs_check_state(b->l, 0, false); /* what the old one said is void */
	reload(b, NULL);
	expect(b, ADD113);
	assert_true(lvs_checker(b->l, 0)->is_up);
	assert_false(lvs_checker(b->l, 0)->has_run);
}

static void lvs__reload_with_new_alpha_real(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_lab(&b->f2);
	fix_checker(fix_real(&b->f2, &b->f2.service[0], "192.168.31.160"), CHECK_TCP)
		->alpha = true;
	start(b);
	reload(b, NULL);
	expect(b, "");
	lvs_check_state(b->l, 2, true);
	expect(b, "NEW_DEST " VS "192.168.31.160:80 DR weight 1\n");
}

static void lvs__reload_replaces_the_sorry_server(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_sorry(&b->f, &b->f.service[0], "192.168.31.99");
	fix_lab(&b->f2);
	fix_sorry(&b->f2, &b->f2.service[0], "192.168.31.98");
	start(b);
	lvs_check_state(b->l, 0, false);
	lvs_check_state(b->l, 1, false);
	reload(b, NULL);
	expect(b, DEL_SORRY "NEW_DEST " VS "192.168.31.98:80 DR weight 1\n");
}

static void lvs__reload_keeps_the_sorry_server(void **state)
{
	struct bench *b = *state;

	fix_lab(&b->f);
	fix_sorry(&b->f, &b->f.service[0], "192.168.31.99");
	fix_lab(&b->f2);
	fix_sorry(&b->f2, &b->f2.service[0], "192.168.31.99");
	start(b);
	lvs_check_state(b->l, 0, false);
	lvs_check_state(b->l, 1, false);
	reload(b, NULL);
	expect(b, "");
	lvs_check_state(b->l, 0, true);
	expect(b, DEL_SORRY ADD113);
}

static void lvs__reload_of_a_group(void **state)
{
	struct bench *b = *state;
	struct lvs_group_entry_conf was[2] = {
		{ .addr = fix_addr("10.0.0.1"), .count = 1, .port = 80 },
		{ .addr = fix_addr("10.0.0.2"), .count = 1, .port = 80 },
	};
	struct lvs_group_entry_conf is[2] = {
		{ .addr = fix_addr("10.0.0.2"), .count = 1, .port = 80 },
		{ .addr = fix_addr("10.0.0.3"), .count = 1, .port = 80 },
	};
	char name[] = "g";
	struct lvs_group_conf g = { .name = name, .entry = was, .nentry = 2 };
	struct lvs_group_conf g2 = { .name = name, .entry = is, .nentry = 2 };
	struct fix *f[] = { &b->f, &b->f2 };
	struct lvs_group_conf *groups[] = { &g, &g2 };
	struct lvs_service_conf *s;
	size_t i;

	for (i = 0; i < 2; i++) {
		fix_init(f[i]);
		f[i]->c.group = groups[i];
		f[i]->c.ngroup = 1;
		s = fix_service(f[i], "0.0.0.0", 0);
		s->addr.family = 0;
		s->family = AF_INET;
		s->group = groups[i];
		fix_real(f[i], s, "10.1.0.1");
	}
	start(b);
	reload(b, NULL);
	expect(b, "DEL_DEST TCP 10.0.0.1:80 -> 10.1.0.1:80\n"
		  "NEW_SERVICE TCP 10.0.0.3:80 rr\n"
		  "NEW_DEST TCP 10.0.0.3:80 -> 10.1.0.1:80 DR weight 1\n");
	lvs_free(b->l);
	b->l = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(lvs__builds_the_lab),
		T(lvs__stop_takes_all_down),
		T(lvs__omega_is_told_at_stop),
		T(lvs__check_removes_and_adds),
		T(lvs__all_down_loses_quorum),
		T(lvs__all_checkers_must_agree),
		T(lvs__service_settings),
		T(lvs__direct_routing_takes_the_service_port),
		T(lvs__fwmark_has_no_port),
		T(lvs__group_has_each_address_once),
		T(lvs__alpha_waits_for_a_success),
		T(lvs__inhibit_sets_weight_0),
		T(lvs__inhibit_and_alpha_start_at_weight_0),
		T(lvs__sorry_server_takes_over),
		T(lvs__lost_quorum_removes_the_living),
		T(lvs__all_alpha_starts_with_the_sorry_server),
		T(lvs__inhibited_sorry_server_stays_at_weight_0),
		T(lvs__dynamic_weight),
		T(lvs__leftovers_are_taken_over),
		T(lvs__gone_is_gone),
		T(lvs__set_of_what_is_not_there_adds_it),
		T(lvs__refused_change_is_not_taken),
		T(lvs__flush_on_stop),
		T(lvs__flush_on_stop_vs),
		T(lvs__reload_without_change_is_silent),
		T(lvs__reload_changes_one_weight),
		T(lvs__reload_removes_and_adds_real_servers),
		T(lvs__reload_removes_and_adds_services),
		T(lvs__reload_edits_the_service),
		T(lvs__reload_keeps_retries),
		T(lvs__reload_with_another_checker_starts_afresh),
		T(lvs__reload_with_new_alpha_real),
		T(lvs__reload_replaces_the_sorry_server),
		T(lvs__reload_keeps_the_sorry_server),
		T(lvs__reload_of_a_group),
#undef T
	};

	log_init("test", LOG_LVL_ERR, LOG_TO_STDERR);
	return cmocka_run_group_tests_name("lvs", tests, NULL, NULL);
}
