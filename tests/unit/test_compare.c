/* Baselines: what is worse, what is only moved, and what is no report at all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "clock.h"
#include "compare.h"

#define MS NS_PER_MS
#define US NS_PER_US

static json_t *report; /* tests/data/report.json, to be changed */
static struct figures base, now;
static struct compare cmp;
static struct compare_limits limits = { 0.01, 50 * US };

static json_t *load(void)
{
	json_error_t err;
	json_t *o = json_load_file("tests/data/report.json", 0, &err);

	if (!o)
		fail_msg("tests/data/report.json:%d: %s (run it from the source tree)",
			 err.line, err.text);
	return o;
}

static int read_json(struct figures *f, const json_t *o)
{
	char path[] = "/tmp/test_compare.XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0);
	assert_int_equal(json_dumpfd(o, fd, 0), 0);
	close(fd);
	r = figures_read(f, path);
	unlink(path);
	return r;
}

static int read_text(struct figures *f, const char *text, size_t len)
{
	char path[] = "/tmp/test_compare.XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
	r = figures_read(f, path);
	unlink(path);
	return r;
}

static int setup(void **state)
{
	(void)state;
	report = load();
	assert_int_equal(figures_read(&base, "tests/data/report.json"), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	compare_finish(&cmp);
	figures_finish(&base);
	figures_finish(&now);
	json_decref(report);
	return 0;
}

static json_t *traffic(void)
{
	return json_array_get(json_object_get(report, "traffic"), 0);
}

static json_t *failover(void)
{
	return json_array_get(json_object_get(report, "failovers"), 0);
}

static void add_to(json_t *o, const char *key, int64_t by)
{
	json_t *v = json_object_get(o, key);

	assert_true(json_is_integer(v));
	json_integer_set(v, json_integer_value(v) + by);
}

static void compare(void)
{
	assert_int_equal(read_json(&now, report), 0);
	assert_int_equal(compare_runs(&cmp, &base, &now, &limits), 0);
}

static enum compare_status status_of(const char *name)
{
	size_t i;

	for (i = 0; i < cmp.n; i++)
		if (!strcmp(cmp.v[i].name, name))
			return cmp.v[i].status;
	fail_msg("no figure '%s'", name);
	return COMPARE_SAME;
}

static void figures__of_a_report(void **state)
{
	const struct figure *f;

	(void)state;
	assert_string_equal(base.case_name, "master_down");
	assert_string_equal(base.engine, "halbd");
	assert_string_equal(base.verdict, "held");
	f = figures_find(&base, "http: longest gap");
	assert_non_null(f);
	assert_true(f->is_time && f->phased && f->seen);
	assert_int_equal(f->value,
			 json_integer_value(json_object_get(traffic(), "longest_gap_ns")));
	assert_int_equal(f->every_ns, 5 * MS);
	f = figures_find(&base, "failover 1: neighbour entry after the bound");
	assert_non_null(f);
	assert_int_equal(f->value,
			 json_integer_value(json_object_get(failover(), "arp_ns")) -
				 json_integer_value(json_object_get(failover(), "bound_ns")));
	assert_int_equal(base.nexpect, json_array_size(json_object_get(report, "expect")));
}

static void compare__a_run_with_itself(void **state)
{
	size_t i;

	(void)state;
	compare();
	assert_true(cmp.n >= 13);
	for (i = 0; i < cmp.n; i++)
		assert_int_equal(cmp.v[i].status, COMPARE_SAME);
	assert_false(compare_regressed(&cmp));
}

static void compare__what_took_longer_is_worse(void **state)
{
	(void)state;
	add_to(failover(), "arp_ns", 51 * US);
	compare();
	assert_int_equal(status_of("failover 1: neighbour entry after the bound"),
			 COMPARE_WORSE);
	assert_int_equal(cmp.worse, 1);
	assert_true(compare_regressed(&cmp));
}

static void compare__within_the_floor(void **state)
{
	(void)state;
	add_to(failover(), "arp_ns", 50 * US);
	compare();
	assert_int_equal(status_of("failover 1: neighbour entry after the bound"),
			 COMPARE_WITHIN);
	assert_false(compare_regressed(&cmp));
}

static void compare__what_took_less_is_better(void **state)
{
	(void)state;
	add_to(failover(), "arp_ns", -51 * US);
	compare();
	assert_int_equal(status_of("failover 1: neighbour entry after the bound"),
			 COMPARE_BETTER);
	assert_int_equal(cmp.better, 1);
	assert_false(compare_regressed(&cmp));
}

/* 1 % of 3.6 s and one request. */
static void compare__a_share_of_long_times(void **state)
{
	const struct figure *gap = figures_find(&base, "http: longest gap");
	int64_t allowed = gap->value / 100 + 5 * MS;

	(void)state;
	add_to(traffic(), "longest_gap_ns", allowed);
	compare();
	assert_int_equal(status_of("http: longest gap"), COMPARE_WITHIN);
	compare_finish(&cmp);
	figures_finish(&now);
	add_to(traffic(), "longest_gap_ns", 2 * US);
	compare();
	assert_int_equal(status_of("http: longest gap"), COMPARE_WORSE);
}

/* The fault came 7 ms sooner after an advert: the gap is that much longer. */
static void compare__the_phase_of_the_fault(void **state)
{
	const struct figure *gap = figures_find(&base, "http: longest gap");
	int64_t allowed = gap->value / 100 + 5 * MS;

	(void)state;
	add_to(failover(), "fault_ns", -7 * MS);
	add_to(traffic(), "longest_gap_ns", allowed + 7 * MS);
	compare();
	assert_int_equal(now.phase_ns, base.phase_ns - 7 * MS);
	assert_int_equal(status_of("http: longest gap"), COMPARE_WITHIN);
	/* what counts from the bound has nothing to do with it */
	assert_int_equal(status_of("failover 1: VIP after the bound"), COMPARE_SAME);
}

static void compare__one_failover_more_or_less(void **state)
{
	json_t *all = json_object_get(report, "failovers");

	(void)state;
	json_array_append(all, failover());
	compare();
	assert_int_equal(status_of("failovers"), COMPARE_WORSE);
	assert_int_equal(status_of("failover 2: VIP after the bound"), COMPARE_NEW);
	compare_finish(&cmp);
	figures_finish(&now);
	json_array_clear(all);
	compare();
	assert_int_equal(status_of("failovers"), COMPARE_WORSE);
	assert_int_equal(status_of("failover 1: VIP after the bound"), COMPARE_GONE);
}

static void compare__what_is_not_seen_any_more_is_gone(void **state)
{
	(void)state;
	json_object_set_new(failover(), "first_ok_ns", json_null());
	compare();
	assert_int_equal(status_of("failover 1: first good reply after the bound"),
			 COMPARE_GONE);
	assert_true(compare_regressed(&cmp));
}

static void compare__an_expectation_that_broke(void **state)
{
	json_t *x = json_array_get(json_object_get(report, "expect"), 0);

	(void)state;
	json_object_set_new(x, "ok", json_false());
	compare();
	assert_int_equal(cmp.broken, 1);
	assert_true(compare_regressed(&cmp));
	compare_finish(&cmp);
	figures_finish(&now);
	/* one that is not asked any more has not broken */
	json_array_remove(json_object_get(report, "expect"), 0);
	compare();
	assert_int_equal(cmp.broken, 0);
}

static void compare__a_worse_verdict(void **state)
{
	(void)state;
	json_object_set_new(report, "verdict", json_string("inconclusive"));
	compare();
	assert_true(cmp.verdict_worse);
	assert_true(compare_regressed(&cmp));
}

static void compare__another_case_or_time_is_refused(void **state)
{
	(void)state;
	json_object_set_new(report, "case", json_string("web_down"));
	assert_int_equal(read_json(&now, report), 0);
	assert_int_equal(compare_runs(&cmp, &base, &now, &limits), -EINVAL);
	figures_finish(&now);
	json_object_set_new(report, "case", json_string("master_down"));
	json_object_set_new(report, "time", json_string("real"));
	assert_int_equal(read_json(&now, report), 0);
	assert_int_equal(compare_runs(&cmp, &base, &now, &limits), -EINVAL);
}

/* Whatever is cut off, changed or of somebody else: an error, never a crash. */
static void figures__refuse_what_is_no_report(void **state)
{
	char *text = json_dumps(report, 0);
	size_t len = strlen(text), i;
	const char *key;
	json_t *value, *copy;

	(void)state;
	for (i = 0; i < len; i += 37)
		assert_int_equal(read_text(&now, text, i), -EINVAL);
	free(text);
	assert_int_equal(read_text(&now, "[]", 2), -EINVAL);
	assert_int_equal(read_text(&now, "{\"schema\":\"halbsim-report-2\"}", 29), -EINVAL);
	assert_int_equal(figures_read(&now, "/nonexistent/report.json"), -ENOENT);
	json_object_foreach(report, key, value) {
		/* these are not asked of a baseline */
		if (!strcmp(key, "about") || !strcmp(key, "topology") ||
		    !strcmp(key, "reasons") || !strcmp(key, "settled_ns") ||
		    !strcmp(key, "end_ns") || !strcmp(key, "faults"))
			continue;
		copy = json_deep_copy(report);
		json_object_del(copy, key);
		assert_int_equal(read_json(&now, copy), -EINVAL);
		json_object_set_new(copy, key, json_real(1.5));
		assert_int_equal(read_json(&now, copy), -EINVAL);
		json_decref(copy);
	}
	json_object_set_new(traffic(), "longest_gap_ns", json_string("long"));
	assert_int_equal(read_json(&now, report), -EINVAL);
}

static char *table(int (*write_table)(FILE *, const struct compare *, bool), bool all)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(write_table(f, &cmp, all), 0);
	fclose(f);
	return text;
}

static void compare__tables(void **state)
{
	char *text;

	(void)state;
	add_to(failover(), "arp_ns", 1 * MS);
	compare();
	text = table(compare_text, false);
	assert_non_null(strstr(text, "neighbour entry after the bound"));
	assert_non_null(strstr(text, "WORSE"));
	assert_null(strstr(text, "VIP after the bound"));
	assert_non_null(strstr(text, "regression: 1 worse, 0 better"));
	free(text);
	text = table(compare_markdown, true);
	assert_non_null(strstr(text, "| failover 1: VIP after the bound |"));
	assert_non_null(strstr(text, "| **worse** |"));
	free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(figures__of_a_report),
		TEST(figures__refuse_what_is_no_report),
		TEST(compare__a_run_with_itself),
		TEST(compare__what_took_longer_is_worse),
		TEST(compare__within_the_floor),
		TEST(compare__what_took_less_is_better),
		TEST(compare__a_share_of_long_times),
		TEST(compare__the_phase_of_the_fault),
		TEST(compare__one_failover_more_or_less),
		TEST(compare__what_is_not_seen_any_more_is_gone),
		TEST(compare__an_expectation_that_broke),
		TEST(compare__a_worse_verdict),
		TEST(compare__another_case_or_time_is_refused),
		TEST(compare__tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
