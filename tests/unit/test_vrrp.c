/* The VRRP state machine, stepped with a clock of our own. */
#include "vrrp_fixture.h"

#define US(n) ((n) * NS_PER_US)
#define MS(n) ((n) * NS_PER_MS)
#define S(n)  ((n) * NS_PER_S)

static struct world w;

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now = S(1000);
	world_conf(&w, 0);
	return 0;
}

/* A started instance; its journal is empty. */
static struct vrrp *started(void)
{
	struct vrrp *v = world_init(&w, 0);

	vrrp_start(v, w.now);
	w.journal[0] = '\0';
	return v;
}

static struct vrrp *master(void)
{
	struct vrrp *v = started();

	assert_true(master_after(&w, 0) >= 0);
	w.journal[0] = '\0';
	return v;
}

/* Within a microsecond of what is written in whole ones. */
static void assert_span(int64_t ns, int64_t us)
{
	if (ns / NS_PER_US != us)
		fail_msg("%lld ns, not %lld us", (long long)ns, (long long)us);
}

/* --- timers --- */

static void vrrp__waits_three_intervals_and_the_skew(void **state)
{
	static const struct {
		int priority;
		int64_t us;
	} t[] = { { 1, 3996093 }, { 100, 3609375 }, { 101, 3605468 }, { 200, 3218750 },
		  { 254, 3007812 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		setup(NULL);
		w.conf[0].priority = t[i].priority;
		started();
		assert_span(master_after(&w, 0), t[i].us);
	}
}

static void vrrp__waits_as_long_with_state_master(void **state)
{
	(void)state;
	w.conf[0].start_master = true;
	w.conf[0].priority = 101;
	started();
	assert_span(master_after(&w, 0), 3605468);
}

static void vrrp__owner_is_master_at_once(void **state)
{
	(void)state;
	w.conf[0].start_master = true;
	w.conf[0].priority = 255;
	started();
	assert_int_equal(master_after(&w, 0), 0);
	assert_int_equal(w.v[0].why, VRRP_WHY_OWNER);
}

static void vrrp__skew_of_version_3_is_a_share_of_the_interval(void **state)
{
	(void)state;
	w.conf[0].version = 3;
	w.conf[0].advert_ns = MS(100);
	started();
	assert_span(master_after(&w, 0), 360937);
}

static void vrrp__down_timer_adverts(void **state)
{
	(void)state;
	w.conf[0].down_timer_adverts = 2;
	started();
	assert_span(master_after(&w, 0), 2609375);
}

static void vrrp__advert_restarts_the_down_timer(void **state)
{
	char why[100];

	(void)state;
	started();
	run_until(&w, w.now + MS(3000));
	assert_int_equal(hear(&w, 0, "10.0.0.1", 101), VRRP_OK);
	assert_span(master_after(&w, 0), 3609375);
	assert_string_equal(vrrp_reason_text(&w.v[0], why, sizeof(why)),
			    "no advert for 3.609 s");
}

static void vrrp__priority_0_leaves_the_skew(void **state)
{
	(void)state;
	started();
	hear(&w, 0, "10.0.0.1", 101);
	run_until(&w, w.now + MS(500));
	hear(&w, 0, "10.0.0.1", 0);
	assert_span(master_after(&w, 0), 609375);
	assert_int_equal(w.v[0].why, VRRP_WHY_PRIORITY_0);
	assert_int_equal(w.v[0].count.received_prio0, 1);
}

static void vrrp__adverts_come_every_interval(void **state)
{
	(void)state;
	w.conf[0].garp_master_delay_ns = 0;
	master();
	run_until(&w, w.now + MS(3500));
	expect_journal(&w, "advert 100; advert 100; advert 100; ");
}

/* --- becoming and being MASTER --- */

static void vrrp__takes_over_in_order(void **state)
{
	(void)state;
	started();
	master_after(&w, 0);
	expect_journal(&w, "advert 100; add; garp 5; MASTER; ");
}

static void vrrp__repeats_its_arps_once(void **state)
{
	(void)state;
	w.conf[0].advert_ns = S(60);
	w.conf[0].down_timer_adverts = 1;
	started();
	run_until(&w, w.now + S(61));
	w.journal[0] = '\0';
	run_until(&w, w.v[0].since_ns + MS(4999));
	expect_journal(&w, "");
	run_until(&w, w.v[0].since_ns + MS(5000));
	expect_journal(&w, "garp 5; ");
	run_until(&w, w.v[0].since_ns + MS(50000));
	expect_journal(&w, "");
}

static void vrrp__refreshes_arps_with_its_adverts(void **state)
{
	(void)state;
	w.conf[0].garp_master_refresh_ns = MS(1500);
	w.conf[0].garp_master_delay_ns = 0;
	master();
	run_until(&w, w.now + MS(4200));
	expect_journal(&w, "advert 100; advert 100; garp 1; advert 100; advert 100; garp 1; ");
}

static void vrrp__stops_with_priority_0_then_the_addresses(void **state)
{
	(void)state;
	master();
	vrrp_stop(&w.v[0], w.now);
	expect_journal(&w, "advert 0; del; STOPPED; ");
	assert_int_equal(vrrp_next(&w.v[0]), 0);
	assert_int_equal(w.v[0].count.sent_prio0, 1);
}

static void vrrp__backup_stops_silently(void **state)
{
	(void)state;
	started();
	vrrp_stop(&w.v[0], w.now);
	expect_journal(&w, "STOPPED; ");
}

/* --- who is better --- */

static void vrrp__higher_priority_makes_backup(void **state)
{
	(void)state;
	master();
	hear(&w, 0, "10.0.0.1", 101);
	expect_journal(&w, "del; BACKUP; ");
	assert_int_equal(w.v[0].why, VRRP_WHY_HIGHER);
	assert_span(master_after(&w, 0), 3609375);
}

static void vrrp__ties_go_to_the_higher_address(void **state)
{
	(void)state;
	master();
	hear(&w, 0, "10.0.0.3", 100);
	expect_journal(&w, "del; BACKUP; ");
	assert_int_equal(w.v[0].why, VRRP_WHY_TIE);
	setup(NULL);
	master();
	hear(&w, 0, "10.0.0.1", 100);
	assert_int_equal(w.v[0].state, VRRP_MASTER);
	expect_journal(&w, "advert 100; garp 5; event lower; ");
}

static void vrrp__our_own_address_is_reported_and_changes_nothing(void **state)
{
	(void)state;
	master();
	hear(&w, 0, "10.0.0.2", 100);
	expect_journal(&w, "event same; ");
}

static void vrrp__lower_priority_is_told_who_is_master(void **state)
{
	(void)state;
	master();
	run_until(&w, w.now + MS(300));
	hear(&w, 0, "10.0.0.1", 50);
	expect_journal(&w, "advert 100; garp 5; event lower; ");
	run_until(&w, w.now + MS(999)); /* the advert timer starts anew */
	expect_journal(&w, "");
	run_until(&w, w.now + MS(1));
	expect_journal(&w, "advert 100; ");
}

static void vrrp__lower_priority_repeats_the_arps_later(void **state)
{
	(void)state;
	w.conf[0].garp_master_delay_ns = 0;
	w.conf[0].garp_lower_prio_delay_ns = MS(500);
	master();
	hear(&w, 0, "10.0.0.1", 50);
	w.journal[0] = '\0';
	run_until(&w, w.now + MS(600));
	expect_journal(&w, "garp 5; ");
}

static void vrrp__strict_says_nothing_to_lower_priorities(void **state)
{
	(void)state;
	w.conf[0].lower_prio_no_advert = true;
	w.conf[0].garp_lower_prio_rep = 0;
	master();
	run_until(&w, w.now + MS(300));
	hear(&w, 0, "10.0.0.1", 50);
	expect_journal(&w, "event lower; ");
	run_until(&w, w.now + MS(700)); /* the advert timer runs on */
	expect_journal(&w, "advert 100; ");
}

static void vrrp__higher_prio_send_advert(void **state)
{
	(void)state;
	w.conf[0].higher_prio_send_advert = true;
	master();
	hear(&w, 0, "10.0.0.1", 101);
	expect_journal(&w, "advert 100; del; BACKUP; ");
}

static void vrrp__master_answers_priority_0_with_an_advert(void **state)
{
	(void)state;
	master();
	hear(&w, 0, "10.0.0.1", 0);
	expect_journal(&w, "advert 100; ");
	assert_int_equal(w.v[0].state, VRRP_MASTER);
}

static void vrrp__two_owners_make_one_of_them_254(void **state)
{
	(void)state;
	w.conf[0].priority = 255;
	w.conf[0].start_master = true;
	master();
	hear(&w, 0, "10.0.0.1", 255);
	expect_journal(&w, "event conflict; del; BACKUP; ");
	assert_int_equal(w.v[0].priority, 254);
}

/* --- preemption --- */

static void vrrp__preempts_a_lower_master_when_its_timer_ends(void **state)
{
	int64_t t;

	(void)state;
	started();
	for (t = w.now; w.now < t + MS(3400);) {
		run_until(&w, w.now + MS(200));
		hear(&w, 0, "10.0.0.1", 99);
	}
	assert_true(master_after(&w, 0) >= 0);
	assert_span(w.v[0].since_ns - t, 3609375);
	assert_int_equal(w.v[0].why, VRRP_WHY_PREEMPT);
}

static void vrrp__nopreempt_follows_a_lower_master(void **state)
{
	int i;

	(void)state;
	w.conf[0].nopreempt = true;
	started();
	for (i = 0; i < 60; i++) {
		run_until(&w, w.now + S(1));
		hear(&w, 0, "10.0.0.1", 1);
	}
	expect_journal(&w, "");
	assert_span(master_after(&w, 0), 3609375);
}

static void vrrp__preempt_delay_starts_with_the_first_lower_advert(void **state)
{
	int64_t t;
	int i;

	(void)state;
	w.conf[0].preempt_delay_ns = S(5);
	started();
	run_until(&w, w.now + MS(500));
	t = w.now;
	for (i = 0; i < 20 && w.v[0].state != VRRP_MASTER; i++) {
		hear(&w, 0, "10.0.0.1", 99);
		run_until(&w, w.now + S(1));
	}
	/* Last advert that counted at 4 s; the one at 5 s comes when it is over. */
	assert_span(w.v[0].since_ns - t, 4000000 + 3609375);
}

static void vrrp__preempt_delay_ends_when_a_better_master_is_heard(void **state)
{
	(void)state;
	w.conf[0].preempt_delay_ns = S(5);
	started();
	hear(&w, 0, "10.0.0.1", 99);
	assert_int_equal(w.v[0].preempt_ns, w.now + S(5));
	run_until(&w, w.now + S(1));
	hear(&w, 0, "10.0.0.1", 101);
	assert_int_equal(w.v[0].preempt_ns, 0);
}

/* --- what does not count --- */

static void vrrp__bad_packets_change_nothing(void **state)
{
	struct vrrp_conf other;
	struct vrrp before;

	(void)state;
	started();
	before = w.v[0];
	other = w.conf[0];
	other.advert_ns = S(2);
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.1", 255), VRRP_BAD_INTERVAL);
	other = w.conf[0];
	other.auth = VRRP_AUTH_PASS;
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.1", 255), VRRP_BAD_AUTH_MISMATCH);
	other = w.conf[0];
	other.vrid = 52;
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.1", 0), VRRP_BAD_VRID);
	other = w.conf[0];
	other.nvip = 2;
	other.vip[1] = other.vip[0];
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.1", 0), VRRP_BAD_COUNT);
	assert_int_equal(w.v[0].count.verdict[VRRP_BAD_INTERVAL], 1);
	memset(&w.v[0].count, 0, sizeof(w.v[0].count));
	memset(&before.count, 0, sizeof(before.count));
	assert_memory_equal(&w.v[0], &before, sizeof(before));
	expect_journal(&w, "");
}

static void vrrp__bad_packets_do_not_delay_a_masters_adverts(void **state)
{
	struct vrrp_conf other = w.conf[0];
	int i;

	(void)state;
	master();
	other.advert_ns = S(2);
	for (i = 0; i < 11; i++) {
		run_until(&w, w.now + MS(100));
		hear_conf(&w, 0, &other, "10.0.0.1", 255);
	}
	expect_journal(&w, "advert 100; ");
}

static void vrrp__other_addresses_are_refused(void **state)
{
	struct vrrp_conf other = w.conf[0];
	struct conf_vip vip = w.vip[0][0];

	(void)state;
	started();
	other.vip = &vip;
	inet_pton(AF_INET, "192.168.31.201", &vip.addr.v4);
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.1", 200), VRRP_BAD_ADDRESSES);
	w.conf[0].skip_check_adv_addr = true;
	assert_int_equal(hear(&w, 0, "10.0.0.1", 200), VRRP_OK);
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.1", 200), VRRP_OK);
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.9", 200), VRRP_BAD_ADDRESSES);
}

/* --- version 3 --- */

static void vrrp__version_3_learns_the_masters_interval(void **state)
{
	struct vrrp_conf other;

	(void)state;
	w.conf[0].version = 3;
	started();
	other = w.conf[0];
	other.advert_ns = S(3);
	assert_int_equal(hear_conf(&w, 0, &other, "10.0.0.1", 200), VRRP_OK);
	assert_int_equal(w.v[0].master_advert_ns, S(3));
	assert_span(master_after(&w, 0), 9000000 + 156 * 3000000 / 256);
	w.journal[0] = '\0';
	run_until(&w, w.now + MS(1000)); /* its own adverts: its own interval */
	expect_journal(&w, "advert 100; ");
}

/* --- trackers --- */

static void vrrp__fault_of_a_master_sends_priority_0_twice(void **state)
{
	(void)state;
	master();
	vrrp_fault(&w.v[0], VRRP_WHY_INTERFACE, w.now);
	expect_journal(&w, "advert 0; advert 0; del; FAULT; ");
	assert_int_equal(vrrp_next(&w.v[0]), 0);
	vrrp_unfault(&w.v[0], w.now);
	expect_journal(&w, "BACKUP; ");
	assert_span(master_after(&w, 0), 3609375);
}

static void vrrp__faults_are_counted(void **state)
{
	(void)state;
	started();
	vrrp_fault(&w.v[0], VRRP_WHY_INTERFACE, w.now);
	vrrp_fault(&w.v[0], VRRP_WHY_SCRIPT, w.now);
	vrrp_unfault(&w.v[0], w.now);
	expect_journal(&w, "FAULT; ");
	vrrp_unfault(&w.v[0], w.now);
	expect_journal(&w, "BACKUP; ");
}

static void vrrp__fault_hears_nothing(void **state)
{
	(void)state;
	started();
	vrrp_fault(&w.v[0], VRRP_WHY_INTERFACE, w.now);
	w.journal[0] = '\0';
	hear(&w, 0, "10.0.0.1", 1);
	run_until(&w, w.now + S(60));
	expect_journal(&w, "");
	assert_int_equal(w.v[0].count.received, 0);
}

static void vrrp__starts_in_fault(void **state)
{
	struct vrrp *v = world_init(&w, 0);

	(void)state;
	vrrp_preset_fault(v, VRRP_WHY_NO_ADDRESS);
	vrrp_start(v, w.now);
	expect_journal(&w, "FAULT; ");
	assert_int_equal(v->why, VRRP_WHY_NO_ADDRESS);
}

static void vrrp__waits_for_its_script(void **state)
{
	struct vrrp *v = world_init(&w, 0);

	(void)state;
	vrrp_preset_wait(v);
	vrrp_start(v, w.now);
	assert_int_equal(v->why, VRRP_WHY_SCRIPT_WAIT);
	w.journal[0] = '\0';
	run_until(&w, w.now + S(10));
	vrrp_answered(v, true, w.now);
	expect_journal(&w, "BACKUP; ");
	assert_span(master_after(&w, 0), 3609375);
}

static void vrrp__first_answer_may_be_bad(void **state)
{
	struct vrrp *v = world_init(&w, 0);

	(void)state;
	vrrp_preset_wait(v);
	vrrp_start(v, w.now);
	w.journal[0] = '\0';
	vrrp_answered(v, false, w.now);
	expect_journal(&w, "FAULT; ");
	vrrp_unfault(v, w.now);
	expect_journal(&w, "BACKUP; ");
}

static void vrrp__weights_move_the_priority_within_1_and_254(void **state)
{
	struct vrrp *v = started();

	(void)state;
	vrrp_weigh(v, -20, w.now);
	assert_int_equal(v->priority, 80);
	vrrp_weigh(v, -200, w.now);
	assert_int_equal(v->priority, 1);
	vrrp_weigh(v, 500, w.now);
	assert_int_equal(v->priority, 254);
	vrrp_weigh(v, -280, w.now);
	assert_int_equal(v->priority, 100);
}

static void vrrp__weight_shifts_the_running_timer_by_the_skew(void **state)
{
	(void)state;
	started();
	run_until(&w, w.now + S(1));
	vrrp_weigh(&w.v[0], -20, w.now);
	expect_journal(&w, "event priority; ");
	assert_span(master_after(&w, 0), 2609375 + 20 * 1000000 / 256);
}

static void vrrp__owner_keeps_255(void **state)
{
	(void)state;
	w.conf[0].priority = 255;
	started();
	vrrp_weigh(&w.v[0], -100, w.now);
	assert_int_equal(w.v[0].priority, 255);
}

static void vrrp__weight_of_a_master_shows_in_its_next_advert(void **state)
{
	(void)state;
	master();
	vrrp_weigh(&w.v[0], -20, w.now);
	run_until(&w, w.now + S(1));
	expect_journal(&w, "event priority; advert 80; ");
}

static void vrrp__address_taken_away_gives_others_a_chance(void **state)
{
	(void)state;
	master();
	vrrp_address_gone(&w.v[0], w.now);
	expect_journal(&w, "advert 0; del; BACKUP; ");
	assert_span(master_after(&w, 0), 609375);
}

/* --- reload --- */

static void vrrp__reload_disturbs_nothing(void **state)
{
	struct vrrp_conf same = w.conf[0];
	struct vrrp *v = master();
	int64_t due = v->due_ns;

	(void)state;
	run_until(&w, w.now + MS(500));
	vrrp_reconf(v, &same);
	vrrp_reconf_done(v, w.now);
	expect_journal(&w, "");
	assert_int_equal(v->state, VRRP_MASTER);
	assert_int_equal(v->due_ns, due);
}

static void vrrp__reload_takes_the_new_priority(void **state)
{
	struct vrrp_conf other = w.conf[0];
	struct vrrp *v = started();

	(void)state;
	other.priority = 200;
	run_until(&w, w.now + S(1));
	vrrp_reconf(v, &other);
	vrrp_reconf_done(v, w.now);
	expect_journal(&w, "");
	assert_span(master_after(&w, 0), 2218750);
	expect_journal(&w, "advert 200; add; garp 5; MASTER; ");
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(vrrp__waits_three_intervals_and_the_skew),
		T(vrrp__waits_as_long_with_state_master),
		T(vrrp__owner_is_master_at_once),
		T(vrrp__skew_of_version_3_is_a_share_of_the_interval),
		T(vrrp__down_timer_adverts),
		T(vrrp__advert_restarts_the_down_timer),
		T(vrrp__priority_0_leaves_the_skew),
		T(vrrp__adverts_come_every_interval),
		T(vrrp__takes_over_in_order),
		T(vrrp__repeats_its_arps_once),
		T(vrrp__refreshes_arps_with_its_adverts),
		T(vrrp__stops_with_priority_0_then_the_addresses),
		T(vrrp__backup_stops_silently),
		T(vrrp__higher_priority_makes_backup),
		T(vrrp__ties_go_to_the_higher_address),
		T(vrrp__our_own_address_is_reported_and_changes_nothing),
		T(vrrp__lower_priority_is_told_who_is_master),
		T(vrrp__lower_priority_repeats_the_arps_later),
		T(vrrp__strict_says_nothing_to_lower_priorities),
		T(vrrp__higher_prio_send_advert),
		T(vrrp__master_answers_priority_0_with_an_advert),
		T(vrrp__two_owners_make_one_of_them_254),
		T(vrrp__preempts_a_lower_master_when_its_timer_ends),
		T(vrrp__nopreempt_follows_a_lower_master),
		T(vrrp__preempt_delay_starts_with_the_first_lower_advert),
		T(vrrp__preempt_delay_ends_when_a_better_master_is_heard),
		T(vrrp__bad_packets_change_nothing),
		T(vrrp__bad_packets_do_not_delay_a_masters_adverts),
		T(vrrp__other_addresses_are_refused),
		T(vrrp__version_3_learns_the_masters_interval),
		T(vrrp__fault_of_a_master_sends_priority_0_twice),
		T(vrrp__faults_are_counted),
		T(vrrp__fault_hears_nothing),
		T(vrrp__starts_in_fault),
		T(vrrp__waits_for_its_script),
		T(vrrp__first_answer_may_be_bad),
		T(vrrp__weights_move_the_priority_within_1_and_254),
		T(vrrp__weight_shifts_the_running_timer_by_the_skew),
		T(vrrp__owner_keeps_255),
		T(vrrp__weight_of_a_master_shows_in_its_next_advert),
		T(vrrp__address_taken_away_gives_others_a_chance),
		T(vrrp__reload_disturbs_nothing),
		T(vrrp__reload_takes_the_new_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
