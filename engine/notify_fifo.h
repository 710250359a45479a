/*
 * The FIFOs that VRRP's changes are written to, and the scripts that read them.
 * Kept by the parent. Nothing here waits: a FIFO that is full loses lines.
 */
#ifndef HALBD_NOTIFY_FIFO_H
#define HALBD_NOTIFY_FIFO_H

#include <stdbool.h>

#include "conf.h"

#define NOTIFY_NFIFO 2 /* notify_fifo, vrrp_notify_fifo */

/* Embedded, zeroed first. */
struct notify_fifos {
	struct {
		char *path; /* (owned) NULL: none */
		int fd;
		bool made; /* by us: removed at the end */
		pid_t pid; /* its script; 0: none */
	} v[NOTIFY_NFIFO];
};

/*
 * Opens, and makes where they are not there, the FIFOs of `g`, and starts their
 * scripts; those that are open already stay (a reload).
 */
void notify_fifos_open(struct notify_fifos *f, const struct conf_global *g);
void notify_fifos_close(struct notify_fifos *f);
/* `INSTANCE "VI_1" MASTER 100`, to all. */
void notify_fifos_write(struct notify_fifos *f, const char *kind, const char *name,
			const char *state, unsigned int priority);

#endif
