/* Unsolicited neighbour advertisements (RFC 4861, section 7.2.6). */
#ifndef HALBD_VRRP_NDISC_H
#define HALBD_VRRP_NDISC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_NA_BYTES 86

/*
 * Writes the whole Ethernet frame, to all nodes, with the override flag, and the
 * router flag when `router`.
 */
void vrrp_ndisc_build(uint8_t frame[VRRP_NA_BYTES], const uint8_t mac[6],
		      const struct in6_addr *addr, bool router);

#endif
