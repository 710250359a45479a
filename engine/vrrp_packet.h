/*
 * VRRP on the wire: RFC 3768 (version 2), RFC 5798 and 9568 (version 3), as
 * keepalived 2.2.7 speaks them. Bytes in, bytes out; no sockets, no clock.
 *
 * Differences from the RFCs that are keepalived's: a version 2 message always
 * has its 8-byte authentication trailer, and the checksum of version 3 over
 * IPv4 covers a pseudo header (RFC 9568 leaves it out).
 */
#ifndef HALBD_VRRP_PACKET_H
#define HALBD_VRRP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

#define VRRP_PROTO	112
#define VRRP_TTL	255
#define VRRP_TOS	0xc0 /* internetwork control */
#define VRRP_PRIO_OWNER 255
#define VRRP_PRIO_STOP	0 /* the master goes away */
#define VRRP_AUTH_BYTES 8
#define VRRP_HDR_BYTES	8
#define VRRP_IP4_BYTES	20 /* our IPv4 header: no options */

/* Longest message: 255 IPv6 addresses. With it goes one IPv4 header at most. */
#define VRRP_MESSAGE_MAX (VRRP_HDR_BYTES + 255 * 16 + VRRP_AUTH_BYTES)
#define VRRP_PACKET_MAX	 (VRRP_IP4_BYTES + VRRP_MESSAGE_MAX)

/* Why a received packet was not used; VRRP_OK is why one was. */
enum vrrp_verdict {
	VRRP_OK,
	VRRP_BAD_SHORT,	   /* shorter than its headers */
	VRRP_BAD_LENGTH,   /* not as long as its headers say */
	VRRP_BAD_TTL,	   /* TTL or hop limit is not 255, or not what its peer may send */
	VRRP_BAD_SOURCE,   /* unicast from somebody who is no peer */
	VRRP_BAD_VERSION,
	VRRP_BAD_TYPE,	   /* not an advertisement */
	VRRP_BAD_VRID,
	VRRP_BAD_AUTH_TYPE,	/* no such authentication */
	VRRP_BAD_AUTH_MISMATCH, /* not the authentication that we use */
	VRRP_BAD_AUTH,		/* wrong password */
	VRRP_BAD_INTERVAL,	/* version 2: not ours */
	VRRP_BAD_COUNT,		/* not as many addresses as we have */
	VRRP_BAD_CHECKSUM,
	VRRP_BAD_ADDRESSES, /* one of ours is not among them */
	VRRP_NVERDICTS
};

const char *vrrp_verdict_text(enum vrrp_verdict v);

/* A received packet, cut out of what the socket gave. */
struct vrrp_rx {
	struct conf_addr src, dst; /* dst: family 0 when not known */
	int ttl;		   /* TTL or hop limit; -1: not known */
	int64_t at_ns;		   /* when it came in, CLOCK_MONOTONIC; 0: not known */
	const uint8_t *msg;	   /* (borrowed) the VRRP message */
	size_t len;
};

/* The fields of a message that passed vrrp_packet_check(). */
struct vrrp_advert {
	uint8_t priority;
	int64_t advert_ns; /* the sender's interval */
	/* Version 3, unicast: its checksum is made with the group's address, as
	 * keepalived did until 1.3.6. */
	bool old_checksum;
};

/*
 * Takes the IPv4 header off a packet from a raw socket. VRRP_OK, VRRP_BAD_SHORT
 * or VRRP_BAD_LENGTH; `rx` points into buf.
 */
enum vrrp_verdict vrrp_packet_ip4(const uint8_t *buf, size_t len, struct vrrp_rx *rx);

/*
 * The virtual router ID of a message at least VRRP_HDR_BYTES long; -1 for
 * shorter ones.
 */
int vrrp_packet_vrid(const struct vrrp_rx *rx);

/*
 * Checks a message as an instance with this configuration must (RFC 3768 and
 * 5798, section 7.1). `check_addresses`: compare the address list too. The
 * checksum of IPv6 is the kernel's work (IPV6_CHECKSUM). Fills `out` for
 * VRRP_OK only.
 */
enum vrrp_verdict vrrp_packet_check(const struct vrrp_conf *c, const struct vrrp_rx *rx,
				    bool check_addresses, struct vrrp_advert *out);

/*
 * An advert that is ready to be sent: for IPv4 with its IP header (the kernel
 * adds the header's checksum), for IPv6 the message alone. `buf` is the
 * caller's, VRRP_PACKET_MAX bytes at most.
 */
struct vrrp_tx {
	uint8_t *buf;
	size_t len;
	size_t at; /* where the message starts */
	uint16_t ip_id;
	bool old_checksum; /* as in struct vrrp_advert */
};

/* Bytes that vrrp_tx_build() needs for this configuration. */
size_t vrrp_tx_size(const struct vrrp_conf *c);
/*
 * Builds the packet from `src` to `dst` (IPv4: both are in the header, and in
 * the checksum of version 3).
 */
void vrrp_tx_build(struct vrrp_tx *t, const struct vrrp_conf *c,
		   const struct conf_addr *src, const struct conf_addr *dst,
		   uint8_t priority);
/* Another priority in a packet that is built; the checksum follows. */
void vrrp_tx_priority(struct vrrp_tx *t, const struct vrrp_conf *c, uint8_t priority);
/* Another destination (unicast peers). */
void vrrp_tx_dst(struct vrrp_tx *t, const struct vrrp_conf *c,
		 const struct conf_addr *dst);
/* The next IP identification, as keepalived counts them: 1, 2, … never 0. */
void vrrp_tx_next_id(struct vrrp_tx *t, const struct vrrp_conf *c);

/* How many addresses the advert lists (all but the excluded ones). */
size_t vrrp_advertised(const struct vrrp_conf *c);
/* -1, 0, 1 as memcmp of the two addresses; different families are equal (0). */
int conf_addr_cmp(const struct conf_addr *a, const struct conf_addr *b);

#endif
