/* The timeline: which step is due when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "timeline.h"
#include "trigger.h"

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

/* at settled+1s, when …, at +2s, when …, at +0 */
static void timeline__stands_still_until_the_event(void **state)
{
	struct trigger within = { .limit_ns = 4 * S };
	struct step st[] = {
		step(WHEN_SETTLED, S),	  step(WHEN_EVENT, 0), step(WHEN_PREVIOUS, 2 * S),
		step(WHEN_EVENT, 0), step(WHEN_PREVIOUS, 0),
	};
	struct timeline t;
	struct moment m;

	(void)state;
	st[1].when = st[3].when = &within;
	m = timeline_moment(st, 2);
	assert_true(m.after_settled);
	assert_int_equal(m.event, 2);
	assert_int_equal(m.ns, 2 * S);
	assert_int_equal(timeline_length(st, 5), (1 + 4 + 2 + 4) * S);

	timeline_init(&t, st, 5);
	assert_null(timeline_awaits(&t));
	t.settled_ns = 10 * S;
	assert_int_equal(timeline_due(&t), 11 * S);
	assert_null(timeline_awaits(&t));
	timeline_take(&t);
	assert_ptr_equal(timeline_awaits(&t), &st[1]);
	assert_int_equal(timeline_due(&t), TIMELINE_UNKNOWN);
	timeline_came(&t, 13 * S);
	assert_null(timeline_awaits(&t));
	assert_int_equal(timeline_due(&t), 13 * S);
	timeline_take(&t);
	assert_int_equal(timeline_due(&t), 15 * S);
	timeline_take(&t);
	assert_ptr_equal(timeline_awaits(&t), &st[3]);
	assert_int_equal(timeline_due(&t), TIMELINE_UNKNOWN);
	timeline_came(&t, 16 * S);
	timeline_take(&t);
	assert_int_equal(timeline_due(&t), 16 * S);
	timeline_take(&t);
	assert_null(timeline_awaits(&t));
}

static void timeline__waits_for_the_first_event_once_settled(void **state)
{
	struct trigger within = { .limit_ns = 4 * S };
	struct step st[] = { step(WHEN_EVENT, 0), step(WHEN_PREVIOUS, S) };
	struct timeline t;

	(void)state;
	st[0].when = &within;
	timeline_init(&t, st, 2);
	assert_true(timeline_wants_settled(&t));
	assert_null(timeline_awaits(&t));
	t.settled_ns = S;
	assert_ptr_equal(timeline_awaits(&t), &st[0]);
}

/* A phase may push a step towards an event, which comes when it comes. */
static void timeline__shifts_up_to_an_event(void **state)
{
	struct step st[] = { step(WHEN_SETTLED, S), step(WHEN_EVENT, 0),
			     step(WHEN_PREVIOUS, 0) };

	(void)state;
	assert_true(timeline_shift(st, 3, 5 * S));
	assert_int_equal(timeline_moment(st, 0).ns, 6 * S);
	assert_int_equal(timeline_moment(st, 2).ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timeline__counts_previous_from_when_it_was_due),
		cmocka_unit_test(timeline__knows_nothing_before_settled),
		cmocka_unit_test(timeline__holds_settled_back_for_steps_from_the_start),
		cmocka_unit_test(timeline__without_steps_wants_settled),
		cmocka_unit_test(timeline__that_waits_for_nothing_holds_nothing_back),
		cmocka_unit_test(timeline__stands_still_until_the_event),
		cmocka_unit_test(timeline__waits_for_the_first_event_once_settled),
		cmocka_unit_test(timeline__shifts_up_to_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
