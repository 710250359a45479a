/*
 * A fact over time: a yes or no that changes at moments, read off the events.
 * "192.168.31.200 on lvs2" is one. What an expectation asks of it (at the end,
 * within a span, always, never) is decided on the list of changes alone.
 */
#ifndef HALBSIM_FACTS_H
#define HALBSIM_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "claims.h"
#include "event.h"

struct fact_change {
	int64_t t;
	bool value; /* from t on */
};

/* Before the first change the fact is false. Equal neighbours are merged. */
struct fact {
	struct fact_change *v;
	size_t n, cap;
};

void fact_finish(struct fact *f);
/* From t on it is so; t must not go back. 0 or -ENOMEM. */
int fact_set(struct fact *f, int64_t t, bool value);

/* A node has an address. 0 or -ENOMEM, as all of these. */
int fact_address(struct fact *f, const struct event_log *log, const char *node,
		 const char *ip);
/* A node claims a virtual router (vrid 0: any). */
int fact_master(struct fact *f, const struct claims *cl, const char *node, int vrid);
/*
 * A node's IPVS table has a service (dest NULL), or a destination of it
 * (weight -1: whatever its weight).
 */
int fact_ipvs(struct fact *f, const struct event_log *log, const char *node,
	      const char *service, const char *dest, int weight);
/* At most one of the nodes that ever claimed a router has each of its addresses. */
int fact_one_holder(struct fact *f, const struct event_log *log, const struct claims *cl);

/* Turns yes into no throughout. 0 or -ENOMEM. */
int fact_negate(struct fact *f);

bool fact_at(const struct fact *f, int64_t t);
/* First moment in [from, to] at which it is `value`; NS_NONE when never. */
int64_t fact_first(const struct fact *f, int64_t from, int64_t to, bool value);

#endif
