/* Events: what is written is what is read, and a bad line is named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "event.h"
#include "event_field.h"

/* A log with one event of every type, every field set to something telling. */
static void fill(struct event_log *log)
{
	const struct event_field *f;
	struct event e;
	char text[32];
	int t, n = 1;

	event_log_init(log);
	for (t = 0; t < EV_NTYPES; t++) {
		memset(&e, 0, sizeof(e));
		e.t = INT64_C(1000000007) * t;
		e.type = (enum event_type)t;
		e.node = event_text(log, "lvs1");
		for (f = event_fields(e.type); f->key; f++, n++) {
			char *p = (char *)&e + f->at;

			snprintf(text, sizeof(text), "\"%s\" %d", f->key, n % 3);
			if (f->kind == FIELD_TEXT)
				*(const char **)p = event_text(log, text);
			else if (f->kind == FIELD_BOOL)
				*(bool *)p = n % 2;
			else if (f->kind == FIELD_INT)
				*(int *)p = -n;
			else if (f->kind == FIELD_I64)
				*(int64_t *)p = INT64_MIN + n;
			else if (f->kind == FIELD_U64)
				*(uint64_t *)p = (uint64_t)INT64_MAX - (uint64_t)n;
			else
				*(int *)p = 1;
		}
		assert_int_equal(event_add(log, &e), 0);
	}
}

static char *written(const struct event_log *log)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(event_log_write(log, f), 0);
	fclose(f);
	return text;
}

/* Reads `text` through a file, into an initialised log. */
static int read_text(struct event_log *log, const char *text)
{
	char path[] = "/tmp/test_event.XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	event_log_init(log);
	r = event_log_read(log, path);
	unlink(path);
	return r;
}

static void event__survives_a_round_trip(void **state)
{
	struct event_log a, b;
	char *one, *two;
	size_t lines = 0, i;

	(void)state;
	fill(&a);
	one = written(&a);
	for (i = 0; one[i]; i++)
		lines += one[i] == '\n';
	assert_int_equal(lines, EV_NTYPES);
	assert_int_equal(read_text(&b, one), 0);
	assert_int_equal(b.n, a.n);
	two = written(&b);
	assert_string_equal(one, two);
	free(one);
	free(two);
	event_log_finish(&a);
	event_log_finish(&b);
}

static void event__writes_keys_in_the_tables_order(void **state)
{
	struct event_log log;
	struct event e = { .t = 5, .type = EV_REQUEST };
	char *text;

	(void)state;
	event_log_init(&log);
	e.request.traffic = event_text(&log, "http");
	e.request.n = 7;
	e.request.due = 3;
	e.request.result = REQ_REFUSED;
	assert_int_equal(event_add(&log, &e), 0);
	text = written(&log);
	assert_string_equal(text, "{\"t\":5,\"type\":\"request\",\"traffic\":\"http\","
				  "\"n\":7,\"due\":3,\"result\":\"refused\"}\n");
	free(text);
	event_log_finish(&log);
}

static void event__replaces_bytes_that_are_not_utf8(void **state)
{
	struct event_log log;
	struct event e = { .type = EV_NOTE };
	char *text;

	(void)state;
	event_log_init(&log);
	e.text = event_text(&log, "a\xff" "b");
	assert_int_equal(event_add(&log, &e), 0);
	text = written(&log);
	assert_string_equal(text, "{\"t\":0,\"type\":\"note\",\"text\":\"a?b\"}\n");
	free(text);
	event_log_finish(&log);
}

static void event__refuses_a_number_that_json_cannot_hold(void **state)
{
	struct event_log log;
	struct event e = { .type = EV_RUN, .run.seed = UINT64_MAX };
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	event_log_init(&log);
	assert_int_equal(event_add(&log, &e), 0);
	assert_int_equal(event_log_write(&log, f), -EINVAL);
	fclose(f);
	event_log_finish(&log);
}

static void event__rejects_bad_lines(void **state)
{
	static const char *const bad[] = {
		"nonsense\n",
		"[]\n",
		"{}\n",
		"{\"t\":1}\n",
		"{\"t\":1,\"type\":\"flood\"}\n",
		"{\"t\":\"1\",\"type\":\"end\"}\n",
		"{\"t\":1,\"type\":\"end\",\"colour\":\"red\"}\n",
		"{\"t\":1,\"type\":\"end\",\"t\":2}\n",
		"{\"t\":1,\"type\":\"exit\",\"what\":\"halbd\"}\n",
		"{\"t\":1,\"type\":\"exit\",\"what\":\"halbd\",\"status\":5000000000}\n",
		"{\"t\":1,\"type\":\"exit\",\"what\":3,\"status\":0}\n",
		"{\"t\":1,\"type\":\"addr\",\"added\":1}\n",
		"{\"t\":1,\"type\":\"request\",\"n\":-1,\"due\":0,\"result\":\"ok\"}\n",
		"{\"t\":1,\"type\":\"request\",\"n\":1,\"due\":0,\"result\":\"fine\"}\n",
		"{\"t\":1,\"type\":\"end\"}\n{\"t\":2,\"type\":\"end\"\n",
	};
	struct event_log log;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_text(&log, bad[i]), -EINVAL);
		event_log_finish(&log);
	}
	event_log_init(&log);
	assert_int_equal(event_log_read(&log, "/nonexistent/events.jsonl"), -ENOENT);
	event_log_finish(&log);
}

static void sort_many(size_t n)
{
	struct event_log log;
	struct event e = { .type = EV_NOTE };
	size_t i, cap, sum = 0;

	event_log_init(&log);
	assert_int_equal(event_log_reserve(&log, 5000), 0);
	cap = log.cap;
	for (i = 0; i < n; i++) {
		e.t = (int64_t)(i * 7919 % 50);
		e.request.n = i;
		assert_int_equal(event_add(&log, &e), 0);
	}
	assert_int_equal(event_log_sort(&log), 0);
	assert_int_equal(log.n, n);
	assert_int_equal(log.cap, cap);
	for (i = 0; i < n; i++)
		sum += log.v[i].request.n;
	assert_int_equal(sum, n * (n - 1) / 2);
	for (i = 1; i < log.n; i++) {
		assert_true(log.v[i - 1].t <= log.v[i].t);
		if (log.v[i - 1].t == log.v[i].t)
			assert_true(log.v[i - 1].request.n < log.v[i].request.n);
	}
	while (log.n < cap) /* the room is still there */
		assert_int_equal(event_add(&log, &e), 0);
	assert_int_equal(log.cap, cap);
	event_log_finish(&log);
}

static void event__sorts_stably(void **state)
{
	/* an even and an odd number of merges, too */
	static const size_t many[] = { 3, 60, 300, 1000, 5000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		sort_many(many[i]);
}

/* Written in pieces, whatever its length and wherever a piece ends. */
static void event__writes_long_texts(void **state)
{
	struct event_log log, again;
	struct event e = { .type = EV_NOTE };
	char text[9000], name[] = "/tmp/halbsim-event-XXXXXX";
	int fd = mkstemp(name);
	size_t i;
	FILE *f;

	(void)state;
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_non_null(f);
	event_log_init(&log);
	for (i = 0; i < 40; i++) {
		memset(text, 'a' + (int)i % 26, sizeof(text));
		text[i < 20 ? 4080 + i : 211 * i] = '\0';
		if (i % 3 == 2)
			text[i * 5] = '"'; /* the library's work */
		e.t = (int64_t)i;
		e.text = event_text(&log, text);
		assert_int_equal(event_add(&log, &e), 0);
	}
	assert_int_equal(event_log_write(&log, f), 0);
	assert_int_equal(fclose(f), 0);
	event_log_init(&again);
	assert_int_equal(event_log_read(&again, name), 0);
	assert_int_equal(again.n, log.n);
	for (i = 0; i < log.n; i++)
		assert_string_equal(again.v[i].text, log.v[i].text);
	unlink(name);
	event_log_finish(&again);
	event_log_finish(&log);
}

static void event__keeps_each_text_once(void **state)
{
	struct event_log log;
	const char *first[2000];
	char text[16];
	int i;

	(void)state;
	event_log_init(&log);
	assert_null(event_text(&log, NULL));
	for (i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "t%d", i);
		first[i] = event_text(&log, text);
		assert_string_equal(first[i], text);
	}
	for (i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "t%d", i);
		assert_ptr_equal(event_text(&log, text), first[i]);
	}
	event_log_finish(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event__survives_a_round_trip),
		cmocka_unit_test(event__writes_keys_in_the_tables_order),
		cmocka_unit_test(event__replaces_bytes_that_are_not_utf8),
		cmocka_unit_test(event__refuses_a_number_that_json_cannot_hold),
		cmocka_unit_test(event__rejects_bad_lines),
		cmocka_unit_test(event__sorts_stably),
		cmocka_unit_test(event__writes_long_texts),
		cmocka_unit_test(event__keeps_each_text_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
