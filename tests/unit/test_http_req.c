/* Requests: what is read, what is refused with which status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_req.h"

/* From a heap copy without a spare byte, so that a read too far is caught. */
static int read_text(const char *text, size_t len, struct http_req *r, char **copy)
{
	*copy = malloc(len ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, text, len);
	return http_req_read(*copy, len, r);
}

static void status_is(const char *text, int want)
{
	struct http_req r;
	char *copy;
	int got = read_text(text, strlen(text), &r, &copy);

	free(copy);
	if (got != want)
		fail_msg("wanted %d, got %d for: %s", want, got, text);
}

static void http_req__reads_get(void **state)
{
	static const char text[] = "GET /a/b?x=1&bytes=77 HTTP/1.1\r\nHost: h\r\n\r\nGET";
	struct http_req r;
	char *copy;

	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1, &r, &copy), 0);
	assert_false(r.head);
	assert_true(r.keep_alive);
	assert_int_equal(r.path_len, 4);
	assert_memory_equal(r.path, "/a/b", 4);
	assert_int_equal(http_req_number(&r, "bytes", -2), 77);
	assert_int_equal(http_req_number(&r, "x", -2), 1);
	assert_int_equal(http_req_number(&r, "y", -2), -2);
	assert_int_equal(r.head_len, sizeof(text) - 1 - 3);
	free(copy);
}

static void http_req__absolute_targets(void **state)
{
	static const struct {
		const char *text, *path;
		int bytes;
	} cases[] = {
		{ "GET http://h/a?bytes=3 HTTP/1.1\r\nHost: h\r\n\r\n", "/a", 3 },
		{ "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", "/", -2 },
		{ "GET http://h?bytes=4 HTTP/1.1\r\nHost: h\r\n\r\n", "/", 4 },
		{ "GET http://h?bytes=4/5 HTTP/1.1\r\nHost: h\r\n\r\n", "/", -1 },
	};
	struct http_req r;
	char *copy;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_text(cases[i].text, strlen(cases[i].text), &r, &copy),
				 0);
		assert_int_equal(r.path_len, strlen(cases[i].path));
		assert_memory_equal(r.path, cases[i].path, r.path_len);
		assert_int_equal(http_req_number(&r, "bytes", -2), cases[i].bytes);
		free(copy);
	}
}

static void keeps(const char *text, bool keep)
{
	struct http_req r;
	char *copy;

	assert_int_equal(read_text(text, strlen(text), &r, &copy), 0);
	assert_int_equal(r.keep_alive, keep);
	free(copy);
}

static void http_req__keeps_the_connection_or_not(void **state)
{
	(void)state;
	keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true);
	keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false);
	keeps("GET / HTTP/1.1\r\nHost: h\r\nconnection: x, CLOSE\r\n\r\n", false);
	keeps("GET / HTTP/1.0\r\n\r\n", false);
	keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true);
	keeps("HEAD / HTTP/1.0\n\n", false);
	keeps("\r\nGET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", true);
}

static void http_req__every_prefix_is_unfinished(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
	struct http_req r;
	char *copy;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text) - 1; len++) {
		assert_int_equal(read_text(text, len, &r, &copy), -1);
		free(copy);
	}
	assert_int_equal(read_text(text, len, &r, &copy), 0);
	assert_int_equal(r.body_len, 5);
	free(copy);
}

static void http_req__refuses(void **state)
{
	static const char *const bad[] = {
		"GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP\r\n\r\n", " / HTTP/1.1\r\n\r\n",
		"GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n", "G@T / HTTP/1.1\r\n\r\n",
		"GET x HTTP/1.0\r\n\r\n", "GET /\x01 HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n", /* no Host */
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET / HTTP/1.0\r\nno colon\r\n\r\n", "GET / HTTP/1.0\r\n: x\r\n\r\n",
		"GET / HTTP/1.0\r\nA : x\r\n\r\n", "GET / HTTP/1.0\r\nA: x\r\n folded\r\n\r\n",
		"GET / HTTP/1.0\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.0\r\nContent-Length: 1x\r\n\r\n",
		"GET / HTTP/1.0\r\nContent-Length:\r\n\r\n",
		"GET / HTTP/1.0\r\nContent-Length: 9999999999999999999\r\n\r\n",
		"GET / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"GET / HTTP/1.0\r\nA: x\ry\r\n\r\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		status_is(bad[i], 400);
	status_is("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n", 405);
	status_is("get / HTTP/1.0\r\n\r\n", 405); /* methods are case-sensitive */
	status_is("GET / HTTP/2.0\r\n\r\n", 505);
	status_is("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 501);
}

static void http_req__refuses_endless_heads(void **state)
{
	char text[HTTP_MAX_HEAD];
	struct http_req r;
	char *copy;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(read_text(text, sizeof(text), &r, &copy), 431);
	free(copy);
	memcpy(text, "GET / HTTP/1.0\r\nX: ", 19);
	assert_int_equal(read_text(text, sizeof(text), &r, &copy), 431);
	free(copy);
}

static void http_req__numbers(void **state)
{
	static const char text[] = "GET /?a=&b=12x&c=99999999999999999999&dd=5&d=6 HTTP/1.0\n\n";
	struct http_req r;
	char *copy;

	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1, &r, &copy), 0);
	assert_int_equal(http_req_number(&r, "a", -2), -1);
	assert_int_equal(http_req_number(&r, "b", -2), -1);
	assert_int_equal(http_req_number(&r, "c", -2), -1);
	assert_int_equal(http_req_number(&r, "d", -2), 6);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_req__reads_get),
		cmocka_unit_test(http_req__absolute_targets),
		cmocka_unit_test(http_req__keeps_the_connection_or_not),
		cmocka_unit_test(http_req__every_prefix_is_unfinished),
		cmocka_unit_test(http_req__refuses),
		cmocka_unit_test(http_req__refuses_endless_heads),
		cmocka_unit_test(http_req__numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
