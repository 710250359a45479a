/*
 * Every allocation and netlink call on the way to the IPVS table that can fail does so
 * once. Where a reload is short of something nothing has been touched and the old
 * services go on; where a table is built in spite of it, it is whole. The kernel's own
 * table is there in the guest alone (tests/e2e/ipvs_errors.sh).
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/ip_vs.h>
#include <net/if.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/socket.h>

#include <cmocka.h>

#include "check.h"
#include "inject.h"
#include "ipvs_read.h"
#include "log.h"
#include "loop.h"
#include "lvs.h"
#include "lvs_fixture.h"
#include "nl.h"

#define LAB_TABLE                                                              \
	"NEW_SERVICE TCP 192.168.31.200:80 rr\n"                               \
	"NEW_DEST TCP 192.168.31.200:80 -> 192.168.31.113:80 DR weight 1\n"    \
	"NEW_DEST TCP 192.168.31.200:80 -> 192.168.31.150:80 DR weight 1\n"

/* --- the table, in the recorder --- */

static int build(void *arg)
{
	struct fix f;
	struct ipvs v = { 0 };
	struct lvs *l = NULL;
	int r = -ENOMEM;

	(void)arg;
	fix_lab(&f);
	inject_pause(true);
	assert_int_equal(ipvs_fake_open(&v), 0);
	inject_pause(false);
	l = lvs_new(&f.c, &v, NULL);
	if (l) {
		r = lvs_start(l);
		inject_pause(true);
		/* Without room for a batch it takes longer, and is the same. What the
		 * table refuses is said, and lived with. */
		if (r == 0 && !strstr(ipvs_fake_log(&v), "= ENOMEM"))
			assert_string_equal(ipvs_fake_log(&v), LAB_TABLE);
		assert_true(lvs_check_state(l, 1, false));
		assert_int_equal(lvs_stop(l), 0);
		inject_pause(false);
	}
	lvs_free(l);
	inject_pause(true);
	ipvs_close(&v);
	inject_pause(false);
	return r;
}

static void lvs_errors__build(void **state)
{
	(void)state;
	inject_all(build, NULL, 4);
}

/* The lab, and a service of a group, whose counts a reload takes over. */
static void lab_and_group(struct fix *f)
{
	static char name[] = "g";
	static struct lvs_group_entry_conf entry[] = { { .fwmark = 8 }, { .fwmark = 9 } };
	static struct lvs_group_conf group = { .name = name, .entry = entry, .nentry = 2 };
	struct lvs_service_conf *s;

	fix_lab(f);
	f->c.group = &group;
	f->c.ngroup = 1;
	s = fix_service(f, "0.0.0.0", 0);
	s->addr.family = 0;
	s->family = AF_INET;
	s->group = &group;
	fix_real(f, s, "10.1.0.1");
}

/* Another weight, a real server less, a service more. */
static void change(struct fix *f)
{
	struct lvs_service_conf *s;

	lab_and_group(f);
	f->real[0][0].weight = 3;
	f->service[0].nreal = 1;
	s = fix_service(f, "192.168.31.201", 80);
	fix_checker(fix_real(f, s, "192.168.31.150"), CHECK_TCP);
}

static void table(struct ipvs *v, char *buf, size_t size)
{
	FILE *f = fmemopen(buf, size, "w");

	assert_non_null(f);
	ipvs_fake_print(v, f);
	fclose(f);
}

static int reload(void *arg)
{
	const struct check_state from[8] = { 0 };
	struct check_state to[8];
	char before[1024], after[1024];
	struct lvs_plan *plan = NULL;
	struct ipvs v = { 0 };
	struct lvs *old, *new;
	struct fix f, f2;
	int r = -ENOMEM;

	(void)arg;
	inject_pause(true);
	lab_and_group(&f);
	change(&f2);
	assert_int_equal(ipvs_fake_open(&v), 0);
	old = lvs_new(&f.c, &v, NULL);
	assert_non_null(old);
	assert_int_equal(lvs_start(old), 0);
	assert_true(lvs_check_state(old, 0, false));
	table(&v, before, sizeof(before));
	ipvs_fake_clear(&v);
	inject_pause(false);

	new = lvs_new(&f2.c, &v, NULL);
	plan = new ? lvs_plan_new(new, old) : NULL;
	if (plan) {
		r = lvs_reload(plan, from, to);
		old = NULL;
	}
	inject_pause(true);
	if (r == 0) {
		table(&v, after, sizeof(after));
		assert_string_not_equal(after, before);
		if (!strstr(ipvs_fake_log(&v), "= ENOMEM"))
			assert_non_null(strstr(after, "192.168.31.201:80"));
		assert_false(lvs_checker(new, 0)->is_up); /* as it was */
	} else {
		/* Not a command was sent, and the old ones go on where they were. */
		assert_string_equal(ipvs_fake_log(&v), "");
		assert_true(lvs_check_state(old, 0, true));
		assert_string_equal(ipvs_fake_log(&v),
				    "NEW_DEST TCP 192.168.31.200:80 -> 192.168.31.113:80 "
				    "DR weight 1\n");
	}
	lvs_free(new);
	lvs_free(old);
	ipvs_close(&v);
	inject_pause(false);
	return r;
}

static void lvs_errors__reload(void **state)
{
	(void)state;
	inject_all(reload, NULL, 8);
}

/* --- the kernel's --- */

/* A network namespace of our own, in which 127.0.0.0/8 can be reached. */
static bool new_network(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = unshare(CLONE_NEWNET) ? -1 : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &req) == 0;

	if (fd >= 0)
		close(fd);
	return up;
}

static bool have_ipvs(void)
{
	struct ipvs v = { 0 };
	bool have = new_network() && ipvs_nl_open(&v) == 0;

	ipvs_close(&v);
	return have;
}

#define need_ipvs()                                                            \
	do {                                                                   \
		if (!have_ipvs()) {                                            \
			print_message("skipped: needs root and kernel IPVS\n"); \
			skip();                                                \
		}                                                              \
	} while (0)

/* How many destinations the kernel has, of all services. */
static size_t destinations(void)
{
	struct nl_sock *sk = nl_open(NETLINK_GENERIC);
	struct ipvs_table t = { 0 };
	size_t i, n = 0;

	assert_non_null(sk);
	assert_int_equal(ipvs_dump(sk, ipvs_family(sk), &t), 0);
	for (i = 0; i < t.n; i++)
		n += t.v[i].dest[0] != '\0';
	ipvs_table_finish(&t);
	nl_socket_free(sk);
	return n;
}

/* Builds, takes a server out and takes all down: what fails is reported, each time. */
static int kernel(void *arg)
{
	struct ipvs v = { 0 };
	struct lvs *l = NULL;
	struct fix f;
	int r;

	(void)arg;
	fix_init(&f);
	fix_service(&f, "127.0.0.200", 80);
	fix_checker(fix_real(&f, f.service, "127.0.0.113"), CHECK_TCP);
	fix_checker(fix_real(&f, f.service, "127.0.0.150"), CHECK_TCP);
	r = ipvs_nl_open(&v);
	if (r == 0)
		l = lvs_new(&f.c, &v, NULL);
	if (r == 0)
		r = l ? lvs_start(l) : -ENOMEM;
	inject_pause(true);
	if (r == 0 && destinations() != 2)
		fail_msg("%s failed, and nobody said that the table is not there",
			 inject_what());
	inject_pause(false);
	if (r == 0 && !lvs_check_state(l, 0, false)) {
		r = -EIO;
		inject_pause(true);
		/* The verdict was not taken, so it will be given again. */
		assert_true(lvs_checker(l, 0)->is_up);
		inject_pause(false);
	}
	inject_pause(true);
	if (r == 0)
		assert_int_equal(destinations(), 1);
	inject_pause(false);
	if (l && lvs_stop(l) < 0)
		r = -EIO;
	lvs_free(l);
	ipvs_close(&v);
	/* What a failure has left in the table goes before the next round. */
	inject_pause(true);
	assert_true(new_network());
	inject_pause(false);
	return r;
}

static void lvs_errors__kernel(void **state)
{
	(void)state;
	need_ipvs();
	inject_all(kernel, NULL, 8);
}

/* --- the loop --- */

static void stop(struct loop_fd *f, uint32_t revents, void *arg)
{
	(void)f;
	(void)revents;
	loop_stop(arg, 0);
}

static void never(struct loop_timer *t, void *arg)
{
	(void)t;
	(void)arg;
	fail_msg("a timer of the next hour is due");
}

/*
 * With more timers than the first allocation holds; a descriptor that is readable ends
 * the loop at once. A timer that must be and is not: the loop does not run without it.
 */
static int run_loop(void *arg)
{
	static struct loop_timer t[40];
	struct loop_fd f = { 0 };
	struct loop *l = loop_new();
	int r, fd = l ? eventfd(1, EFD_CLOEXEC) : -1;
	size_t i;

	(void)arg;
	if (fd < 0)
		return -ENOMEM;
	r = loop_fd_add(l, &f, fd, EPOLLIN, stop, l);
	for (i = 0; i < 40; i++) {
		memset(&t[i], 0, sizeof(t[i]));
		loop_timer_init(&t[i], never, l);
		loop_timer_must(l, &t[i], clock_now() + (int64_t)(i + 1) * 3600 * NS_PER_S);
	}
	if (r == 0)
		r = loop_run(l);
	for (i = 0; i < 40; i++) {
		if (r == 0)
			assert_true(loop_timer_is_set(&t[i]));
		loop_timer_cancel(l, &t[i]);
	}
	loop_fd_del(l, &f);
	close(fd);
	loop_free(l);
	return r;
}

static void lvs_errors__loop(void **state)
{
	(void)state;
	inject_all(run_loop, NULL, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lvs_errors__build),
		cmocka_unit_test(lvs_errors__reload),
		cmocka_unit_test(lvs_errors__kernel),
		cmocka_unit_test(lvs_errors__loop),
	};

	log_init(NULL, LOG_LVL_ERR, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
