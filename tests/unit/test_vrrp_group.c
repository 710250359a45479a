/* Sync groups: all MASTER, or none. */
#include "vrrp_fixture.h"

#define S(n)  ((n) * NS_PER_S)
#define MS(n) ((n) * NS_PER_MS)

static struct world w;

static int setup(void **state)
{
	int i;

	(void)state;
	memset(&w, 0, sizeof(w));
	w.now = S(1000);
	w.names = true;
	for (i = 0; i < 2; i++) {
		world_conf(&w, i)->garp_master_delay_ns = 0;
		w.conf[i].garp_lower_prio_delay_ns = 0;
	}
	return 0;
}

static void init(void)
{
	world_init(&w, 0);
	world_init(&w, 1);
	world_group(&w, 2);
}

static void start(void)
{
	vrrp_group_start(&w.group);
	vrrp_start(&w.v[0], w.now);
	vrrp_start(&w.v[1], w.now);
	w.journal[0] = '\0';
}

static void begin(void)
{
	init();
	start();
}

static void vrrp_group__members_become_master_together(void **state)
{
	(void)state;
	w.conf[1].priority = 200;
	begin();
	run_until(&w, w.now + MS(3300)); /* B's timer has ended; A's has not */
	expect_journal(&w, "");
	assert_int_equal(w.v[1].want, VRRP_MASTER);
	run_until(&w, w.now + MS(400));
	expect_journal(&w, "A advert 100; A add; A garp 5; A MASTER; "
			   "B advert 200; B add; B garp 5; B MASTER; A group MASTER; ");
}

static void vrrp_group__one_that_hears_a_master_holds_all(void **state)
{
	int i;

	(void)state;
	begin();
	for (i = 0; i < 20; i++) {
		run_until(&w, w.now + S(1));
		hear(&w, 0, "10.0.0.1", 200);
	}
	expect_journal(&w, "");
	assert_int_equal(w.group.state, VRRP_BACKUP);
	run_until(&w, w.now + S(8));
	assert_int_equal(w.group.state, VRRP_MASTER);
}

static void vrrp_group__one_that_yields_takes_all_along(void **state)
{
	(void)state;
	begin();
	run_until(&w, w.now + S(5));
	w.journal[0] = '\0';
	hear(&w, 1, "10.0.0.1", 200);
	expect_journal(&w, "B del; B BACKUP; A del; A BACKUP; B group BACKUP; ");
	assert_int_equal(w.v[0].why, VRRP_WHY_GROUP);
}

static void vrrp_group__fault_of_one_is_everyones(void **state)
{
	(void)state;
	begin();
	run_until(&w, w.now + S(5));
	w.journal[0] = '\0';
	vrrp_fault(&w.v[0], VRRP_WHY_INTERFACE, w.now);
	expect_journal(&w, "A advert 0; A advert 0; A del; A FAULT; "
			   "B advert 0; B del; B FAULT; A group FAULT; ");
	vrrp_unfault(&w.v[0], w.now);
	expect_journal(&w, "A BACKUP; B BACKUP; A group BACKUP; ");
	run_until(&w, w.now + S(8));
	assert_int_equal(w.group.state, VRRP_MASTER);
}

static void vrrp_group__waits_until_every_fault_is_over(void **state)
{
	(void)state;
	begin();
	vrrp_fault(&w.v[0], VRRP_WHY_INTERFACE, w.now);
	vrrp_fault(&w.v[1], VRRP_WHY_INTERFACE, w.now);
	w.journal[0] = '\0';
	vrrp_unfault(&w.v[0], w.now);
	expect_journal(&w, "");
	vrrp_unfault(&w.v[1], w.now);
	expect_journal(&w, "B BACKUP; A BACKUP; B group BACKUP; ");
}

static void vrrp_group__starts_in_fault_with_one(void **state)
{
	(void)state;
	init();
	vrrp_preset_fault(&w.v[1], VRRP_WHY_INTERFACE);
	start();
	assert_int_equal(w.v[0].state, VRRP_FAULT);
	assert_int_equal(w.v[1].state, VRRP_FAULT);
	vrrp_unfault(&w.v[1], w.now);
	expect_journal(&w, "B BACKUP; A BACKUP; B group BACKUP; ");
}

static void vrrp_group__waits_for_everyones_scripts(void **state)
{
	(void)state;
	init();
	vrrp_preset_wait(&w.v[0]);
	vrrp_preset_wait(&w.v[1]);
	start();
	vrrp_answered(&w.v[0], true, w.now);
	expect_journal(&w, "");
	vrrp_answered(&w.v[1], true, w.now);
	assert_int_equal(w.v[0].state, VRRP_BACKUP);
	assert_int_equal(w.v[1].state, VRRP_BACKUP);
}

static void vrrp_group__lower_master_makes_all_members_arp(void **state)
{
	(void)state;
	begin();
	run_until(&w, w.now + S(5));
	w.journal[0] = '\0';
	hear(&w, 0, "10.0.0.1", 1);
	expect_journal(&w, "A advert 100; A garp 5; B garp 5; A event lower; ");
}

static void vrrp_group__state_master_waits_as_long(void **state)
{
	int64_t t = w.now;

	(void)state;
	w.conf[0].start_master = w.conf[1].start_master = true;
	begin();
	run_until(&w, w.now + S(4));
	assert_int_equal(w.group.state, VRRP_MASTER);
	assert_int_equal((w.v[0].since_ns - t) / NS_PER_US, 3609375);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(vrrp_group__members_become_master_together),
		T(vrrp_group__one_that_hears_a_master_holds_all),
		T(vrrp_group__one_that_yields_takes_all_along),
		T(vrrp_group__fault_of_one_is_everyones),
		T(vrrp_group__waits_until_every_fault_is_over),
		T(vrrp_group__starts_in_fault_with_one),
		T(vrrp_group__waits_for_everyones_scripts),
		T(vrrp_group__lower_master_makes_all_members_arp),
		T(vrrp_group__state_master_waits_as_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
