/* UDP_CHECK and DNS_CHECK at work over loopback. */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check_bench.h"
#include "check_dns.h"
#include "log.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(check_udp__silence_is_fine),
		T(check_udp__closed_port),
		T(check_udp__reply_must_match),
		cmocka_unit_test(dns__query_bytes),
		cmocka_unit_test(dns__reply),
		T(check_dns__answers),
#undef T
	};

	log_init("test", LOG_LVL_ERR, LOG_TO_STDERR);
	return cmocka_run_group_tests_name("check_udp", tests, NULL, NULL);
}
