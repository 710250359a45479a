/* The virtual MAC address of RFC 5798, section 7.3, as a macvlan interface. */
#ifndef HALBD_VMAC_H
#define HALBD_VMAC_H

#include <net/if.h>
#include <stdbool.h>

#include "conf.h"

/*
 * Makes the interface for `c` on c->ifname (00:00:5e:00:01:VRID, or :02: for
 * IPv6) and sets it up; its name goes to `name`: vmac_ifname, or vrrp.VRID. One
 * that is there already and fits is used. *made: it was not there. 0 or -errno.
 */
int vmac_make(const struct vrrp_conf *c, char name[IFNAMSIZ], bool *made);
void vmac_remove(const char *name);

#endif
