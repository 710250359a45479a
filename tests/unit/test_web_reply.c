/* Replies of web servers, whole, in pieces and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web_reply.h"

static enum web_reply_state whole(struct web_reply *r, const char *text, size_t step)
{
	size_t len = strlen(text), at, n;

	web_reply_init(r);
	for (at = 0; at < len; at += n) {
		n = len - at < step ? len - at : step;
		web_reply_feed(r, text + at, n);
	}
	return r->state;
}

static void web_reply__is_the_same_in_pieces(void **state)
{
	struct web_reply r;
	size_t step;

	(void)state;
	for (step = 1; step < 60; step++) {
		assert_int_equal(whole(&r, "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: "
					   "7\r\n\r\nweb 1\r\n", step),
				 REPLY_DONE);
		assert_int_equal(r.status, 200);
		assert_false(r.close);
		assert_string_equal(web_reply_body(&r), "web 1");
	}
}

static void web_reply__ends_with_the_connection(void **state)
{
	struct web_reply r;

	(void)state;
	assert_int_equal(whole(&r, "HTTP/1.0 200 OK\r\n\r\nweb1\n", 9), REPLY_BODY);
	assert_int_equal(web_reply_eof(&r), REPLY_DONE);
	assert_true(r.close);
	assert_int_equal(whole(&r, "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nweb1", 9),
			 REPLY_BODY);
	assert_int_equal(web_reply_eof(&r), REPLY_BAD);
	assert_int_equal(whole(&r, "HTTP/1.0 200 OK\r\n", 9), REPLY_HEAD);
	assert_int_equal(web_reply_eof(&r), REPLY_BAD);
}

static void web_reply__rejects(void **state)
{
	static const char *const bad[] = {
		"nonsense\r\n\r\n",
		"HTTP/2.0 200 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
	};
	struct web_reply r;
	char big[3000];
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (step = 1; step < 50; step += 7)
			assert_int_equal(whole(&r, bad[i], step), REPLY_BAD);
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(whole(&r, big, 100), REPLY_BAD);
	assert_int_equal(whole(&r, big, sizeof(big)), REPLY_BAD);
	web_reply_init(&r);
	assert_int_equal(web_reply_feed(&r, "HTTP/1.1 200 OK\r\na\0:b\r\n\r\n", 25), REPLY_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(web_reply__is_the_same_in_pieces),
		cmocka_unit_test(web_reply__ends_with_the_connection),
		cmocka_unit_test(web_reply__rejects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
