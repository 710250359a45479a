/* Gratuitous ARP as keepalived sends it: a broadcast request for our own address. */
#ifndef HALBD_VRRP_ARP_H
#define HALBD_VRRP_ARP_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_ARP_BYTES 42

/* Writes the whole Ethernet frame. */
void vrrp_arp_build(uint8_t frame[VRRP_ARP_BYTES], const uint8_t mac[6],
		    const struct in_addr *addr);

#endif
