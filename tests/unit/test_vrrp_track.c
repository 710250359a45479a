/* Trackers: faults, weights, and scripts that rise and fall. */
#include "vrrp_fixture.h"
#include "vrrp_track.h"

static struct world w;

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now = NS_PER_S;
	world_conf(&w, 0);
	world_init(&w, 0);
	return 0;
}

static void vrrp_track__interface_without_weight_is_a_fault(void **state)
{
	struct vrrp_tracker t = { .why = VRRP_WHY_INTERFACE };

	(void)state;
	vrrp_tracker_preset(&t, &w.v[0], VRRP_GOOD);
	vrrp_start(&w.v[0], w.now);
	vrrp_tracker_set(&t, &w.v[0], VRRP_BAD, w.now);
	vrrp_tracker_set(&t, &w.v[0], VRRP_BAD, w.now);
	assert_int_equal(w.v[0].state, VRRP_FAULT);
	assert_int_equal(w.v[0].why, VRRP_WHY_INTERFACE);
	assert_int_equal(w.v[0].nfault, 1);
	vrrp_tracker_set(&t, &w.v[0], VRRP_GOOD, w.now);
	assert_int_equal(w.v[0].state, VRRP_BACKUP);
}

static void vrrp_track__reverse_faults_when_good(void **state)
{
	struct vrrp_tracker t = { .why = VRRP_WHY_SCRIPT, .reverse = true };

	(void)state;
	vrrp_tracker_preset(&t, &w.v[0], VRRP_UNKNOWN);
	vrrp_start(&w.v[0], w.now);
	vrrp_tracker_set(&t, &w.v[0], VRRP_GOOD, w.now);
	assert_int_equal(w.v[0].state, VRRP_FAULT);
	vrrp_tracker_set(&t, &w.v[0], VRRP_BAD, w.now);
	assert_int_equal(w.v[0].state, VRRP_BACKUP);
}

static void vrrp_track__weights_add_when_good_or_subtract_when_bad(void **state)
{
	struct vrrp_tracker up = { .weight = 10 }, down = { .weight = -20 };
	struct vrrp_tracker rev = { .weight = 5, .reverse = true };
	struct vrrp *v = &w.v[0];

	(void)state;
	vrrp_tracker_preset(&up, v, VRRP_GOOD);
	vrrp_tracker_preset(&down, v, VRRP_GOOD);
	vrrp_tracker_preset(&rev, v, VRRP_UNKNOWN);
	assert_int_equal(v->priority, 110);
	vrrp_start(v, w.now);
	vrrp_tracker_set(&rev, v, VRRP_GOOD, w.now);
	assert_int_equal(v->priority, 105);
	vrrp_tracker_set(&up, v, VRRP_BAD, w.now);
	assert_int_equal(v->priority, 95);
	vrrp_tracker_set(&down, v, VRRP_BAD, w.now);
	assert_int_equal(v->priority, 75);
	vrrp_tracker_set(&down, v, VRRP_GOOD, w.now);
	vrrp_tracker_set(&up, v, VRRP_GOOD, w.now);
	vrrp_tracker_set(&rev, v, VRRP_BAD, w.now);
	assert_int_equal(v->priority, 110);
}

static void vrrp_track__one_success_is_enough_at_the_start(void **state)
{
	struct vrrp_script_count s;

	(void)state;
	vrrp_script_count_init(&s, 3, 2, false);
	assert_int_equal(vrrp_script_health(&s), VRRP_UNKNOWN);
	assert_int_equal(vrrp_script_answer(&s, true), VRRP_GOOD);
	assert_int_equal(vrrp_script_health(&s), VRRP_GOOD);
}

static void vrrp_track__first_failure_counts_at_once(void **state)
{
	struct vrrp_script_count s;

	(void)state;
	vrrp_script_count_init(&s, 3, 3, false);
	assert_int_equal(vrrp_script_answer(&s, false), VRRP_BAD);
	assert_int_equal(vrrp_script_answer(&s, false), VRRP_UNKNOWN);
}

static void vrrp_track__rise_and_fall(void **state)
{
	static const struct {
		bool ok;
		enum vrrp_health h;
	} t[] = {
		{ true, VRRP_GOOD },	 { false, VRRP_UNKNOWN }, { true, VRRP_UNKNOWN },
		{ false, VRRP_UNKNOWN }, { false, VRRP_UNKNOWN }, { false, VRRP_BAD },
		{ false, VRRP_UNKNOWN }, { true, VRRP_UNKNOWN },  { false, VRRP_UNKNOWN },
		{ true, VRRP_UNKNOWN },	 { true, VRRP_GOOD },
	};
	struct vrrp_script_count s;
	size_t i;

	(void)state;
	vrrp_script_count_init(&s, 2, 3, false);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(vrrp_script_answer(&s, t[i].ok), t[i].h);
}

static void vrrp_track__init_fail_needs_the_full_rise(void **state)
{
	struct vrrp_script_count s;

	(void)state;
	vrrp_script_count_init(&s, 2, 1, true);
	assert_int_equal(vrrp_script_health(&s), VRRP_BAD);
	assert_int_equal(vrrp_script_answer(&s, true), VRRP_UNKNOWN);
	assert_int_equal(vrrp_script_answer(&s, true), VRRP_GOOD);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(vrrp_track__interface_without_weight_is_a_fault),
		T(vrrp_track__reverse_faults_when_good),
		T(vrrp_track__weights_add_when_good_or_subtract_when_bad),
		T(vrrp_track__one_success_is_enough_at_the_start),
		T(vrrp_track__first_failure_counts_at_once),
		T(vrrp_track__rise_and_fall),
		T(vrrp_track__init_fail_needs_the_full_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
