#include "run_impl.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "settle.h"
#include "traffic.h"

/* --- the branch --- */

/* So long before the first step; nothing of that is this run's own yet. */
#define BRANCH_LEAD_NS (10 * NS_PER_MS)

static bool ask(struct run *run)
{
	int r = run->o->branch.ask();

	run->asked = true;
	if (r < 0)
		run_give_up(run, r);
	return r == 0;
}

/* The seed is in the first event, which says what runs. */
static bool take(struct run *run)
{
	const struct run_branch *b = &run->o->branch;
	uint64_t seed = run->o->seed;
	int r = b->take ? b->take(b->arg, &seed) : 0;

	run->rec.log->v[0].run.seed = seed;
	if (r < 0)
		run_give_up(run, r);
	return r == 0;
}

void run_branch_due(struct loop_timer *t, void *arg)
{
	struct run *run = arg;

	if (run->stage != SETTLED)
		return;
	if (!run->asked) {
		if (ask(run))
			loop_timer_set(run->loop, t, t->due_ns + RUN_BRANCH_ASK_NS);
	} else if (take(run)) {
		run_schedule_step(run, record_time(&run->rec, run->timeline.settled_ns));
	}
}

/* Whether there is time for it between settled, if that is now, and the first step. */
static bool branch_fits(struct run *run, int64_t now, int64_t *at)
{
	struct timeline t = run->timeline;
	int64_t due;

	t.settled_ns = now;
	due = timeline_due(&t);
	*at = due - BRANCH_LEAD_NS - RUN_BRANCH_ASK_NS;
	return due != TIMELINE_UNKNOWN && *at > now;
}

/* --- settled --- */

static void settled(struct run *run)
{
	int64_t now = clock_now(), at;
	bool later = run->o->branch.ask && !run->asked && branch_fits(run, now, &at);
	size_t i;

	if (!later) {
		if (!take(run))
			return;
		now = clock_now();
	}
	run->stage = SETTLED;
	run_add_event(run, EV_SETTLED, NULL);
	observe_no_answers(run->observe);
	for (i = 0; i < run->ntraffic; i++)
		traffic_judge(run->traffic[i], now);
	run->timeline.settled_ns = now;
	run_schedule_step(run, record_time(&run->rec, now));
	if (later)
		loop_timer_set(run->loop, &run->branch, at);
}

/* The site is, but the stop may have to come first; false: at the next tick. */
static bool may_settle(struct run *run, int64_t now)
{
	int64_t at;

	if (!run->o->branch.ask || run->asked || branch_fits(run, now, &at))
		return true;
	ask(run);
	return false;
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
bool run_replies_come(const struct run *run, char *missing, size_t size)
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
void run_unsettled(struct run *run, const char *why)
{
	run_add_event(run, EV_UNSETTLED, why);
	if (!run_is_up(run)) {
		run_begin_ending(run);
		return;
	}
	run->give_up_ns = INT64_MAX;
	loop_timer_set(run->loop, &run->tick, clock_now() + SETTLE_TICK_NS);
}

void run_settle_tick(struct run *run, int64_t now)
{
	char missing[1024];
	bool done, replies;
	size_t i;

	if (settle_has_master(run->settle))
		for (i = 0; i < run->ntraffic; i++)
			traffic_warm(run->traffic[i]);
	done = settle_done(run->settle, record_time(&run->rec, now), missing,
			   sizeof(missing));
	replies = run_replies_come(run, missing, sizeof(missing));
	if (done && replies && (run_is_up(run) || timeline_wants_settled(&run->timeline)) &&
	    may_settle(run, now))
		settled(run);
	else if (now >= run->give_up_ns)
		run_unsettled(run, missing);
	else
		loop_timer_set(run->loop, &run->tick, now + SETTLE_TICK_NS);
}
