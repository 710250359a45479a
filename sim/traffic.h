/*
 * Traffic: what the client sends. Open loop: request n is due at start +
 * n / rate, whatever became of the ones before, and latency counts from there.
 *
 * A traffic first warms up (unjudged requests, so that settle.c can see whether
 * replies come), then is judged from a given instant on, with n from 0; at the
 * end it stops sending, and what is still under way gets its timeout.
 *
 * traffic.c has the schedule and the results; each kind has its own file with
 * one struct traffic_ops.
 */
#ifndef HALBSIM_TRAFFIC_H
#define HALBSIM_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "case.h"
#include "loop.h"
#include "record.h"

struct traffic;

/* Where it runs. */
struct traffic_env {
	struct loop *loop;	     /* (borrowed) */
	struct record *rec;	     /* (borrowed) */
	const struct topology *topo; /* (borrowed) bodies of the web servers */
	/* Runs fn in a node's network namespace: its result, or -errno. */
	int (*in_node)(const char *node, int (*fn)(void *), void *fn_arg, void *arg);
	void *arg;
};

/*
 * What node number `k` of those that take turns sends: requests k, k + n, … of the
 * n nodes' (n is 1 and k 0 where one sends alone). 0 or -errno after a message (a
 * target that cannot be read, no memory).
 */
int traffic_new(struct traffic **out, const struct traffic_conf *conf, size_t k,
		const struct traffic_env *env);
void traffic_free(struct traffic *t);

const struct traffic_conf *traffic_conf(const struct traffic *t);

/* Starts sending, unjudged, at no more than a warm-up's rate. */
void traffic_warm(struct traffic *t);
/* From `start_ns` (CLOCK_MONOTONIC) on requests count; n begins at 0. */
void traffic_judge(struct traffic *t, int64_t start_ns);
/* No further request; those under way go on. */
void traffic_stop(struct traffic *t);
/* Judged requests that are still under way. */
size_t traffic_under_way(const struct traffic *t);
/* Ends what is under way as REQ_CUT. */
void traffic_cut(struct traffic *t);
/* Good replies in a row up to now. */
unsigned int traffic_streak(const struct traffic *t);
/* The node it sends from has lost its namespace: close what is in there. */
void traffic_node_down(struct traffic *t, const char *node);

#endif
