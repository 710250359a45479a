/* The judge of the differential suite (tests/differential). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "print.h"

static struct rules rules;
static struct observed seen[SIDES];
static struct verdicts found;

/* Reads rules; errors, of which there must be as many. */
static void given(const char *text, unsigned int errors)
{
	struct block_diag d = { .out = tmpfile() };

	assert_non_null(d.out);
	rules_parse(&rules, "rules", text, &d);
	assert_int_equal(d.errors, errors);
	fclose(d.out);
}

static int saw(enum side s, const char *text)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	FILE *err = tmpfile();
	int r;

	assert_non_null(in);
	assert_non_null(err);
	r = observed_read(&seen[s], in, "seen", err);
	fclose(in);
	fclose(err);
	return r;
}

static void judged(const char *keepalived, const char *halbd)
{
	assert_int_equal(saw(KEEPALIVED, keepalived), 0);
	assert_int_equal(saw(HALBD, halbd), 0);
	assert_int_equal(judge(&found, &rules, seen), 0);
}

static int finish(void **state)
{
	(void)state;
	verdicts_finish(&found);
	rules_finish(&rules);
	observed_finish(&seen[KEEPALIVED]);
	observed_finish(&seen[HALBD]);
	return 0;
}

static void judge__texts_are_equal_to_the_letter(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a { what \"the a\" }\nobserve b { expect x } }", 0);
	judged("1\ta\tsame\n1\tb\tx\n", "1\tb\ty\n1\ta\tsame\n");
	assert_int_equal(found.n, 2);
	assert_int_equal(found.at[0].verdict, EQUAL);
	assert_string_equal(found.at[0].side[HALBD], "same");
	assert_int_equal(found.at[1].verdict, FAILED);
	assert_int_equal(verdicts_failed(&found), 1);
}

static void judge__missing_is_a_failure(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a { }\nobserve b { }\nobserve c { keys 1 } }", 0);
	judged("1\ta\tx\n1\tc/1\tx\n", "1\tc/2\tx\n");
	assert_int_equal(found.at[0].verdict, FAILED);
	assert_string_equal(found.at[0].side[HALBD], "missing");
	assert_int_equal(found.at[1].verdict, FAILED);
	assert_int_equal(found.at[2].verdict, FAILED);
	assert_string_equal(found.at[2].trouble, "c/1: halbd has none\nc/2: keepalived has none\n"
						 "c: 0 keys, not 1\n");
}

static void judge__observation_without_a_rule_is_a_failure(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a { } }", 0);
	judged("1\ta\tx\n", "1\ta\tx\n2\tb/c\tx\n");
	assert_string_equal(found.stray, "row 2: no rule for halbd's b/c\n");
	assert_int_equal(verdicts_failed(&found), 1);
}

static void judge__numbers_keep_to_formula_and_to_each_other(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a {\nunit ms\nformula 10\nwithin 1\n}\nobserve b {\n"
	      "unit ms\nformula 10\nwithin 2\napart 1\n} }", 0);
	judged("1\ta\t10\n1\tb\t9\n", "1\ta\t10.9\n1\tb\t11\n");
	assert_int_equal(found.at[0].verdict, CLOSE);
	assert_string_equal(found.at[0].difference, "+0.9 ms");
	assert_int_equal(found.at[1].verdict, FAILED);
	assert_string_equal(found.at[1].trouble, "b: 2 ms apart, not at most 1\n");
}

static void judge__formula_of_each_key(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a {\nunit ms\nformula p1 10\nformula p2 20\nwithin 0\n"
	      "keys 2\n} }", 0);
	judged("1\ta/p1\t10\n1\ta/p2\t20\n1\ta/p3\t5\n",
	       "1\ta/p1\t10\n1\ta/p2\t21\n1\ta/p3\t5\n");
	assert_int_equal(found.at[0].verdict, FAILED);
	assert_string_equal(found.at[0].trouble,
			    "a of p2: halbd is 21 ms, not 20 within 0\n"
			    "a of p2: 1 ms apart, not at most 0\n"
			    "a of p3: there is no formula for it\n"
			    "a of p3: there is no formula for it\n");
	assert_string_equal(found.at[0].side[HALBD], "5 to 21 ms (3)");
}

static void judge__band_and_surplus(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a {\nunit s\nbetween 4 7\napart 9\n}\nobserve b {\n"
	      "unit requests\nmore 1\n} }", 0);
	judged("1\ta\t4\n1\tb\t3\n", "1\ta\t7.1\n1\tb\t5\n");
	assert_string_equal(found.at[0].trouble, "a: halbd is 7.1 s, not in 4 to 7\n");
	assert_string_equal(found.at[1].trouble, "b: halbd has 2 more, not at most 1\n");
}

static void judge__stated_difference(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a {\nkeepalived late\nhalbd early\nfollows halbd why\n}\n"
	      "observe b {\nunit s\nwithin 0.5\nkeepalived 9\nhalbd 3\nfollows halbd why\n} }", 0);
	judged("1\ta\tlate\n1\tb\t9.4\n", "1\ta\tlate\n1\tb\t3.1\n");
	assert_string_equal(found.at[0].trouble, "a: halbd is 'late', not 'early'\n");
	assert_int_equal(found.at[1].verdict, DIFFERS);
}

static void judge__exceptions_must_differ(void **state)
{
	char path[] = "/tmp/test_judge.XXXXXX", text[256];
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	fputs("two\tfor a reason\nthree\tfor another\n", f);
	fclose(f);
	snprintf(text, sizeof(text), "row 1 \"t\" { observe a {\nkeys 3\nexcept %s\n} }", path);
	given(text, 0);
	unlink(path);
	judged("1\ta/one\tx\n1\ta/three\tx\n1\ta/two\tx\n",
	       "1\ta/one\tx\n1\ta/three\tx\n1\ta/two\ty\n");
	assert_string_equal(found.at[0].trouble,
			    "a/three is the same, though it stands among the exceptions\n");
	assert_string_equal(found.at[0].difference, "1 of 3");
}

static void judge__value_that_is_no_number(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a {\nunit s\nwithin 1\n} }", 0);
	judged("1\ta\tnever\n", "1\ta\tnever\n");
	assert_int_equal(found.at[0].verdict, FAILED);
	assert_string_equal(found.at[0].side[HALBD], "never");
}

/* Two scripts that see to one row: both files' observables are asked for. */
static void rules__one_row_in_two_files(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a { } }", 0);
	given("row 1 \"t\" { observe b { } }", 0);
	judged("1\ta\tx\n", "1\ta\tx\n");
	assert_int_equal(verdicts_failed(&found), 1); /* b is missing */
}

static void rules__refuse_what_compares_nothing(void **state)
{
	(void)state;
	given("row 1 \"t\" { observe a { unit ms } }", 1);
	given("row 2 \"t\" { observe a { within 3 } }", 1);
	given("row 3 \"t\" { observe a { unit ms\nformula 3 } }", 1);
	given("row 4 \"t\" { observe a { keepalived x } }", 1);
	given("row 5 \"t\" { observe a { follows nobody why } }", 1);
	given("row 6 \"t\" { observe a { between } }", 3);
	given("row 7 \"t\" { observe a { except nothing } }", 1);
	given("row 8 \"t\"", 1);
	given("row 9 \"t\" { watch a { } }", 1);
	given("row 1 \"again\" { observe a { } }", 1);
	given("row 10 \"t\" { observe a { colour red } }", 1);
}

static void observed__refuses_other_lines(void **state)
{
	(void)state;
	assert_int_equal(saw(HALBD, "1\ta\n"), -1);
	finish(NULL);
	assert_int_equal(saw(HALBD, "x\ta\tb\n"), -1);
	finish(NULL);
	assert_int_equal(saw(HALBD, "1\ta\tb\n1\ta\tc\n"), -1);
	finish(NULL);
	assert_int_equal(saw(HALBD, "1\ta/x\tb\n1\ta/y\tb\n"), 0);
}

static void print__table_is_120_columns_wide(void **state)
{
	char *text = NULL, *line, *rest;
	size_t size, lines = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	given("row 21 \"a behaviour of so many words that they take more than one line of the "
	      "table and go on and on until nobody knows where it began\" { observe a {\n"
	      "keepalived \"one two three four five six seven eight nine ten eleven\"\n"
	      "halbd aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
	      "follows halbd \"the RFC: because\"\n} }", 0);
	judged("21\ta\tone two three four five six seven eight nine ten eleven\n",
	       "21\ta\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
	print_table(out, &found);
	fclose(out);
	assert_non_null(strstr(text, "halbd follows the RFC: because"));
	assert_non_null(strstr(text, "1 of 1 behaviours hold: 0 observables equal, 0 close, 1 "
				     "differ"));
	for (line = text; *line; line = rest + 1, lines++) {
		rest = strchr(line, '\n');
		assert_true(rest - line <= 120);
	}
	assert_true(lines > 6);
	free(text);
}

static void print__tap_and_markdown(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	given("row 3 \"t\" { observe a {\nunit ms\nformula 10\nwithin 1\nwhy \"a reason\"\n} }", 0);
	judged("3\ta\t10\n", "3\ta\t9.5\n");
	assert_int_equal(print_tap(out, &found), 2);
	print_markdown(out, &found);
	fclose(out);
	assert_non_null(strstr(text, "ok 1 - 3 t: close, -0.5 ms\nok 2 - every"));
	assert_non_null(strstr(text, "| | a | 10 ms | 9.5 ms | -0.5 ms | 10 ± 1 ms | close |"));
	assert_non_null(strstr(text, "- 3, a: a reason\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(judge__texts_are_equal_to_the_letter, finish),
		cmocka_unit_test_teardown(judge__missing_is_a_failure, finish),
		cmocka_unit_test_teardown(judge__observation_without_a_rule_is_a_failure, finish),
		cmocka_unit_test_teardown(judge__numbers_keep_to_formula_and_to_each_other, finish),
		cmocka_unit_test_teardown(judge__formula_of_each_key, finish),
		cmocka_unit_test_teardown(judge__band_and_surplus, finish),
		cmocka_unit_test_teardown(judge__stated_difference, finish),
		cmocka_unit_test_teardown(judge__exceptions_must_differ, finish),
		cmocka_unit_test_teardown(judge__value_that_is_no_number, finish),
		cmocka_unit_test_teardown(rules__one_row_in_two_files, finish),
		cmocka_unit_test_teardown(rules__refuse_what_compares_nothing, finish),
		cmocka_unit_test_teardown(observed__refuses_other_lines, finish),
		cmocka_unit_test_teardown(print__table_is_120_columns_wide, finish),
		cmocka_unit_test_teardown(print__tap_and_markdown, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
