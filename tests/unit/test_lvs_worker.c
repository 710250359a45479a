/*
 * A real check worker, forked, against a loopback port: its report, its death and
 * its successor. Takes as long as the checkers' own delays: a few seconds.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "lvs_fixture.h"
#include "lvs_worker.h"

struct bench {
	struct fix f;
	struct loop *loop;
	struct lvs_worker w;
	int listener, reports, deaths;
	pid_t first;
	bool up;
};

static void report(void *arg, uint32_t checker, bool up)
{
	struct bench *b = arg;

	assert_int_equal(checker, 0);
	b->up = up;
	b->reports++;
	loop_stop(b->loop, 0);
}

static void died(void *arg)
{
	struct bench *b = arg;

	b->deaths++;
	b->w.state[0].has_run = false; /* so that its first verdict is news again */
}

static void reap(int signo, void *arg)
{
	struct bench *b = arg;
	int status;
	pid_t pid;

	(void)signo;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		assert_true(lvs_worker_reaped(&b->w, pid, status));
}

static int setup(void **state)
{
	static struct bench b;
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	sigset_t set;

	fix_init(&b.f);
	b.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (b.listener < 0 || bind(b.listener, (struct sockaddr *)&sin, len) < 0 ||
	    listen(b.listener, 8) < 0 ||
	    getsockname(b.listener, (struct sockaddr *)&sin, &len) < 0)
		return -1;
	fix_checker(fix_real(&b.f, fix_service(&b.f, "10.0.0.1", ntohs(sin.sin_port)),
			     "127.0.0.1"),
		    CHECK_TCP);
	b.loop = loop_new();
	lvs_worker_init(&b.w);
	b.w.loop = b.loop;
	b.w.conf = &b.f.c;
	b.w.state = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	b.w.nchecker = 1;
	b.w.report = report;
	b.w.died = died;
	b.w.arg = &b;
	check_state_init(&b.w.state[0], &b.f.checker[0][0][0]);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	*state = &b;
	return loop_signals(b.loop, &set, reap, &b);
}

static int teardown(void **state)
{
	struct bench *b = *state;

	lvs_worker_stop(&b->w);
	loop_free(b->loop);
	munmap(b->w.state, 4096);
	close(b->listener);
	return 0;
}

static void lvs_worker__reports_dies_and_comes_back(void **state)
{
	struct bench *b = *state;

	lvs_worker_start(&b->w);
	b->first = b->w.pid;
	assert_true(b->first > 0);
	assert_int_equal(loop_run(b->loop), 0);
	assert_true(b->up);
	assert_true(b->w.state[0].has_run); /* it writes where we read */
	assert_int_equal(kill(b->first, SIGKILL), 0);
	assert_int_equal(loop_run(b->loop), 0);
	assert_int_equal(b->reports, 2);
	assert_int_equal(b->deaths, 1);
	assert_int_not_equal(b->w.pid, b->first);
}

static void lvs_worker__ends_with_its_owner(void **state)
{
	struct bench *b = *state;
	int status;
	pid_t pid = b->w.pid;

	if (!pid) {
		lvs_worker_start(&b->w);
		pid = b->w.pid;
	}
	loop_fd_del(b->loop, &b->w.channel);
	close(b->w.channel.fd); /* as when the owner dies */
	b->w.channel.fd = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	b->w.pid = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lvs_worker__reports_dies_and_comes_back),
		cmocka_unit_test(lvs_worker__ends_with_its_owner),
	};

	log_init("test", LOG_LVL_ERR, LOG_TO_STDERR);
	return cmocka_run_group_tests_name("lvs_worker", tests, setup, teardown);
}
