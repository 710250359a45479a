/*
 * The network interfaces that the configuration names: what they are now, and
 * what changes. One table a process; entries live as long as the table, so that
 * everyone may keep (borrowed) pointers, also to interfaces that do not exist
 * (index 0) or have gone.
 */
#ifndef HALBD_VRRP_IF_H
#define HALBD_VRRP_IF_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "loop.h"

struct vrrp_if {
	char name[IFNAMSIZ];
	int index;	    /* 0: there is none of that name */
	unsigned int flags; /* IFF_… */
	unsigned int mtu;
	uint8_t mac[6];
	bool ether; /* mac is one */
	/* What we send from: the first IPv4 address that is no virtual one, and
	 * the link-local IPv6 one. family 0: none. */
	struct conf_addr addr4, addr6;
	struct vrrp_if *next;
	/* garp_interval, gna_interval: not before then. Kept by vrrp_garp.c. */
	int64_t garp_next_ns, gna_next_ns;
};

struct vrrp_ifs;

/* What the table tells its owner. */
struct vrrp_if_ops {
	/* Something of `i` has changed; `old` is what it was. */
	void (*changed)(const struct vrrp_if *i, const struct vrrp_if *old, void *arg);
	/* Is this one of our virtual addresses (and so not a source address)? */
	bool (*is_virtual)(const struct conf_addr *a, void *arg);
	/* Any other address came or went. */
	void (*addresses)(void *arg);
	/* A virtual address of ours was removed from `i`, and is not there again. */
	void (*removed)(const struct vrrp_if *i, const struct conf_addr *a, void *arg);
	void *arg;
};

/*
 * Opens the table and its netlink sockets, and watches them in `l` (borrowed).
 * NULL with errno set. vrrp_ifs_free() accepts NULL.
 */
struct vrrp_ifs *vrrp_ifs_new(struct loop *l, const struct vrrp_if_ops *ops);
void vrrp_ifs_free(struct vrrp_ifs *t);

/*
 * The entry for a name, made if need be (with index 0 until the next
 * vrrp_ifs_read()). NULL when memory runs out.
 */
struct vrrp_if *vrrp_if_get(struct vrrp_ifs *t, const char *name);
/* Asks the kernel about everything, without telling `changed`. 0 or -errno. */
int vrrp_ifs_read(struct vrrp_ifs *t);

/* Is this address on that interface? (Asks the kernel; false when it cannot.) */
bool vrrp_ifs_has(struct vrrp_ifs *t, const struct vrrp_if *i, const struct conf_addr *a);

/* Administratively up and with a carrier. */
static inline bool vrrp_if_up(const struct vrrp_if *i)
{
	return i->index && (i->flags & IFF_UP) && (i->flags & IFF_RUNNING);
}

#endif
