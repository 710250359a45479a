/*
 * The process that owns the IPVS table, with every call that can fail failing once. What
 * comes out of SIGHUP is the new configuration with its checks, or the old one with its
 * own, untouched, or the process ends, so that it is started anew. ha_suspend says what
 * is so, later if need be.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "inject.h"
#include "log.h"
#include "lvs_fixture.h"
#include "lvs_proc_priv.h"
#include "reloadfix.h"
#include "scriptfix.h"
#include "vipfix.h"

#define PATIENCE_S 120

static const char *const head =
	"global_defs {\n script_user root\n enable_script_security\n}\n";
static const char *const before_text =
	"virtual_server 10.0.0.1 80 {\n protocol TCP\n lb_algo rr\n lb_kind DR\n"
	" ha_suspend\n quorum_up /bin/true\n"
	" real_server 127.0.0.2 80 {\n TCP_CHECK {\n connect_timeout 3\n }\n }\n"
	" real_server 127.0.0.3 80 {\n MISC_CHECK {\n misc_path /bin/true\n }\n }\n}\n";
/* Another weight, another script, a service more. */
static const char *const after_text =
	"virtual_server 10.0.0.1 80 {\n protocol TCP\n lb_algo rr\n lb_kind DR\n"
	" ha_suspend\n quorum_up /bin/true\n"
	" real_server 127.0.0.2 80 {\n weight 3\n TCP_CHECK {\n connect_timeout 3\n }\n }\n"
	" real_server 127.0.0.3 80 {\n MISC_CHECK {\n misc_path /bin/false\n }\n }\n}\n"
	"virtual_server 10.0.0.2 80 {\n protocol TCP\n lb_algo rr\n lb_kind DR\n"
	" quorum_up /bin/true\n"
	" real_server 127.0.0.2 80 {\n TCP_CHECK {\n connect_timeout 3\n }\n }\n}\n";

/* --- SIGHUP --- */

struct round {
	struct lvs_proc p;
	const char *path;
};

static void reload_faulty(void *arg)
{
	struct round *r = arg;

	inject_pause(false);
	lvs_proc_reload(&r->p, r->path);
	inject_pause(true);
}

static void begin(struct round *r, const struct conf *c)
{
	struct lvs_hooks hooks = { lvs_notify_real, lvs_notify_quorum, &r->p.notify };
	struct lvs_proc *p = &r->p;
	uint32_t i;

	p->conf = c;
	p->loop = loop_new();
	lvs_worker_init(&p->worker);
	assert_non_null(p->loop);
	assert_int_equal(ipvs_fake_open(&p->ipvs), 0);
	p->lvs = lvs_new(c, &p->ipvs, &hooks);
	assert_non_null(p->lvs);
	p->state = lvs_proc_new_states(lvs_nchecker(p->lvs), &p->state_len);
	assert_non_null(p->state);
	for (i = 0; i < lvs_nchecker(p->lvs); i++)
		check_state_init(&p->state[i], lvs_checker_conf(p->lvs, i));
	lvs_sync_init(&p->sync, &p->ipvs, &c->global);
	assert_int_equal(lvs_start(p->lvs), 0);
	assert_int_equal(lvs_proc_start_checks(p), 0);
	ipvs_fake_clear(&p->ipvs);
}

static void finish(struct round *r)
{
	lvs_proc_stop_checks(&r->p);
	lvs_free(r->p.lvs);
	munmap(r->p.state, r->p.state_len);
	ipvs_close(&r->p.ipvs);
	loop_free(r->p.loop);
	conf_free(r->p.own_conf);
	reap_all();
}

/* Every check is made: by the worker, now or soon, or by the scripts; none is suspended
 * but by somebody who would say when it no longer is. */
static void is_checked(const struct lvs_proc *p)
{
	uint32_t i;

	if (!p->worker.pid && !loop_timer_is_set(&p->worker.respawn))
		fail_msg("no worker after %s", inject_what());
	assert_ptr_equal(p->worker.conf, p->conf);
	assert_ptr_equal(p->worker.state, p->state);
	assert_non_null(p->scripts);
	assert_int_equal(checks_n(p->scripts), 1);
	for (i = 0; i < lvs_nchecker(p->lvs); i++)
		if (p->state[i].disabled && !p->suspend)
			fail_msg("check %u is suspended for good after %s", i, inject_what());
}

static int reload(void *arg)
{
	const struct reload_files *f = arg;
	struct round r = { .path = f->after };
	struct check_state *state;
	enum conf_status status;
	struct checks *scripts;
	struct conf *c;
	int ended;
	pid_t pid;

	inject_pause(true);
	c = conf_load(f->before, stderr, &status);
	assert_non_null(c);
	begin(&r, c);
	is_checked(&r.p);
	pid = r.p.worker.pid;
	scripts = r.p.scripts;
	state = r.p.state;
	ended = reload_run(r.p.loop, reload_faulty, &r);
	if (ended == 0)
		fail_msg("after %s the process ended as if that was well", inject_what());
	if (r.p.conf == c) { /* nothing at all has happened */
		assert_string_equal(ipvs_fake_log(&r.p.ipvs), "");
		assert_int_equal(ended, WENT_ON);
		assert_int_equal(r.p.worker.pid, pid);
		assert_ptr_equal(r.p.scripts, scripts);
		assert_ptr_equal(r.p.state, state);
	} else if (!strstr(ipvs_fake_log(&r.p.ipvs), "= ENOMEM")) {
		assert_non_null(strstr(ipvs_fake_log(&r.p.ipvs), "NEW_DEST TCP 10.0.0.2:80"));
		assert_non_null(strstr(ipvs_fake_log(&r.p.ipvs), "127.0.0.2:80 DR weight 3"));
	}
	if (ended == WENT_ON)
		is_checked(&r.p);
	ended = ended == WENT_ON && r.p.conf != c ? 0 : -EAGAIN;
	finish(&r);
	conf_free(c);
	inject_pause(false);
	return ended;
}

static void lvs_proc_errors__reload(void **state)
{
	inject_all(reload, *state, 60);
}

static int deaf(void *self, struct ipvs_cmd *cmd, size_t n)
{
	(void)self;
	(void)cmd;
	(void)n;
	return -ENOBUFS;
}

/* Commands are lost: the table is neither the old one nor the new one. */
static void lvs_proc_errors__reload_that_the_kernel_does_not_hear(void **state)
{
	const struct reload_files *f = *state;
	struct round r = { .path = f->after };
	enum conf_status status;
	struct ipvs_ops ops;
	struct conf *c = conf_load(f->before, stderr, &status);

	assert_non_null(c);
	begin(&r, c);
	ops = *r.p.ipvs.ops;
	ops.submit = deaf;
	r.p.ipvs.ops = &ops;
	assert_int_equal(reload_run(r.p.loop, reload_faulty, &r), 1);
	finish(&r);
	conf_free(c);
}

/* --- ha_suspend --- */

struct watching {
	struct loop *loop;
	int said;
	bool here;
};

static void changed(void *arg, size_t service, bool here)
{
	struct watching *w = arg;

	assert_int_equal(service, 0);
	w->said++;
	w->here = here;
	if (here)
		loop_stop(w->loop, 0);
}

/* Once it watches, an address that comes is told of, whatever fails on the way. */
static int suspend(void *arg)
{
	struct fix *f = arg;
	struct watching w = { .loop = loop_new() };
	struct lvs_suspend *s = NULL;
	struct vip_nl *nl;
	int r = -ENOMEM;

	if (w.loop)
		s = lvs_suspend_new(w.loop, &f->c, changed, &w);
	if (s) {
		assert_int_equal(w.said, 1);
		assert_false(w.here);
		inject_pause(true);
		nl = vip_nl_new(w.loop);
		assert_non_null(nl);
		put_on_lo(nl, "10.9.0.1", true);
		inject_pause(false);
		r = loop_run(w.loop);
		inject_pause(true);
		if (r == 0)
			assert_true(w.here);
		put_on_lo(nl, "10.9.0.1", false);
		vip_nl_free(nl);
		inject_pause(false);
	}
	lvs_suspend_free(s);
	loop_free(w.loop);
	return r;
}

static void lvs_proc_errors__ha_suspend(void **state)
{
	static struct fix f;

	(void)state;
	fix_init(&f);
	fix_service(&f, "10.9.0.1", 80)->ha_suspend = true;
	inject_all(suspend, &f, 8);
}

static int setup(void **state)
{
	static struct reload_files f;

	alarm(PATIENCE_S); /* what never comes is a failure */
	*state = &f;
	return reload_setup(&f, head, before_text, after_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lvs_proc_errors__reload),
		cmocka_unit_test(lvs_proc_errors__reload_that_the_kernel_does_not_hear),
		cmocka_unit_test(lvs_proc_errors__ha_suspend),
	};

	if (geteuid() != 0) {
		print_message("skipped: needs root, for namespaces\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, reload_teardown);
}
