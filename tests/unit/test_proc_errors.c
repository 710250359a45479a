/*
 * What the parent does with processes, each call that can fail failing once: scripts that
 * are tracked, scripts and FIFOs that are told, children, the check worker. What could
 * not be done is not taken as done, and what else there is to do is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "inject.h"
#include "log.h"
#include "lvs_fixture.h"
#include "lvs_notify.h"
#include "lvs_worker.h"
#include "notify.h"
#include "proc_priv.h"
#include "scriptfix.h"
#include "vrrp.h"

#define PATIENCE_S 60 /* an event that never comes ends the test, as a failure */

static char script_name[] = "S", true_path[] = "/bin/true";
static char *run_true[] = { true_path, NULL };

static struct conf_script a_script(void)
{
	return (struct conf_script){ .name = script_name, .argv = run_true,
				     .interval_ns = NS_PER_MS, .timeout_ns = 60 * NS_PER_S,
				     .rise = 1, .fall = 1, .uid = getuid(), .gid = getgid() };
}

/* --- tracked scripts --- */

struct tracking {
	struct loop *loop;
	int ended;
	bool good;
};

static void ended(size_t script, bool good, void *arg)
{
	struct tracking *t = arg;

	assert_int_equal(script, 0);
	if (!t->ended++)
		t->good = good;
	loop_stop(t->loop, 0);
}

/* One result for certain: well, or not well where it could not be run. */
static int track(void *arg)
{
	struct conf_track on = { .name = script_name };
	struct vrrp_conf v = { .track_script = &on, .ntrack_script = 1 };
	struct conf_script s = a_script();
	const struct conf c = { .script = &s, .nscript = 1, .vrrp = &v, .nvrrp = 1 };
	struct tracking t = { .loop = loop_new() };
	struct trackers *k = NULL;
	bool running = false;
	int r;

	(void)arg;
	if (!t.loop)
		return -errno;
	r = scripts_watch(t.loop);
	if (!r) {
		k = trackers_new(t.loop, &c, ended, &t);
		r = k ? 0 : -ENOMEM;
	}
	if (!r) {
		running = true;
		r = loop_run(t.loop);
	}
	inject_pause(true);
	if (running && r == 0 && t.ended != 1)
		fail_msg("%d results after %s", t.ended, inject_what());
	if (running && r == 0 && !t.good)
		r = inject_fired() ? -EAGAIN : -EIO;
	if (t.good && (!strcmp(inject_what(), "fork") || !strcmp(inject_what(), "calloc")))
		fail_msg("a script that was not run did well: %s", inject_what());
	trackers_free(k);
	loop_child_signals();
	loop_free(t.loop);
	reap_all();
	inject_pause(false);
	return r;
}

static void proc_errors__tracked_scripts(void **state)
{
	(void)state;
	inject_all(track, NULL, 6);
}

/* --- who is told --- */

struct told {
	char dir[32], path[2][64];
};

/* Whether the FIFO's reader gets the line. */
static bool has_line(int fd, const char *wanted)
{
	char line[128];
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (n <= 0)
		return false;
	line[n] = '\0';
	assert_string_equal(line, wanted);
	return true;
}

/* Two scripts, two FIFOs with one each: what fails takes nothing else along. */
static int tell(void *arg)
{
	struct told *f = arg;
	struct vrrp_conf v = { .name = (char[]){ "V" }, .notify = a_script(),
			       .notify_master = a_script() };
	struct conf c = { .vrrp = &v, .nvrrp = 1 };
	const struct vrrp_msg m = { .type = VRRP_MSG_INSTANCE, .state = VRRP_MASTER,
				    .priority = 100 };
	struct notify_fifos fifos = { 0 };
	unsigned int scripts, lines = 0, readers = 0, missing;
	int fd, i;

	c.global.notify_fifo = (struct conf_fifo){ .path = f->path[0], .uid = geteuid(),
						   .gid = getegid(), .script = a_script() };
	c.global.vrrp_notify_fifo = c.global.notify_fifo;
	c.global.vrrp_notify_fifo.path = f->path[1];
	notify_fifos_open(&fifos, &c.global);
	scripts = notify_vrrp(&c, &fifos, &m);
	inject_pause(true);
	for (i = 0; i < 2; i++) {
		fd = open(f->path[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		lines += has_line(fd, "INSTANCE \"V\" MASTER 100\n");
		readers += fifos.v[i].pid > 0;
		if (fd >= 0)
			close(fd);
	}
	notify_fifos_close(&fifos);
	for (i = 0; i < 2; i++)
		if (access(f->path[i], F_OK) == 0)
			fail_msg("%s is left after %s", f->path[i], inject_what());
	reap_all();
	missing = 6 - scripts - lines - readers;
	if (missing > (!strcmp(inject_what(), "strdup") ? 2 : 1))
		fail_msg("%u scripts, %u lines, %u readers after %s", scripts, lines, readers,
			 inject_what());
	inject_pause(false);
	return missing ? -EAGAIN : 0;
}

static void proc_errors__who_is_told(void **state)
{
	struct told f = { .dir = "/tmp/halbd-notify-XXXXXX" };

	(void)state;
	assert_non_null(mkdtemp(f.dir));
	snprintf(f.path[0], sizeof(f.path[0]), "%s/one", f.dir);
	snprintf(f.path[1], sizeof(f.path[1]), "%s/two", f.dir);
	inject_all(tell, &f, 12);
	assert_int_equal(rmdir(f.dir), 0);
}

/* The same of the IPVS process: a quorum's script, lvs_notify_fifo and its script. */
static int tell_quorum(void *arg)
{
	struct told *f = arg;
	struct lvs_service_conf conf = { .fwmark = 7, .quorum_up = a_script() };
	const struct lvs_service s = { .conf = &conf, .quorum_up = true };
	struct conf_global g = { .lvs_notify_fifo = { .path = f->path[0], .uid = geteuid(),
						      .gid = getegid(),
						      .script = a_script() } };
	struct lvs_notify n = { 0 };
	int fd, running;
	bool line;

	lvs_notify_open(&n, &g);
	lvs_notify_quorum(&n, &s, false);
	inject_pause(true);
	fd = open(f->path[0], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	line = has_line(fd, "VS FWM 7 UP\n");
	if (fd >= 0)
		close(fd);
	lvs_notify_close(&n);
	if (access(f->path[0], F_OK) == 0)
		fail_msg("%s is left after %s", f->path[0], inject_what());
	running = reap_all();
	if (running + line < 2)
		fail_msg("%d scripts, line %d, after %s", running, line, inject_what());
	inject_pause(false);
	return running + line < 3 ? -EAGAIN : 0;
}

static void proc_errors__who_is_told_of_a_quorum(void **state)
{
	struct told f = { .dir = "/tmp/halbd-notify-XXXXXX" };

	(void)state;
	assert_non_null(mkdtemp(f.dir));
	snprintf(f.path[0], sizeof(f.path[0]), "%s/one", f.dir);
	inject_all(tell_quorum, &f, 7);
	assert_int_equal(rmdir(f.dir), 0);
}

/* --- children --- */

/* A child that could not be watched is there to be stopped; one that is not, is not. */
static int child(void *arg)
{
	struct conf c = { 0 };
	const struct proc_opts o = { .log_level = LOG_LVL_ERR };
	struct parent p = { .conf = &c, .o = &o };
	struct child *k = &p.child[VRRP];
	int r;

	(void)arg;
	*k = (struct child){ .parent = &p, .role = VRRP, .fd = -1, .log_fd = -1 };
	p.loop = loop_new();
	if (!p.loop)
		return -errno;
	r = proc_child_start(k);
	inject_pause(true);
	if (r == 0 && (!k->pid || !k->watch.added || !k->log_watch.added))
		fail_msg("half a child after %s", inject_what());
	if (k->pid)
		assert_int_equal(kill(k->pid, SIGKILL), 0);
	proc_child_close(k);
	assert_int_equal(k->pid, 0);
	assert_int_equal(k->fd, -1);
	loop_free(p.loop);
	reap_all();
	inject_pause(false);
	return r;
}

static void proc_errors__children(void **state)
{
	(void)state;
	inject_all(child, NULL, 7);
}

static void no_report(void *arg, uint32_t checker, bool up)
{
	(void)arg;
	(void)checker;
	(void)up;
}

static void no_death(void *arg)
{
	(void)arg;
}

/* The worker runs, or is going to be started, or its owner ends: never none of them. */
static int worker(void *arg)
{
	struct fix *f = arg;
	struct check_state *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct lvs_worker w;
	int r = -ENOMEM;

	lvs_worker_init(&w);
	w.loop = s == MAP_FAILED ? NULL : loop_new();
	if (w.loop) {
		w.conf = &f->c;
		w.state = s;
		w.nchecker = 1;
		w.report = no_report;
		w.died = no_death;
		lvs_worker_start(&w);
		r = w.pid ? 0 : -EAGAIN;
	}
	inject_pause(true);
	if (w.loop && !w.pid && !loop_timer_is_set(&w.respawn))
		fail_msg("no worker, now or later, after %s", inject_what());
	if (w.pid)
		assert_true(w.channel.added);
	lvs_worker_stop(&w);
	loop_free(w.loop);
	if (s != MAP_FAILED)
		munmap(s, 4096);
	reap_all();
	inject_pause(false);
	return r;
}

static void proc_errors__check_worker(void **state)
{
	static struct fix f;

	(void)state;
	fix_init(&f);
	fix_checker(fix_real(&f, fix_service(&f, "10.0.0.1", 80), "127.0.0.1"), CHECK_TCP);
	inject_all(worker, &f, 6);
}

static int setup(void **state)
{
	(void)state;
	log_init(NULL, LOG_LVL_ERR, 0);
	alarm(PATIENCE_S);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proc_errors__tracked_scripts),
		cmocka_unit_test(proc_errors__who_is_told),
		cmocka_unit_test(proc_errors__who_is_told_of_a_quorum),
		cmocka_unit_test(proc_errors__children),
		cmocka_unit_test(proc_errors__check_worker),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
