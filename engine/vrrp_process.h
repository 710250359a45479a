/*
 * The VRRP process: its instances, and what it and its parent tell each other.
 *
 * It has no children and runs no scripts. The parent (proc.c) runs the track
 * scripts and tells their results; it is told of every change of state, runs the
 * notify scripts and passes the news on to the IPVS process.
 */
#ifndef HALBD_VRRP_PROCESS_H
#define HALBD_VRRP_PROCESS_H

#include <stdint.h>

#include "conf.h"

enum vrrp_msg_type {
	VRRP_MSG_INSTANCE = 1, /* to the parent: instance `index` is in `state` now */
	VRRP_MSG_GROUP,	       /* to the parent: so is sync group `index` */
	VRRP_MSG_RX_LOWER,     /* to the parent: a master heard a lower priority */
	VRRP_MSG_PRIORITY,     /* to the parent: its priority has changed */
	VRRP_MSG_STOP,	       /* to the parent: instance `index` stops */
	VRRP_MSG_SCRIPT,       /* to the child: script `index` has ended; `state` 1: well */
	VRRP_MSG_RELOAD,       /* to the child: the configuration is in file `text` */
	VRRP_MSG_DUMP,	       /* to the child: write what you know to `text`.data and .json;
				  `state` 1: and count from 0 again */
};

/* One packet of the SOCK_SEQPACKET pair. Indices are those of struct conf. */
struct vrrp_msg {
	uint32_t type;
	uint32_t generation; /* counts reloads; indices of another one are stale */
	uint32_t index, state, priority;
	char text[236]; /* NUL-terminated */
};

/*
 * Runs in a child of the engine's parent until SIGTERM or the end of parent_fd
 * (-1: none). Returns the exit status: 0, 1 after a message, or VRRP_EXIT_CONFIG
 * when the configuration cannot work on this machine.
 */
int vrrp_process(const struct conf *c, int parent_fd);

/* keepalived's, too: the parent does not try again. */
#define VRRP_EXIT_CONFIG 2

#endif
