/*
 * Reading the kernel's IPVS table: every virtual service and its destinations
 * in the network namespace where the socket was opened.
 */
#ifndef HALB_IPVS_READ_H
#define HALB_IPVS_READ_H

#include <stddef.h>
#include <stdint.h>

struct nl_sock;
struct ipvs_read_key;

/* Longest text: "SCTP [IPv6 address]:65535". */
#define IPVS_TEXT_MAX 64

/* A service (dest is "") or one of its destinations, as ipvsadm -Ln names them. */
struct ipvs_entry {
	char service[IPVS_TEXT_MAX]; /* "TCP 192.168.31.200:80", "UDP [fd00::1]:53",
				      * "FWM 1" (IPv6: "FWM 1 IPv6") */
	char dest[IPVS_TEXT_MAX];    /* "192.168.31.113:80", "[fd00::2]:80"; "": the
				      * service itself */
	char sched[16];		     /* "rr"; of the service in both kinds */
	char forward[8];	     /* "DR", "NAT", "TUN", "LOCAL"; "" for a service */
	int weight;		     /* destinations only, as all below */
	uint32_t upper, lower;	     /* connection thresholds */
	uint32_t active, inactive, persistent; /* connections */
	uint32_t flags;		/* services: IP_VS_SVC_F_… without F_HASHED */
	uint32_t persistence_s; /* services: 0 when not persistent */
	uint32_t netmask;	/* services: network order; IPv6: prefix length */
};

/*
 * The whole table in the kernel's order: each service followed by its
 * destinations. Zero it before the first dump; later dumps reuse its buffers.
 */
struct ipvs_table {
	struct ipvs_entry *v;
	size_t n, cap;
	struct ipvs_read_key *key; /* the services, for asking after their dests */
	size_t nkey, keycap;
};

/*
 * Returns the number of the generic netlink family "IPVS" (> 0), -ENOENT when
 * the kernel has no IPVS (module not loaded), or another -errno. `sk` is a
 * NETLINK_GENERIC socket (nl_open()).
 */
int ipvs_family(struct nl_sock *sk);

/*
 * Reads the table anew into *out. 0, or -errno (the table is then partial).
 * Not one snapshot: the kernel is asked once for the services, then once a
 * service for its destinations; a service that went away meanwhile has none.
 * It sets the socket's NL_CB_VALID callback.
 */
int ipvs_dump(struct nl_sock *sk, int family_id, struct ipvs_table *out);

void ipvs_table_finish(struct ipvs_table *t);

#endif
