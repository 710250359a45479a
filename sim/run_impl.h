/* What the parts of one run share: run.c, run_build.c, run_settle.c, run_steps.c. */
#ifndef HALBSIM_RUN_IMPL_H
#define HALBSIM_RUN_IMPL_H

#include "engine_run.h"
#include "fault.h"
#include "loop.h"
#include "observe.h"
#include "record.h"
#include "run.h"
#include "timeline.h"
#include "wire.h"

#define SETTLE_TICK_NS (20 * NS_PER_MS)

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
	struct loop_timer branch;
	bool asked; /* for the stop before the branch */
	struct applied *applied;
	size_t napplied, nwaiting;
	struct waiting *waiting; /* those steps that do */
	size_t nwaits;
	int64_t awaits_ns; /* run time from which what is awaited counts */
	int64_t give_up_ns; /* settling: until then; ending: requests until then */
	bool interrupted, complete;
	int err;
};

void run_add_event(struct run *run, enum event_type type, const char *text);
bool run_is_up(const struct run *run);
/* No more requests and no more steps. */
void run_begin_ending(struct run *run);
/* The harness itself cannot go on. */
void run_give_up(struct run *run, int err);

/* --- what others tell the run (run.c) --- */

void run_answered(const char *node, const struct wire_answer *a, void *arg);
void run_process_ended(const char *node, const char *what, int status, void *arg);
void run_node_changed(const char *node, bool up, void *arg);
int run_start_program(const char *node, const char *what, void *arg);
void run_tick_due(struct loop_timer *t, void *arg);
int run_open_live(struct run *run);

/* --- building (run_build.c): 0 or -errno, in most cases after a message --- */

int run_build(struct run *run);
/* Starts everything, and with it the settling. */
int run_start(struct run *run);
/* What the log needs in memory, so that it never grows while the case runs. */
int run_reserve(struct run *run);
void run_tear_down(struct run *run);

/* --- settling and the branch (run_settle.c) --- */

void run_settle_tick(struct run *run, int64_t now);
void run_branch_due(struct loop_timer *t, void *arg);
/* It will not settle, or only later, when it is live. */
void run_unsettled(struct run *run, const char *why);
/* Replies are there, or need not be; else adds to what is missing. */
bool run_replies_come(const struct run *run, char *missing, size_t size);

/* --- the timeline (run_steps.c) --- */

/* Before anything is observed: what is awaited may be so from the beginning. */
int run_follow_events(struct run *run);
/* `since`: run time of the step before, whose consequences may be awaited. */
void run_schedule_step(struct run *run, int64_t since);
void run_step_due(struct loop_timer *t, void *arg);
/* An event for those steps that wait for one. */
void run_trigger_tap(struct run *run, const struct event *e);
/* Faults that took hold, and then had nothing to take hold of. */
void run_met_nothing(struct run *run);

#endif
