/* Sweeps: ranges, quantities in files, points, quantiles, tables. */
#include "sweep.h" /* before cmocka.h, which has a macro called expect_check */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"
#include "quantity.h"
#include "timeline.h"
#include "tree.h"

static char tmp[64];

static int setup(void **state)
{
	(void)state;
	strcpy(tmp, "/tmp/halbsim-sweep.XXXXXX");
	return mkdtemp(tmp) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return tree_remove(tmp);
}

static void free_values(char **v, size_t n)
{
	while (n)
		free(v[--n]);
	free(v);
}

static void values_are(const char *text, const char *const *want, size_t n)
{
	char **v, *why;
	size_t got, i;

	assert_int_equal(quantity_values(text, &v, &got, &why), 0);
	assert_int_equal(got, n);
	for (i = 0; i < n; i++)
		assert_string_equal(v[i], want[i]);
	free_values(v, got);
}

static void quantity__lists_and_ranges(void **state)
{
	static const char *const list[] = { "1", "0.1" };
	static const char *const loss[] = { "0%", "5%", "10%" };
	static const char *const tenths[] = { "0.1", "0.2", "0.3" };
	static const char *const rate[] = { "100/s", "150/s", "200/s" };

	(void)state;
	values_are("1,0.1", list, 2);
	values_are("0%..10%/5%", loss, 3);
	values_are("0..10%/5", loss, 3);
	values_are("0.1..0.3/0.1", tenths, 3);
	values_are("100/s..200/s/50/s", rate, 3);
}

static void refuses(const char *text, const char *why_not)
{
	char **v, *why;
	size_t n;

	assert_int_equal(quantity_values(text, &v, &n, &why), -EINVAL);
	assert_non_null(why);
	assert_non_null(strstr(why, why_not));
	free(why);
	free_values(v, n);
}

static void quantity__refuses_what_is_no_range(void **state)
{
	(void)state;
	refuses("", "missing");
	refuses("1,,2", "missing");
	refuses("lvs1", "no number");
	refuses("192.168.31.200", "no number");
	refuses("2..1/1", "empty");
	refuses("1..2/0", "never ends");
	refuses("1..2", "no range");
	refuses("1s..2m/1s", "one unit");
	refuses("0..9999999/1", "million");
}

static void quantity__spans_include_both_ends(void **state)
{
	long long *v;
	char *why;
	size_t n;

	(void)state;
	assert_int_equal(quantity_spans("0ms..1s/250ms", &v, &n, &why), 0);
	assert_int_equal(n, 5);
	assert_int_equal(v[0], 0);
	assert_int_equal(v[4], 1000000000);
	free(v);
	assert_int_equal(quantity_spans("5", &v, &n, &why), -EINVAL);
	free(why);
	assert_int_equal(quantity_spans("1s..0s/1ms", &v, &n, &why), -EINVAL);
	free(why);
}

/* --- quantities in files --- */

static char *in_tmp(const char *name)
{
	static char buf[4][160];
	static int at;

	at = (at + 1) % 4;
	snprintf(buf[at], sizeof(buf[at]), "%s/%s", tmp, name);
	return buf[at];
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void file_is(const char *path, const char *want)
{
	char *text;
	size_t len;

	assert_int_equal(file_read(path, &text, &len), 0);
	assert_string_equal(text, want);
	free(text);
}

static void make_case(void)
{
	assert_int_equal(tree_make(in_tmp("case")), 0);
	assert_int_equal(tree_make(in_tmp("topo/lvs1")), 0);
	assert_int_equal(tree_make(in_tmp("topo/lvs2")), 0);
	put(in_tmp("case/case.conf"), "# rate 1/s\ncase x {\n  traffic http { rate 200/s }\n"
				      "  timeline { at settled+1s { loss lvs1 10% } }\n"
				      "  delay 5\n}\n");
	put(in_tmp("topo/lvs1/keepalived.conf"), "  advert_int 1 ! was 2\n\tdelay 3\n");
	put(in_tmp("topo/lvs2/keepalived.conf"), "advert_int 1\n");
}

static void quantity__changes_the_number_and_nothing_else(void **state)
{
	char *c, *t;
	struct quantity_files q;

	(void)state;
	make_case();
	c = strdup(in_tmp("case"));
	t = strdup(in_tmp("topo"));
	q = (struct quantity_files){ c, t };
	assert_int_equal(quantity_set(&q, "loss", "2%"), 1);
	assert_int_equal(quantity_set(&q, "rate", "50/s"), 1);
	file_is(in_tmp("case/case.conf"), "# rate 1/s\ncase x {\n  traffic http { rate 50/s }\n"
					  "  timeline { at settled+1s { loss lvs1 2% } }\n"
					  "  delay 5\n}\n");
	assert_int_equal(quantity_set(&q, "advert_int", "0.1"), 2);
	file_is(in_tmp("topo/lvs1/keepalived.conf"), "  advert_int 0.1 ! was 2\n\tdelay 3\n");
	file_is(in_tmp("topo/lvs2/keepalived.conf"), "advert_int 0.1\n");
	/* looked for only */
	assert_int_equal(quantity_set(&q, "advert_int", NULL), 2);
	file_is(in_tmp("topo/lvs2/keepalived.conf"), "advert_int 0.1\n");
	free(c);
	free(t);
}

static void quantity__unknown_and_ambiguous(void **state)
{
	char *c, *t;
	struct quantity_files q;

	(void)state;
	make_case();
	c = strdup(in_tmp("case"));
	t = strdup(in_tmp("topo"));
	q = (struct quantity_files){ c, t };
	assert_int_equal(quantity_set(&q, "rat", "1"), -ENOENT);
	assert_int_equal(quantity_set(&q, "at", "1"), -ENOENT);
	assert_int_equal(quantity_set(&q, "delay", "1"), -EEXIST);
	assert_int_equal(quantity_set(&q, "case.delay", NULL), 1);
	assert_int_equal(quantity_set(&q, "conf.delay", "4"), 1);
	file_is(in_tmp("topo/lvs1/keepalived.conf"), "  advert_int 1 ! was 2\n\tdelay 4\n");
	free(c);
	free(t);
}

/* --- phases --- */

static void timeline__shift_moves_what_counts_from_the_first(void **state)
{
	struct step s[] = { { .base = WHEN_SETTLED, .offset_ns = 2 },
			    { .base = WHEN_PREVIOUS, .offset_ns = 6 } };
	struct step fixed[] = { { .base = WHEN_SETTLED, .offset_ns = 2 },
				{ .base = WHEN_PREVIOUS, .offset_ns = 1 },
				{ .base = WHEN_SETTLED, .offset_ns = 5 } };

	(void)state;
	assert_true(timeline_shift(s, 2, 0));
	assert_false(timeline_shift(s, 2, 6));
	assert_int_equal(s[0].offset_ns, 2);
	assert_true(timeline_shift(s, 2, 5));
	assert_int_equal(timeline_moment(s, 0).ns, 7);
	assert_int_equal(timeline_moment(s, 1).ns, 13);
	/* the second step may not come after the third */
	assert_true(timeline_shift(fixed, 3, 2));
	assert_false(timeline_shift(fixed, 3, 1));
	assert_int_equal(timeline_moment(fixed, 1).ns, 5);
}

/* --- points and results --- */

static char *adverts[] = { (char[]){ "1" }, (char[]){ "0.1" } };
static char *rates[] = { (char[]){ "5/s" }, (char[]){ "6/s" }, (char[]){ "7/s" } };
static char x_name[] = "x", advert_name[] = "advert_int", rate_name[] = "rate";
static long long phases[] = { 0, 10, 20, 30 };

static struct sweep a_sweep(void)
{
	struct sweep s = { .case_name = x_name,
			   .folder = x_name,
			   .phase = phases,
			   .nphase = 4,
			   .naxis = 2,
			   .nengine = 2,
			   .engine = { ENGINE_KEEPALIVED, ENGINE_HALBD },
			   .seed = 100 };

	s.axis[0] = (struct sweep_axis){ advert_name, adverts, 2 };
	s.axis[1] = (struct sweep_axis){ rate_name, rates, 3 };
	return s;
}

static void sweep__product_in_order(void **state)
{
	struct sweep s = a_sweep();
	struct sweep_point p;
	char *text;

	(void)state;
	assert_int_equal(sweep_count(&s), 48);
	assert_int_equal(sweep_groups(&s), 12);
	sweep_point(&s, 0, &p);
	assert_int_equal(p.engine, ENGINE_KEEPALIVED);
	assert_int_equal(p.seed, 100);
	sweep_point(&s, 24 + 12 + 4 + 3, &p);
	assert_int_equal(p.engine, ENGINE_HALBD);
	assert_int_equal(p.value[0], 1);
	assert_int_equal(p.value[1], 1);
	assert_int_equal(p.phase_ns, 30);
	assert_int_equal(p.seed, 103);
	assert_int_equal(p.group, 10);
	text = sweep_group_text(&s, 10);
	assert_string_equal(text, "halbd, advert_int 0.1, rate 6/s");
	free(text);
}

static struct sweep_result a_result(const struct sweep *s, size_t trial, long long gap,
				    const char *not_held)
{
	struct sweep_result r;
	struct sweep_point p;
	char line[512];

	sweep_point(s, trial, &p);
	snprintf(line, sizeof(line),
		 "{\"trial\":%zu,\"phase_ns\":%lld,\"verdict\":\"failed\",\"failed\":3,"
		 "\"longest_gap_ns\":%lld,\"first_advert_ns\":null,\"not_held\":[%s]}\n",
		 trial, (long long)p.phase_ns, gap, not_held);
	assert_int_equal(sweep_result_parse(&r, s, line), 0);
	assert_string_equal(r.line, line);
	return r;
}

static void sweep__quantiles_by_nearest_rank(void **state)
{
	static long long many[100];
	struct sweep s = a_sweep();
	struct sweep_result v[100];
	struct sweep_results r = { v, 100 };
	struct sweep_quantiles q;
	struct sweep_histogram h;
	int64_t *sorted;
	size_t i, n, sum = 0;

	(void)state;
	s.phase = many;
	s.nphase = 100;
	for (i = 0; i < 100; i++) {
		many[i] = (long long)i;
		v[i] = a_result(&s, i, 100 - (long long)i, "");
	}
	assert_int_equal(sweep_quantiles(&q, &r, 0, SWEEP_GAP), 0);
	assert_int_equal(q.n, 100);
	assert_int_equal(q.at[SWEEP_MIN], 1);
	assert_int_equal(q.at[SWEEP_P50], 50);
	assert_int_equal(q.at[SWEEP_P90], 90);
	assert_int_equal(q.at[SWEEP_P99], 99);
	assert_int_equal(q.at[SWEEP_MAX], 100);
	assert_int_equal(sweep_quantiles(&q, &r, 0, SWEEP_ADVERT), 0);
	assert_int_equal(q.n, 0);
	assert_int_equal(sweep_quantiles(&q, &r, 1, SWEEP_GAP), 0);
	assert_int_equal(q.n, 0);
	assert_int_equal(sweep_worst(&r)->at.trial, 0);
	sorted = sweep_values(&r, 0, SWEEP_GAP, &n);
	sweep_histogram(&h, sorted, n);
	for (i = 0; i < SWEEP_BINS; i++)
		sum += h.count[i];
	assert_int_equal(sum, 100);
	assert_int_equal(h.count[0], 5);
	free(sorted);
	for (i = 0; i < 100; i++)
		sweep_result_finish(&v[i]);
}

static void sweep__smallest_phase_of_a_failure(void **state)
{
	struct sweep s = a_sweep();
	struct sweep_result v[] = { a_result(&s, 0, 1, ""), a_result(&s, 1, 2, "\"a\""),
				    a_result(&s, 2, 3, "\"b\",\"a\""),
				    a_result(&s, 4, 3, "\"b\"") };
	struct sweep_results r = { v, 4 };
	struct sweep_failure f[4];
	size_t i;

	(void)state;
	assert_int_equal(sweep_failures(&r, 0, f, 4), 2);
	assert_string_equal(f[0].text, "a");
	assert_int_equal(f[0].count, 2);
	assert_int_equal(f[0].first->at.trial, 1);
	assert_string_equal(f[1].text, "b");
	assert_int_equal(f[1].count, 1);
	for (i = 0; i < 4; i++)
		sweep_result_finish(&v[i]);
}

static void sweep__refuses_a_line_of_another_sweep(void **state)
{
	struct sweep s = a_sweep();
	struct sweep_result r;

	(void)state;
	assert_int_equal(sweep_result_parse(&r, &s, "not json"), -EINVAL);
	assert_int_equal(sweep_result_parse(&r, &s, "{\"trial\":48,\"phase_ns\":0}"), -EINVAL);
	assert_int_equal(sweep_result_parse(&r, &s,
					    "{\"trial\":1,\"phase_ns\":11,\"verdict\":\"held\","
					    "\"failed\":0,\"not_held\":[]}"),
			 -EINVAL);
}

static void sweep__definition_survives_its_file(void **state)
{
	struct sweep s = a_sweep(), t;

	(void)state;
	strcpy(s.key, "0123456789abcdef");
	assert_int_equal(sweep_read(&t, tmp), -ENOENT);
	assert_int_equal(sweep_write(&s, tmp), 0);
	assert_int_equal(sweep_read(&t, tmp), 0);
	assert_string_equal(t.key, s.key);
	assert_int_equal(sweep_count(&t), 48);
	assert_int_equal(t.engine[0], ENGINE_KEEPALIVED);
	assert_string_equal(t.axis[1].v[2], "7/s");
	assert_int_equal(t.phase[3], 30);
	sweep_finish(&t);
	put(in_tmp("sweep.json"), "{\"schema\":\"halbsim-sweep-1\"}");
	assert_int_equal(sweep_read(&t, tmp), -EINVAL);
}

static void sweep__tables_from_trials(void **state)
{
	struct sweep s = a_sweep();
	struct sweep_result one = a_result(&s, 7, 5, "\"say \\\"x\\\", y\"");
	struct sweep_results r;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(tree_make(in_tmp("trials")), 0);
	put(in_tmp("trials/7.json"), one.line);
	assert_int_equal(sweep_results_read(&r, &s, tmp), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(sweep_tables(&s, &r, tmp), 0);
	sweep_results_finish(&r);
	file_is(in_tmp("table.jsonl"), one.line);
	assert_int_equal(file_read(in_tmp("table.csv"), &text, &len), 0);
	assert_non_null(strstr(text, "\n7,keepalived,30,1,6/s,103,failed,3,5,,,,,,"
				     "\"say \"\"x\"\", y\"\n"));
	free(text);
	/* in the wrong place */
	put(in_tmp("trials/8.json"), one.line);
	assert_int_equal(sweep_results_read(&r, &s, tmp), -EINVAL);
	sweep_result_finish(&one);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantity__lists_and_ranges),
		cmocka_unit_test(quantity__refuses_what_is_no_range),
		cmocka_unit_test(quantity__spans_include_both_ends),
		TEST(quantity__changes_the_number_and_nothing_else),
		TEST(quantity__unknown_and_ambiguous),
		cmocka_unit_test(timeline__shift_moves_what_counts_from_the_first),
		cmocka_unit_test(sweep__product_in_order),
		cmocka_unit_test(sweep__quantiles_by_nearest_rank),
		cmocka_unit_test(sweep__smallest_phase_of_a_failure),
		cmocka_unit_test(sweep__refuses_a_line_of_another_sweep),
		TEST(sweep__definition_survives_its_file),
		TEST(sweep__tables_from_trials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
