/* The block reader: what it makes of good text, and what it says of bad text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "block.h"

struct fixture {
	struct block_diag d;
	char *said;
	size_t len;
	struct block *b;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->d.out = open_memstream(&f->said, &f->len);
	*state = f;
	return f->d.out ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	block_free(f->b);
	fclose(f->d.out);
	free(f->said);
	free(f);
	return 0;
}

static struct block *parse(struct fixture *f, const char *text)
{
	f->b = block_parse("t.conf", text, strlen(text), &f->d);
	fflush(f->d.out);
	return f->b;
}

/* Writes a tree as text: words joined by a space, bodies in brackets. */
static void show(FILE *out, const struct block *b)
{
	const struct block_stmt *s;
	size_t i;

	for (s = b->first; s; s = s->next) {
		for (i = 0; i < s->nword; i++)
			fprintf(out, "%s%s", i ? " " : "", s->word[i].text);
		if (s->body) {
			fprintf(out, "[");
			show(out, s->body);
			fprintf(out, "]");
		}
		fprintf(out, ";");
	}
}

static void expect_tree(struct fixture *f, const char *text, const char *want)
{
	char *got = NULL;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	assert_non_null(out);
	assert_non_null(parse(f, text));
	show(out, f->b);
	fclose(out);
	assert_string_equal(got, want);
	free(got);
}

static void block__nests_and_ends(void **state)
{
	struct fixture *f = *state;

	expect_tree(f, "case x {\n\ta b\n\tc d {\n\t\te\n\t}\n}\nz\n",
		    "case x[a b;c d[e;];];z;");
	assert_int_equal(f->d.errors, 0);
	assert_int_equal(f->b->first->body->end_line, 6);
	assert_int_equal(f->b->first->body->end_col, 1);
	assert_int_equal(f->b->end_line, 8);
	assert_string_equal(f->b->first->file, "t.conf");
}

static void block__one_line_body(void **state)
{
	expect_tree(*state, "at settled+5s { crash lvs1 }\nat +10s{end}\n",
		    "at settled+5s[crash lvs1;];at +10s[end;];");
	assert_int_equal(((struct fixture *)*state)->d.errors, 0);
}

static void block__brace_on_next_line(void **state)
{
	expect_tree(*state, "a\n\n{\n b\n}\n", "a[b;];");
	assert_int_equal(((struct fixture *)*state)->d.errors, 0);
}

static void block__comments(void **state)
{
	expect_tree(*state, "# all\na b # c\n!x y\nd!e\ng != h\n\"#!\" i#j\n",
		    "a b;d;g != h;#! i;");
	assert_int_equal(((struct fixture *)*state)->d.errors, 0);
}

static void block__quotes(void **state)
{
	struct fixture *f = *state;

	expect_tree(f, "about \"two words\" \"a \\\"b\\\" \\\\ c\" \"\" {x}\n",
		    "about two words a \"b\" \\ c [x;];");
	assert_int_equal(f->d.errors, 0);
	assert_true(f->b->first->word[1].quoted);
	assert_false(f->b->first->word[0].quoted);
}

static void block__positions(void **state)
{
	struct fixture *f = *state;
	struct block_stmt *s;

	parse(f, "\xef\xbb\xbfone two\r\n\t three\t\"four\"\r\n");
	s = f->b->first;
	assert_int_equal(s->word[1].line, 1);
	assert_int_equal(s->word[1].col, 5);
	assert_int_equal(s->next->word[0].line, 2);
	assert_int_equal(s->next->word[0].col, 3);
	assert_int_equal(s->next->word[1].col, 9);
}

static void block__reports_every_mistake(void **state)
{
	struct fixture *f = *state;

	expect_tree(f, "a {\n b \"c\n} }\nd e\"f\n{ g }\n{ h }\ni {\n", "a[b c;];d e\"f[g;];i[];");
	assert_string_equal(f->said,
			    "t.conf:2:4: this quote is not closed on its line\n"
			    "t.conf:3:3: a closing brace that closes nothing\n"
			    "t.conf:4:4: a quote inside a word; put the whole word in quotes\n"
			    "t.conf:6:1: a block without a name before it\n"
			    "t.conf:7:3: this brace is never closed\n");
	assert_int_equal(f->d.errors, 5);
}

static void block__depth_is_bounded(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(400001);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < 200000; i++)
		memcpy(text + 2 * i, "a{", 2);
	text[400000] = '\0';
	parse(f, text);
	free(text);
	assert_true(f->d.errors > 0);
	assert_non_null(strstr(f->said, "more than 64 deep"));
}

static void block__nul_byte(void **state)
{
	struct fixture *f = *state;

	f->b = block_parse("t.conf", "a\0b\n\"c\0\n", 8, &f->d);
	fflush(f->d.out);
	assert_non_null(f->b);
	assert_non_null(strstr(f->said, "t.conf:1:2: a NUL byte"));
}

static void block__missing_file(void **state)
{
	struct fixture *f = *state;

	assert_null(block_read("/nonexistent/x.conf", &f->d));
	fflush(f->d.out);
	assert_string_equal(f->said, "/nonexistent/x.conf:1:1: cannot read this file: "
				     "No such file or directory\n");
}

static void block__find(void **state)
{
	struct fixture *f = *state;
	struct block_stmt *s;

	parse(f, "a 1\nb 2\na 3\n");
	s = block_find(f->b, "a", NULL);
	assert_string_equal(s->word[1].text, "1");
	s = block_find(f->b, "a", s);
	assert_string_equal(s->word[1].text, "3");
	assert_null(block_find(f->b, "a", s));
	assert_null(block_find(f->b, "c", NULL));
}

static void block__spans(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "5us", 5000 },	      { "200ms", 200000000 },
		{ "3.7s", 3700000000 },	      { "2m", 120000000000 },
		{ "1h", 3600000000000 },      { "0.25m", 15000000000 },
		{ "1.5h", 5400000000000 },    { "0s", 0 },
		{ "1.000000001s", 1000000001 }, { "7ns", 7 },
		{ "1.500000000000s", 1500000000 },
	};
	static const char *const bad[] = { "5",	   "s",	      "",      "-1s", "1.s",
					   ".5s",  "1,5s",    "1 s",   "1S",  "1sec",
					   "0.5ns", "1.0000000001s", "1e3s",
					   "99999999999999999999s", "9999999h" };
	int64_t ns;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ns = -1;
		assert_int_equal(block_span_text(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(block_span_text(bad[i], &ns), -1);
}

static void block__values(void **state)
{
	struct fixture *f = *state;
	struct block_stmt *s;
	int64_t n;
	double x;

	parse(f, "v 200/s 10/ms 1% 0.5% 42 -3 6s\n");
	s = f->b->first;
	assert_int_equal(block_rate(&f->d, s, 1, &x), 0);
	assert_true(x == 200);
	assert_int_equal(block_rate(&f->d, s, 2, &x), 0);
	assert_true(x == 10000);
	assert_int_equal(block_percent(&f->d, s, 3, &x), 0);
	assert_true(x == 0.01);
	assert_int_equal(block_percent(&f->d, s, 4, &x), 0);
	assert_true(x == 0.005);
	assert_int_equal(block_int(&f->d, s, 5, 1, 255, &n), 0);
	assert_int_equal(n, 42);
	assert_int_equal(block_int(&f->d, s, 6, -5, 5, &n), 0);
	assert_int_equal(n, -3);
	assert_int_equal(block_span(&f->d, s, 7, &n), 0);
	assert_int_equal(n, 6000000000);
	assert_int_equal(f->d.errors, 0);
}

static void block__bad_values(void **state)
{
	struct fixture *f = *state;
	struct block_stmt *s;
	int64_t n;
	double x;

	parse(f, "v 200 300 x 101% 5d\n");
	s = f->b->first;
	assert_int_equal(block_span(&f->d, s, 1, &n), -1);
	assert_int_equal(block_rate(&f->d, s, 1, &x), -1);
	assert_int_equal(block_percent(&f->d, s, 1, &x), -1);
	assert_int_equal(block_int(&f->d, s, 2, 1, 255, &n), -1);
	assert_int_equal(block_int(&f->d, s, 3, 1, 255, &n), -1);
	assert_int_equal(block_percent(&f->d, s, 4, &x), -1);
	assert_int_equal(block_span(&f->d, s, 5, &n), -1);
	assert_int_equal(block_span(&f->d, s, 6, &n), -1);
	fflush(f->d.out);
	assert_string_equal(
		f->said,
		"t.conf:1:3: '200' has no unit; did you mean '200s' or '200ms'?\n"
		"t.conf:1:3: '200' has no unit; did you mean '200/s'?\n"
		"t.conf:1:3: '200' has no unit; did you mean '200%'?\n"
		"t.conf:1:7: '200' must be 1-255, got '300'\n"
		"t.conf:1:11: '300' must be 1-255, got 'x'\n"
		"t.conf:1:13: expected a share of 0% to 100%, got '101%'\n"
		"t.conf:1:18: 'd' is no unit of time; they are ns us ms s m h\n"
		"t.conf:1:20: 'v' needs a time, say 200ms\n");
}

static void block__nearest(void **state)
{
	static const char *const names[] = { "crash", "boot",  "kill", "stop",
					     "start", "pause", "link_down", "at" };
	const size_t n = sizeof(names) / sizeof(names[0]);

	(void)state;
	assert_string_equal(block_nearest("crsah", names, n), "crash");
	assert_string_equal(block_nearest("linkdown", names, n), "link_down");
	assert_string_equal(block_nearest("STOP", names, n), "stop");
	assert_string_equal(block_nearest("strat", names, n), "start");
	assert_null(block_nearest("explode", names, n));
	assert_null(block_nearest("x", names, n));
	assert_null(block_nearest("", names, n));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(block__nests_and_ends),
		T(block__one_line_body),
		T(block__brace_on_next_line),
		T(block__comments),
		T(block__quotes),
		T(block__positions),
		T(block__reports_every_mistake),
		T(block__depth_is_bounded),
		T(block__nul_byte),
		T(block__missing_file),
		T(block__find),
		T(block__spans),
		T(block__values),
		T(block__bad_values),
		T(block__nearest),
	};

	return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
