/*
 * TCP, SMTP, PING and MISC checks at work: real attempts over loopback. They end by an
 * event or by a deadline that the test sets; nothing is timed. (So do those of
 * test_check_http.c, test_check_udp.c and test_check_ssl.c.)
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
#include "log.h"
#include "lvs_caps.h"
#include "script.h"
#include "scriptfix.h"

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
	make_set(a, 1);
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
	make_set(a, 1);
	loop_timer_init(&t, make_it_right, a);
	assert_int_equal(loop_timer_set(a->loop, &t, clock_now()), 0);
	assert_int_equal(run(a), CHECK_OK);
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

static struct checker_conf *script(struct attempts *a, const char *line)
{
	static char *argv[4];
	static char sh[] = "/bin/sh", c[] = "-c";
	static struct conf_script misc;
	struct checker_conf *conf = one_checker(a, CHECK_MISC, 80);

	argv[0] = sh;
	argv[1] = c;
	argv[2] = (char *)(uintptr_t)line;
	misc = (struct conf_script){ .argv = argv, .uid = getuid(), .gid = getgid() };
	conf->misc = &misc;
	conf->retry = 0;
	conf->delay_loop_ns = NS_PER_MS;
	assert_int_equal(scripts_watch(a->loop), 0);
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
