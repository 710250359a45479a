/* Processors for guests: each has one for as long as it has its lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "guest_cpu.h"
#include "tree.h"

#define PATIENCE_MS 20000
#define AT_MOST_S   120

static char dir[128];
static cpu_set_t all;
static int first, second; /* processors that we may use; second -1: there is one */

/* Another process that takes one, and gives it back when it is told. */
struct taker {
	pid_t pid;
	int fd, cpu;
};

static void allow(int a, int b)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(a, &set);
	if (b >= 0)
		CPU_SET(b, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static int hear(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int v;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(recv(fd, &v, sizeof(v), MSG_WAITALL), sizeof(v));
	return v;
}

static void say(int fd, int v)
{
	if (send(fd, &v, sizeof(v), MSG_NOSIGNAL) != sizeof(v))
		_exit(1);
}

/* A word from the other end: give it back. */
static void be_taker(int fd) __attribute__((noreturn));
static void be_taker(int fd)
{
	int lock, v;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	say(fd, guest_cpu_take(&lock));
	while (recv(fd, &v, sizeof(v), MSG_WAITALL) == sizeof(v)) {
		fd_close(&lock);
		say(fd, 0);
	}
	_exit(0);
}

static struct taker begin(void)
{
	struct taker t;
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	t.pid = fork();
	if (t.pid == 0) {
		close(sv[0]);
		be_taker(sv[1]);
	}
	assert_true(t.pid > 0);
	close(sv[1]);
	t.fd = sv[0];
	t.cpu = hear(t.fd);
	return t;
}

static void end(struct taker *t)
{
	kill(t->pid, SIGKILL);
	assert_int_equal(waitpid(t->pid, NULL, 0), t->pid);
	fd_close(&t->fd);
}

static int count_ours(void)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	return CPU_COUNT(&set);
}

static int set_up(void **state)
{
	int i;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/halbsim-cpu.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(dir) || sched_getaffinity(0, sizeof(all), &all) < 0)
		return -1;
	first = second = -1;
	for (i = CPU_SETSIZE - 1; i >= 0; i--) {
		if (!CPU_ISSET(i, &all))
			continue;
		second = first;
		first = i;
	}
	return setenv("HALBSIM_CACHE", dir, 1);
}

static int tear_down(void **state)
{
	(void)state;
	unsetenv("HALBSIM_CACHE");
	return sched_setaffinity(0, sizeof(all), &all) < 0 ? -1 : tree_remove(dir);
}

#define need_two()                                                                     \
	do {                                                                           \
		if (second < 0) {                                                      \
			print_message("skipped: needs two processors\n");              \
			skip();                                                        \
		}                                                                      \
	} while (0)

static void take__each_another(void **state)
{
	struct taker a, b, c;

	(void)state;
	need_two();
	allow(first, second);
	a = begin();
	b = begin();
	c = begin();
	assert_true(a.cpu == first || a.cpu == second);
	assert_int_equal(b.cpu, a.cpu == first ? second : first);
	assert_int_equal(c.cpu, -EBUSY);
	end(&a);
	end(&b);
	end(&c);
}

static void take__the_only_one(void **state)
{
	struct taker a, b;

	(void)state;
	allow(first, -1);
	a = begin();
	b = begin();
	assert_int_equal(a.cpu, first);
	assert_int_equal(b.cpu, -EBUSY);
	end(&a);
	end(&b);
}

/* It would have to move, and leave behind what it has in its caches. */
static void take__where_we_are(void **state)
{
	int lock, cpu;

	(void)state;
	need_two();
	allow(second, -1); /* moves us there */
	allow(first, second);
	cpu = sched_getcpu();
	for (int tries = 0; tries < 100 && cpu != second; tries++) {
		allow(second, -1);
		allow(first, second);
		cpu = sched_getcpu();
	}
	assert_int_equal(guest_cpu_take(&lock), cpu);
	fd_close(&lock);
}

static void take__again_when_given_back(void **state)
{
	struct taker a, b;

	(void)state;
	allow(first, -1);
	a = begin();
	assert_int_equal(a.cpu, first);
	say(a.fd, 0);
	assert_int_equal(hear(a.fd), 0);
	b = begin();
	assert_int_equal(b.cpu, first);
	end(&a);
	end(&b);
}

static void take__again_when_its_holder_is_killed(void **state)
{
	struct taker a, b;

	(void)state;
	allow(first, -1);
	a = begin();
	end(&a);
	b = begin();
	assert_int_equal(b.cpu, first);
	end(&b);
}

/* One process may have several guests; it is not the process that has the lock. */
static void take__twice_in_one_process(void **state)
{
	int a, b, c;

	(void)state;
	allow(first, -1);
	assert_int_equal(guest_cpu_take(&a), first);
	assert_int_equal(guest_cpu_take(&b), -EBUSY);
	assert_int_equal(b, -1);
	/* having looked has not given it back */
	assert_int_equal(guest_cpu_take(&c), -EBUSY);
	assert_true(fcntl(a, F_GETFD) & FD_CLOEXEC);
	close(a);
	assert_int_equal(guest_cpu_take(&b), first);
	close(b);
}

static void take__no_folder(void **state)
{
	int lock = 7;

	(void)state;
	setenv("HALBSIM_CACHE", "/proc/nowhere", 1);
	assert_true(guest_cpu_take(&lock) < 0);
	assert_int_equal(lock, -1);
}

static void stay__on_that_one(void **state)
{
	int cpu = second < 0 ? first : second;
	pid_t pid;
	int status;

	(void)state;
	pid = fork();
	if (pid == 0) {
		guest_cpu_stay(cpu);
		_exit(sched_getcpu() == cpu && count_ours() == 1 ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(count_ours(), CPU_COUNT(&all));
}

static void stay__anywhere_when_there_is_none(void **state)
{
	(void)state;
	guest_cpu_stay(-EBUSY);
	guest_cpu_stay(-1);
	assert_int_equal(count_ours(), CPU_COUNT(&all));
}

static int had; /* the lowest free descriptor: none that is taken leaks */

static int lowest_free(void)
{
	int fd = dup(2);

	close(fd);
	return fd;
}

static void leaks__nothing(void **state)
{
	(void)state;
	assert_int_equal(lowest_free(), had);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

#define with_folder(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(take__each_another),
		with_folder(take__the_only_one),
		with_folder(take__where_we_are),
		with_folder(take__again_when_given_back),
		with_folder(take__again_when_its_holder_is_killed),
		with_folder(take__twice_in_one_process),
		with_folder(take__no_folder),
		with_folder(stay__on_that_one),
		with_folder(stay__anywhere_when_there_is_none),
		cmocka_unit_test(leaks__nothing),
	};

	alarm(AT_MOST_S);
	had = lowest_free();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
