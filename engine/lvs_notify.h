/*
 * Who is told of real servers and quorums: notify scripts, and FIFOs with
 * keepalived's lines ("RS [10.0.1.1]:tcp:80 [10.0.0.1]:tcp:80 UP", "VS … DOWN").
 * Nothing here waits: a FIFO that is full or without a reader loses lines.
 */
#ifndef HALBD_LVS_NOTIFY_H
#define HALBD_LVS_NOTIFY_H

#include <stdbool.h>

#include "lvs.h"

#define LVS_NFIFO 2 /* notify_fifo, lvs_notify_fifo */

/* Embedded; zero it first. */
struct lvs_notify {
	struct {
		const char *path; /* (borrowed) NULL: not open */
		int fd;
		bool made; /* by us: removed at the end */
	} fifo[LVS_NFIFO];
};

/* Opens (and makes) the FIFOs, and starts lvs_notify_fifo's script. */
void lvs_notify_open(struct lvs_notify *n, const struct conf_global *g);
void lvs_notify_close(struct lvs_notify *n);

/* struct lvs_hooks, with a struct lvs_notify as its arg. */
void lvs_notify_real(void *arg, const struct lvs_service *s, const struct lvs_real *r,
		     bool stopping);
void lvs_notify_quorum(void *arg, const struct lvs_service *s, bool stopping);

#endif
