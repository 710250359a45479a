#include "run_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "clock.h"
#include "conf_copy.h"
#include "live.h"
#include "log.h"
#include "observe_log.h"
#include "settle.h"
#include "site.h"
#include "traffic.h"
#include "trigger.h"

/* Events besides requests; a guess that is seldom short. */
#define EVENTS_SPARE 20000
#define EVENTS_MAX   400000

static int in_node(const char *node, int (*fn)(void *), void *fn_arg, void *arg)
{
	struct run *run = arg;
	struct site_node *n = site_node(run->site, node);

	if (!n || !site_node_is_up(n))
		return -ENETDOWN;
	return site_in_netns(run->site, n, fn, fn_arg);
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

int run_build(struct run *run)
{
	const struct case_ *c = run->o->c;
	char logs[1024];
	struct site_opts so = { .topo = c->topo,
				.run_id = run->o->run_id,
				.log_dir = logs,
				.loop = run->loop,
				.exit_cb = run_process_ended,
				.node_cb = run_node_changed,
				.arg = run };
	struct observe_env oe = { .c = c, .loop = run->loop, .rec = &run->rec,
				  .answer = run_answered, .arg = run };
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
	run->faults.start = run_start_program;
	run->faults.arg = run;
	r = engine_prepare(&run->engine);
	if (!r)
		r = open_traffic(run);
	return r || !run_is_up(run) ? r : run_open_live(run);
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

int run_start(struct run *run)
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
	loop_timer_init(&run->tick, run_tick_due, run);
	loop_timer_init(&run->step, run_step_due, run);
	loop_timer_init(&run->branch, run_branch_due, run);
	loop_timer_set(run->loop, &run->tick, now + SETTLE_TICK_NS);
	run_schedule_step(run, record_time(&run->rec, now));
	return 0;
}

int run_reserve(struct run *run)
{
	const struct case_ *c = run->o->c;
	double n = EVENTS_SPARE;
	size_t i;

	for (i = 0; i < c->ntraffic; i++)
		n += c->traffic[i].rate_per_s * (double)c->length_ns / (double)NS_PER_S;
	return event_log_reserve(run->rec.log, n < EVENTS_MAX ? (size_t)n : EVENTS_MAX);
}

void run_tear_down(struct run *run)
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
