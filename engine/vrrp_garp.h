/*
 * Sending gratuitous ARPs and neighbour advertisements: one packet socket for
 * all, frames that vip.c made beforehand, and the spacing that garp_interval and
 * gna_interval ask for.
 */
#ifndef HALBD_VRRP_GARP_H
#define HALBD_VRRP_GARP_H

#include "loop.h"
#include "vip.h"

struct vrrp_garp;

/* NULL with errno set. Needs CAP_NET_RAW. _free() accepts NULL. */
struct vrrp_garp *vrrp_garp_new(struct loop *l);
void vrrp_garp_free(struct vrrp_garp *g);

/* Spaced sending of one instance's frames; embedded, zeroed first. */
struct vrrp_garp_queue {
	struct vrrp_garp *garp; /* (borrowed) */
	struct vips *vips;	/* (borrowed) */
	int64_t garp_interval_ns, gna_interval_ns; /* 0: no spacing */
	struct loop_timer timer;
	size_t next; /* whose turn it is */
};

void vrrp_garp_queue_init(struct vrrp_garp_queue *q, struct vrrp_garp *g,
			  struct vips *vips, const struct vrrp_conf *c);
/* `rounds` frames for every address, round after round. */
void vrrp_garp_send(struct vrrp_garp_queue *q, int rounds, int64_t now);
/* Forgets what waits. */
void vrrp_garp_stop(struct vrrp_garp_queue *q);
/* One gratuitous ARP for an address of `i`, now. */
void vrrp_garp_for(struct vrrp_garp *g, const struct vrrp_if *i,
		   const struct conf_addr *addr);

#endif
