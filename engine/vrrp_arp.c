#include "vrrp_arp.h"

#include <string.h>

/* Ethernet, IPv4, address lengths 6 and 4, request. */
static const uint8_t arp_head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

void vrrp_arp_build(uint8_t frame[VRRP_ARP_BYTES], const uint8_t mac[6],
		    const struct in_addr *addr)
{
	uint8_t *arp = frame + 14;

	memset(frame, 0xff, 6);
	memcpy(frame + 6, mac, 6);
	frame[12] = 0x08;
	frame[13] = 0x06;
	memcpy(arp, arp_head, sizeof(arp_head));
	memcpy(arp + 8, mac, 6);
	memcpy(arp + 14, addr, 4);
	memset(arp + 18, 0xff, 6);
	memcpy(arp + 24, addr, 4);
}
