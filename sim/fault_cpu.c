/*
 * Fault: a slow node. Its processes get a share of one processor, and something
 * in it is always busy with what they are given (busy.h): without that a share
 * would be no burden to an engine that sleeps nearly all the time. Timers are
 * late by up to what is missing of the kernel's period, and that is the proof:
 * the busy program says how long it was kept from running.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "busy.h"
#include "clock.h"
#include "cpu_group.h"
#include "fault_impl.h"
#include "fault_words.h"
#include "paths.h"
#include "run_stage.h"
#include "span.h"

#define BUSY "busy"

int fault_words_cpu(struct fault_call *c, struct fault_words *w)
{
	const char *word;
	char *end = NULL;

	if (fault_take_node(c, w, &c->node) < 0)
		return -1;
	word = fault_next(w);
	c->share = word ? strtod(word, &end) / 100 : -1;
	if (!word || end == word || strcmp(end, "%") != 0 ||
	    !(c->share >= 0.01 && c->share <= 1))
		return fault_wrong(w, "expected a share of 1%% to 100%%, like '10%%'%s%s%s",
				   word ? ", got '" : "", word ? word : "",
				   word ? "'" : "");
	w->at++;
	return fault_no_more(c, w);
}

/* Half of what the kernel's period lacks is no accident. */
static void look_late(struct fault_job *j)
{
	int64_t lacks = (int64_t)((1 - j->call.share) * CPU_PERIOD_NS);
	int64_t paused = busy_longest(j->n->init.pid);
	char span[SPAN_LEN];

	if (site_pid(j->n, BUSY) == -ESRCH)
		fault_done(j, false, "what keeps it busy has ended");
	else if (paused >= lacks / 2)
		fault_done(j, true, "nothing ran in %s for %s: timers are as late",
			   j->call.node->name, span_text(span, paused));
}

static void look_freed(struct fault_job *j)
{
	if (site_pid(j->n, BUSY) == -ESRCH)
		fault_done(j, true, "no limit, and nothing keeps it busy");
}

/* A limit is for the ordinary class; a backend is in another (run_stage.h). */
static void make_ordinary(struct site_node *n)
{
	pid_t pid = site_pid(n, "web");

	if (pid > 0)
		run_stage_backend(pid, false);
}

static int start_busy(struct fault_job *j)
{
	char exe[] = "/proc/self/exe", verb[] = BUSY_VERB;
	char *argv[] = { exe, verb, NULL };
	pid_t pid;

	if (site_pid(j->n, BUSY) != -ESRCH)
		return 0;
	pid = site_spawn(j->n, BUSY, argv);
	return pid < 0 ? (int)pid : 0;
}

int fault_cpu(struct fault_job *j)
{
	const struct fault_call *c = &j->call;
	int r;

	if (!site_node_is_up(j->n) || j->n->dying) {
		fault_done(j, false, "%s has no power", c->node->name);
		return 0;
	}
	if (cpu_group_share(j->n) == c->share) {
		fault_done(j, false, c->share < 1 ? "it is as slow as that already" :
						    "it is not slow");
		return 0;
	}
	busy_forget(j->n->init.pid);
	if (c->share < 1)
		make_ordinary(j->n);
	r = cpu_group_limit(j->n, c->share);
	if (r == -ENOENT || r == -EOPNOTSUPP || r == -EROFS || r == -EACCES) {
		fault_done(j, false, "no control groups that limit processors here");
		return 0;
	}
	if (r == 0 && c->share < 1)
		r = start_busy(j);
	else if (r == 0)
		r = site_node_signal(j->n, BUSY, SIGKILL);
	if (r < 0)
		return r;
	j->res.at_ns = clock_now();
	j->look = c->share < 1 ? look_late : look_freed;
	return 0;
}
