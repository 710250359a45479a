/* Expectations judged against a log made by hand; for the tests of expect_*.c. */
#ifndef EXPECTFIX_H
#define EXPECTFIX_H

#include "logbuild.h"

#include <stdio.h>
#include <stdlib.h>

#include "block.h"
#include "expect.h"
#include "measure.h"

static char *messages;

/* Reads the lines of an expect block; returns the list, messages set aside. */
static inline struct expect *parse(const char *lines, struct block **tree, unsigned int *errors)
{
	struct block_diag d = { 0 };
	struct expect *e;
	size_t len;

	free(messages);
	d.out = open_memstream(&messages, &len);
	assert_non_null(d.out);
	*tree = block_parse("t.conf", lines, strlen(lines), &d);
	assert_non_null(*tree);
	e = expect_parse(*tree, &d);
	if (e)
		expect_check(e, &lb_case, &d);
	fclose(d.out);
	*errors = d.errors;
	return e;
}

static inline void refused(const char *line, const char *message)
{
	struct block *tree;
	unsigned int errors;
	struct expect *e = parse(line, &tree, &errors);

	if (!errors || !strstr(messages, message))
		fail_msg("'%s': expected '%s', got %u errors: %s", line, message, errors,
			 messages);
	expect_free(e);
	block_free(tree);
}

/* Judges one line against the log as it is; copies what it says. */
static struct {
	enum expect_outcome outcome;
	char expected[200], actual[200], tolerance[200];
	size_t nmoment;
	int64_t first, last;
} got;

static inline void judge(const char *line)
{
	struct expect_results res;
	struct block *tree;
	unsigned int errors;
	struct measures m;
	struct expect *e = parse(line, &tree, &errors);

	if (!e || errors)
		fail_msg("'%s': %s", line, messages);
	lb_case.expect = e;
	assert_int_equal(measure(&m, &lb_case, &lb_log), 0);
	assert_int_equal(expect_judge(&res, &lb_case, &lb_log, &m), 0);
	assert_int_equal(res.n, 1);
	assert_string_equal(expect_text(res.v[0].of), line);
	got.outcome = res.v[0].outcome;
	snprintf(got.expected, sizeof(got.expected), "%s", res.v[0].expected);
	snprintf(got.actual, sizeof(got.actual), "%s", res.v[0].actual);
	snprintf(got.tolerance, sizeof(got.tolerance), "%s", res.v[0].tolerance);
	got.nmoment = res.v[0].nmoment;
	if (got.nmoment) {
		got.first = res.v[0].moment[0].t;
		got.last = res.v[0].moment[got.nmoment - 1].t;
	}
	lb_case.expect = NULL;
	expect_results_finish(&res);
	measures_finish(&m);
	expect_free(e);
	block_free(tree);
}

static inline void is_outcome(const char *line, enum expect_outcome want, const char *actual)
{
	judge(line);
	if (got.outcome != want || (actual && strcmp(got.actual, actual) != 0))
		fail_msg("'%s': outcome %d (expected %s, actual %s)", line, got.outcome,
			 got.expected, got.actual);
}

__attribute__((unused)) static void held(const char *line, const char *actual)
{
	is_outcome(line, EXPECT_HELD, actual);
}

static inline void not_held(const char *line, const char *actual)
{
	is_outcome(line, EXPECT_NOT_HELD, actual);
}

static inline void undecided(const char *line, const char *actual)
{
	is_outcome(line, EXPECT_UNDECIDED, actual);
}

static inline int teardown(void **state)
{
	free(messages);
	messages = NULL;
	return lb_teardown(state);
}

#define T(f) cmocka_unit_test_setup_teardown(f, lb_setup, teardown)

#endif
