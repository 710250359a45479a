/* Faults of nodes, programs and cables: that what is done shows. */
#include "faultfix.h"

static void fix_build(struct faultfix *f)
{
	fix_build_with(f, sitefix_conf);
}

static bool engine_is_whole(struct sitefix *s)
{
	return site_node_signal_all(s->lvs1, "engine", 0) == 2;
}

static void fault__crash_and_boot(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "boot lvs1", "up already");
	works(&f, "start lvs1", "engine started");
	works(&f, "crash lvs1", "1 link cut");
	vain(&f, "crash lvs1", "no power");
	vain(&f, "stop lvs1", "no power");
	vain(&f, "start lvs1", "no power");
	vain(&f, "link_down lvs1", "no power");
	works(&f, "boot lvs1", "1 links up, engine started");
	assert_int_equal(f.nstarted, 2);
	assert_true(site_pid(f.s.lvs1, "engine") > 0);
	works(&f, "crash client", "0 processes gone");
	works(&f, "boot client", "1 links up");
	assert_int_equal(f.nstarted, 2);
	fix_free(&f);
}

static void fault__processes(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "stop lvs1", "does not run");
	vain(&f, "kill lvs1", "does not run");
	vain(&f, "pause lvs1", "nothing runs");
	works(&f, "start lvs1", "engine started");
	vain(&f, "start lvs1", "already");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	vain(&f, "resume lvs1", "no process on lvs1 was paused");
	works(&f, "pause lvs1 engine", "2 processes stopped");
	works(&f, "resume lvs1 engine", "2 processes run again");
	works(&f, "pause lvs1", "2 processes stopped");
	works(&f, "resume lvs1", "2 processes run again");
	works(&f, "reload lvs1", "took SIGHUP");
	works(&f, "kill lvs1", "2 processes gone");
	works(&f, "start lvs1", "engine started");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	works(&f, "stop lvs1", "status 7");
	fix_free(&f);
}

static void fault__a_program_that_does_not_listen(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	f.program = "sleep 1000 & wait"; /* HUP ends it */
	works(&f, "start lvs1", "engine started");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	vain(&f, "reload lvs1", "ended instead");
	fix_free(&f);
}

static void fault__links(void **state)
{
	static const char *const sides[] = { "node", "switch", "cable" };
	char text[64];
	struct faultfix f;
	size_t i;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "link_up lvs1", "up already");
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "link_down lvs1:enp0s3 %s", sides[i]);
		works(&f, text, "is down");
		vain(&f, text, "is down already");
		snprintf(text, sizeof(text), "link_up lvs1:enp0s3 %s", sides[i]);
		works(&f, text, "is up");
	}
	fix_free(&f);
}

struct http {
	char reply[1024];
	int port_error;
	int64_t took_ns;
};

/* One request of the client's; what came within `wait`. */
static int request(void *arg)
{
	const struct timeval wait = { .tv_usec = 300000 };
	static const char text[] = "GET / HTTP/1.0\r\n\r\n";
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct http *h = arg;
	int64_t start = clock_now();
	ssize_t n;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "192.168.31.113", &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	h->reply[0] = '\0';
	h->port_error = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? errno : 0;
	if (!h->port_error && send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL) > 0) {
		n = recv(fd, h->reply, sizeof(h->reply) - 1, MSG_WAITALL);
		h->reply[n < 0 ? 0 : n] = '\0';
	}
	h->took_ns = clock_now() - start;
	close(fd);
	return 0;
}

static struct http ask(struct faultfix *f)
{
	struct http h;

	assert_int_equal(site_in_netns(f->s.site, f->s.client, request, &h), 0);
	return h;
}

static void fault__backends(void **state)
{
	struct faultfix f;
	struct http h;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "backend hang web1", "dead");
	works(&f, "backend heal web1", "connections are taken");
	assert_non_null(strstr(ask(&f).reply, "\r\n\r\nhello\n"));
	vain(&f, "backend heal web1", "fine already");
	works(&f, "backend hang web1", "ok hang");
	h = ask(&f);
	assert_int_equal(h.port_error, 0);
	assert_string_equal(h.reply, "");
	works(&f, "backend slow 50ms web1", "ok slow 50");
	h = ask(&f);
	assert_true(h.took_ns >= 50 * NS_PER_MS);
	assert_non_null(strstr(h.reply, "hello"));
	works(&f, "backend error 503 web1", "ok error 503");
	assert_non_null(strstr(ask(&f).reply, "HTTP/1.1 503 "));
	works(&f, "backend heal web1", "ok heal");
	assert_non_null(strstr(ask(&f).reply, "hello"));
	works(&f, "backend dead web1", "refused");
	assert_int_equal(ask(&f).port_error, ECONNREFUSED);
	vain(&f, "backend dead web1", "dead already");
	works(&f, "backend heal web1", "taken");
	assert_non_null(strstr(ask(&f).reply, "hello"));
	works(&f, "stop web1 web", "status 0");
	works(&f, "start web1 web", "web started");
	fix_free(&f);
}

static void fault__exec(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	works(&f, "exec lvs1 -- sh -c exit", "status 0");
	vain(&f, "exec lvs1 -- ip nonsense", "status ");
	vain(&f, "exec lvs1 -- /nonexistent", "No such file");
	works(&f, "exec lvs1 -- ip link set enp0s3 down", "status 0");
	works(&f, "link_up lvs1", "is up");
	fix_free(&f);
}

/* A run may end while a result is still awaited. */
static void fault__the_end_comes_first(void **state)
{
	char *argv[] = { (char *)"stop", (char *)"lvs1", NULL };
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	f.program = "trap '' TERM; sleep 1000 & while :; do wait; done";
	works(&f, "start lvs1", "engine started");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	f.ndone = 0;
	assert_int_equal(fault_apply(&f.env, argv, 2, done_cb, &f), 0);
	assert_int_equal(f.ndone, 0);
	fault_env_finish(&f.env);
	assert_int_equal(f.ndone, 1);
	assert_false(f.res.effective);
	sitefix_free(&f.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault__crash_and_boot),
		cmocka_unit_test(fault__processes),
		cmocka_unit_test(fault__a_program_that_does_not_listen),
		cmocka_unit_test(fault__links),
		cmocka_unit_test(fault__backends),
		cmocka_unit_test(fault__exec),
		cmocka_unit_test(fault__the_end_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
