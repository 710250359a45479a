/*
 * Swim lanes: what each node was and had, over time, for drawing. Computed from
 * the case, the events and the claims; knows nothing of how it is drawn.
 *
 * A lane is one thing of one node (its part in a virtual router, an address,
 * one IPVS destination, a program) as a row of spans that do not overlap, in
 * order of time. Before the first span and between two nothing was there. A
 * span may lie partly outside what is shown.
 *
 * A band is a stretch of time in which a fault was in force on a node.
 */
#ifndef HALBSIM_LANES_H
#define HALBSIM_LANES_H

#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "event.h"
#include "measure.h"

enum lane_kind {
	LANE_REQUEST, /* a traffic's requests: no spans, drawn from the measures */
	LANE_NEIGH,   /* whom a client takes for the owner of an address */
	LANE_VRRP,    /* what a node is in a virtual router */
	LANE_ADDR,    /* an address that it holds */
	LANE_IPVS,    /* one destination in its IPVS table */
	LANE_PROC,    /* a program */
	LANE_ADVERT,  /* no spans: the advertisements that it sent */
	LANE_ARP,     /* no spans: the ARP packets that it sent */
};

enum lane_tone {
	TONE_MASTER,
	TONE_BACKUP,
	TONE_HELD,    /* address held, program running, destination with a weight */
	TONE_DRAINED, /* destination of weight 0 */
	TONE_OFF,     /* without power, or its program is gone */
	TONE_OWNER_A, /* neighbour entries: one tone an owner, in order of first use */
	TONE_OWNER_B,
	TONE_OWNER_C,
	TONE_NTONES
};

struct lane_span {
	int64_t from, to;
	enum lane_tone tone;
	const char *label; /* (borrowed) "master", "weight 1" */
};

struct lane {
	enum lane_kind kind;
	const char *node; /* (borrowed) */
	char *name;	  /* (owned) "VRRP 51", "192.168.31.200" */
	const char *key;  /* (borrowed) what it is about: traffic, address, link */
	int vrid;	  /* LANE_VRRP, LANE_ADVERT */
	struct lane_span *v;
	size_t n;
};

struct lane_band {
	const char *node; /* (borrowed) */
	const char *what; /* (borrowed) the fault as written */
	int64_t from, to;
};

struct lanes {
	struct lane *v; /* clients first, then in the topology's order */
	size_t n;
	struct lane_band *band;
	size_t nband;
	struct intern *texts; /* (owned) what `label` points to */
};

/*
 * Fills *l from a sorted log. 0 or -ENOMEM. Names are borrowed from the case
 * and the log. Free with lanes_finish().
 */
int lanes_find(struct lanes *l, const struct case_ *c, const struct event_log *log,
	       const struct measures *m);
void lanes_finish(struct lanes *l);

/* The span of a lane that covers t, or NULL. */
const struct lane_span *lane_at(const struct lane *l, int64_t t);

#endif
