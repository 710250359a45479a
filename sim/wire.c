#include "wire.h"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "cksum.h"
#include "clock.h"

#define PROTO_VRRP   112
#define VRRP_HDR_LEN 8
#define VRRP2_AUTH_LEN 8
#define CENTISECOND  (10 * NS_PER_MS)

/* The part of a frame that is still to be read. */
struct span {
	const uint8_t *p;
	size_t len;
};

/* The IP header, as far as the layers above need it. */
struct layer3 {
	int family, proto, ttl;
	const uint8_t *src, *dst; /* 4 or 16 bytes */
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

void wire_mac_text(const uint8_t mac[ETH_ALEN], char buf[WIRE_MAC_TEXT])
{
	snprintf(buf, WIRE_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
}

static void ip_text(int family, const uint8_t *addr, char buf[INET6_ADDRSTRLEN])
{
	inet_ntop(family, addr, buf, INET6_ADDRSTRLEN);
}

/* --- VRRP --- */

static size_t addr_len(const struct layer3 *ip)
{
	return ip->family == AF_INET6 ? 16 : 4;
}

static bool cksum_good(const struct layer3 *ip, struct span s, bool pseudo)
{
	uint8_t tail[8] = { 0, 0, 0, 0, 0, 0, 0, PROTO_VRRP };
	uint32_t sum = 0;

	if (pseudo) {
		sum = cksum_add(sum, ip->src, addr_len(ip));
		sum = cksum_add(sum, ip->dst, addr_len(ip));
		tail[2] = (uint8_t)(s.len >> 8);
		tail[3] = (uint8_t)s.len;
		sum = cksum_add(sum, tail, sizeof(tail));
	}
	return cksum_finish(cksum_add(sum, s.p, s.len)) == 0;
}

static void vip_texts(const struct layer3 *ip, const uint8_t *p, size_t n, char *buf)
{
	char text[INET6_ADDRSTRLEN];
	size_t len = 0, more;

	buf[0] = '\0';
	for (; n; n--, p += addr_len(ip)) {
		ip_text(ip->family, p, text);
		more = strlen(text) + (len ? 1 : 0);
		if (len + more >= WIRE_VIPS_MAX)
			return;
		snprintf(buf + len, WIRE_VIPS_MAX - len, "%s%s", len ? " " : "", text);
		len += more;
	}
}

static void decode_vrrp(const struct layer3 *ip, struct span s, struct wire *w)
{
	struct wire_vrrp *v = &w->vrrp;
	size_t naddr;

	if (s.len < VRRP_HDR_LEN || (s.p[0] & 0x0f) != 1) /* ADVERTISEMENT */
		return;
	v->version = s.p[0] >> 4;
	v->vrid = s.p[1];
	v->priority = s.p[2];
	naddr = s.p[3];
	v->auth_type = 0;
	v->ttl = ip->ttl;
	if (v->version == 2 && ip->family == AF_INET) {
		/* The trailer of section 5.3.10 is there in each case. */
		if (s.len < VRRP_HDR_LEN + naddr * 4 + VRRP2_AUTH_LEN)
			return;
		v->auth_type = s.p[4];
		v->interval_ns = s.p[5] * NS_PER_S;
		v->checksum_ok = cksum_good(ip, s, false);
	} else if (v->version == 3) {
		if (s.len < VRRP_HDR_LEN + naddr * addr_len(ip))
			return;
		v->interval_ns = (be16(s.p + 4) & 0x0fff) * CENTISECOND;
		v->checksum_ok = cksum_good(ip, s, true) ||
				 (ip->family == AF_INET && cksum_good(ip, s, false));
	} else {
		return;
	}
	ip_text(ip->family, ip->src, v->src);
	ip_text(ip->family, ip->dst, v->dst);
	vip_texts(ip, s.p + VRRP_HDR_LEN, naddr, v->vips);
	w->kind = WIRE_VRRP;
}

/* --- TCP --- */

static void decode_tcp(const struct layer3 *ip, struct span s, struct wire *w)
{
	struct wire_answer *a = &w->answer;
	uint8_t flags;

	if (s.len < sizeof(struct tcphdr))
		return;
	flags = s.p[13] & (TH_SYN | TH_ACK | TH_RST);
	if (flags != (TH_SYN | TH_ACK) && !(flags & TH_RST))
		return;
	a->family = ip->family;
	memcpy(&a->src, ip->src, addr_len(ip));
	memcpy(&a->dst, ip->dst, addr_len(ip));
	a->port = be16(s.p);
	a->refused = flags & TH_RST;
	w->kind = WIRE_ANSWER;
}

/* --- neighbour discovery, RFC 4861 section 4.3 and 4.4 --- */

/* The link-layer address option of that type, or `other`. */
static const uint8_t *nd_option(struct span s, int type, const uint8_t *other)
{
	size_t len;

	while (s.len >= 8) {
		len = (size_t)s.p[1] * 8;
		if (!len || len > s.len)
			break;
		if (s.p[0] == type)
			return s.p + 2;
		s.p += len;
		s.len -= len;
	}
	return other;
}

static void decode_nd(const struct layer3 *ip, struct span s, const uint8_t *eth,
		      struct wire *w)
{
	struct wire_arp *a = &w->arp;
	const uint8_t *target;
	struct span opts;

	if (s.len < 24 || (s.p[0] != ND_NEIGHBOR_SOLICIT && s.p[0] != ND_NEIGHBOR_ADVERT))
		return;
	target = s.p + 8;
	opts = (struct span){ s.p + 24, s.len - 24 };
	a->request = s.p[0] == ND_NEIGHBOR_SOLICIT;
	a->gratuitous = !a->request && !(s.p[4] & 0x40) && ip->dst[0] == 0xff;
	wire_mac_text(nd_option(opts, a->request ? 1 : 2, eth + ETH_ALEN), a->sender_mac);
	wire_mac_text(eth, a->dst_mac);
	ip_text(AF_INET6, a->request ? ip->src : target, a->sender_ip);
	ip_text(AF_INET6, a->request || a->gratuitous ? target : ip->dst, a->target_ip);
	w->kind = WIRE_ARP;
}

/* --- the layers below --- */

static void decode_ip4(struct span s, struct wire *w)
{
	struct layer3 ip = { .family = AF_INET };
	size_t hlen, total;

	if (s.len < sizeof(struct iphdr) || s.p[0] >> 4 != 4)
		return;
	hlen = (size_t)(s.p[0] & 0x0f) * 4;
	total = be16(s.p + 2);
	if (hlen < sizeof(struct iphdr) || total < hlen || total > s.len ||
	    (be16(s.p + 6) & 0x1fff))
		return;
	ip.ttl = s.p[8];
	ip.proto = s.p[9];
	ip.src = s.p + 12;
	ip.dst = s.p + 16;
	s = (struct span){ s.p + hlen, total - hlen };
	if (ip.proto == PROTO_VRRP)
		decode_vrrp(&ip, s, w);
	else if (ip.proto == IPPROTO_TCP)
		decode_tcp(&ip, s, w);
}

static void decode_ip6(struct span s, const uint8_t *eth, struct wire *w)
{
	struct layer3 ip = { .family = AF_INET6 };
	size_t len;

	if (s.len < sizeof(struct ip6_hdr) || s.p[0] >> 4 != 6)
		return;
	len = be16(s.p + 4);
	if (len > s.len - sizeof(struct ip6_hdr))
		return;
	ip.proto = s.p[6];
	ip.ttl = s.p[7];
	ip.src = s.p + 8;
	ip.dst = s.p + 24;
	s = (struct span){ s.p + sizeof(struct ip6_hdr), len };
	if (ip.proto == PROTO_VRRP)
		decode_vrrp(&ip, s, w);
	else if (ip.proto == IPPROTO_TCP)
		decode_tcp(&ip, s, w);
	else if (ip.proto == IPPROTO_ICMPV6)
		decode_nd(&ip, s, eth, w);
}

static void decode_arp(struct span s, const uint8_t *eth, struct wire *w)
{
	struct wire_arp *a = &w->arp;
	uint16_t op;

	if (s.len < sizeof(struct ether_arp) || be16(s.p) != ARPHRD_ETHER ||
	    be16(s.p + 2) != ETHERTYPE_IP || s.p[4] != ETH_ALEN || s.p[5] != 4)
		return;
	op = be16(s.p + 6);
	if (op != ARPOP_REQUEST && op != ARPOP_REPLY)
		return;
	a->request = op == ARPOP_REQUEST;
	a->gratuitous = memcmp(s.p + 14, s.p + 24, 4) == 0;
	wire_mac_text(s.p + 8, a->sender_mac);
	wire_mac_text(eth, a->dst_mac);
	ip_text(AF_INET, s.p + 14, a->sender_ip);
	ip_text(AF_INET, s.p + 24, a->target_ip);
	w->kind = WIRE_ARP;
}

void wire_decode(const uint8_t *frame, size_t len, struct wire *w)
{
	struct span s;

	w->kind = WIRE_OTHER;
	if (len < ETH_HLEN)
		return;
	s = (struct span){ frame + ETH_HLEN, len - ETH_HLEN };
	switch (be16(frame + 2 * ETH_ALEN)) {
	case ETHERTYPE_ARP:
		decode_arp(s, frame, w);
		break;
	case ETHERTYPE_IP:
		decode_ip4(s, w);
		break;
	case ETHERTYPE_IPV6:
		decode_ip6(s, frame, w);
		break;
	}
}

static const struct {
	const char *name;
	int ip4, ip6;
} protocols[] = {
	{ "tcp", IPPROTO_TCP, IPPROTO_TCP },
	{ "udp", IPPROTO_UDP, IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP, IPPROTO_ICMPV6 },
	{ "sctp", IPPROTO_SCTP, IPPROTO_SCTP },
};

int wire_protocol_numbers(const char *name, int *ip4, int *ip6)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strcmp(protocols[i].name, name) != 0)
			continue;
		*ip4 = protocols[i].ip4;
		*ip6 = protocols[i].ip6;
		return 0;
	}
	return -1;
}

bool wire_decode_packet(const uint8_t *frame, size_t len, struct wire_packet *p)
{
	const uint8_t *ip = frame + ETH_HLEN;
	int type, number;
	size_t i;

	if (len < ETH_HLEN + 20)
		return false;
	type = frame[12] << 8 | frame[13];
	if (type != ETHERTYPE_IP && (type != ETHERTYPE_IPV6 || len < ETH_HLEN + 40))
		return false;
	number = type == ETHERTYPE_IP ? ip[9] : ip[6];
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (number == (type == ETHERTYPE_IP ? protocols[i].ip4 : protocols[i].ip6))
			break;
	if (i == sizeof(protocols) / sizeof(protocols[0]))
		return false;
	p->protocol = protocols[i].name;
	if (type == ETHERTYPE_IP) {
		inet_ntop(AF_INET, ip + 12, p->src, sizeof(p->src));
		inet_ntop(AF_INET, ip + 16, p->dst, sizeof(p->dst));
	} else {
		inet_ntop(AF_INET6, ip + 8, p->src, sizeof(p->src));
		inet_ntop(AF_INET6, ip + 24, p->dst, sizeof(p->dst));
	}
	return true;
}
