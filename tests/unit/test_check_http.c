/* HTTP_GET at work over loopback, and what it is made of: requests, pages, patterns. */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check_bench.h"
#include "check_http.h"
#include "http_regex.h"
#include "http_status.h"
#include "log.h"

static void peer_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct attempts *a = arg;
	size_t n = strlen(a->got);
	ssize_t r = read(f->fd, a->got + n, sizeof(a->got) - 1 - n);

	(void)revents;
	if (r <= 0) {
		loop_fd_close(a->loop, f);
		return;
	}
	if (!a->say || !strstr(a->got, "\r\n\r\n"))
		return;
	assert_int_equal(write(f->fd, a->say, strlen(a->say)), strlen(a->say));
	loop_fd_close(a->loop, f);
}

static void accept_one(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct attempts *a = arg;
	int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK);

	(void)revents;
	assert_true(fd >= 0);
	a->got[0] = '\0';
	assert_int_equal(loop_fd_add(a->loop, &a->peer, fd, EPOLLIN, peer_ready, a), 0);
}

static struct http_url_conf url = { .path = (char *)(uintptr_t) "/index.html" };

/* HTTP_GET against a server that says `say`. */
static int http(struct attempts *a, const char *say)
{
	struct checker_conf *c;
	int port;

	listen(bind_local(a, SOCK_STREAM, &port), 8);
	loop_fd_add(a->loop, &a->watch, a->listener, EPOLLIN, accept_one, a);
	c = one_checker(a, CHECK_HTTP, port);
	c->url = &url;
	c->nurl = 1;
	a->say = say;
	return run(a);
}

#define PAGE "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nThis is Server 111\n"

static void check_http__ok(void **state)
{
	struct attempts *a = *state;
	char expected[256];

	assert_int_equal(http(a, PAGE), CHECK_OK);
	snprintf(expected, sizeof(expected),
		 "GET /index.html HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\n"
		 "Host: 127.0.0.1:%d\r\n\r\n",
		 a->f.real[0][0].port);
	assert_string_equal(a->got, expected);
}

static void check_http__digest(void **state)
{
	/* printf 'This is Server 111\n' | md5sum */
	static const uint8_t md5[16] = { 0x85, 0xb4, 0x33, 0x12, 0xbb, 0xbc, 0x77, 0xb0,
					 0x9f, 0x2c, 0xa9, 0x08, 0xe6, 0x8f, 0x20, 0x12 };
	struct attempts *a = *state;

	url.has_digest = true;
	memcpy(url.digest, md5, 16);
	assert_int_equal(http(a, PAGE), CHECK_OK);
	url.has_digest = false;
}

static void check_http__wrong_digest(void **state)
{
	struct attempts *a = *state;

	url.has_digest = true;
	memset(url.digest, 1, 16);
	assert_int_equal(http(a, PAGE), CHECK_BAD_DIGEST);
	url.has_digest = false;
}

static void check_http__bad_status(void **state)
{
	struct attempts *a = *state;

	assert_int_equal(http(a, "HTTP/1.1 503 Busy\r\n\r\n"), CHECK_BAD_STATUS);
	assert_false(a->last.up);
}

static void check_http__no_reply(void **state)
{
	struct attempts *a = *state;

	assert_int_equal(http(a, ""), CHECK_NO_REPLY);
}

static void check_http__endless_header(void **state)
{
	struct attempts *a = *state;
	static char big[6000];

	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(http(a, big), CHECK_BAD_REPLY);
}

static void check_http__hanging_server_is_a_timeout(void **state)
{
	struct attempts *a = *state;
	int port;
	struct checker_conf *c;

	listen(bind_local(a, SOCK_STREAM, &port), 8);
	loop_fd_add(a->loop, &a->watch, a->listener, EPOLLIN, accept_one, a);
	c = one_checker(a, CHECK_HTTP, port);
	c->url = &url;
	c->nurl = 1;
	c->connect_timeout_ns = 20 * NS_PER_MS; /* connecting and talking together */
	assert_int_equal(run(a), CHECK_TIMEOUT);
}

static void http_request__words_it_as_keepalived(void **state)
{
	struct attempts *a = *state;
	struct checker_conf *c = one_checker(a, CHECK_HTTP, 8080);
	struct check check = { .conf = c, .real = &a->f.real[0][0] };
	char buf[256];

	http_request(&check, &url, "example.org", buf, sizeof(buf));
	assert_string_equal(buf, "GET /index.html HTTP/1.0\r\n"
				 "User-Agent: KeepAliveClient\r\n"
				 "Host: example.org\r\n\r\n");
	c->http_version = HTTP_1_1;
	http_request(&check, &url, NULL, buf, sizeof(buf));
	assert_string_equal(buf, "GET /index.html HTTP/1.1\r\n"
				 "User-Agent: KeepAliveClient\r\n"
				 "Connection: close\r\nHost: 127.0.0.1:8080\r\n\r\n");
	c->http_version = HTTP_1_0_CLOSE;
	c->connect_ip = fix_addr("fd00::1");
	http_request(&check, &url, NULL, buf, sizeof(buf));
	assert_string_equal(buf, "GET /index.html HTTP/1.0\r\n"
				 "User-Agent: KeepAliveClient\r\n"
				 "Connection: close\r\nHost: [fd00::1]:8080\r\n\r\n");
}

static void http_status__ranges_and_lists(void **state)
{
	struct http_url_conf u = { 0 };

	(void)state;
	assert_true(http_status_wanted(&u, 204));
	assert_false(http_status_wanted(&u, 301));
	assert_false(http_status_wanted(&u, 0));
	u.status_min = 301;
	u.status_max = 302;
	assert_true(http_status_wanted(&u, 302));
	assert_false(http_status_wanted(&u, 200));
	u.status_set[(404 - 100) / 64] |= UINT64_C(1) << ((404 - 100) % 64);
	assert_true(http_status_wanted(&u, 404));
	assert_false(http_status_wanted(&u, 302));
	assert_false(http_status_wanted(&u, 600));
}

static void http_page__in_any_pieces(void **state)
{
	static const char text[] = PAGE "trailing";
	struct http_page r;
	uint8_t whole[16], pieces[16];
	size_t i;

	(void)state;
	assert_int_equal(http_page_init(&r, true, 4), 0);
	assert_int_equal(http_page_feed(&r, text, sizeof(text) - 1), 0);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.length, 19);
	assert_int_equal(r.body, 27);
	assert_true(http_page_digest(&r, whole));
	http_page_finish(&r);
	assert_int_equal(http_page_init(&r, true, 4), 0);
	for (i = 0; i < sizeof(text) - 1; i++)
		assert_int_equal(http_page_feed(&r, text + i, 1), 0);
	assert_int_equal(r.body, 27);
	assert_int_equal(r.nkept, 4);
	assert_memory_equal(r.kept, "This", 4);
	assert_true(http_page_digest(&r, pieces));
	assert_memory_equal(whole, pieces, 16); /* 19 bytes of the 27 count */
	http_page_finish(&r);
}

static char pattern[] = "Server 1+";

static void check_http__regex(void **state)
{
	struct attempts *a = *state;

	url.regex = pattern;
	assert_int_equal(http(a, PAGE), CHECK_OK);
	url.regex = NULL;
}

static void check_http__regex_that_does_not_match(void **state)
{
	struct attempts *a = *state;

	url.regex = pattern;
	assert_int_equal(http(a, "HTTP/1.0 200 OK\r\n\r\nThis is Server 222\n"),
			 CHECK_NO_MATCH);
	url.regex = NULL;
}

static void check_http__regex_no_match(void **state)
{
	struct attempts *a = *state;

	url.regex = pattern;
	url.regex_no_match = true;
	assert_int_equal(http(a, PAGE), CHECK_NO_MATCH);
	url.regex = NULL;
	url.regex_no_match = false;
}

static void http_regex__offsets(void **state)
{
	(void)state;
	assert_int_equal(http_regex_match("b", 0, "abab", 4, 0, 0), 1);
	assert_int_equal(http_regex_match("^b", 0, "abab", 4, 0, 0), 0);
	assert_int_equal(http_regex_match("b.", 0, "abab", 4, 2, 0), 0);
	assert_int_equal(http_regex_match("ba", 0, "abab", 4, 0, 1), 0);
	assert_int_equal(http_regex_match("ba", 0, "abab", 4, 0, 2), 1);
	assert_int_equal(http_regex_match("a", 0, "abab", 4, 5, 0), 0);
	assert_int_equal(http_regex_match("(", 0, "abab", 4, 0, 0), -EINVAL);
	http_regex_reset();
}

/* The classic: exponential without a limit. */
static void http_regex__hostile_page_is_no_match(void **state)
{
	static char page[40];

	(void)state;
	memset(page, 'a', sizeof(page) - 1);
	page[sizeof(page) - 1] = '!';
	assert_int_equal(http_regex_match("^(a+)+$", 0, page, sizeof(page), 0, 0), 0);
	http_regex_reset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(check_http__ok),
		T(check_http__digest),
		T(check_http__wrong_digest),
		T(check_http__bad_status),
		T(check_http__no_reply),
		T(check_http__endless_header),
		T(check_http__hanging_server_is_a_timeout),
		T(check_http__regex),
		T(check_http__regex_that_does_not_match),
		T(check_http__regex_no_match),
		cmocka_unit_test(http_regex__offsets),
		cmocka_unit_test(http_regex__hostile_page_is_no_match),
		T(http_request__words_it_as_keepalived),
		cmocka_unit_test(http_status__ranges_and_lists),
		cmocka_unit_test(http_page__in_any_pieces),
#undef T
	};

	log_init("test", LOG_LVL_ERR, LOG_TO_STDERR);
	return cmocka_run_group_tests_name("check_http", tests, NULL, NULL);
}
