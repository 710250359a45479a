/*
 * Scripts of the VRRP side, run by the parent: those that are told of a change,
 * and those whose exit status is tracked. Nothing here ever waits.
 */
#ifndef HALBD_NOTIFY_H
#define HALBD_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "loop.h"
#include "notify_fifo.h"
#include "vrrp_process.h"

/*
 * Runs what the configuration says for this message of the VRRP process, and
 * writes it to the FIFOs. Returns how many scripts were started; the caller reaps
 * them.
 */
unsigned int notify_vrrp(const struct conf *c, struct notify_fifos *f,
			 const struct vrrp_msg *m);
/* The same for an instance that a reload did away with. */
unsigned int notify_deleted(const struct vrrp_conf *v, struct notify_fifos *f);

struct trackers;

/*
 * Runs every vrrp_script of `c` (borrowed) at its interval, the first time at
 * once; `ended` is told each result. NULL: out of memory. A script that is still
 * running when its turn comes is left alone; one that takes longer than its
 * timeout is ended and counts as failed.
 */
struct trackers *trackers_new(struct loop *l, const struct conf *c,
			      void (*ended)(size_t script, bool good, void *arg),
			      void *arg);
/* Ends those that run. NULL is fine. */
void trackers_free(struct trackers *t);

#endif
