/* Scripts that are run at intervals, and what they say. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "clock.h"
#include "log.h"
#include "notify.h"
#include "script.h"

enum phase { IDLE, RUNNING, TERMINATING, KILLING };
#define GRACE_NS (2 * NS_PER_S) /* between SIGTERM and SIGKILL */

struct tracked {
	struct script_run run; /* first: script_reaped() gives it back */
	const struct conf_script *conf; /* (borrowed) */
	struct trackers *all;
	struct loop_timer next, limit;
	enum phase phase;
};

struct trackers {
	struct loop *loop; /* (borrowed) */
	void (*ended)(size_t, bool, void *);
	void *arg;
	struct tracked *v;
	size_t n;
};

static void script_done(struct script_run *run, int status)
{
	struct tracked *k = (struct tracked *)run;
	struct trackers *t = k->all;
	bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0 && k->phase == RUNNING;

	loop_timer_cancel(t->loop, &k->limit);
	k->phase = IDLE;
	t->ended((size_t)(k - t->v), good, t->arg);
}

static void limit_cb(struct loop_timer *timer, void *arg)
{
	struct tracked *k = arg;

	if (k->phase == IDLE)
		return;
	if (k->phase == RUNNING)
		log_info("script %s takes too long", k->conf->name);
	kill(-k->run.pid, k->phase == RUNNING ? SIGTERM : SIGKILL);
	k->phase = k->phase == RUNNING ? TERMINATING : KILLING;
	loop_timer_must(k->all->loop, timer, clock_now() + GRACE_NS);
}

static void next_cb(struct loop_timer *timer, void *arg)
{
	struct tracked *k = arg;
	struct loop *l = k->all->loop;
	int64_t now = clock_now(), limit;
	int r;

	loop_timer_must(l, timer, now + k->conf->interval_ns);
	if (k->phase != IDLE) {
		log_info("script %s is still running; not started again", k->conf->name);
		return;
	}
	k->run.done = script_done;
	r = script_run(&k->run, k->conf);
	if (r < 0) {
		errno = -r;
		log_warn("cannot run script %s", k->conf->name);
		k->all->ended((size_t)(k - k->all->v), false, k->all->arg);
		return;
	}
	k->phase = RUNNING;
	limit = k->conf->timeout_ns ? k->conf->timeout_ns : k->conf->interval_ns;
	loop_timer_must(l, &k->limit, now + limit);
}

static bool is_used(const struct conf *c, size_t script)
{
	size_t i, j;

	for (i = 0; i < c->nvrrp; i++)
		for (j = 0; j < c->vrrp[i].ntrack_script; j++)
			if (!strcmp(c->vrrp[i].track_script[j].name, c->script[script].name))
				return true;
	return false;
}

struct trackers *trackers_new(struct loop *l, const struct conf *c,
			      void (*ended)(size_t, bool, void *), void *arg)
{
	struct trackers *t = calloc(1, sizeof(*t));
	size_t i;

	if (!t)
		return NULL;
	t->loop = l;
	t->ended = ended;
	t->arg = arg;
	t->n = c->nscript;
	t->v = calloc(t->n ? t->n : 1, sizeof(*t->v));
	if (!t->v) {
		free(t);
		return NULL;
	}
	for (i = 0; i < t->n; i++) {
		t->v[i].conf = &c->script[i];
		t->v[i].all = t;
		loop_timer_init(&t->v[i].next, next_cb, &t->v[i]);
		loop_timer_init(&t->v[i].limit, limit_cb, &t->v[i]);
		if (c->script[i].argv && is_used(c, i) &&
		    loop_timer_set(l, &t->v[i].next, clock_now()) < 0) {
			trackers_free(t);
			return NULL;
		}
	}
	return t;
}

void trackers_free(struct trackers *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->n; i++) {
		loop_timer_cancel(t->loop, &t->v[i].next);
		loop_timer_cancel(t->loop, &t->v[i].limit);
		if (t->v[i].phase != IDLE)
			script_abandon(&t->v[i].run, SIGTERM);
	}
	free(t->v);
	free(t);
}
