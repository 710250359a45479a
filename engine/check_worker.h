/*
 * The check worker: a process without capabilities that runs all checkers which
 * talk to the network. It is a fork of the process that owns the IPVS table, and
 * knows the configuration from there.
 *
 * Over a SOCK_SEQPACKET pair it sends packets of one or more struct check_report,
 * and gets struct check_correction. The end of file ends it.
 */
#ifndef HALBD_CHECK_WORKER_H
#define HALBD_CHECK_WORKER_H

#include <stdint.h>

#include "check.h"

/* To the worker: the verdict was not taken, the checker is what it was. */
struct check_correction {
	uint32_t checker;
	uint8_t up;
};

#define CHECK_REPORTS_MAX 128 /* in one packet */

/*
 * Runs in the forked child: gives up every privilege and all descriptors but
 * `fd` and standard error, then checks until `fd` ends. Returns the exit status.
 * `state` (shared memory, one for each checker of the configuration) says where
 * to go on.
 */
int check_worker_run(const struct conf *c, struct check_state *state, int fd);

#endif
