/* The rules of retries, step by step, for each kind of checker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "clock.h"

#define LOOP_S	3
#define RETRY_S 4

/*
 * Feeds verdicts ('+' and '-') to a fresh checker. Each leaves the seconds until
 * the next attempt, and U or D when the checker went up or down.
 */
static const char *run_rules(struct checker_conf *c, const char *verdicts)
{
	static char out[256];
	struct check_state s;
	enum check_news news;
	size_t n = 0;
	int64_t delay;

	check_state_init(&s, c);
	out[0] = '\0';
	for (; *verdicts; verdicts++) {
		delay = check_rule(c, &s, *verdicts == '+', &news);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%lld%s", n ? " " : "",
				      (long long)(delay / NS_PER_S),
				      news == CHECK_WENT_UP   ? "U" :
				      news == CHECK_WENT_DOWN ? "D" :
								"");
	}
	return out;
}

static struct checker_conf rules(enum checker_type type, int retry)
{
	return (struct checker_conf){
		.type = type,
		.retry = retry,
		.delay_loop_ns = LOOP_S * NS_PER_S,
		.delay_before_retry_ns = RETRY_S * NS_PER_S,
		.nurl = 1,
	};
}

static void check_rule__first_failure_ever_is_enough(void **state)
{
	static const enum checker_type types[] = { CHECK_TCP, CHECK_UDP, CHECK_PING,
						   CHECK_DNS, CHECK_HTTP, CHECK_MISC };
	struct checker_conf c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		c = rules(types[i], 3);
		assert_non_null(strchr(run_rules(&c, "-"), 'D'));
	}
	c = rules(CHECK_SMTP, 1); /* but not this one */
	assert_string_equal(run_rules(&c, "--"), "4 3D");
}

static void check_rule__tcp(void **state)
{
	struct checker_conf c = rules(CHECK_TCP, 3);

	(void)state;
	assert_string_equal(run_rules(&c, "++---+----+"), "3U 3 4 4 4 3 4 4 4 3D 3U");
	c.retry = 0;
	assert_string_equal(run_rules(&c, "+-+--+"), "3U 3D 3U 3D 3 3U");
}

static void check_rule__tcp_down_alternates(void **state)
{
	struct checker_conf c = rules(CHECK_TCP, 1);

	(void)state;
	assert_string_equal(run_rules(&c, "+------+"), "3U 4 3D 4 3 4 3 3U");
}

static void check_rule__udp_and_ping_down_do_not(void **state)
{
	struct checker_conf c = rules(CHECK_UDP, 1);

	(void)state;
	assert_string_equal(run_rules(&c, "+-----+"), "3U 4 3D 3 3 3 3U");
	c.type = CHECK_PING;
	assert_string_equal(run_rules(&c, "+-----+"), "3U 4 3D 3 3 3 3U");
}

static void check_rule__dns(void **state)
{
	struct checker_conf c = rules(CHECK_DNS, 2);

	(void)state;
	assert_string_equal(run_rules(&c, "+--+-----+"), "3U 4 4 3 4 4 3D 3 3 3U");
}

static void check_rule__smtp(void **state)
{
	struct checker_conf c = rules(CHECK_SMTP, 2);

	(void)state;
	assert_string_equal(run_rules(&c, "----+---"), "4 4 3D 4 3U 4 4 3D");
}

static void check_rule__misc(void **state)
{
	struct checker_conf c = rules(CHECK_MISC, 1);

	(void)state;
	assert_string_equal(run_rules(&c, "+----+"), "3U 4 3D 3 3 3U");
}

/* A failed url must answer, then all of them again, before the checker is up. */
static void check_rule__http_comes_back_in_two_steps(void **state)
{
	struct checker_conf c = rules(CHECK_HTTP, 1);

	(void)state;
	assert_string_equal(run_rules(&c, "+---++"), "3U 4 4D 4 3 3U");
}

static void check_rule__http_goes_through_its_urls(void **state)
{
	struct checker_conf c = rules(CHECK_HTTP, 0);

	(void)state;
	c.nurl = 3;
	assert_string_equal(run_rules(&c, "++++-++++"), "3 3 3U 3 4D 3 3 3 3U");
	c.fast_recovery = true;
	assert_string_equal(run_rules(&c, "++++-++++"), "0 0 3U 3 4D 0 0 0 3U");
}

static void check_rule__alpha_is_down_until_a_success(void **state)
{
	struct checker_conf c = rules(CHECK_TCP, 1);

	(void)state;
	c.alpha = true;
	assert_string_equal(run_rules(&c, "-+"), "3D 3U");
	assert_string_equal(run_rules(&c, "+"), "3U");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_rule__first_failure_ever_is_enough),
		cmocka_unit_test(check_rule__tcp),
		cmocka_unit_test(check_rule__tcp_down_alternates),
		cmocka_unit_test(check_rule__udp_and_ping_down_do_not),
		cmocka_unit_test(check_rule__dns),
		cmocka_unit_test(check_rule__smtp),
		cmocka_unit_test(check_rule__misc),
		cmocka_unit_test(check_rule__http_comes_back_in_two_steps),
		cmocka_unit_test(check_rule__http_goes_through_its_urls),
		cmocka_unit_test(check_rule__alpha_is_down_until_a_success),
	};

	return cmocka_run_group_tests_name("check_rules", tests, NULL, NULL);
}
