/*
 * no_accept: packets to virtual addresses that this router does not own are dropped,
 * and so are packets from them (RFC 5798, section 6.1, Accept_Mode), by nftables as
 * in keepalived. ARP and neighbour discovery go on. One table a process, "halbd" of
 * each family, that holds a set of addresses.
 */
#ifndef HALBD_VIP_DROP_H
#define HALBD_VIP_DROP_H

#include "conf.h"

struct vip_drop;

/*
 * Makes the tables, anew if there are any (one process of this kind in a network
 * namespace). NULL with errno set: EOPNOTSUPP and the like without nf_tables. Needs
 * CAP_NET_ADMIN. _free() removes them and accepts NULL.
 */
struct vip_drop *vip_drop_new(void);
void vip_drop_free(struct vip_drop *d);
/* From now on (not any more), packets to and from `a` are dropped. 0 or -errno; what
 * is so already is no error. */
int vip_drop_set(struct vip_drop *d, const struct conf_addr *a, bool on);

#endif
