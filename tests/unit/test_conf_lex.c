/* Files to lines to words, as keepalived cuts them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "conf_lex.h"

struct fixture {
	struct conf_lex *lex;
	char faults[256]; /* one letter each, in order */
	char dir[64];
	char *lines; /* words joined by |, lines by newlines */
};

static void note(void *arg, enum conf_lex_fault fault, const char *file, int line, int col,
		 int oracle_line, const char *text)
{
	static const char letters[] = "qu}mirnls";
	struct fixture *f = arg;
	size_t n = strlen(f->faults);

	(void)file;
	(void)line;
	(void)col;
	(void)oracle_line;
	(void)text;
	if (n < sizeof(f->faults) - 1)
		f->faults[n] = letters[fault];
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	conf_lex_free(f->lex);
	free(f->lines);
	free(f);
	return 0;
}

/* Reads one pass; returns its lines. */
static const char *pass(struct fixture *f)
{
	const struct conf_line *l;
	size_t len, i;
	FILE *out;

	free(f->lines);
	f->lines = NULL;
	out = open_memstream(&f->lines, &len);
	assert_non_null(out);
	assert_int_equal(conf_lex_begin(f->lex), 0);
	while ((l = conf_lex_line(f->lex))) {
		for (i = 0; i < l->nword; i++)
			fprintf(out, "%s%s", i ? "|" : "", l->word[i].text);
		fputc('\n', out);
	}
	conf_lex_end(f->lex);
	fclose(out);
	return f->lines;
}

static const char *read_text(struct fixture *f, const char *text, const char *id)
{
	conf_lex_free(f->lex);
	memset(f->faults, 0, sizeof(f->faults));
	f->lex = conf_lex_new_text("t.conf", text, strlen(text), id, note, f);
	assert_non_null(f->lex);
	return pass(f);
}

/* The second pass must give what the first gave. */
static void expect_both(struct fixture *f, const char *text, const char *want)
{
	assert_string_equal(read_text(f, text, "me"), want);
	assert_string_equal(pass(f), want);
}

static void lex__comments(void **state)
{
	expect_both(*state, "# all\n! too\na b # c\nd!e\n\"x # y\" z\n\n  \n", "a|b\nd\nx # y|z\n");
}

static void lex__escaped_comment_sign(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(read_text(f, "a \\#b c\n", NULL), "a|#b|c\n");
	/* The second time the backslash is gone: keepalived's copy does that too. */
	assert_string_equal(pass(f), "a\n");
}

static void lex__braces_stand_alone(void **state)
{
	struct fixture *f = *state;

	expect_both(f, "a {\nb { c d } }\n{e}\nf\n{\n}\n", "a\n{\nb\n{\nc|d\n}\n}\n{\ne\n}\nf\n{\n}\n");
	assert_string_equal(f->faults, "");
}

static void lex__braces_in_quotes(void **state)
{
	expect_both(*state, "a \"{ b }\" c\n", "a|{ b }|c\n");
}

static void lex__counts_braces(void **state)
{
	struct fixture *f = *state;

	read_text(f, "a {\n}\n}\nb {\nc {\n", NULL);
	assert_string_equal(f->faults, "}m");
}

static void lex__open_quote(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(read_text(f, "a \"b c\nd\n", NULL), "a\nd\n");
	assert_string_equal(f->faults, "qu");
}

static void lex__positions(void **state)
{
	struct fixture *f = *state;
	const struct conf_line *l;

	f->lex = conf_lex_new_text("t.conf", "\n  one two\n a { b  c }\n$X=long\n d $X e\n", 41,
				   NULL, note, f);
	assert_int_equal(conf_lex_begin(f->lex), 0);
	l = conf_lex_line(f->lex);
	assert_int_equal(l->line, 2);
	assert_int_equal(l->word[0].col, 3);
	assert_int_equal(l->word[1].col, 7);
	conf_lex_line(f->lex);
	conf_lex_line(f->lex);
	l = conf_lex_line(f->lex);
	assert_string_equal(l->word[1].text, "c");
	assert_int_equal(l->word[0].col, 6);
	assert_int_equal(l->word[1].col, 9);
	conf_lex_line(f->lex);
	l = conf_lex_line(f->lex);
	/* Behind a variable, columns are its own. */
	assert_string_equal(l->word[2].text, "e");
	assert_int_equal(l->word[1].col, 4);
	assert_int_equal(l->word[2].col, 4);
}

static void lex__long_line_in_pieces(void **state)
{
	struct fixture *f = *state;
	char text[3000];

	memset(text, 'x', 2000);
	strcpy(text + 2000, " tail\nnext\n");
	read_text(f, text, NULL);
	assert_int_equal(strlen(f->lines), 1023 + 1 + 977 + 6 + 5);
}

static void lex__nul_byte(void **state)
{
	struct fixture *f = *state;

	f->lex = conf_lex_new_text("t.conf", "a\0b\nc\n", 6, NULL, note, f);
	assert_string_equal(pass(f), "a\nc\n");
}

static void lex__variables(void **state)
{
	expect_both(*state,
		    "$A=eth\n$B=${A}0\na $B ${B}.1 $NO ${NO}\n$A=x\nb $A\n",
		    "a|eth0|eth0.1|$NO|$\n{\nNO\n}\nb|x\n");
}

static void lex__variable_of_several_lines(void **state)
{
	expect_both(*state, "$V=b { \\\n  x \\\n }\na\n$V\nc\n", "a\nb\n{\nx\n}\nc\n");
}

static void lex__variable_within_variable(void **state)
{
	expect_both(*state, "$I=i1 \\\ni2\n$O=o1 \\\n$I \\\no3\n$O\n", "o1\ni1\ni2\no3\n");
}

static void lex__variable_without_end(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(read_text(f, "$A=$A\n$B=x $C\n$C=y $B\n$A\nb $B\nc\n", NULL), "c\n");
	assert_string_equal(f->faults, "ll");
}

static void lex__standard_variables(void **state)
{
	expect_both(*state, "a $_HASH $_BANG ${_INSTANCE} ${_RANDOM 7 7}\n", "a\n");
	expect_both(*state, "a \"$_HASH ${_BANG}\" ${_INSTANCE} ${_RANDOM 7 7}\n",
		    "a|# !|me|7\n");
}

static void lex__conditional(void **state)
{
	struct fixture *f = *state;

	expect_both(f, "@me a\n@you b\n@^me c\n@^you d\n@me\n", "a\nd\n");
	assert_string_equal(read_text(f, "@me a\n@^me b\n", NULL), "b\n");
}

static void lex__sequences_count(void **state)
{
	struct fixture *f = *state;

	expect_both(f, "~SEQ(x, 3) a $x\nb\n", "a|1\na|2\na|3\nb\n");
	expect_both(f, "~SEQ(x,2,3) a ${x}b\n", "a|2b\na|3b\n");
	expect_both(f, "~SEQ( x , 3, -2, -1 )a${x}\n", "a3\na1\na-1\n");
	expect_both(f, "~SEQ(x, -2) $x\n", "-1\n-2\n");
	expect_both(f, "~SEQ(x, 0) $x\n", "1\n0\n");
	expect_both(f, "~SEQx(x, 0x90, 0x10, 0xb0) fe80::${x}\n",
		    "fe80::90\nfe80::a0\nfe80::b0\n");
	/* The variable keeps its last value; the numbers may be variables. */
	expect_both(f, "$n=2\n~SEQ(x, $n) a $x\nb $x\n", "a|1\na|2\nb|2\n");
	expect_both(f, "@me ~SEQ(x, 2) a $x\n@you ~SEQ(x, 2) b\n", "a|1\na|2\n");
	/* To the end of what a number can be, and no further. */
	expect_both(f, "~SEQ(x, 0x7ffffffffffffffe, 1, 0x7fffffffffffffff) $x\n",
		    "9223372036854775806\n9223372036854775807\n");
}

static void lex__sequences_within_sequences(void **state)
{
	struct fixture *f = *state;

	expect_both(f, "~SEQ(x, 2) ~SEQ(y, 5, 6) $x $y\nb\n",
		    "1|5\n1|6\n2|5\n2|6\nb\n");
	/* Each time all the lines of a variable, and the sequences in it. */
	expect_both(f,
		    "$V= \\\na $x { \\\n~SEQ(y, 2) c $y\\\n}\n~SEQ(x, 7, 8) $V\nd\n",
		    "a|7\n{\nc|1\nc|2\n}\na|8\n{\nc|1\nc|2\n}\nd\n");
}

static void lex__lists(void **state)
{
	struct fixture *f = *state;

	expect_both(f, "~LST(x, a, b , c) w $x\n", "w|a\nw|b\nw|c\n");
	expect_both(f, "~LST({x, y}, {10,1}, { 20 , 4 }) 192.168.${x}.${y}\n",
		    "192.168.10.1\n192.168.20.4\n");
	/* What is not given is empty; one value needs no braces. */
	expect_both(f, "~LST({x, y}, {a}, {b, c}) ${x}-${y}.\n", "a-.\nb-c.\n");
	expect_both(f, "~LST(x,1,2) ~LST(y,5,6) $x $y\n", "1|5\n1|6\n2|5\n2|6\n");
	expect_both(f, "~LST({x,y},{10,1},{20,4}) ~SEQ(z,168,2,170) 192.${z}.${x}.${y}\n",
		    "192.168.10.1\n192.170.10.1\n192.168.20.4\n192.170.20.4\n");
}

static void lex__bad_sequences_are_left_out(void **state)
{
	static const char *const bad[] = {
		"~SEQ", "~SEQ x", "~SEQ(", "~SEQ()", "~SEQ(x)", "~SEQ(x,", "~SEQ(,3) a",
		"~SEQ(x, 1 2) a", "~SEQ(x, 1, 2, 3, 4) a", "~SEQ(x, 1, 0, 3) a",
		"~SEQ(x, 1, -1, 3) a", "~SEQx(x, -3) a", "~SEQ(x, 3", "~LST", "~LST(x)",
		"~LST(x, a", "~LST(x, {a, b}) c", "~LST({x, y}, {a, b, c}) d",
		"~LST({x, a) b", "~LST({x}a, b) c",
	};
	struct fixture *f = *state;
	char text[128];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "%s\nb\n", bad[i]);
		if (strcmp(read_text(f, text, NULL), "b\n") != 0 || strcmp(f->faults, "s") != 0)
			fail_msg("%s", bad[i]);
	}
}

static void lex__sequences_have_a_bound(void **state)
{
	struct fixture *f = *state;
	unsigned int was = conf_lex_repeats_max;

	conf_lex_repeats_max = 3;
	assert_string_equal(read_text(f, "~SEQ(x, 3) a\nb\n", NULL), "a\na\na\nb\n");
	assert_string_equal(read_text(f, "~SEQ(x, 4) a\nb\n", NULL), "a\na\na\n");
	conf_lex_repeats_max = was;
	assert_string_equal(f->faults, "l");
}

static void lex__escaped_words(void **state)
{
	static const struct {
		const char *text, *want; /* words joined by | */
	} good[] = {
		{ "a b", "a|b" },
		{ "a 'b c' \"d e\"", "a|b c|d e" },
		{ "a\"b\"'c'd", "abcd" },
		{ "\\\"a\\ b\\x41\\101", "\"a bAA" },
		{ "'a\\'b' \"\"", "a'b|" },
		{ "tab\\tx", "tab\tx" },
	};
	static const char *const bad[] = { "a 'b", "\"a", "a\\", "", "  " };
	char joined[64], **words;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		words = conf_words_escaped(good[i].text);
		assert_non_null(words);
		for (j = 0, joined[0] = '\0'; words[j]; j++) {
			strcat(joined, j ? "|" : "");
			strcat(joined, words[j]);
		}
		assert_string_equal(joined, good[i].want);
		conf_words_free(words);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(conf_words_escaped(bad[i]));
		assert_int_equal(errno, EINVAL);
	}
}

/* --- files --- */

static void put(struct fixture *f, const char *name, const char *text, mode_t mode)
{
	char path[160];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int setup_dir(void **state)
{
	struct fixture *f;

	if (setup(state))
		return -1;
	f = *state;
	strcpy(f->dir, "/tmp/halb-lex.XXXXXX");
	return mkdtemp(f->dir) ? 0 : -1;
}

static int teardown_dir(void **state)
{
	static const char *const names[] = { "a.conf", "b.conf", "c.conf", "x.conf" };
	struct fixture *f = *state;
	char path[160];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		unlink(path);
	}
	rmdir(f->dir);
	return teardown(state);
}

static int open_file(struct fixture *f, const char *name)
{
	static char path[160];
	int ret;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	conf_lex_free(f->lex);
	memset(f->faults, 0, sizeof(f->faults));
	f->lex = conf_lex_new(path, NULL, note, f);
	assert_non_null(f->lex);
	ret = conf_lex_begin(f->lex);
	return ret;
}

static const char *rest(struct fixture *f)
{
	const struct conf_line *l;
	static char all[256];

	for (all[0] = '\0'; (l = conf_lex_line(f->lex));) {
		size_t len = strlen(all);

		snprintf(all + len, sizeof(all) - len, "%s ", l->word[0].text);
	}
	return all;
}

static void lex__includes(void **state)
{
	struct fixture *f = *state;

	put(f, "a.conf", "a1\ninclude b.conf\na2\ninclude nothing.conf\na3\n", 0644);
	put(f, "b.conf", "b1\ninclude c.conf\nb2", 0644);
	put(f, "c.conf", "c1\n", 0644);
	assert_int_equal(open_file(f, "a.conf"), 0);
	assert_string_equal(rest(f), "a1 b1 c1 b2 a2 a3 ");
	assert_string_equal(f->faults, "i");
	assert_int_equal(conf_lex_begin(f->lex), 0);
	assert_string_equal(rest(f), "a1 b1 c1 b2 a2 a3 ");
}

static void lex__include_that_must_be_there(void **state)
{
	struct fixture *f = *state;

	put(f, "a.conf", "includem nothing.conf\n", 0644);
	assert_int_equal(open_file(f, "a.conf"), 0);
	rest(f);
	assert_string_equal(f->faults, "r");
}

static void lex__include_of_itself(void **state)
{
	struct fixture *f = *state;

	put(f, "a.conf", "a\ninclude a.conf\n", 0644);
	assert_int_equal(open_file(f, "a.conf"), 0);
	rest(f);
	assert_non_null(strchr(f->faults, 'l'));
}

/* keepalived reads on for ever. */
static void lex__variable_whose_last_line_is_itself(void **state)
{
	struct fixture *f = *state;

	put(f, "a.conf", "$L=a \\\n b $L\n\n$L\nz\n", 0644);
	assert_int_equal(open_file(f, "a.conf"), 0);
	rest(f);
	assert_non_null(strchr(f->faults, 'l'));
}

static void lex__what_is_not_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_file(f, "nothing.conf"), -ENOENT);
	assert_int_equal(open_file(f, ""), -ENOENT);
	put(f, "x.conf", "a\n", 0755);
	assert_int_equal(open_file(f, "x.conf"), -ENOENT);
}

static void lex__several_files(void **state)
{
	struct fixture *f = *state;

	put(f, "a.conf", "a\n", 0644);
	put(f, "b.conf", "b\n", 0644);
	assert_int_equal(open_file(f, "*.conf"), -EMFILE);
	assert_string_equal(rest(f), "a b ");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define D(name) cmocka_unit_test_setup_teardown(name, setup_dir, teardown_dir)
	const struct CMUnitTest tests[] = {
		T(lex__comments),
		T(lex__escaped_comment_sign),
		T(lex__braces_stand_alone),
		T(lex__braces_in_quotes),
		T(lex__counts_braces),
		T(lex__open_quote),
		T(lex__positions),
		T(lex__long_line_in_pieces),
		T(lex__nul_byte),
		T(lex__variables),
		T(lex__variable_of_several_lines),
		T(lex__variable_within_variable),
		T(lex__variable_without_end),
		T(lex__standard_variables),
		T(lex__conditional),
		T(lex__sequences_count),
		T(lex__sequences_within_sequences),
		T(lex__lists),
		T(lex__bad_sequences_are_left_out),
		T(lex__sequences_have_a_bound),
		T(lex__escaped_words),
		D(lex__includes),
		D(lex__include_that_must_be_there),
		D(lex__include_of_itself),
		D(lex__variable_whose_last_line_is_itself),
		D(lex__what_is_not_read),
		D(lex__several_files),
	};

	return cmocka_run_group_tests_name("conf_lex", tests, NULL, NULL);
}
