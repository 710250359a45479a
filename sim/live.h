/*
 * A site to walk around in: answers whoever asks about it, runs programs in its
 * nodes, breaks and mends it by hand. Part of run.c's loop, from the moment the
 * site stands until it is taken down; what is said is in talk.h. In the guest
 * and on a host it is the same; relay.c carries the connections out of the guest.
 *
 * live.c has the connections, live_answer.c the questions, live_exec.c the programs.
 */
#ifndef HALBSIM_LIVE_H
#define HALBSIM_LIVE_H

#include <stdbool.h>

#include "case.h"
#include "event.h"
#include "fault.h"
#include "loop.h"
#include "record.h"
#include "relay.h"
#include "site.h"

struct live;

struct live_env {
	struct loop *loop; /* (borrowed) all of them */
	struct record *rec;
	struct site *site;
	const struct case_ *c;
	struct fault_env *faults;
	/* What is still missing before the site counts as settled. */
	void (*missing)(char *buf, size_t size, void *arg);
	/* Whoever is bringing it up has gone before it was settled: the end. */
	void (*abandoned)(void *arg);
	void *arg;
};

/* Where those come from who ask. */
struct live_doors {
	int listen_fd;	      /* -1: none; stays the caller's */
	int owner_fd;	      /* a connection that is there already; -1; taken over */
	struct ring *out, *in; /* NULL: none; from the guest and to it */
};

/* NULL after a message. Free with live_free() (NULL is fine), before the site. */
struct live *live_new(const struct live_env *env, const struct live_doors *doors);
void live_free(struct live *l);

/* Every event, as it is recorded. */
void live_event(struct live *l, const struct event *e);
/* A process of a node has ended; true when it was one that somebody ran here. */
bool live_exited(struct live *l, const char *what, int status);

#endif
