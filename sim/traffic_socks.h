/*
 * Sockets for connections to come: opened some at a time in the node that they are for,
 * as going there and back costs as much as a socket does.
 *
 * Each has the next local port, so that one client looks like many: the kernel's own
 * choice comes back to a port within seconds of a refused connection, while the director
 * still has an entry for it that leads to a real server that is gone (IPVS keeps SYN_RECV
 * for 60 s, and drops what belongs to a removed one: expire_nodest_conn 0).
 */
#ifndef HALBSIM_TRAFFIC_SOCKS_H
#define HALBSIM_TRAFFIC_SOCKS_H

#include <stdbool.h>

struct traffic;

#define TRAFFIC_SOCKS 8 /* opened at once */

/* Embedded; traffic_socks_init() first. */
struct traffic_socks {
	struct traffic *t; /* (borrowed) */
	/* Closes what only holds a port or a descriptor; false: there is nothing. */
	bool (*make_room)(struct traffic *t);
	int fd[TRAFFIC_SOCKS];
	int n, taken;
	int port, first_port, last_port; /* the next one, and the first and last */
};

void traffic_socks_init(struct traffic_socks *s, struct traffic *t,
			bool (*make_room)(struct traffic *t));
/* One that is bound and not connected, the caller's; or -errno. */
int traffic_socks_take(struct traffic_socks *s);
/* Whether all have been taken. */
static inline bool traffic_socks_none(const struct traffic_socks *s)
{
	return s->taken == s->n;
}
/* Then: opens some now, so that taking one does not take its time. */
void traffic_socks_refill(struct traffic_socks *s);
/* Closes those that were not taken. */
void traffic_socks_close(struct traffic_socks *s);

#endif
