/*
 * Checkers at work: real attempts over loopback. They end by an event or by a
 * deadline that the test sets; nothing is timed.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_bench.h"
#include "check_dns.h"
#include "check_http.h"
#include "http_status.h"
#include "http_regex.h"
#include "log.h"
#include "lvs_caps.h"
#include "script.h"

static void check_tcp__open_port(void **state)
{
	struct attempts *a = *state;
	int port;

	listen(bind_local(a, SOCK_STREAM, &port), 8);
	one_checker(a, CHECK_TCP, port);
	assert_int_equal(run(a), CHECK_OK);
	assert_true(a->last.up);
}

static void check_tcp__closed_port(void **state)
{
	struct attempts *a = *state;
	int port;

	bind_local(a, SOCK_STREAM, &port); /* taken, but nobody listens */
	one_checker(a, CHECK_TCP, port);
	assert_int_equal(run(a), CHECK_REFUSED);
	assert_false(a->last.up);
}

static void check_tcp__connect_port_and_ip(void **state)
{
	struct attempts *a = *state;
	struct checker_conf *c;
	int port;

	listen(bind_local(a, SOCK_STREAM, &port), 8);
	c = one_checker(a, CHECK_TCP, 1);
	c->connect_port = port;
	c->connect_ip = fix_addr("127.0.0.1");
	c->bindto = fix_addr("127.0.0.5");
	assert_int_equal(run(a), CHECK_OK);
}

/* A full accept queue: SYNs are dropped, the deadline ends it. */
static void check_tcp__silence_is_a_timeout(void **state)
{
	struct attempts *a = *state;
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int port, fd;

	listen(bind_local(a, SOCK_STREAM, &port), 0);
	sin.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	one_checker(a, CHECK_TCP, port)->connect_timeout_ns = NS_PER_MS;
	assert_int_equal(run(a), CHECK_TIMEOUT);
	assert_false(a->last.up);
	close(fd);
}

static void check_tcp__goes_down_after_its_retry(void **state)
{
	struct attempts *a = *state;
	struct checker_conf *c;
	int port;

	listen(bind_local(a, SOCK_STREAM, &port), 8);
	c = one_checker(a, CHECK_TCP, port);
	c->delay_loop_ns = c->delay_before_retry_ns = NS_PER_MS;
	assert_int_equal(run(a), CHECK_OK);
	shutdown(a->listener, SHUT_RDWR); /* listens no more */
	assert_int_equal(run(a), CHECK_REFUSED);
	assert_false(a->last.up);
	assert_int_equal(a->state[0].retry_it, 0);
}

static void effective(cap_flag_value_t on)
{
	static const cap_value_t marks[] = { CAP_NET_ADMIN, CAP_NET_RAW };
	cap_t caps = cap_get_proc();

	assert_non_null(caps);
	assert_int_equal(cap_set_flag(caps, CAP_EFFECTIVE, 2, marks, on), 0);
	assert_int_equal(cap_set_proc(caps), 0);
	cap_free(caps);
}

/* The worker cannot mark a socket any more when the attempts begin. */
static void check_tcp__marked_socket_serves_all_attempts(void **state)
{
	int port, mark = 5, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct attempts *a = *state;
	struct checker_conf *c;
	bool may = !setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));

	close(fd);
	if (!may) {
		print_message("skipped: a mark takes CAP_NET_ADMIN\n");
		skip();
	}
	bind_local(a, SOCK_STREAM, &port); /* does not listen yet */
	c = one_checker(a, CHECK_TCP, port);
	c->delay_loop_ns = c->delay_before_retry_ns = NS_PER_MS;
	c->fwmark = 5;
	make_set(a);
	effective(CAP_CLEAR);
	assert_int_equal(run(a), CHECK_REFUSED);
	listen(a->listener, 8);
	assert_int_equal(run(a), CHECK_OK);
	shutdown(a->listener, SHUT_RDWR);
	assert_int_equal(run(a), CHECK_REFUSED);
	effective(CAP_SET);
}

/* After the first attempt: no verdict so far; now it can go right. */
static void make_it_right(struct loop_timer *t, void *arg)
{
	struct attempts *a = arg;

	(void)t;
	assert_int_equal(a->reports, 0);
	assert_false(a->state[0].has_run);
	a->f.checker[0][0][0].bindto.family = 0;
}

static void check__wrong_bind_address_is_no_verdict(void **state)
{
	struct attempts *a = *state;
	struct checker_conf *c;
	struct loop_timer t;
	int port;

	listen(bind_local(a, SOCK_STREAM, &port), 8);
	c = one_checker(a, CHECK_TCP, port);
	c->bindto = fix_addr("192.0.2.1"); /* not ours: it cannot even be tried */
	c->delay_loop_ns = NS_PER_MS;
	make_set(a);
	loop_timer_init(&t, make_it_right, a);
	assert_int_equal(loop_timer_set(a->loop, &t, clock_now()), 0);
	assert_int_equal(run(a), CHECK_OK);
}

/* --- a server for one connection --- */

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

/* --- datagrams --- */

static void udp_answer(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct attempts *a = arg;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(f->fd, a->got, sizeof(a->got), 0, (struct sockaddr *)&from,
			     &len);

	(void)revents;
	assert_true(n > 0);
	if (a->say)
		sendto(f->fd, a->say, strlen(a->say), 0, (struct sockaddr *)&from, len);
}

static void check_udp__silence_is_fine(void **state)
{
	struct attempts *a = *state;
	int port;

	bind_local(a, SOCK_DGRAM, &port);
	one_checker(a, CHECK_UDP, port)->connect_timeout_ns = NS_PER_MS;
	assert_int_equal(run(a), CHECK_OK);
}

static void check_udp__closed_port(void **state)
{
	struct attempts *a = *state;
	int port;

	bind_local(a, SOCK_DGRAM, &port);
	close(a->listener);
	a->listener = -1;
	one_checker(a, CHECK_UDP, port);
	assert_int_equal(run(a), CHECK_REFUSED);
}

static void check_udp__reply_must_match(void **state)
{
	static uint8_t reply[] = { 'p', 'o', 0xff }, mask[] = { 0, 0, 0xff };
	struct udp_check_conf u = { .require_reply = true,
				    .reply = reply,
				    .reply_mask = mask,
				    .reply_len = 3,
				    .max_reply_len = 255 };
	struct attempts *a = *state;
	struct checker_conf *c;
	int port;

	bind_local(a, SOCK_DGRAM, &port);
	loop_fd_add(a->loop, &a->watch, a->listener, EPOLLIN, udp_answer, a);
	c = one_checker(a, CHECK_UDP, port);
	c->udp = &u;
	c->delay_loop_ns = c->delay_before_retry_ns = NS_PER_MS;
	a->say = "pong";
	assert_int_equal(run(a), CHECK_OK);
	a->say = "no";
	assert_int_equal(run(a), CHECK_BAD_REPLY);
	a->say = NULL;
	c->connect_timeout_ns = NS_PER_MS;
	a->state[0].is_up = true; /* so that the next failure is news */
	assert_int_equal(run(a), CHECK_TIMEOUT);
}

static void dns__query_bytes(void **state)
{
	static const uint8_t expected[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0,   0,   0,
					    0,	  2,	'a', 'b', 1, 'c', 0, 0, 28, 0, 1 };
	uint8_t buf[DNS_QUERY_MAX];
	char label[70];

	(void)state;
	assert_int_equal(dns_query(buf, 0x1234, "ab.c", 28), sizeof(expected));
	assert_memory_equal(buf, expected, sizeof(expected));
	assert_int_equal(dns_query(buf, 1, "ab.c.", 28), sizeof(expected));
	assert_int_equal(dns_query(buf, 1, "", 6), 17);
	assert_int_equal(dns_query(buf, 1, ".", 6), 17);
	assert_int_equal(dns_query(buf, 1, "a..b", 6), -EINVAL);
	memset(label, 'x', 64);
	label[64] = '\0';
	assert_int_equal(dns_query(buf, 1, label, 6), -EINVAL);
}

static void dns__reply(void **state)
{
	uint8_t r[12] = { 0x12, 0x34, 0x81, 0x83 };

	(void)state;
	assert_int_equal(dns_reply(r, 12, 0x1234), 3);
	assert_int_equal(dns_reply(r, 11, 0x1234), -1);
	assert_int_equal(dns_reply(r, 12, 0x1235), -1);
	r[2] = 0x01; /* a query */
	assert_int_equal(dns_reply(r, 12, 0x1234), -1);
}

static void dns_answer(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct attempts *a = arg;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(f->fd, a->got, sizeof(a->got), 0, (struct sockaddr *)&from,
			     &len);

	(void)revents;
	assert_true(n > 12);
	sendto(f->fd, "no", 2, 0, (struct sockaddr *)&from, len); /* is overlooked */
	a->got[2] |= (char)0x80;
	a->got[3] = (char)(a->say ? 0 : 2); /* SERVFAIL */
	sendto(f->fd, a->got, (size_t)n, 0, (struct sockaddr *)&from, len);
}

static void check_dns__answers(void **state)
{
	struct attempts *a = *state;
	struct checker_conf *c;
	int port;

	bind_local(a, SOCK_DGRAM, &port);
	loop_fd_add(a->loop, &a->watch, a->listener, EPOLLIN, dns_answer, a);
	c = one_checker(a, CHECK_DNS, port);
	c->delay_loop_ns = c->delay_before_retry_ns = NS_PER_MS;
	a->say = "yes";
	assert_int_equal(run(a), CHECK_OK);
	a->say = NULL;
	assert_int_equal(run(a), CHECK_BAD_STATUS);
}

/* --- SMTP --- */

static void smtp_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct attempts *a = arg;
	size_t n = strlen(a->got);
	ssize_t r = read(f->fd, a->got + n, sizeof(a->got) - 1 - n);
	const char *say = NULL;

	(void)revents;
	if (r <= 0) {
		loop_fd_close(a->loop, f);
		return;
	}
	a->got[n + (size_t)r] = '\0';
	if (!strncmp(a->got + n, "HELO", 4))
		say = a->say;
	if (!strncmp(a->got + n, "QUIT", 4))
		say = "221 bye\r\n";
	if (say)
		assert_int_equal(write(f->fd, say, strlen(say)), strlen(say));
}

static void smtp_accept(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct attempts *a = arg;
	int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK);

	(void)revents;
	assert_true(fd >= 0);
	memset(a->got, 0, sizeof(a->got));
	assert_int_equal(loop_fd_add(a->loop, &a->peer, fd, EPOLLIN, smtp_ready, a), 0);
	assert_int_equal(write(fd, "220 mail\r\n", 10), 10);
}

static int smtp(struct attempts *a, const char *say)
{
	int port;

	listen(bind_local(a, SOCK_STREAM, &port), 8);
	loop_fd_add(a->loop, &a->watch, a->listener, EPOLLIN, smtp_accept, a);
	one_checker(a, CHECK_SMTP, port)->retry = 0;
	a->say = say;
	return run(a);
}

static void check_smtp__ok(void **state)
{
	struct attempts *a = *state;

	assert_int_equal(smtp(a, "250 pleased\r\n"), CHECK_OK);
	assert_string_equal(a->got, "HELO smtpchecker.keepalived.org\r\nQUIT\r\n");
}

static void check_smtp__several_lines(void **state)
{
	struct attempts *a = *state;

	assert_int_equal(smtp(a, "250-pleased\r\n250-\r\n250\r\n"), CHECK_OK);
	assert_string_equal(a->got, "HELO smtpchecker.keepalived.org\r\nQUIT\r\n");
}

static void check_smtp__several_lines_refused(void **state)
{
	struct attempts *a = *state;

	assert_int_equal(smtp(a, "554-go\r\n554 away\r\n"), CHECK_BAD_STATUS);
}

static void check_smtp__endless_reply(void **state)
{
	struct attempts *a = *state;
	char many[9001];

	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(smtp(a, many), CHECK_BAD_REPLY);
}

static void check_smtp__refused_helo(void **state)
{
	struct attempts *a = *state;

	assert_int_equal(smtp(a, "554 go away\r\n"), CHECK_BAD_STATUS);
}

/* --- ping --- */

static void check_ping__loopback(void **state)
{
	struct attempts *a = *state;
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);

	if (fd < 0 && geteuid() != 0) {
		print_message("skipped: neither root nor in net.ipv4.ping_group_range\n");
		skip();
	}
	if (fd >= 0)
		close(fd);
	one_checker(a, CHECK_PING, 0);
	assert_int_equal(run(a), CHECK_OK);
}

/* --- scripts --- */

static void reap(int signo, void *arg)
{
	int status;
	pid_t pid;

	(void)signo;
	(void)arg;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		script_reaped(pid, status);
}

static struct checker_conf *script(struct attempts *a, const char *line)
{
	static char *argv[4];
	static char sh[] = "/bin/sh", c[] = "-c";
	static struct conf_script misc;
	struct checker_conf *conf = one_checker(a, CHECK_MISC, 80);
	sigset_t set;

	argv[0] = sh;
	argv[1] = c;
	argv[2] = (char *)(uintptr_t)line;
	misc = (struct conf_script){ .argv = argv, .uid = getuid(), .gid = getgid() };
	conf->misc = &misc;
	conf->retry = 0;
	conf->delay_loop_ns = NS_PER_MS;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	assert_int_equal(loop_signals(a->loop, &set, reap, NULL), 0);
	misc.timeout_ns = 60 * NS_PER_S;
	return conf;
}

static void check_misc__exit_status(void **state)
{
	struct attempts *a = *state;

	script(a, "exit 0");
	assert_int_equal(run(a), CHECK_OK);
}

static void check_misc__failure(void **state)
{
	struct attempts *a = *state;

	script(a, "exit 3");
	a->stop_after = 2; /* the weight, quietly; then the verdict */
	assert_int_equal(run(a), CHECK_EXITED);
	assert_false(a->last.up);
}

static void check_misc__killed(void **state)
{
	struct attempts *a = *state;

	script(a, "kill -9 $$");
	assert_int_equal(run(a), CHECK_SIGNALLED);
}

static void check_misc__overstays(void **state)
{
	struct attempts *a = *state;

	script(a, "sleep 1000")->misc->timeout_ns = NS_PER_MS;
	assert_int_equal(run(a), CHECK_TIMEOUT);
	assert_false(script_any());
}

static void check_misc__dynamic_weight(void **state)
{
	struct attempts *a = *state;

	script(a, "exit 12")->misc_dynamic = true;
	a->stop_after = 2; /* the weight, then the verdict */
	assert_int_equal(run(a), CHECK_OK);
	assert_true(a->last.up);
	assert_int_equal(a->weight, 12 - 2 - 1);
}

/* --- the worker's privileges --- */

static void lvs_caps__worker_has_nothing_left(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: not root\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		if (lvs_caps_worker() < 0)
			_exit(1);
		if (setuid(0) == 0 || geteuid() == 0)
			_exit(2);
		if (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0)
			_exit(3);
		if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
			_exit(4);
		if (prctl(PR_CAPBSET_READ, 0) != 0)
			_exit(5);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(check_tcp__open_port),
		T(check_tcp__closed_port),
		T(check_tcp__connect_port_and_ip),
		T(check_tcp__silence_is_a_timeout),
		T(check_tcp__goes_down_after_its_retry),
		T(check__wrong_bind_address_is_no_verdict),
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
		T(check_udp__silence_is_fine),
		T(check_udp__closed_port),
		T(check_udp__reply_must_match),
		cmocka_unit_test(dns__query_bytes),
		cmocka_unit_test(dns__reply),
		T(check_dns__answers),
		T(check_smtp__ok),
		T(check_smtp__refused_helo),
		T(check_smtp__several_lines),
		T(check_smtp__several_lines_refused),
		T(check_smtp__endless_reply),
		T(check_tcp__marked_socket_serves_all_attempts),
		T(check_ping__loopback),
		T(check_misc__exit_status),
		T(check_misc__failure),
		T(check_misc__killed),
		T(check_misc__overstays),
		T(check_misc__dynamic_weight),
		cmocka_unit_test(lvs_caps__worker_has_nothing_left),
#undef T
	};

	log_init("test", LOG_LVL_ERR, LOG_TO_STDERR);
	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
