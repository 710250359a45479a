#include "vrrp_ndisc.h"

#include <string.h>

#include "cksum.h"

#define FLAG_ROUTER   0x80
#define FLAG_OVERRIDE 0x20
#define ICMP_BYTES    32

static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 0x01 };

void vrrp_ndisc_build(uint8_t frame[VRRP_NA_BYTES], const uint8_t mac[6],
		      const struct in6_addr *addr, bool router)
{
	static const uint8_t pseudo_tail[8] = { 0, 0, 0, ICMP_BYTES, 0, 0, 0, IPPROTO_ICMPV6 };
	uint8_t *ip = frame + 14, *icmp = frame + 54;
	uint32_t sum;
	uint16_t v;

	memset(frame, 0, VRRP_NA_BYTES);
	frame[0] = frame[1] = 0x33;
	frame[5] = 0x01;
	memcpy(frame + 6, mac, 6);
	frame[12] = 0x86;
	frame[13] = 0xdd;
	ip[0] = 0x60;
	ip[5] = ICMP_BYTES;
	ip[6] = IPPROTO_ICMPV6;
	ip[7] = 255;
	memcpy(ip + 8, addr, 16);
	memcpy(ip + 24, all_nodes, 16);
	icmp[0] = 136; /* neighbour advertisement */
	icmp[4] = (uint8_t)(FLAG_OVERRIDE | (router ? FLAG_ROUTER : 0));
	memcpy(icmp + 8, addr, 16);
	icmp[24] = 2; /* option: target link-layer address, */
	icmp[25] = 1; /* 8 bytes */
	memcpy(icmp + 26, mac, 6);
	sum = cksum_add(0, ip + 8, 32);
	sum = cksum_add(sum, pseudo_tail, sizeof(pseudo_tail));
	v = cksum_finish(cksum_add(sum, icmp, ICMP_BYTES));
	memcpy(icmp + 2, &v, sizeof(v));
}
