/* Run folders, whole-or-nothing files, copies of trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "rundir.h"
#include "span.h"
#include "tree.h"

static char tmp[64];

static int setup(void **state)
{
	(void)state;
	strcpy(tmp, "/tmp/halbsim-rundir.XXXXXX");
	return mkdtemp(tmp) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return tree_remove(tmp);
}

static char *in_tmp(const char *name)
{
	static char buf[8][160];
	static int at;

	at = (at + 1) % 8;
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

static void rundir__is_invisible_until_committed(void **state)
{
	struct rundir d;
	char link[128];
	ssize_t n;

	(void)state;
	assert_int_equal(rundir_create(&d, tmp, "c", "halbd", 7), 0);
	assert_non_null(strstr(d.name, "-seed7-halbd"));
	assert_true(path_is_dir(d.work));
	assert_false(path_is_dir(d.path));
	assert_int_equal(rundir_commit(&d), 0);
	assert_true(path_is_dir(d.path));
	n = readlink(in_tmp("c/latest"), link, sizeof(link) - 1);
	assert_true(n > 0);
	link[n] = '\0';
	assert_string_equal(link, d.name);
	rundir_finish(&d);
}

static void rundir__same_second_gets_another_name(void **state)
{
	struct rundir v[4];
	int i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(rundir_create(&v[i], tmp, "c", "halbd", 1), 0);
		if (i % 2)
			assert_int_equal(rundir_commit(&v[i]), 0);
	}
	for (i = 0; i < 4; i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(v[i].path, v[k].path);
	for (i = 0; i < 4; i++)
		rundir_finish(&v[i]);
}

static void rundir__not_committed_is_removed(void **state)
{
	struct rundir d;
	char *deep;

	(void)state;
	assert_int_equal(rundir_create(&d, tmp, "c", "halbd", 1), 0);
	put(in_tmp("c/keep"), "x");
	deep = textf("%s/a/b", d.work);
	assert_non_null(deep);
	assert_int_equal(tree_make(deep), 0);
	free(deep);
	rundir_finish(&d);
	assert_false(path_is_dir(in_tmp("c/latest")));
	assert_true(path_is_file(in_tmp("c/keep")));
	assert_int_equal(rmdir(in_tmp("c")), -1);
	assert_int_equal(unlink(in_tmp("c/keep")), 0);
	assert_int_equal(rmdir(in_tmp("c")), 0);
}

static void count(const char *path, void *arg)
{
	(void)path;
	++*(int *)arg;
}

static void rundir__stale_leaves_the_living_alone(void **state)
{
	struct rundir d;
	int n = 0;

	(void)state;
	assert_int_equal(rundir_create(&d, tmp, "c", "halbd", 1), 0);
	assert_int_equal(tree_make(in_tmp("c/.20260101-000000-seed1-halbd.part")), 0);
	assert_int_equal(tree_make(in_tmp("c/.mine.part")), 0); /* not one of ours */
	assert_int_equal(rundir_stale(tmp, count, &n), 1);
	assert_int_equal(n, 1);
	rundir_finish(&d);
}

static void rundir__resolve(void **state)
{
	struct rundir d;
	struct run_info i = { .case_name = (char *)"c", .case_folder = (char *)"c",
			      .engine = (char *)"halbd", .time = (char *)"virtual",
			      .seed = 1, .version = (char *)"0" };
	char *dir;

	(void)state;
	assert_int_equal(rundir_create(&d, tmp, "c", "halbd", 1), 0);
	assert_int_equal(run_info_write(d.work, &i), 0);
	assert_int_equal(rundir_commit(&d), 0);
	dir = rundir_resolve(d.path, "nowhere");
	assert_string_equal(dir, d.path);
	free(dir);
	dir = rundir_resolve("c", tmp); /* a case's name: its latest, by its own name */
	assert_string_equal(dir, d.path);
	free(dir);
	dir = rundir_resolve(in_tmp("c/"), "nowhere");
	assert_string_equal(dir, d.path);
	free(dir);
	assert_null(rundir_resolve("d", tmp));
	assert_null(rundir_resolve(tmp, tmp));
	rundir_finish(&d);
}

static void run_info__round_trip(void **state)
{
	struct run_info i = { .case_name = (char *)"master_down",
			      .case_folder = (char *)"master_down",
			      .engine = (char *)"keepalived", .time = (char *)"real",
			      .seed = 42, .kernel = (char *)"/boot/vmlinuz",
			      .version = (char *)"0.1.0", .died = true,
			      .why = (char *)"the guest died" };
	struct run_info j;

	(void)state;
	assert_int_equal(run_info_write(tmp, &i), 0);
	assert_int_equal(run_info_read(tmp, &j), 0);
	assert_string_equal(j.case_name, i.case_name);
	assert_string_equal(j.engine, i.engine);
	assert_string_equal(j.kernel, i.kernel);
	assert_string_equal(j.why, i.why);
	assert_int_equal(j.seed, 42);
	assert_true(j.died);
	run_info_finish(&j);
	i.kernel = i.why = NULL;
	assert_int_equal(run_info_write(tmp, &i), 0);
	assert_int_equal(run_info_read(tmp, &j), 0);
	assert_null(j.kernel);
	assert_null(j.why);
	run_info_finish(&j);
}

static void run_info__refuses_what_is_foreign(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "{}", "{\"schema\": \"halbsim-run-1\"}",
		"{\"schema\": \"other\", \"case\": \"c\", \"folder\": \"c\", \"engine\": "
		"\"halbd\", \"time\": \"virtual\", \"seed\": 1, \"version\": \"0\"}",
		"{\"schema\": \"halbsim-run-1\", \"case\": \"c\", \"folder\": \"../c\", "
		"\"engine\": \"halbd\", \"time\": \"virtual\", \"seed\": 1, \"version\": "
		"\"0\"}",
	};
	struct run_info i;
	size_t k;

	(void)state;
	assert_int_not_equal(run_info_read(tmp, &i), 0);
	for (k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		put(in_tmp("run.json"), bad[k]);
		if (!run_info_read(tmp, &i))
			fail_msg("taken: %s", bad[k]);
	}
}

static int write_half(FILE *f, const void *arg)
{
	fputs("half", f);
	return arg ? -EIO : 0;
}

static void file_write__whole_or_not_at_all(void **state)
{
	char *text;
	size_t len;

	(void)state;
	put(in_tmp("f"), "before");
	assert_int_equal(file_write(in_tmp("f"), write_half, tmp), -EIO);
	assert_int_equal(file_read(in_tmp("f"), &text, &len), 0);
	assert_string_equal(text, "before");
	free(text);
	assert_int_equal(file_write(in_tmp("f"), write_half, NULL), 0);
	assert_int_equal(file_read(in_tmp("f"), &text, &len), 0);
	assert_string_equal(text, "half");
	assert_int_equal(len, 4);
	free(text);
	assert_int_equal(file_write("/proc/nowhere/f", write_half, NULL), -ENOENT);
	assert_int_equal(file_read(in_tmp("none"), &text, &len), -ENOENT);
}

static void tree__copies_files_and_modes(void **state)
{
	struct stat st;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(tree_make(in_tmp("a/b/c")), 0);
	put(in_tmp("a/b/c/f"), "text");
	put(in_tmp("a/run.sh"), "#!/bin/sh\n");
	assert_int_equal(chmod(in_tmp("a/run.sh"), 0755), 0);
	assert_int_equal(symlink("b/c/f", in_tmp("a/link")), 0);
	assert_int_equal(tree_copy(in_tmp("a/"), in_tmp("z")), 0);
	assert_int_equal(file_read(in_tmp("z/b/c/f"), &text, &len), 0);
	assert_string_equal(text, "text");
	free(text);
	assert_int_equal(lstat(in_tmp("z/link"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(stat(in_tmp("z/run.sh"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(tree_copy(in_tmp("nowhere"), in_tmp("y")), -ENOENT);
}

static void tree__remove_does_not_follow_links(void **state)
{
	(void)state;
	assert_int_equal(tree_make(in_tmp("a")), 0);
	assert_int_equal(tree_make(in_tmp("outside")), 0);
	put(in_tmp("outside/f"), "x");
	assert_int_equal(symlink("../outside", in_tmp("a/link")), 0);
	assert_int_equal(tree_remove(in_tmp("a")), 0);
	assert_false(path_is_dir(in_tmp("a")));
	assert_true(path_is_file(in_tmp("outside/f")));
	assert_int_equal(tree_remove(in_tmp("a")), 0);
}

static void span__as_people_read_them(void **state)
{
	char buf[SPAN_LEN];

	(void)state;
	assert_string_equal(span_text(buf, 0), "0 s");
	assert_string_equal(span_text(buf, 7), "7 ns");
	assert_string_equal(span_text(buf, 1500), "1.5 µs");
	assert_string_equal(span_text(buf, 375000), "375 µs");
	assert_string_equal(span_text(buf, 12345000), "12.345 ms");
	assert_string_equal(span_text(buf, 3609375000), "3.609375 s");
	assert_string_equal(span_text(buf, 3700000400), "3.7 s");
	assert_string_equal(span_exact(buf, 3700000400), "3.7000004 s");
	assert_string_equal(span_text(buf, -2000000000), "-2 s");
	assert_string_equal(span_offset(buf, 3359102000), "+3.359102");
	assert_string_equal(span_offset(buf, -250000000), "-0.250000");
	assert_string_equal(span_ms(buf, 3616102000), "3616.102");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rundir__is_invisible_until_committed),
		T(rundir__same_second_gets_another_name),
		T(rundir__not_committed_is_removed),
		T(rundir__stale_leaves_the_living_alone),
		T(rundir__resolve),
		T(run_info__round_trip),
		T(run_info__refuses_what_is_foreign),
		T(file_write__whole_or_not_at_all),
		T(tree__copies_files_and_modes),
		T(tree__remove_does_not_follow_links),
		cmocka_unit_test(span__as_people_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
