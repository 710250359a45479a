/* Between observe.c and the observers. */
#ifndef HALBSIM_OBSERVE_IMPL_H
#define HALBSIM_OBSERVE_IMPL_H

#include "observe.h"

/*
 * One of the per-node observers. open() returns an object that lives until
 * close(), which records as gone what the node had when `gone` is set, or NULL
 * after a message.
 */
struct observer_ops {
	void *(*open)(const struct observe_env *env, struct site_node *n);
	void (*close)(void *observer, bool gone);
	/* The site has settled: answers to connections are of no interest any
	 * more. May be NULL. */
	void (*no_answers)(void *observer);
};

extern const struct observer_ops observe_addr_ops, observe_neigh_ops, observe_ipvs_ops,
	observe_rx_ops;

struct observe_wire;
struct observe_wire *observe_wire_new(const struct observe_env *env);
void observe_wire_free(struct observe_wire *w);
/* The node's interfaces anew: their ports have other indexes now. */
void observe_wire_ports(struct observe_wire *w, struct site_node *n);

#endif
