/*
 * Observers: what happens at the site, seen from outside the engines. The wire,
 * where nodes send (observe_wire.c) and where it reaches them (observe_rx.c),
 * and of each node's own kernel its addresses and links (observe_addr.c), its
 * neighbour entries (observe_neigh.c) and its IPVS table (observe_ipvs.c). All
 * of them record events; none of them changes anything.
 *
 * Directors are watched for adverts, addresses, links and IPVS; clients and
 * routers for ARP and neighbour entries. A node that crashes takes its sockets along: whatever it
 * had is recorded as gone.
 */
#ifndef HALBSIM_OBSERVE_H
#define HALBSIM_OBSERVE_H

#include <stdbool.h>

#include "case.h"
#include "loop.h"
#include "record.h"
#include "site.h"
#include "wire.h"

struct observe;

struct observe_env {
	struct site *site;     /* (borrowed) all of them */
	const struct case_ *c;
	struct loop *loop;
	struct record *rec;
	/* A node was answered by somebody it had tried to connect to. */
	void (*answer)(const char *node, const struct wire_answer *a, void *arg);
	void *arg;
};

/*
 * Opens every observer; each node's interfaces are recorded as EV_PORT. Returns
 * NULL after a message. Free with observe_free() (NULL is fine), before the site.
 */
struct observe *observe_new(const struct observe_env *env);
void observe_free(struct observe *o);

/* A node has lost its namespaces, or has new ones (site_opts.node_cb). */
void observe_node(struct observe *o, const char *node, bool up);

/* Answers to connections are no longer wanted: they cost time at each packet. */
void observe_no_answers(struct observe *o);


#endif
