/*
 * Traffic against servers on the loopback, in the same loop. No bound here
 * is on the wall clock: a test waits for the results it asked for.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "traffic.h"

enum manner { ANSWER, ANSWER_CLOSE, MIXED, SILENT, RESET, GARBAGE, STRANGER, ERROR_503, STREAM };

#define PEERS 1024

/* One loop with a client's traffic and a server of some manner. */
struct fixture {
	struct loop *loop;
	struct event_log log;
	struct record rec;
	struct topology topo;
	struct topo_node node;
	struct topo_web web;
	struct traffic_conf conf;
	struct traffic *traffic;
	enum manner manner;
	struct loop_fd listener;
	struct loop_fd peer[PEERS];
	int asked, npeer, accepted, gone, reset; /* peers that saw an end, and of what kind */
	size_t want;
	ssize_t zeros;
	char name[8], body[16], from[8], path[2], target[32];
};

static const char *const replies[] = {
	[ANSWER] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nweb1\n",
	[ANSWER_CLOSE] = "HTTP/1.0 200 OK\r\n\r\nweb1\n",
	[GARBAGE] = "SSH-2.0-OpenSSH_9.2\r\n\r\n",
	[STRANGER] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nweb9\n",
	[STREAM] = "HTTP/1.1 200 OK\r\n\r\n",
	[ERROR_503] = "HTTP/1.1 503 No\r\nContent-Length: 5\r\n\r\nweb1\n",
};

/* x->zeros bytes of the stream, as fast as they go; then the end. */
static void zeros_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	static const char zeros[4096];
	struct fixture *x = arg;
	ssize_t n = 0;

	(void)revents;
	while (x->zeros > 0 && n >= 0) {
		n = send(f->fd, zeros, x->zeros < 4096 ? (size_t)x->zeros : 4096,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		x->zeros -= n > 0 ? n : 0;
	}
	if (x->zeros)
		return;
	loop_fd_del(x->loop, f);
	close(f->fd);
	f->fd = -1;
}

static void send_zeros(struct loop_fd *f, struct fixture *x)
{
	int fd = f->fd;

	loop_fd_del(x->loop, f);
	assert_int_equal(loop_fd_add(x->loop, f, fd, EPOLLOUT, zeros_ready, x), 0);
}

static void peer_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct fixture *x = arg;
	struct linger hard = { 1, 0 };
	char buf[1024];
	ssize_t n = recv(f->fd, buf, sizeof(buf), 0);

	(void)revents;
	if (n > 0 && x->manner == MIXED) {
		bool last = ++x->asked % 3 == 0;
		const char *reply = replies[last ? ANSWER_CLOSE : ANSWER];

		assert_true(send(f->fd, reply, strlen(reply), MSG_NOSIGNAL) > 0);
		if (!last)
			return;
	}
	if (n > 0 && x->manner != MIXED && x->manner != SILENT && x->manner != RESET)
		assert_true(send(f->fd, replies[x->manner], strlen(replies[x->manner]),
				 MSG_NOSIGNAL) > 0);
	if (n > 0 && (x->manner == ANSWER || x->manner == SILENT))
		return;
	if (n > 0 && x->manner == STREAM) {
		send_zeros(f, x);
		return;
	}
	x->gone += n == 0;
	x->reset += n < 0;
	if (x->manner == RESET)
		setsockopt(f->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	loop_fd_del(x->loop, f);
	close(f->fd);
	f->fd = -1;
}

static void listener_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct fixture *x = arg;
	struct loop_fd *p;
	int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)revents;
	if (fd < 0)
		return;
	assert_true(x->npeer < PEERS);
	x->accepted++;
	p = &x->peer[x->npeer++];
	assert_int_equal(loop_fd_add(x->loop, p, fd, EPOLLIN, peer_ready, x), 0);
}

static int here(const char *node, int (*fn)(void *), void *fn_arg, void *arg)
{
	(void)arg;
	assert_string_equal(node, "client");
	return fn(fn_arg);
}

static void saw_event(const struct event *e, void *arg)
{
	struct fixture *x = arg;

	(void)e;
	if (x->log.n == x->want)
		loop_stop(x->loop, 0);
}

/* A listening socket's port; the socket stays open in *fd. */
static int listening(int *fd)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(*fd >= 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(*fd, 64), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&sin, &len), 0);
	return ntohs(sin.sin_port);
}

static void set_up(struct fixture *x, enum traffic_kind kind, enum manner manner)
{
	int fd, port;

	memset(x, 0, sizeof(*x));
	strcpy(x->name, "http");
	strcpy(x->body, "web1");
	strcpy(x->from, "client");
	strcpy(x->path, "/");
	x->manner = manner;
	x->loop = loop_new();
	assert_non_null(x->loop);
	event_log_init(&x->log);
	x->rec = (struct record){ .log = &x->log, .tap = saw_event, .tap_arg = x };
	x->web = (struct topo_web){ .port = 80, .body = x->body };
	x->node = (struct topo_node){ .name = x->body, .web = &x->web, .nweb = 1 };
	x->topo = (struct topology){ .node = &x->node, .nnode = 1 };
	port = listening(&fd);
	assert_int_equal(loop_fd_add(x->loop, &x->listener, fd, EPOLLIN, listener_ready, x),
			 0);
	snprintf(x->target, sizeof(x->target), "127.0.0.1:%d", port);
	x->conf = (struct traffic_conf){ .name = x->name, .kind = kind, .from = x->from,
					 .target = x->target, .path = x->path,
					 .rate_per_s = 1000, .timeout_ns = 10 * NS_PER_S };
}

/* Runs until `want` requests have ended; then sends no more. */
static void run(struct fixture *x, size_t want)
{
	struct traffic_env env = { x->loop, &x->rec, &x->topo, here, NULL };

	x->want = want;
	x->rec.zero_ns = clock_now();
	assert_int_equal(traffic_new(&x->traffic, &x->conf, 0, &env), 0);
	traffic_judge(x->traffic, x->rec.zero_ns);
	assert_int_equal(loop_run(x->loop), 0);
	traffic_stop(x->traffic);
}

static void tear_down(struct fixture *x)
{
	int i;

	traffic_free(x->traffic);
	for (i = 0; i < x->npeer; i++) {
		loop_fd_del(x->loop, &x->peer[i]);
		if (x->peer[i].fd >= 0)
			close(x->peer[i].fd);
	}
	loop_fd_del(x->loop, &x->listener);
	if (x->listener.fd >= 0)
		close(x->listener.fd);
	loop_free(x->loop);
	event_log_finish(&x->log);
}

static void all_ended(struct fixture *x, size_t n, enum request_result result)
{
	size_t i;

	assert_true(x->log.n >= n); /* several may have been due at once */
	for (i = 0; i < n; i++) {
		assert_int_equal(x->log.v[i].type, EV_REQUEST);
		assert_int_equal(x->log.v[i].request.result, result);
		assert_true(x->log.v[i].t >= x->log.v[i].request.due);
	}
}

static void traffic__tells_who_answered(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, ANSWER_CLOSE);
	run(&x, 20);
	all_ended(&x, 20, REQ_OK);
	for (i = 0; i < 20; i++)
		assert_string_equal(x.log.v[i].request.backend, "web1");
	assert_int_equal(traffic_streak(x.traffic), x.log.n);
	tear_down(&x);
}

static void traffic__is_due_at_its_rate(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, ANSWER);
	x.conf.rate_per_s = 300;
	run(&x, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(x.log.v[i].request.due,
				 (int64_t)((double)x.log.v[i].request.n * 1e9 / 300 + 0.5));
	tear_down(&x);
}

static void traffic__makes_a_new_connection_each(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, ANSWER);
	run(&x, 10);
	all_ended(&x, 10, REQ_OK);
	assert_true(x.accepted >= 10);
	tear_down(&x);
}

static void give_up(struct loop_timer *t, void *arg)
{
	(void)t;
	loop_stop(((struct fixture *)arg)->loop, 1);
}

static void all_gone(void *arg)
{
	struct fixture *x = arg;

	if (x->gone + x->reset == x->accepted)
		loop_stop(x->loop, 0);
}

/* Descriptors are closed several at a time; connections end one by one. */
static void traffic__ends_each_connection(void **state)
{
	struct loop_timer late = { 0 };
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, ANSWER);
	run(&x, 40);
	all_ended(&x, 40, REQ_OK);
	loop_timer_init(&late, give_up, &x);
	loop_timer_set(x.loop, &late, clock_now() + 20 * NS_PER_S);
	loop_idle(x.loop, all_gone, &x);
	assert_int_equal(loop_run(x.loop), 0);
	assert_true(x.accepted >= 40);
	assert_int_equal(x.gone, x.accepted);
	tear_down(&x);
}

static void traffic__comes_by_with_few_ports(void **state)
{
	struct fixture x;

	(void)state;
	/* the server ends it, so that no port has to wait */
	set_up(&x, TRAFFIC_HTTP, ANSWER_CLOSE);
	x.conf.rate_per_s = 20;
	x.conf.first_port = 21000 + getpid() % 1000 * 10;
	x.conf.last_port = x.conf.first_port + 11; /* more are over before they are closed */
	run(&x, 30);
	all_ended(&x, 30, REQ_OK);
	tear_down(&x);
}

static void traffic__keeps_connections(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_KEEPALIVE, ANSWER);
	x.conf.rate_per_s = 100;
	run(&x, 30);
	all_ended(&x, 30, REQ_OK);
	assert_true(x.accepted < 30);
	tear_down(&x);
}

/* Some stay and some end, which are in lists of their own. */
static void traffic__keeps_those_that_are_not_closed(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_KEEPALIVE, MIXED);
	x.conf.rate_per_s = 200;
	run(&x, 300);
	all_ended(&x, 300, REQ_OK);
	assert_in_range(x.accepted, 100, 250); /* 100 are closed; some more while we are late */
	tear_down(&x);
}

static void traffic__reports_refused(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, ANSWER);
	loop_fd_del(x.loop, &x.listener);
	close(x.listener.fd);
	x.listener.fd = -1;
	run(&x, 10);
	all_ended(&x, 10, REQ_REFUSED);
	assert_int_equal(traffic_streak(x.traffic), 0);
	tear_down(&x);
}

static void traffic__reports_reset(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, RESET);
	run(&x, 10);
	all_ended(&x, 10, REQ_RESET);
	tear_down(&x);
}

static void traffic__reports_timeout_no_earlier_than_it_is(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, SILENT);
	x.conf.rate_per_s = 200;
	x.conf.timeout_ns = 100 * NS_PER_MS;
	run(&x, 10);
	all_ended(&x, 10, REQ_TIMEOUT);
	for (i = 0; i < 10; i++) {
		assert_int_equal(x.log.v[i].request.n, i);
		assert_true(x.log.v[i].t - x.log.v[i].request.due >= x.conf.timeout_ns);
	}
	tear_down(&x);
}

/* Sockets of this namespace that are on their way to that port. */
static int connecting_to(int port)
{
	FILE *f = fopen("/proc/self/net/tcp", "re");
	char line[256];
	unsigned int to, st;
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		n += sscanf(line, "%*s %*[^:]:%*x %*[^:]:%x %x", &to, &st) == 2 &&
		     (int)to == port && st == TCP_SYN_SENT;
	fclose(f);
	return n;
}

/* Nothing of it is left: no SYN is sent again. */
static void traffic__gives_up_connections(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int port, fd[2], full, i;
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, ANSWER);
	port = listening(&full);
	assert_int_equal(listen(full, 0), 0);
	sin.sin_port = htons((uint16_t)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < 2; i++) { /* the backlog is full: who comes later hears nothing */
		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_true(connect(fd[i], (struct sockaddr *)&sin, sizeof(sin)) == 0 ||
			    errno == EINPROGRESS);
	}
	snprintf(x.target, sizeof(x.target), "127.0.0.1:%d", port);
	x.conf.timeout_ns = 20 * NS_PER_MS;
	x.conf.rate_per_s = 100;
	i = connecting_to(port);
	run(&x, 21);
	all_ended(&x, 21, REQ_TIMEOUT);
	traffic_cut(x.traffic); /* what was under way */
	assert_int_equal(connecting_to(port), i);
	close(fd[0]);
	close(fd[1]);
	close(full);
	tear_down(&x);
}

static void traffic__reports_unreachable(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, ANSWER);
	strcpy(x.target, "255.255.255.255:80"); /* TCP refuses to go there at once */
	run(&x, 3);
	all_ended(&x, 3, REQ_UNREACHABLE);
	tear_down(&x);
}

static void traffic__reports_replies_that_are_none(void **state)
{
	static const enum manner manners[] = { GARBAGE, STRANGER, ERROR_503 };
	struct fixture x;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		set_up(&x, TRAFFIC_HTTP, manners[i]);
		run(&x, 5);
		all_ended(&x, 5, REQ_BAD_REPLY);
		tear_down(&x);
	}
}

static void traffic__cuts_what_is_under_way(void **state)
{
	struct fixture x;
	size_t i, before;

	(void)state;
	set_up(&x, TRAFFIC_HTTP, SILENT);
	x.conf.rate_per_s = 100;
	run(&x, 1);
	before = x.log.n;
	assert_true(traffic_under_way(x.traffic) > 0);
	x.want = 0;
	traffic_cut(x.traffic);
	assert_int_equal(traffic_under_way(x.traffic), 0);
	assert_true(x.log.n > before);
	for (i = before; i < x.log.n; i++)
		assert_int_equal(x.log.v[i].request.result, REQ_CUT);
	tear_down(&x);
}

static void traffic__reads_a_stream_at_its_pace(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	set_up(&x, TRAFFIC_STREAM, STREAM);
	x.conf.rate_per_s = 200;
	x.conf.timeout_ns = 10 * NS_PER_S;
	x.zeros = 1 << 30;
	run(&x, 20);
	all_ended(&x, 20, REQ_OK);
	for (i = 0; i < 20; i++)
		assert_int_equal(x.log.v[i].request.n, i);
	assert_int_equal(x.accepted, 1);
	assert_true(x.zeros > 0);
	tear_down(&x);
}

static void traffic__opens_a_broken_stream_again(void **state)
{
	struct fixture x;
	size_t i, reset = 0;

	(void)state;
	set_up(&x, TRAFFIC_STREAM, STREAM);
	x.conf.rate_per_s = 200;
	x.conf.timeout_ns = 10 * NS_PER_S;
	x.zeros = 3 * 4096 + 100;
	run(&x, 8);
	for (i = 0; i < x.log.n; i++)
		reset += x.log.v[i].request.result == REQ_RESET;
	assert_true(reset >= 1);
	assert_true(x.accepted >= 2);
	for (i = 0; i < 3; i++)
		assert_int_equal(x.log.v[i].request.result, REQ_OK);
	tear_down(&x);
}

static void traffic__reports_a_stream_that_never_comes(void **state)
{
	struct fixture x;

	(void)state;
	set_up(&x, TRAFFIC_STREAM, SILENT);
	x.conf.rate_per_s = 100;
	x.conf.timeout_ns = 100 * NS_PER_MS;
	run(&x, 5);
	all_ended(&x, 5, REQ_TIMEOUT);
	tear_down(&x);
}

/* --- datagrams --- */

/* Sends every second datagram back, or all of them. */
struct echo {
	struct fixture *x;
	struct loop_fd watch;
	bool half;
	int n;
};

static void echo_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct echo *e = arg;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char buf[512];
	ssize_t n = recvfrom(f->fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len);

	(void)revents;
	if (n > 0 && (!e->half || e->n++ % 2 == 0))
		sendto(f->fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len);
}

static void set_up_udp(struct fixture *x, struct echo *e)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd;

	set_up(x, TRAFFIC_UDP, ANSWER);
	x->conf.rate_per_s = 200;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	snprintf(x->target, sizeof(x->target), "127.0.0.1:%d", ntohs(sin.sin_port));
	e->x = x;
	assert_int_equal(loop_fd_add(x->loop, &e->watch, fd, EPOLLIN, echo_ready, e), 0);
}

static void tear_down_udp(struct fixture *x, struct echo *e)
{
	loop_fd_del(x->loop, &e->watch);
	if (e->watch.fd >= 0)
		close(e->watch.fd);
	tear_down(x);
}

static void traffic__numbers_its_datagrams(void **state)
{
	struct fixture x;
	struct echo e = { 0 };

	(void)state;
	set_up_udp(&x, &e);
	x.conf.timeout_ns = 10 * NS_PER_S;
	run(&x, 20);
	all_ended(&x, 20, REQ_OK);
	tear_down_udp(&x, &e);
}

static void traffic__misses_the_datagrams_that_are_lost(void **state)
{
	struct fixture x;
	struct echo e = { .half = true };
	size_t i;

	(void)state;
	set_up_udp(&x, &e);
	x.conf.timeout_ns = 2 * NS_PER_S;
	x.conf.rate_per_s = 10; /* each is back long before the next */
	run(&x, 8);
	for (i = 0; i < 8; i++)
		assert_int_equal(x.log.v[i].request.result,
				 x.log.v[i].request.n % 2 ? REQ_LOST : REQ_OK);
	tear_down_udp(&x, &e);
}

static void traffic__knows_which_datagram_was_refused(void **state)
{
	struct fixture x;
	struct echo e = { 0 };
	size_t i;

	(void)state;
	set_up_udp(&x, &e);
	loop_fd_del(x.loop, &e.watch);
	close(e.watch.fd);
	e.watch.fd = -1;
	run(&x, 10);
	all_ended(&x, 10, REQ_REFUSED);
	for (i = 0; i < 10; i++)
		assert_int_equal(x.log.v[i].request.n, i);
	tear_down_udp(&x, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traffic__tells_who_answered),
		cmocka_unit_test(traffic__is_due_at_its_rate),
		cmocka_unit_test(traffic__makes_a_new_connection_each),
		cmocka_unit_test(traffic__ends_each_connection),
		cmocka_unit_test(traffic__comes_by_with_few_ports),
		cmocka_unit_test(traffic__keeps_connections),
		cmocka_unit_test(traffic__keeps_those_that_are_not_closed),
		cmocka_unit_test(traffic__reports_refused),
		cmocka_unit_test(traffic__reports_reset),
		cmocka_unit_test(traffic__reports_timeout_no_earlier_than_it_is),
		cmocka_unit_test(traffic__gives_up_connections),
		cmocka_unit_test(traffic__reports_unreachable),
		cmocka_unit_test(traffic__reports_replies_that_are_none),
		cmocka_unit_test(traffic__cuts_what_is_under_way),
		cmocka_unit_test(traffic__reads_a_stream_at_its_pace),
		cmocka_unit_test(traffic__opens_a_broken_stream_again),
		cmocka_unit_test(traffic__reports_a_stream_that_never_comes),
		cmocka_unit_test(traffic__numbers_its_datagrams),
		cmocka_unit_test(traffic__misses_the_datagrams_that_are_lost),
		cmocka_unit_test(traffic__knows_which_datagram_was_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
