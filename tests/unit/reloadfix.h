/* For tests of SIGHUP: a network namespace of their own, and a file before and after. */
#ifndef RELOADFIX_H
#define RELOADFIX_H

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "loop.h"

#define WENT_ON 77 /* what loop_run() returns when nothing ended the process */

struct reload_files {
	char dir[32], before[64], after[64];
};

static inline int reload_file(const char *path, const char *head, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return -1;
	fputs(head, f);
	fputs(text, f);
	return fclose(f);
}

/* Both files begin with `head`. 0 or -1. */
static inline int reload_setup(struct reload_files *f, const char *head, const char *before,
			       const char *after)
{
	log_init(NULL, LOG_LVL_ERR, 0);
	strcpy(f->dir, "/tmp/halbd-reload-XXXXXX");
	if (unshare(CLONE_NEWNET) < 0 || !mkdtemp(f->dir))
		return -1;
	snprintf(f->before, sizeof(f->before), "%s/before", f->dir);
	snprintf(f->after, sizeof(f->after), "%s/after", f->dir);
	return reload_file(f->before, head, before) < 0 ? -1 : reload_file(f->after, head, after);
}

static inline int reload_teardown(void **state)
{
	const struct reload_files *f = *state;

	unlink(f->before);
	unlink(f->after);
	return rmdir(f->dir);
}

struct reload_run {
	struct loop *loop;
	void (*reload)(void *arg);
	void *arg;
	struct loop_timer now, end;
};

static inline void reload_end(struct loop_timer *t, void *arg)
{
	struct reload_run *r = arg;

	(void)t;
	loop_stop(r->loop, WENT_ON);
}

static inline void reload_now(struct loop_timer *t, void *arg)
{
	struct reload_run *r = arg;

	(void)t;
	r->reload(r->arg);
	loop_timer_must(r->loop, &r->end, clock_now());
}

/*
 * Runs the loop, calls reload(arg) in it once what is due now is done, and ends soon
 * after: WENT_ON, or what reload() has stopped the loop with.
 */
static inline int reload_run(struct loop *l, void (*reload)(void *arg), void *arg)
{
	struct reload_run r = { .loop = l, .reload = reload, .arg = arg };
	int ended;

	loop_timer_init(&r.now, reload_now, &r);
	loop_timer_init(&r.end, reload_end, &r);
	loop_timer_must(l, &r.now, clock_now());
	ended = loop_run(l);
	loop_timer_cancel(l, &r.now);
	loop_timer_cancel(l, &r.end);
	return ended;
}

#endif
