/* Between lanes.c, lanes_span.c and lanes_band.c. */
#ifndef HALBSIM_LANES_IMPL_H
#define HALBSIM_LANES_IMPL_H

#include <stdbool.h>

#include "lanes.h"

struct lane_work {
	struct lanes *l;
	const struct case_ *c;
	const struct event_log *log;
	const struct measures *m;
};

struct names {
	const char **v; /* texts borrowed */
	size_t n;
};

/* Appends a lane; NULL without memory. Pointers to other lanes move. */
struct lane *lane_add(struct lane_work *w, enum lane_kind kind, const char *node,
		      const char *key, const char *name);

/* True for the name of the engine's process. */
bool lane_is_engine(const char *what);

/* True for an address (prefix length ignored) that traffic or adverts are about. */
bool lane_is_vip(const struct lane_work *w, const char *addr);

/* Fills a lane's spans; 0 or -ENOMEM. */
int lane_fill(struct lane_work *w, struct lane *lane);
/* Fills the bands; 0 or -ENOMEM. */
int lane_bands(struct lane_work *w, const struct names *nodes);

/* True when an event is the effective fault `verb` on this node. */
bool lane_is_fault(const struct event *e, const char *verb, const char *node);

#endif
