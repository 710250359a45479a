#include "run_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_read.h"
#include "log.h"
#include "span.h"
#include "trigger.h"

/* Before anything is observed: what is awaited may be so from the beginning. */
int run_follow_events(struct run *run)
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
void run_schedule_step(struct run *run, int64_t since)
{
	const struct step *s = timeline_awaits(&run->timeline);
	int64_t due;

	if (run->stage == ENDING || run_is_up(run))
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
void run_trigger_tap(struct run *run, const struct event *e)
{
	const struct step *s = timeline_awaits(&run->timeline);
	bool is_it = false, now;
	size_t i;

	for (i = 0; i < run->nwaits; i++) {
		now = trigger_event(run->waiting[i].state, e);
		if (s == run->waiting[i].step)
			is_it = now;
	}
	if (!is_it || run->stage >= ENDING || run_is_up(run) || e->t < run->awaits_ns)
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
	run_begin_ending(run);
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
		run_begin_ending(run);
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
		run_give_up(run, r);
	}
}

void run_step_due(struct loop_timer *t, void *arg)
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
		run_begin_ending(run);
	else
		apply(run, s);
	run_schedule_step(run, now);
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

void run_met_nothing(struct run *run)
{
	fault_met_nothing(&run->faults, met_nothing, run);
}
