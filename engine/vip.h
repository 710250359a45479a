/*
 * The virtual addresses of one instance, ready to be put on and taken off: the
 * netlink requests and the gratuitous ARP frames are made beforehand, so that
 * becoming MASTER is one send for the addresses and one for each round of ARPs.
 */
#ifndef HALBD_VIP_H
#define HALBD_VIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "conf.h"
#include "vrrp_if.h"
#include "vrrp_ndisc.h"

struct vip {
	const struct conf_vip *conf; /* (borrowed) */
	struct vrrp_if *ifp;	     /* (borrowed) */
	uint8_t frame[VRRP_NA_BYTES]; /* the longer of both kinds */
	uint8_t frame_len;	     /* 0: not on an Ethernet */
	int pending;		     /* frames that wait for their interval */
};

struct vips {
	struct vip *v; /* (owned) */
	size_t n;
	struct iovec add, del; /* (owned) requests, back to back; len 0: none */
};

/*
 * Makes everything for `c`. Addresses without a `dev` go to `ifp`; `get` finds
 * the others. Addresses on interfaces that do not exist have no requests.
 * Zeroed `s` first. 0 or -errno. vips_finish() accepts a zeroed one.
 */
int vips_init(struct vips *s, const struct vrrp_conf *c, struct vrrp_if *ifp,
	      struct vrrp_ifs *ifs);
void vips_finish(struct vips *s);
/* Makes requests and frames anew, after an interface has changed. 0 or -errno. */
int vips_rebuild(struct vips *s);

/* The channel to the kernel; one a process. */
struct vip_nl;
/* NULL with errno set. Errors that come back are reported from loop `l`. */
struct vip_nl *vip_nl_new(struct loop *l);
void vip_nl_free(struct vip_nl *n);
/*
 * Adds or removes all addresses. The kernel has done it when this returns; what
 * it refused (except "is there already" and "was not there") is reported later.
 * 0 or -errno.
 */
int vips_apply(struct vip_nl *n, const struct vips *s, bool add);
/* One address. */
int vip_apply_one(struct vip_nl *n, const struct vip *v, bool add);

bool conf_vip_equal(const struct conf_vip *a, const struct conf_vip *b);

#endif
