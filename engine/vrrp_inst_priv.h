/* Inside an instance: between the vrrp_inst files. */
#ifndef HALBD_VRRP_INST_PRIV_H
#define HALBD_VRRP_INST_PRIV_H

#include "vrrp_inst.h"

/* The address that adverts come from; family 0: there is none. */
struct conf_addr vrrp_inst_source(const struct vrrp_inst *i);
/* Is there one, and (track_src_ip) is it there? */
bool vrrp_inst_has_source(const struct vrrp_inst *i);
/* Over IPv6 a VMAC sends from its base's link-local address: it gets that too. 0/-errno. */
int vrrp_inst_share_link_local(struct vrrp_inst *i);
/* The advert, as configuration and state want it. */
void vrrp_inst_build(struct vrrp_inst *i);
/* Opens the sockets where there are none, or only those of an interface that is no
 * more. 0 or -errno. */
int vrrp_inst_sockets(struct vrrp_inst *i);
/* What `c` tracks, nothing of it known yet. 0 or -errno. */
int vrrp_inst_trackers(struct vrrp_inst *i, const struct vrrp_conf *c,
		       const struct conf *all);
/* Are packets to its addresses dropped? Not an owner's: RFC 5798, section 6.1. */
bool vrrp_inst_refuses(const struct vrrp_inst *i);
/* Packets to this address, from now on (not any more). */
void vrrp_inst_drop(struct vrrp_inst *i, const struct vip *v, bool on);

#endif
