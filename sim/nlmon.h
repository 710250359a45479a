/*
 * Hearing when a generic netlink command was carried out in a node, whoever
 * gave it: an nlmon device in the node sees every netlink message there, and
 * the kernel's acknowledgements with their time tell when something changed.
 *
 * The device is called nlmon0; it is the one thing that the harness adds to a
 * director, and nothing is routed over it.
 */
#ifndef HALBSIM_NLMON_H
#define HALBSIM_NLMON_H

#include <stdint.h>

#include "loop.h"
#include "packet_sock.h"
#include "site.h"

struct nlmon {
	/* A command of the family was acknowledged; CLOCK_MONOTONIC. */
	void (*done)(int64_t mono_ns, void *arg);
	void *arg;
	struct packet_sock sock;
};

/*
 * Makes the device in the node and listens for acknowledgements of commands of
 * that family. Set `done` and `arg` before. 0, or -errno (-EOPNOTSUPP: this
 * kernel has no nlmon) without a message.
 */
int nlmon_open(struct nlmon *m, struct site *s, struct site_node *n, struct loop *loop,
	       int family);
void nlmon_close(struct nlmon *m);

#endif
