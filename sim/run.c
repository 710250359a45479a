/*
 * One run. Everything happens in one loop of one thread:
 *
 *	build the site, open the observers, start the backends and the engines
 *	-> settling: every SETTLE_TICK_NS settle.c is asked; traffic warms up as
 *	   soon as there is a master
 *	-> settled: requests count, and the timeline's steps come due
 *	-> ending: at `end`, after a fault without effect, or when the site did not
 *	   settle; no more requests, those under way get their timeout
 *	-> ended: EV_END, and everything is taken down
 *
 * A live site (run_live) stays settled, or stays after its end, until a signal
 * comes; live.c answers whoever asks about it.
 *
 * Faults may take their time to show their effect; the timeline goes on
 * meanwhile, and the end waits for them. A step that waits for an event has the
 * timeline stand still until it comes; when it does not come in time the run
 * ends as after a fault without effect.
 */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../engine/conf.h"
#include "capture.h"
#include "clock.h"
#include "live.h"
#include "log.h"
#include "observe_log.h"
#include "prereq.h"
#include "progress.h"
#include "run_impl.h"
#include "run_stage.h"
#include "settle.h"
#include "site.h"
#include "siteconf.h"
#include "traffic.h"

#define END_TICK_NS    NS_PER_MS

void run_add_event(struct run *run, enum event_type type, const char *text)
{
	struct event e = { .t = record_now(&run->rec), .type = type };

	e.text = record_text(&run->rec, text);
	record_add(&run->rec, &e);
}

void run_give_up(struct run *run, int err)
{
	run->err = err;
	loop_stop(run->loop, 0);
}

/* --- ending --- */

void run_begin_ending(struct run *run)
{
	int64_t longest = 0;
	size_t i;

	if (run->stage == ENDING)
		return;
	run->stage = ENDING;
	loop_timer_cancel(run->loop, &run->step);
	loop_timer_cancel(run->loop, &run->branch);
	for (i = 0; i < run->ntraffic; i++) {
		traffic_stop(run->traffic[i]);
		if (traffic_conf(run->traffic[i])->timeout_ns > longest)
			longest = traffic_conf(run->traffic[i])->timeout_ns;
	}
	run->give_up_ns = clock_now() + longest;
	loop_timer_set(run->loop, &run->tick, clock_now());
}

static int save_captures(struct run *run);

bool run_is_up(const struct run *run)
{
	return run->o->live && run->o->live->up;
}

/* The case is over and recorded; its site may be looked at. */
static bool stays(struct run *run)
{
	const struct run_live *live = run->o->live;
	int r;

	if (!live)
		return false;
	r = save_captures(run);
	if (!r)
		r = event_log_sort(run->rec.log);
	capture_free(run->capture);
	run->capture = NULL;
	if (r < 0)
		run->err = r;
	if (r < 0 || !live->ended(run->rec.log, live->arg))
		return false;
	run->stage = STAYING;
	r = run_open_live(run);
	if (r < 0)
		run->err = r;
	return r == 0;
}

static void end_tick(struct run *run, int64_t now)
{
	size_t under_way = 0, i;

	for (i = 0; i < run->ntraffic; i++)
		under_way += traffic_under_way(run->traffic[i]);
	if ((under_way && now <= run->give_up_ns) || run->nwaiting) {
		loop_timer_set(run->loop, &run->tick, now + END_TICK_NS);
		return;
	}
	for (i = 0; i < run->ntraffic; i++)
		traffic_cut(run->traffic[i]);
	observe_log_flush(run->logs);
	if (!run->interrupted)
		run_met_nothing(run);
	run_add_event(run, EV_END, NULL);
	run->complete = true;
	if (!stays(run))
		loop_stop(run->loop, 0);
}

/* --- the timeline --- */

/* --- settling --- */

void run_tick_due(struct loop_timer *t, void *arg)
{
	struct run *run = arg;

	if (run->stage == SETTLING)
		run_settle_tick(run, t->due_ns);
	else if (run->stage == ENDING)
		end_tick(run, t->due_ns);
}

/* --- what others tell the run --- */

static void event_tap(const struct event *e, void *arg)
{
	struct run *run = arg;

	if (run->settle && run->stage == SETTLING)
		settle_event(run->settle, e);
	if (run->nwaits)
		run_trigger_tap(run, e);
	if (run->live)
		live_event(run->live, e);
	else
		progress_put(run->o->progress, e);
}

void run_answered(const char *node, const struct wire_answer *a, void *arg)
{
	struct run *run = arg;

	if (run->settle && run->stage == SETTLING)
		settle_answer(run->settle, node, a);
}

void run_process_ended(const char *node, const char *what, int status, void *arg)
{
	struct run *run = arg;
	struct event e = { .t = record_now(&run->rec), .type = EV_EXIT };
	char why[160];

	if (run->live && live_exited(run->live, what, status))
		return;
	e.node = record_text(&run->rec, node);
	e.proc.what = record_text(&run->rec, engine_program(run->o, what));
	e.proc.status = status;
	record_add(&run->rec, &e);
	if (run->stage != SETTLING || run->napplied || !run->observe)
		return;
	snprintf(why, sizeof(why), "%s of %s ended with %s %d (logs/%s.log says more)",
		 e.proc.what, node, status < 0 ? "signal" : "status", abs(status), node);
	run_unsettled(run, why);
}

void run_node_changed(const char *node, bool up, void *arg)
{
	struct run *run = arg;
	size_t i;

	for (i = 0; !up && i < run->ntraffic; i++)
		traffic_node_down(run->traffic[i], node);
	observe_node(run->observe, node, up);
	if (up && run->capture)
		capture_node(run->capture, node);
}

int run_start_program(const char *node, const char *what, void *arg)
{
	struct run *run = arg;

	return engine_start(&run->engine, node, what);
}

static void signalled(int signo, void *arg)
{
	struct run *run = arg;

	if (run->interrupted)
		return;
	run->interrupted = true;
	record_note(&run->rec, NULL, "interrupted by SIG%s", sigabbrev_np(signo));
	loop_stop(run->loop, 0);
}

static void still_missing(char *buf, size_t size, void *arg)
{
	struct run *run = arg;

	buf[0] = '\0';
	settle_done(run->settle, record_now(&run->rec), buf, size);
	run_replies_come(run, buf, size);
}

static void abandoned(void *arg)
{
	struct run *run = arg;

	loop_stop(run->loop, 0);
}

int run_open_live(struct run *run)
{
	const struct live_env env = { .loop = run->loop, .rec = &run->rec, .site = run->site,
				      .c = run->o->c, .faults = &run->faults,
				      .missing = still_missing, .abandoned = abandoned,
				      .arg = run };

	run->live = live_new(&env, run->o->live->doors);
	return run->live ? 0 : -EIO;
}

/* --- building --- */

static void add_run_event(struct run *run)
{
	const struct run_opts *o = run->o;
	struct event e = { .type = EV_RUN };
	struct utsname u;

	e.run.case_name = record_text(&run->rec, o->c->name);
	e.run.topology = record_text(&run->rec, o->c->topo->name);
	e.run.engine = record_text(&run->rec, engine_name(o->engine));
	e.run.engine_version = record_text(&run->rec, run->engine_version);
	e.run.kernel = record_text(&run->rec, uname(&u) < 0 ? "unknown" : u.release);
	e.run.time = record_text(&run->rec, o->time);
	e.run.seed = o->seed;
	record_add(&run->rec, &e);
}

/*
 * Virtual runs have a fixed date, or equal runs would not be equal; their
 * packets tell seconds since the run began from 2026-01-01 on.
 */
#define VIRTUAL_ZERO_NS (INT64_C(1767225600) * NS_PER_S)

static int save_captures(struct run *run)
{
	bool real = !strcmp(run->o->time, "real");
	char dir[1024];

	if (!run->capture)
		return 0;
	snprintf(dir, sizeof(dir), "%s/captures", run->o->out_dir);
	return capture_write(run->capture, dir, run->rec.log,
			     real ? run->rec.zero_ns + clock_real_offset() :
				    VIRTUAL_ZERO_NS);
}

static int set_up_loop(struct run *run)
{
	sigset_t set;
	int r;

	run->loop = loop_new();
	if (!run->loop)
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	r = loop_signals(run->loop, &set, signalled, run);
	return r < 0 ? r : run_reserve(run);
}

static bool wants_ipvs(const struct case_ *c)
{
	size_t i;

	for (i = 0; i < c->siteconf->n; i++)
		if (c->siteconf->v[i].conf->nservice)
			return true;
	return false;
}

int run_prerequisites(char *why, size_t size)
{
	return prereq_check(true, why, size);
}

/* Everything between zero and the end; the log is in order afterwards. */
static int carry_out(struct run *run)
{
	int r = set_up_loop(run);

	if (!r)
		add_run_event(run);
	if (!r)
		r = run_follow_events(run);
	if (!r)
		r = run_build(run);
	if (!r)
		r = run_start(run);
	if (!r)
		r = loop_run(run->loop);
	if (!r)
		r = run->err ? run->err : run->rec.err;
	if (!r)
		r = save_captures(run);
	if (!run->o->leave)
		run_tear_down(run);
	return r < 0 ? r : event_log_sort(run->rec.log);
}

int run_case(const struct run_opts *o, struct event_log *log)
{
	struct run run = { .o = o };
	struct run_stage stage;
	sigset_t mask;
	char why[256];
	int r;

	if (prereq_check(wants_ipvs(o->c), why, sizeof(why)) < 0) {
		log_warnx("%s", why);
		return EXIT_SKIPPED;
	}
	r = 0;
	if (o->engine_version)
		snprintf(run.engine_version, sizeof(run.engine_version), "%s",
			 o->engine_version);
	else
		r = engine_version(o->engine_path, run.engine_version,
				   sizeof(run.engine_version));
	if (r < 0) {
		errno = -r;
		log_warn("%s", o->engine_path);
		return EXIT_SKIPPED;
	}
	sigprocmask(SIG_SETMASK, NULL, &mask);
	run_stage_enter(&stage);
	run.rec = (struct record){ .log = log, .zero_ns = clock_now(), .tap = event_tap,
				   .tap_arg = &run };
	r = carry_out(&run);
	if (!o->leave)
		run_stage_leave(&stage);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (r < 0) {
		errno = -r;
		log_warn("%s: the run failed", o->c->name);
		return EXIT_SOFTWARE;
	}
	return 0;
}
