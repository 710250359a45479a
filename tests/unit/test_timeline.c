/* The timeline: which step is due when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "timeline.h"

#define S NS_PER_S

static struct step step(enum when_base base, int64_t offset_ns)
{
	return (struct step){ .base = base, .offset_ns = offset_ns };
}

static void timeline__counts_previous_from_when_it_was_due(void **state)
{
	struct step st[] = {
		step(WHEN_SETTLED, 5 * S),
		step(WHEN_PREVIOUS, 10 * S),
		step(WHEN_PREVIOUS, 0),
		step(WHEN_SETTLED, 20 * S),
		step(WHEN_PREVIOUS, 1 * S),
	};
	static const int64_t want[] = { 5 * S, 15 * S, 15 * S, 20 * S, 21 * S };
	struct moment m;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		m = timeline_moment(st, i);
		assert_true(m.after_settled);
		assert_int_equal(m.ns, want[i]);
	}
}

static void timeline__knows_nothing_before_settled(void **state)
{
	struct step st[] = { step(WHEN_SETTLED, 5 * S), step(WHEN_PREVIOUS, S) };
	struct timeline t;

	(void)state;
	timeline_init(&t, st, 2);
	t.start_ns = 1000;
	assert_int_equal(timeline_due(&t), TIMELINE_UNKNOWN);
	assert_true(timeline_wants_settled(&t));
	t.settled_ns = 7 * S;
	assert_int_equal(timeline_due(&t), 12 * S);
	assert_ptr_equal(timeline_take(&t), &st[0]);
	assert_int_equal(timeline_due(&t), 13 * S);
	assert_ptr_equal(timeline_take(&t), &st[1]);
	assert_int_equal(timeline_due(&t), TIMELINE_UNKNOWN);
	assert_null(timeline_take(&t));
}

static void timeline__holds_settled_back_for_steps_from_the_start(void **state)
{
	struct step st[] = {
		step(WHEN_START, 2 * S),
		step(WHEN_PREVIOUS, S),
		step(WHEN_SETTLED, 0),
	};
	struct timeline t;

	(void)state;
	timeline_init(&t, st, 3);
	assert_false(timeline_wants_settled(&t));
	assert_int_equal(timeline_due(&t), TIMELINE_UNKNOWN);
	t.start_ns = 10 * S;
	assert_int_equal(timeline_due(&t), 12 * S);
	timeline_take(&t);
	assert_int_equal(timeline_due(&t), 13 * S);
	assert_false(timeline_wants_settled(&t));
	timeline_take(&t);
	assert_true(timeline_wants_settled(&t));
}

static void timeline__without_steps_wants_settled(void **state)
{
	struct timeline t;

	(void)state;
	timeline_init(&t, NULL, 0);
	assert_true(timeline_wants_settled(&t));
	assert_int_equal(timeline_due(&t), TIMELINE_UNKNOWN);
}

static void timeline__that_waits_for_nothing_holds_nothing_back(void **state)
{
	struct step st[] = { step(WHEN_START, 2 * S), step(WHEN_PREVIOUS, S) };
	struct timeline t;

	(void)state;
	timeline_init(&t, st, 2);
	assert_true(timeline_wants_settled(&t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timeline__counts_previous_from_when_it_was_due),
		cmocka_unit_test(timeline__knows_nothing_before_settled),
		cmocka_unit_test(timeline__holds_settled_back_for_steps_from_the_start),
		cmocka_unit_test(timeline__without_steps_wants_settled),
		cmocka_unit_test(timeline__that_waits_for_nothing_holds_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
