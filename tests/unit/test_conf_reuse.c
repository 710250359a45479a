/*
 * What a reload takes from the configuration before is what it would have read: each
 * case is read in both ways and printed with every default filled in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "check.h"
#include "conf.h"
#include "conf_reuse.h"
#include "conf_test.h"
#include "ipvs.h"
#include "lvs.h"

struct bench {
	char path[64];
	struct conf *old;
	char *said;
	size_t nsaid;
	FILE *out;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	int fd;

	if (!b)
		return -1;
	strcpy(b->path, "/tmp/conf_reuse.XXXXXX");
	fd = mkstemp(b->path);
	b->out = open_memstream(&b->said, &b->nsaid);
	*state = b;
	return fd < 0 || close(fd) < 0 || !b->out ? -1 : 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	conf_free(b->old);
	fclose(b->out);
	free(b->said);
	unlink(b->path);
	free(b);
	return 0;
}

static void put(struct bench *b, const char *text)
{
	FILE *f = fopen(b->path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static size_t noted(const struct conf *c)
{
	return c->reuse ? c->reuse->n : 0;
}

/* Reads `text`; `blocks` of it are not to be read again. */
static void first(struct bench *b, const char *text, size_t blocks)
{
	enum conf_status status;

	put(b, text);
	conf_free(b->old);
	b->old = conf_load(b->path, b->out, &status);
	assert_non_null(b->old);
	assert_int_equal(noted(b->old), blocks);
}

static char *effective(const struct conf *c)
{
	char *text = NULL;
	size_t len, i, j;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	conf_print_effective(f, c);
	for (i = 0; i < c->nservice; i++) { /* places are kept too */
		fprintf(f, "%s:%d:%d", c->service[i].file, c->service[i].line,
			c->service[i].col);
		for (j = 0; j < c->service[i].nreal; j++)
			fprintf(f, " %d:%d", c->service[i].real[j].line,
				c->service[i].real[j].col);
		fputs("\n", f);
	}
	fclose(f);
	return text;
}

/* Reads it again as `text`: the same as without the configuration before. */
static struct conf *again(struct bench *b, const char *text)
{
	enum conf_status status, status2;
	struct conf *c, *plain;
	char *got, *want;

	put(b, text);
	c = conf_reload(b->path, b->out, &status, b->old);
	plain = conf_load(b->path, NULL, &status2);
	assert_non_null(c);
	assert_non_null(plain);
	assert_int_equal(status, status2);
	assert_int_equal(noted(c), noted(plain));
	got = effective(c);
	want = effective(plain);
	assert_string_equal(got, want);
	free(got);
	free(want);
	conf_free(plain);
	return c;
}

#define CHECK(n)                                                                        \
	"  TCP_CHECK {\n   connect_timeout 3\n   retry " n "\n   delay_before_retry 4\n" \
	"  }\n"
#define REAL(ip, weight, n)                                                              \
	" real_server " ip " 80 {\n  weight " weight "\n" CHECK(n) " }\n"
#define HEAD(ip) "virtual_server " ip " 80 {\n lb_algo rr\n lb_kind DR\n protocol TCP\n"
#define A(weight)                                                                       \
	HEAD("10.0.0.1") REAL("10.1.0.1", "1", "3") REAL("10.1.0.2", weight, "3") \
		REAL("10.1.0.3", "1", "2") "}\n"
#define B                                                                                \
	HEAD("10.0.0.2") " persistence_timeout 60 # a comment\n virtualhost www.example\n" \
	" sorry_server 10.1.0.9 80\n" REAL("10.1.0.1", "1", "1") "\n}\n"
#define C HEAD("10.0.0.3") REAL("10.1.0.4", "1", "1") REAL("10.1.0.5", "1", "1") "}\n"

static void reuse__one_weight(void **state)
{
	struct bench *b = *state;

	first(b, A("1") B C, 3);
	conf_free(again(b, A("2") B C));
}

static void reuse__moved_new_and_gone(void **state)
{
	struct bench *b = *state;

	first(b, A("1") B C, 3);
	conf_free(again(b, "\n\n" C "\n" A("1")));
	conf_free(again(b, A("1") HEAD("10.0.0.8") REAL("10.1.0.7", "1", "1") "}\n" B C));
	conf_free(again(b, "global_defs {\n router_id x\n}\n" B));
	conf_free(again(b, ""));
}

/* A copy is taken from again, when what it was taken from is no more. */
static void reuse__again_and_again(void **state)
{
	struct bench *b = *state;
	struct conf *c;

	first(b, A("1") B C, 3);
	c = again(b, B A("2") C);
	conf_free(b->old);
	b->old = c;
	c = again(b, "\n" C B A("2"));
	conf_free(b->old);
	b->old = c;
	conf_free(again(b, A("3") C B));
}

static void reuse__the_file_ends_at_the_brace(void **state)
{
	struct bench *b = *state;
	char text[] = A("1") C;

	text[strlen(text) - 1] = '\0';
	first(b, text, 1);
	conf_free(again(b, text));
	conf_free(again(b, A("1") C));
	conf_free(again(b, A("2") C "virtual_server_group G {\n 10.0.0.7 80\n}\n"));
}

/* What a variable stands for may be another the next time. */
static void reuse__not_what_depends(void **state)
{
	struct bench *b = *state;
	struct conf *c;

	first(b, "$W=1\n" HEAD("10.0.0.1") REAL("10.1.0.1", "$W", "1") "}\n" C, 1);
	c = again(b, "$W=7\n" HEAD("10.0.0.1") REAL("10.1.0.1", "$W", "1") "}\n" C);
	assert_int_equal(c->service[0].real[0].weight, 7);
	conf_free(c);
	first(b, HEAD("10.0.0.1") "@other weight 5\n" REAL("10.1.0.1", "1", "1") "}\n" C, 1);
	first(b, "virtual_server_group G {\n 10.0.0.7 80\n}\n"
		 "virtual_server group G {\n lb_algo rr\n lb_kind DR\n protocol TCP\n" REAL(
			"10.1.0.1", "1", "1") "}\n" C, 1);
	conf_free(again(b, "virtual_server_group G {\n 10.0.0.8 80\n}\n"
			   "virtual_server group G {\n lb_algo rr\n lb_kind DR\n"
			   " protocol TCP\n" REAL("10.1.0.1", "1", "1") "}\n" C));
}

/* A variable that is defined over several lines may hold a block. */
static void reuse__not_a_definition(void **state)
{
	struct bench *b = *state;

	first(b, "$S= \\\nvirtual_server 10.0.0.1 80 { \\\n lb_algo rr \\\n lb_kind DR \\\n"
		 " protocol TCP \\\n real_server 10.1.0.1 80 { \\\n weight 1 \\\n } \\\n}\n\n"
		 "$S\n" C, 1);
	assert_int_equal(b->old->nservice, 2);
	conf_free(again(b, "$S= \\\nvirtual_server 10.0.0.1 80 { \\\n lb_algo rr \\\n"
			   " lb_kind DR \\\n protocol TCP \\\n real_server 10.1.0.1 80 { \\\n"
			   " weight 4 \\\n } \\\n}\n\n$S\n" C));
}

static void reuse__not_scripts(void **state)
{
	struct bench *b = *state;

	first(b, HEAD("10.0.0.1") " quorum_up /bin/true\n" REAL("10.1.0.1", "1", "1") "}\n" C,
	      0); /* and there is something to say about it */
	conf_free(again(b, HEAD("10.0.0.1") " quorum_up /bin/true\n" REAL("10.1.0.1", "2",
									  "1") "}\n" C));
}

/* Messages come at each reading, and once. */
static void reuse__says_what_there_is_to_say(void **state)
{
	struct bench *b = *state;
	struct conf *c;

	first(b, A("1") C, 2);
	fflush(b->out);
	assert_int_equal(b->nsaid, 0);
	c = again(b, A("1") HEAD("10.0.0.4") " nb_get_retry 3\n}\n" C);
	fflush(b->out);
	assert_non_null(strstr(b->said, "nb_get_retry"));
	assert_null(strstr(strstr(b->said, "nb_get_retry") + 1, "'nb_get_retry'"));
	assert_int_equal(noted(c), 0);
	conf_free(c);
	c = again(b, A("1") A("1")); /* the same service twice */
	conf_free(c);
}

/* Only the destination that changed is touched. */
static void reuse__reload_touches_what_changed(void **state)
{
	static struct check_state from[8], to[8];
	struct bench *b = *state;
	struct ipvs v;
	struct conf *c;
	struct lvs *old, *new;

	first(b, A("1") B C, 3);
	assert_int_equal(ipvs_fake_open(&v), 0);
	old = lvs_new(b->old, &v, NULL);
	assert_non_null(old);
	assert_int_equal(lvs_start(old), 0);
	c = again(b, A("2") B C);
	new = lvs_new(c, &v, NULL);
	assert_non_null(new);
	ipvs_fake_clear(&v);
	assert_int_equal(lvs_reload(lvs_plan_new(new, old), from, to), 0);
	assert_string_equal(ipvs_fake_log(&v),
			    "SET_DEST TCP 10.0.0.1:80 -> 10.1.0.2:80 DR weight 2\n");
	assert_int_equal(ipvs_fake_batches(&v), 2);
	lvs_free(new);
	ipvs_close(&v);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reuse__one_weight, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__moved_new_and_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__again_and_again, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__the_file_ends_at_the_brace, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__not_what_depends, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__not_a_definition, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__not_scripts, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__says_what_there_is_to_say, setup, teardown),
		cmocka_unit_test_setup_teardown(reuse__reload_touches_what_changed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
