/*
 * Interface for links, addresses and routes: each function queues one
 * rtnetlink request in a batch (nlbatch.h), which fails or succeeds as a whole
 * at its commit. Indexes are chosen by us, so that nothing has to be asked.
 */
#ifndef HALBSIM_LINK_H
#define HALBSIM_LINK_H

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "nlbatch.h"
#include "topology.h"

/*
 * A switch, up. STP is off, so a port forwards as soon as it has carrier, and
 * multicast snooping is off, so VRRP reaches every port without any querier.
 */
void link_add_bridge(struct nl_batch *b, const char *name, int index,
		     const uint8_t mac[ETH_ALEN]);

/* One cable: the switch's end here, the node's end in the namespace of `pid`. */
struct link_cable {
	const char *port_name, *node_name;
	int port_index, node_index;
	const uint8_t *port_mac, *node_mac;
	int bridge; /* index of the bridge that the port joins */
	pid_t pid;
	bool port_up; /* from the beginning */
};

/* An IP-in-IP device, up, that takes packets from anybody. */
void link_add_tunnel(struct nl_batch *b, const char *name, int index);

/* Lays a cable; its port is in the bridge; the node's end is down. */
void link_add_cable(struct nl_batch *b, const struct link_cable *c);

void link_del(struct nl_batch *b, int index, const char *name);
void link_set_up(struct nl_batch *b, int index, const char *name, bool up);
/* Puts a port into a bridge; bridge 0 takes it out. */
void link_set_bridge(struct nl_batch *b, int index, const char *name, int bridge);

/* `label` NULL: none. IPv6 addresses are usable at once (no detection). */
void link_add_addr(struct nl_batch *b, int index, const struct topo_addr *a,
		   const char *label);
/* Adds or replaces a route; index 0: the kernel finds the interface. */
void link_add_route(struct nl_batch *b, const struct topo_route *r, int index);

struct link_state {
	bool up, carrier;
	int bridge; /* index of the bridge it is in; 0: none */
};

/*
 * What the kernel says of an interface in the namespace of `sk`. 0 or -errno;
 * -ENODEV: there is none.
 */
int link_get(struct nl_sock *sk, int index, struct link_state *st);

#endif
