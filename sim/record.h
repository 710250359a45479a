/*
 * Recording: every event of a run goes through here, so that its time is the
 * run's time and whoever watches (settle.c) hears of it.
 */
#ifndef HALBSIM_RECORD_H
#define HALBSIM_RECORD_H

#include <stdint.h>

#include "event.h"

struct record {
	struct event_log *log; /* (borrowed) */
	int64_t zero_ns;       /* CLOCK_MONOTONIC at the run's zero */
	void (*tap)(const struct event *e, void *arg); /* may be NULL */
	void *tap_arg;
	int err; /* the first event_add() that failed: -ENOMEM */
};

/* CLOCK_MONOTONIC to run time. */
static inline int64_t record_time(const struct record *r, int64_t mono_ns)
{
	return mono_ns - r->zero_ns;
}

/* Run time, now. */
int64_t record_now(const struct record *r);

/* Appends *e (its time is set already) and tells the tap. */
void record_add(struct record *r, const struct event *e);

static inline const char *record_text(struct record *r, const char *text)
{
	return event_text(r->log, text);
}

/* A note at this moment; `node` may be NULL. */
void record_note(struct record *r, const char *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
