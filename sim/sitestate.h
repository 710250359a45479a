/*
 * What a site looks like now, from its events alone: who is master, who has
 * which address, what is in the IPVS tables, what runs, what clients get.
 * `halbsim status` and the live progress of a run both show this.
 */
#ifndef HALBSIM_SITESTATE_H
#define HALBSIM_SITESTATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

enum site_phase { PHASE_BUILDING, PHASE_SETTLING, PHASE_SETTLED, PHASE_UNSETTLED, PHASE_ENDED };

/* Texts are the state's own, or the event's where the log outlives the state. */
struct st_claim {
	const char *node;
	const char *vips; /* as last advertised; NULL: not known */
	int priority;	  /* 0: it has given up */
	int64_t since_ns, last_ns, interval_ns;
};

struct st_router {
	const char *link;
	int vrid;
	bool ipv6;
	struct st_claim *claim; /* everybody who ever was master */
	size_t nclaim;
};

struct st_addr {
	const char *ifname, *addr;
};

struct st_port {
	const char *ifname, *link;
	bool known, up, carrier; /* known: up and carrier were told */
};

struct st_entry { /* dest NULL: the service itself */
	const char *service, *dest, *sched, *forward;
	int weight;
};

struct st_prog {
	const char *what;
	bool running;
	int status; /* of the last end */
};

struct st_node {
	const char *name;
	bool down; /* without power */
	struct st_addr *addr;
	struct st_port *port;
	struct st_entry *entry;
	struct st_prog *prog;
	size_t naddr, nport, nentry, nprog;
};

struct st_traffic {
	const char *name, *last_backend;
	uint64_t ok, failed, reason[REQ_NRESULTS];
	int64_t gap_from_ns; /* due time of the first failed of a row; -1: none */
	int64_t longest_gap_ns;
};

struct st_fault {
	int64_t t;
	const char *text, *proof;
	bool effective;
};

struct sitestate {
	enum site_phase phase;
	int64_t now_ns, settled_ns;
	const char *missing; /* PHASE_UNSETTLED */
	const char *topology, *engine, *engine_version, *kernel, *time;
	struct st_router *router;
	struct st_node *node;
	struct st_traffic *traffic;
	struct st_fault *fault;
	size_t nrouter, nnode, ntraffic, nfault;
	struct intern *texts;
	bool no_memory; /* it is no longer all there */
};

/* Zero it first. 0 or -ENOMEM. */
int sitestate_init(struct sitestate *s);
void sitestate_finish(struct sitestate *s);

void sitestate_event(struct sitestate *s, const struct event *e);

/* Whether a claim still stands at `now_ns`. */
bool st_claim_stands(const struct sitestate *s, const struct st_claim *c, int64_t now_ns);
const struct st_node *sitestate_node(const struct sitestate *s, const char *name);

const char *site_phase_name(enum site_phase p); /* "settling" … */

/* Everything as JSON (halbsim status --json). NULL without memory. */
json_t *sitestate_json(const struct sitestate *s, int64_t now_ns);

#endif
