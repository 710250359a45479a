/* What is due together begins at an even pace; what is spread is left alone. */
#include <sys/socket.h>

#include "check_bench.h"
#include "check_pace.h"

#define NATTEMPTS (FIX_SERVICES * FIX_REALS)

static void check_pace__spread_attempts_begin_when_due(void **state)
{
	struct check_pace p;
	int64_t t;

	(void)state;
	check_pace_init(&p, 333);
	for (t = 0; t < 10 * NS_PER_S; t += 3 * NS_PER_MS)
		assert_int_equal(check_pace_turn(&p, t), t);
}

static void check_pace__burst_begins_at_an_even_pace(void **state)
{
	int64_t now = 5 * NS_PER_S, at, last = now;
	struct check_pace p;
	int i, at_once = 0;

	(void)state;
	check_pace_init(&p, 0);
	for (i = 0; i < 10000; i++) {
		at = check_pace_turn(&p, now);
		if (at == now)
			at_once++;
		else
			assert_true(at - last <= NS_PER_MS / 2);
		last = at;
	}
	assert_int_equal(at_once, 17); /* 8 ms' worth, and the one that is due */
	assert_int_equal(last, now + (9999 - 16) * NS_PER_MS / 2);
}

/* Twice of what is asked for: 10,000 checks every second are never late for long. */
static void check_pace__keeps_up_with_what_is_asked_for(void **state)
{
	struct check_pace p;
	int64_t t, at = 0;
	int i;

	(void)state;
	check_pace_init(&p, 10000);
	for (t = 0; t < 3 * NS_PER_S; t += NS_PER_S) {
		for (i = 0; i < 10000; i++)
			at = check_pace_turn(&p, t);
		assert_in_range(at - t, 1, NS_PER_S / 2);
	}
}

static void check_pace__rest_gives_a_new_burst(void **state)
{
	struct check_pace p;
	int i;

	(void)state;
	check_pace_init(&p, 0);
	for (i = 0; i < 100; i++)
		check_pace_turn(&p, 0);
	for (i = 0; i < 17; i++)
		assert_int_equal(check_pace_turn(&p, NS_PER_S), NS_PER_S);
	assert_int_not_equal(check_pace_turn(&p, NS_PER_S), NS_PER_S);
}

/* Makes 64 checkers that are due now, and runs them until each has reported. */
static void run_all(struct attempts *a, int64_t warmup_ns)
{
	struct lvs_service_conf *s;
	int port, i, k;

	listen(bind_local(a, SOCK_STREAM, &port), NATTEMPTS);
	for (i = 0; i < FIX_SERVICES; i++) {
		s = fix_service(&a->f, "10.0.0.1", port);
		for (k = 0; k < FIX_REALS; k++)
			fix_checker(fix_real(&a->f, s, "127.0.0.1"), CHECK_TCP)->warmup_ns =
				warmup_ns;
	}
	a->stop_after = NATTEMPTS;
	make_set(a, NATTEMPTS);
	assert_int_equal(run(a), CHECK_OK);
}

/* The last turn is (64 - 1 - 16) gaps after the first: that long it takes at least. */
static void begins_apart(struct attempts *a, int64_t warmup_ns)
{
	int64_t since = clock_now();

	run_all(a, warmup_ns);
	assert_int_equal(a->reports, NATTEMPTS);
	assert_true(clock_now() - since >= (NATTEMPTS - 17) * NS_PER_MS / 2);
}

static void check_pace__first_attempts_without_warmup_are_apart(void **state)
{
	begins_apart(*state, 0);
}

/* A warmup whose shares happen to be the same. */
static void check_pace__attempts_that_fall_due_together_are_apart(void **state)
{
	begins_apart(*state, NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_pace__spread_attempts_begin_when_due),
		cmocka_unit_test(check_pace__burst_begins_at_an_even_pace),
		cmocka_unit_test(check_pace__keeps_up_with_what_is_asked_for),
		cmocka_unit_test(check_pace__rest_gives_a_new_burst),
		cmocka_unit_test_setup_teardown(
			check_pace__first_attempts_without_warmup_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(
			check_pace__attempts_that_fall_due_together_are_apart, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
