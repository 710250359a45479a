/*
 * An instance with everything around its state machine: interface, sockets,
 * addresses, packets ready to be sent, trackers. vrrp_process.c owns the
 * instances; everything here runs in that process.
 */
#ifndef HALBD_VRRP_INST_H
#define HALBD_VRRP_INST_H

#include "loop.h"
#include "vip.h"
#include "vip_drop.h"
#include "vrrp.h"
#include "vrrp_garp.h"
#include "vrrp_if.h"
#include "vrrp_sock.h"
#include "vrrp_track.h"

/* What the instances of a process share; all (borrowed). */
struct vrrp_env {
	struct loop *loop;
	struct vrrp_ifs *ifs;
	struct vrrp_socks *socks;
	struct vrrp_garp *garp;
	struct vip_nl *nl;
	struct vip_drop *drop; /* NULL: nothing is to be dropped, or it cannot */
	const struct vrrp_ops *ops;
};

/* An interface that an instance tracks. */
struct vrrp_inst_if {
	struct vrrp_if *ifp; /* (borrowed) */
	struct vrrp_tracker t;
};

/* A script that an instance tracks; index in struct conf's scripts. */
struct vrrp_inst_script {
	size_t script;
	struct vrrp_tracker t;
};

struct vrrp_inst {
	struct vrrp v; /* its arg is this struct */
	const struct vrrp_env *env;
	struct vrrp_if *base; /* (borrowed) the configured interface */
	struct vrrp_if *ifp;  /* (borrowed) base, or the VMAC on it */
	struct vrrp_if *xmit; /* (borrowed) where adverts go out: ifp, or base */
	struct vrrp_sock *sock; /* NULL: none (the interface is not there) */
	struct vrrp_tx tx;	/* buf (owned) */
	struct vips vips;
	struct vrrp_garp_queue queue;
	struct loop_timer timer;
	struct vrrp_tracker address; /* is there one to send from? */
	struct vrrp_inst_if *track_if; /* (owned) */
	struct vrrp_inst_script *track_script; /* (owned) */
	size_t ntrack_if, ntrack_script;
	bool made_vmac;
	bool regular; /* the advert is a master's, in its turn: others may share the call */
	bool untold; /* a change of state that the parent does not know of yet */
	/* The last packet that was not used, so that the log says it once. */
	enum vrrp_verdict said;
	int64_t said_ns;
};

/*
 * Sets an instance up for `c` (borrowed), up to but not including its start:
 * finds interfaces, makes its VMAC. vrrp_ifs_read() must follow, then
 * vrrp_inst_open(). 0 or -errno; vrrp_inst_finish() in any case.
 */
int vrrp_inst_init(struct vrrp_inst *i, const struct vrrp_conf *c, const struct conf *all,
		   const struct vrrp_env *env);
/* Addresses, packets, sockets, and what its trackers say. 0 or -errno. */
int vrrp_inst_open(struct vrrp_inst *i);
void vrrp_inst_preset(struct vrrp_inst *i, const struct vrrp_script_count *scripts);
/* Takes nothing back: vrrp_stop() does. */
void vrrp_inst_finish(struct vrrp_inst *i);

/* The operations behind struct vrrp_ops. */
void vrrp_inst_advert(struct vrrp *v, uint8_t priority);
void vrrp_inst_addresses(struct vrrp *v, bool add);
void vrrp_inst_garp(struct vrrp *v, int rounds);
void vrrp_inst_garp_stop(struct vrrp *v);
void vrrp_inst_rearm(struct vrrp *v);

static inline struct vrrp_inst *vrrp_inst_of(struct vrrp *v)
{
	return v->arg;
}

/* An interface has changed; a packet is for it; a script has answered. */
void vrrp_inst_interface(struct vrrp_inst *i, const struct vrrp_if *ifp, int64_t now);
void vrrp_inst_script(struct vrrp_inst *i, size_t script, enum vrrp_health h, int64_t now);
/* Some address of an interface came or went (track_src_ip). */
void vrrp_inst_addresses_changed(struct vrrp_inst *i, int64_t now);
/* The peer's checksums are of the old kind: so shall ours be. */
void vrrp_inst_old_checksum(struct vrrp_inst *i);
/* Its own virtual address? And on that interface, and missed when it goes? */
bool vrrp_inst_has(const struct vrrp_inst *i, const struct conf_addr *a);
bool vrrp_inst_has_on(const struct vrrp_inst *i, const struct vrrp_if *ifp,
		      const struct conf_addr *a);

/*
 * Is it the same virtual router (interface, family, VRID, unicast or not, VMAC
 * or not), so that a reload may go on with it?
 */
bool vrrp_inst_same(const struct vrrp_inst *i, const struct vrrp_conf *c);
/*
 * Reload: a running instance goes on with another configuration; addresses that
 * went or came go off or on. vrrp_reconf_done() has to follow. 0 or -errno.
 */
int vrrp_inst_reconf(struct vrrp_inst *i, const struct vrrp_conf *c, const struct conf *all,
		     const struct vrrp_script_count *scripts);

#endif
