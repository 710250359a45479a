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
#include "case_read.h"
#include "clock.h"
#include "conf_copy.h"
#include "engine_run.h"
#include "fault.h"
#include "live.h"
#include "log.h"
#include "observe.h"
#include "observe_log.h"
#include "prereq.h"
#include "progress.h"
#include "run_stage.h"
#include "settle.h"
#include "site.h"
#include "siteconf.h"
#include "span.h"
#include "timeline.h"
#include "traffic.h"
#include "trigger.h"

#define SETTLE_TICK_NS (20 * NS_PER_MS)
#define END_TICK_NS    NS_PER_MS

/* Events besides requests; a guess that is seldom short. */
#define EVENTS_SPARE 20000
#define EVENTS_MAX   400000

enum stage { SETTLING, SETTLED, ENDING, STAYING };

struct run;

/* A fault that was applied and has not shown its effect yet, or has. */
struct applied {
	struct run *run;
	const struct step *step;
	int64_t t;
	bool done;
};

/* A step that waits for an event, and what it has seen. */
struct waiting {
	const struct step *step;
	struct trigger_state *state;
};

struct run {
	const struct run_opts *o;
	char engine_version[64];
	struct loop *loop;
	struct record rec;
	struct site *site;
	struct observe *observe;
	struct observe_log *logs; /* NULL: the case asks about none */
	struct capture *capture;  /* NULL: not asked for */
	struct settle *settle;
	struct live *live; /* NULL: nobody can ask (yet) */
	struct traffic **traffic;
	size_t ntraffic;
	struct engine_run engine;
	struct fault_env faults;
	struct timeline timeline;
	enum stage stage;
	struct loop_timer tick; /* settling and ending */
	struct loop_timer step; /* the next step of the timeline */
	struct applied *applied;
	size_t napplied, nwaiting;
	struct waiting *waiting; /* those steps that do */
	size_t nwaits;
	int64_t awaits_ns; /* run time from which what is awaited counts */
	int64_t give_up_ns; /* settling: until then; ending: requests until then */
	bool interrupted, complete;
	int err;
};

static void add_event(struct run *run, enum event_type type, const char *text)
{
	struct event e = { .t = record_now(&run->rec), .type = type };

	e.text = record_text(&run->rec, text);
	record_add(&run->rec, &e);
}

/* The harness itself cannot go on. */
static void give_up(struct run *run, int err)
{
	run->err = err;
	loop_stop(run->loop, 0);
}

/* --- ending --- */

static void begin_ending(struct run *run)
{
	int64_t longest = 0;
	size_t i;

	if (run->stage == ENDING)
		return;
	run->stage = ENDING;
	loop_timer_cancel(run->loop, &run->step);
	for (i = 0; i < run->ntraffic; i++) {
		traffic_stop(run->traffic[i]);
		if (traffic_conf(run->traffic[i])->timeout_ns > longest)
			longest = traffic_conf(run->traffic[i])->timeout_ns;
	}
	run->give_up_ns = clock_now() + longest;
	loop_timer_set(run->loop, &run->tick, clock_now());
}

static int open_live(struct run *run);
static int save_captures(struct run *run);

static bool is_up(const struct run *run)
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
	r = open_live(run);
	if (r < 0)
		run->err = r;
	return r == 0;
}

/* A fault that took hold, and then had nothing to take hold of. */
static void met_nothing(char *const *argv, size_t argc, void *arg)
{
	struct run *run = arg;
	struct event e = { .t = record_now(&run->rec), .type = EV_FAULT };
	char *text = case_join_words(argv, argc);

	e.text = record_text(&run->rec, text);
	if (argc > 1 && topology_node(run->o->c->topo, argv[1]))
		e.node = record_text(&run->rec, argv[1]);
	e.fault.done = e.t;
	e.fault.proof = record_text(&run->rec, "no frame that it holds back came by");
	record_add(&run->rec, &e);
	free(text);
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
		fault_met_nothing(&run->faults, met_nothing, run);
	add_event(run, EV_END, NULL);
	run->complete = true;
	if (!stays(run))
		loop_stop(run->loop, 0);
}

/* --- the timeline --- */

static void came(struct run *run, const struct step *s, int64_t t)
{
	struct event e = { .t = t, .type = EV_NOTE };

	timeline_came(&run->timeline, t + run->rec.zero_ns);
	e.text = record_text(&run->rec, s->when->text);
	record_add(&run->rec, &e);
}

static struct waiting *waiting_of(struct run *run, const struct step *s)
{
	size_t i = 0;

	while (run->waiting[i].step != s)
		i++;
	return &run->waiting[i];
}

/* `since`: run time of the step before, whose consequences may be awaited. */
static void schedule_step(struct run *run, int64_t since)
{
	const struct step *s = timeline_awaits(&run->timeline);
	int64_t due;

	if (run->stage == ENDING || is_up(run))
		return;
	if (s) {
		run->awaits_ns = since;
		if (trigger_holds(waiting_of(run, s)->state))
			came(run, s, since);
		else
			loop_timer_set(run->loop, &run->step,
				       since + run->rec.zero_ns + s->when->limit_ns);
	}
	due = timeline_due(&run->timeline);
	if (due != TIMELINE_UNKNOWN)
		loop_timer_set(run->loop, &run->step, due);
}

/* An event for those that wait; the next step comes from the loop, not from here. */
static void trigger_tap(struct run *run, const struct event *e)
{
	const struct step *s = timeline_awaits(&run->timeline);
	bool is_it = false, now;
	size_t i;

	for (i = 0; i < run->nwaits; i++) {
		now = trigger_event(run->waiting[i].state, e);
		if (s == run->waiting[i].step)
			is_it = now;
	}
	if (!is_it || run->stage >= ENDING || is_up(run) || e->t < run->awaits_ns)
		return;
	came(run, s, e->t);
	loop_timer_set(run->loop, &run->step, timeline_due(&run->timeline));
}

static void never_came(struct run *run, const struct step *s)
{
	struct event e = { .t = record_now(&run->rec), .type = EV_FAULT };
	char proof[64], span[SPAN_LEN];

	snprintf(proof, sizeof(proof), "not seen within %s",
		 span_text(span, s->when->limit_ns));
	e.text = record_text(&run->rec, s->when->text);
	e.fault.done = e.t;
	e.fault.proof = record_text(&run->rec, proof);
	record_add(&run->rec, &e);
	begin_ending(run);
}

static void fault_done(const struct fault_result *res, void *arg)
{
	struct applied *a = arg;
	struct run *run = a->run;
	struct event e = { .t = a->t, .type = EV_FAULT };
	size_t i;

	a->done = true;
	run->nwaiting--;
	e.text = record_text(&run->rec, a->step->text);
	for (i = 1; i < a->step->argc && !e.node; i++) /* `crash lvs1`, `backend dead web1` */
		if (topology_node(run->o->c->topo, a->step->argv[i]))
			e.node = record_text(&run->rec, a->step->argv[i]);
	e.fault.effective = res->effective;
	e.fault.done = record_time(&run->rec, res->at_ns);
	e.fault.proof = record_text(&run->rec, res->proof);
	record_add(&run->rec, &e);
	if (!res->effective)
		begin_ending(run);
}

static void apply(struct run *run, const struct step *s)
{
	struct applied *a = &run->applied[run->napplied++];
	int r;

	*a = (struct applied){ .run = run, .step = s, .t = record_now(&run->rec) };
	run->nwaiting++;
	r = fault_apply(&run->faults, s->argv, s->argc, fault_done, a);
	if (r < 0) {
		run->nwaiting--;
		errno = -r;
		log_warn("%s:%d:%d: '%s' could not be carried out", run->o->c->file, s->line,
			 s->col, s->text);
		give_up(run, r);
	}
}

static void step_due(struct loop_timer *t, void *arg)
{
	struct run *run = arg;
	const struct step *s = timeline_awaits(&run->timeline);
	int64_t now = record_now(&run->rec);

	(void)t;
	if (s) {
		never_came(run, s);
		return;
	}
	s = timeline_take(&run->timeline);
	if (!s)
		return;
	if (strcmp(s->argv[0], "end") == 0)
		begin_ending(run);
	else
		apply(run, s);
	schedule_step(run, now);
}

/* --- settling --- */

/* The run's own part begins. Its seed is in the first event, which says what runs. */
static int ask_the_rest(struct run *run)
{
	uint64_t seed = run->o->seed;
	int r = run->o->settled ? run->o->settled(run->o->settled_arg, &seed) : 0;

	run->rec.log->v[0].run.seed = seed;
	return r;
}

static void settled(struct run *run)
{
	int64_t now;
	size_t i;
	int r = ask_the_rest(run);

	if (r < 0) {
		give_up(run, r);
		return;
	}
	now = clock_now();
	run->stage = SETTLED;
	add_event(run, EV_SETTLED, NULL);
	observe_no_answers(run->observe);
	for (i = 0; i < run->ntraffic; i++)
		traffic_judge(run->traffic[i], now);
	run->timeline.settled_ns = now;
	schedule_step(run, record_time(&run->rec, now));
}

/* Good replies in a row of all nodes that take turns at traffic `at`; moves on. */
static unsigned int streak(const struct run *run, size_t *at)
{
	const struct traffic_conf *conf = traffic_conf(run->traffic[*at]);
	unsigned int n = 0;

	for (; *at < run->ntraffic && traffic_conf(run->traffic[*at]) == conf; (*at)++)
		n += traffic_streak(run->traffic[*at]);
	return n;
}

/* Replies are there, or need not be; else adds to what is missing. */
static bool replies_come(const struct run *run, char *missing, size_t size)
{
	const struct traffic_conf *conf;
	size_t len = strlen(missing), i = 0;
	bool all = true;

	while (i < run->ntraffic && !run->o->c->settle_without_replies) {
		conf = traffic_conf(run->traffic[i]);
		if (streak(run, &i) >= SETTLE_REPLIES)
			continue;
		all = false;
		if (len < size)
			snprintf(missing + len, size - len,
				 "%straffic %s from %s to %s gets no good replies",
				 len ? "; " : "", conf->name,
				 conf->from_text ? conf->from_text : conf->from,
				 conf->target);
		len = strlen(missing);
	}
	return all;
}

/* A live site is worth looking at all the more; it may still come. */
static void unsettled(struct run *run, const char *why)
{
	add_event(run, EV_UNSETTLED, why);
	if (!is_up(run)) {
		begin_ending(run);
		return;
	}
	run->give_up_ns = INT64_MAX;
	loop_timer_set(run->loop, &run->tick, clock_now() + SETTLE_TICK_NS);
}

static void settle_tick(struct run *run, int64_t now)
{
	char missing[1024];
	bool done, replies;
	size_t i;

	if (settle_has_master(run->settle))
		for (i = 0; i < run->ntraffic; i++)
			traffic_warm(run->traffic[i]);
	done = settle_done(run->settle, record_time(&run->rec, now), missing,
			   sizeof(missing));
	replies = replies_come(run, missing, sizeof(missing));
	if (done && replies && (is_up(run) || timeline_wants_settled(&run->timeline)))
		settled(run);
	else if (now >= run->give_up_ns)
		unsettled(run, missing);
	else
		loop_timer_set(run->loop, &run->tick, now + SETTLE_TICK_NS);
}

static void tick_due(struct loop_timer *t, void *arg)
{
	struct run *run = arg;

	if (run->stage == SETTLING)
		settle_tick(run, t->due_ns);
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
		trigger_tap(run, e);
	if (run->live)
		live_event(run->live, e);
	else
		progress_put(run->o->progress, e);
}

static void answered(const char *node, const struct wire_answer *a, void *arg)
{
	struct run *run = arg;

	if (run->settle && run->stage == SETTLING)
		settle_answer(run->settle, node, a);
}

static void process_ended(const char *node, const char *what, int status, void *arg)
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
	unsettled(run, why);
}

static void node_changed(const char *node, bool up, void *arg)
{
	struct run *run = arg;
	size_t i;

	for (i = 0; !up && i < run->ntraffic; i++)
		traffic_node_down(run->traffic[i], node);
	observe_node(run->observe, node, up);
	if (up && run->capture)
		capture_node(run->capture, node);
}

static int start_program(const char *node, const char *what, void *arg)
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
	replies_come(run, buf, size);
}

static void abandoned(void *arg)
{
	struct run *run = arg;

	loop_stop(run->loop, 0);
}

static int open_live(struct run *run)
{
	const struct live_env env = { .loop = run->loop, .rec = &run->rec, .site = run->site,
				      .c = run->o->c, .faults = &run->faults,
				      .missing = still_missing, .abandoned = abandoned,
				      .arg = run };

	run->live = live_new(&env, run->o->live->doors);
	return run->live ? 0 : -EIO;
}

/* --- building --- */

static int in_node(const char *node, int (*fn)(void *), void *fn_arg, void *arg)
{
	struct run *run = arg;
	struct site_node *n = site_node(run->site, node);

	if (!n || !site_node_is_up(n))
		return -ENETDOWN;
	return site_in_netns(run->site, n, fn, fn_arg);
}

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

static int open_traffic(struct run *run)
{
	const struct case_ *c = run->o->c;
	struct traffic_env env = { run->loop, &run->rec, c->topo, in_node, run };
	size_t i, k, n = 1;
	int r = 0;

	for (i = 0; i < c->ntraffic; i++)
		n += c->traffic[i].nnode ? c->traffic[i].nnode : 1;
	run->traffic = calloc(n, sizeof(struct traffic *));
	run->applied = calloc(c->nstep + 1, sizeof(*run->applied));
	if (!run->traffic || !run->applied)
		return -ENOMEM;
	for (i = 0; i < c->ntraffic; i++)
		for (k = 0; !r && traffic_conf_node(&c->traffic[i], k); run->ntraffic += !r)
			r = traffic_new(&run->traffic[run->ntraffic], &c->traffic[i], k++,
					&env);
	return r;
}

/* Before anything is observed: what is awaited may be so from the beginning. */
static int follow_events(struct run *run)
{
	const struct case_ *c = run->o->c;
	size_t i;

	run->waiting = calloc(c->nstep + 1, sizeof(*run->waiting));
	for (i = 0; run->waiting && i < c->nstep; i++) {
		struct waiting *w = &run->waiting[run->nwaits];

		if (!c->step[i].when)
			continue;
		w->step = &c->step[i];
		w->state = trigger_state_new(c->step[i].when);
		if (!w->state)
			return -ENOMEM;
		run->nwaits++;
	}
	return run->waiting ? 0 : -ENOMEM;
}

static int build(struct run *run)
{
	const struct case_ *c = run->o->c;
	char logs[1024];
	struct site_opts so = { .topo = c->topo,
				.run_id = run->o->run_id,
				.log_dir = logs,
				.loop = run->loop,
				.exit_cb = process_ended,
				.node_cb = node_changed,
				.arg = run };
	struct observe_env oe = { .c = c, .loop = run->loop, .rec = &run->rec,
				  .answer = answered, .arg = run };
	int r;

	snprintf(logs, sizeof(logs), "%s/logs", run->o->out_dir);
	r = conf_make_dirs(logs);
	if (r < 0) {
		errno = -r;
		log_warn("%s", logs);
		return r;
	}
	run->site = site_build(&so);
	if (!run->site)
		return -EIO;
	run->settle = settle_new(c);
	if (!run->settle)
		return -ENOMEM;
	oe.site = run->site;
	run->observe = observe_new(&oe);
	if (!run->observe)
		return -EIO;
	r = observe_log_new(&run->logs, c, logs, run->loop, &run->rec);
	if (r < 0)
		return r;
	if (run->o->pcap) {
		run->capture = capture_new(run->site, c->topo, run->loop, &run->rec);
		if (!run->capture)
			return -EIO;
	}
	run->engine = (struct engine_run){ run->o, run->site, &run->rec };
	run->faults.site = run->site;
	run->faults.start = start_program;
	run->faults.arg = run;
	r = engine_prepare(&run->engine);
	if (!r)
		r = open_traffic(run);
	return r || !is_up(run) ? r : open_live(run);
}

/* Servers first, so that no check finds nobody at home. */
static int start_all(struct run *run, enum topo_role role, const char *what)
{
	const struct topology *t = run->o->c->topo;
	size_t i;
	int r = 0;

	for (i = 0; !r && i < t->nnode; i++)
		if (t->node[i].role == role)
			r = engine_start(&run->engine, t->node[i].name, what);
	return r;
}

static int start(struct run *run)
{
	int r = start_all(run, ROLE_SERVER, "web");
	int64_t now;

	if (!r)
		r = start_all(run, ROLE_DIRECTOR, "engine");
	if (r < 0)
		return r;
	now = clock_now();
	timeline_init(&run->timeline, run->o->c->step, run->o->c->nstep);
	run->timeline.start_ns = now;
	run->give_up_ns = now + run->o->c->settle_within_ns;
	loop_timer_init(&run->tick, tick_due, run);
	loop_timer_init(&run->step, step_due, run);
	loop_timer_set(run->loop, &run->tick, now + SETTLE_TICK_NS);
	schedule_step(run, record_time(&run->rec, now));
	return 0;
}

static int reserve(struct run *run)
{
	const struct case_ *c = run->o->c;
	double n = EVENTS_SPARE;
	size_t i;

	for (i = 0; i < c->ntraffic; i++)
		n += c->traffic[i].rate_per_s * (double)c->length_ns / (double)NS_PER_S;
	return event_log_reserve(run->rec.log, n < EVENTS_MAX ? (size_t)n : EVENTS_MAX);
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

static void tear_down(struct run *run)
{
	size_t i;

	for (i = 0; i < run->ntraffic; i++)
		traffic_free(run->traffic[i]);
	run->ntraffic = 0;
	run->stage = ENDING; /* whatever ends from here on is our doing */
	run->rec.tap = NULL;
	if (run->site)
		fault_env_finish(&run->faults);
	live_free(run->live);
	run->live = NULL;
	observe_free(run->observe);
	observe_log_free(run->logs);
	capture_free(run->capture);
	site_free(run->site);
	settle_free(run->settle);
	loop_free(run->loop);
	while (run->nwaits)
		trigger_state_free(run->waiting[--run->nwaits].state);
	free(run->waiting);
	free(run->traffic);
	free(run->applied);
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
	return r < 0 ? r : reserve(run);
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
		r = follow_events(run);
	if (!r)
		r = build(run);
	if (!r)
		r = start(run);
	if (!r)
		r = loop_run(run->loop);
	if (!r)
		r = run->err ? run->err : run->rec.err;
	if (!r)
		r = save_captures(run);
	if (!run->o->leave)
		tear_down(run);
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
	r = engine_version(o->engine_path, run.engine_version, sizeof(run.engine_version));
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
