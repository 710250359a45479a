/*
 * What a frame on the wire says, as far as failover is concerned: VRRP, ARP and
 * IPv6 neighbour messages, and a TCP answer to somebody's connection attempt.
 * Pure; and on purpose not the engine's decoder, which is what is under test.
 */
#ifndef HALBSIM_WIRE_H
#define HALBSIM_WIRE_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_MAC_TEXT 18 /* "02:00:00:00:00:01" and its end */
#define WIRE_VIPS_MAX 1024

enum wire_kind { WIRE_OTHER, WIRE_VRRP, WIRE_ARP, WIRE_ANSWER };

struct wire_vrrp {
	int version; /* 2 or 3 */
	int vrid, priority, auth_type;
	int64_t interval_ns;
	int ttl;
	/* RFC 3768; for version 3 on IPv4 with the pseudo-header (RFC 5798) or
	 * without (RFC 9568) */
	bool checksum_ok;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	char vips[WIRE_VIPS_MAX]; /* with blanks between; "" when there is none */
};

struct wire_arp {
	bool request; /* or neighbour solicitation */
	/* For its own address, asked by nobody (RFC 5944 section 4.6), or an
	 * unsolicited neighbour advertisement. */
	bool gratuitous;
	char sender_mac[WIRE_MAC_TEXT], dst_mac[WIRE_MAC_TEXT];
	char sender_ip[INET6_ADDRSTRLEN], target_ip[INET6_ADDRSTRLEN];
};

/* A SYN-ACK, or a RST. */
struct wire_answer {
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} src, dst;
	int port; /* of src, host order */
	bool refused;
};

struct wire {
	enum wire_kind kind;
	union {
		struct wire_vrrp vrrp;
		struct wire_arp arp;
		struct wire_answer answer;
	};
};

/*
 * Decodes a frame from its Ethernet header on. Whatever is short, malformed or
 * of no interest is WIRE_OTHER.
 */
void wire_decode(const uint8_t *frame, size_t len, struct wire *w);

/* An IP packet of a protocol that cases count. */
struct wire_packet {
	const char *protocol; /* static: "tcp", "udp", "icmp", "sctp" */
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
};

/* True when it is one. */
bool wire_decode_packet(const uint8_t *frame, size_t len, struct wire_packet *p);
/* A protocol's name (icmp: of both families) to its numbers; 0, or -1: unknown. */
int wire_protocol_numbers(const char *name, int *ip4, int *ip6);

/* "02:00:00:00:00:01" */
void wire_mac_text(const uint8_t mac[ETH_ALEN], char buf[WIRE_MAC_TEXT]);

#endif
