#include "vrrp_packet.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "cksum.h"
#include "clock.h"

/* Where the header's fields are. */
enum { AT_VERSION_TYPE, AT_VRID, AT_PRIORITY, AT_COUNT, AT_AUTH_TYPE, AT_INTERVAL2 };
#define AT_INTERVAL3 4
#define AT_CHECKSUM  6

#define TYPE_ADVERT 1
#define DEFAULT_TTL 64 /* the kernel's */
#define NS_PER_CS   (10 * NS_PER_MS)

static const char *const verdict_text[] = {
	[VRRP_OK] = "accepted",
	[VRRP_BAD_SHORT] = "too short",
	[VRRP_BAD_LENGTH] = "wrong length",
	[VRRP_BAD_TTL] = "wrong TTL",
	[VRRP_BAD_SOURCE] = "not from a peer",
	[VRRP_BAD_VERSION] = "wrong version",
	[VRRP_BAD_TYPE] = "not an advertisement",
	[VRRP_BAD_VRID] = "wrong virtual router id",
	[VRRP_BAD_AUTH_TYPE] = "unknown authentication type",
	[VRRP_BAD_AUTH_MISMATCH] = "another authentication type than ours",
	[VRRP_BAD_AUTH] = "wrong password",
	[VRRP_BAD_INTERVAL] = "another advertisement interval than ours",
	[VRRP_BAD_COUNT] = "another number of addresses than ours",
	[VRRP_BAD_CHECKSUM] = "wrong checksum",
	[VRRP_BAD_ADDRESSES] = "other addresses than ours",
};

const char *vrrp_verdict_text(enum vrrp_verdict v)
{
	return verdict_text[v];
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t addr_bytes(const struct vrrp_conf *c)
{
	return c->family == AF_INET6 ? 16 : 4;
}

static const void *addr_data(const struct conf_addr *a)
{
	return a->family == AF_INET6 ? (const void *)&a->v6 : (const void *)&a->v4;
}

int conf_addr_cmp(const struct conf_addr *a, const struct conf_addr *b)
{
	int r;

	if (a->family != b->family)
		return 0;
	r = memcmp(addr_data(a), addr_data(b), a->family == AF_INET6 ? 16 : 4);
	return (r > 0) - (r < 0);
}

size_t vrrp_advertised(const struct vrrp_conf *c)
{
	size_t n = 0;

	while (n < c->nvip && !c->vip[n].excluded)
		n++;
	return n;
}

static size_t message_len(const struct vrrp_conf *c)
{
	/* keepalived has no trailer over IPv6, whatever the version. */
	return VRRP_HDR_BYTES + vrrp_advertised(c) * addr_bytes(c) +
	       (c->version == 2 && c->family == AF_INET ? VRRP_AUTH_BYTES : 0);
}

/* The pseudo header of version 3 over IPv4, as a running sum. */
static uint32_t pseudo_sum(const void *src, const void *dst, size_t len)
{
	uint8_t tail[4] = { 0, VRRP_PROTO };
	uint32_t sum = cksum_add(0, src, 4);

	put16(tail + 2, (uint16_t)len);
	sum = cksum_add(sum, dst, 4);
	return cksum_add(sum, tail, sizeof(tail));
}

/* --- receiving --- */

enum vrrp_verdict vrrp_packet_ip4(const uint8_t *buf, size_t len, struct vrrp_rx *rx)
{
	size_t ihl;

	memset(rx, 0, sizeof(*rx));
	if (len < VRRP_IP4_BYTES)
		return VRRP_BAD_SHORT;
	ihl = (size_t)(buf[0] & 0x0f) * 4;
	if (buf[0] >> 4 != 4 || ihl < VRRP_IP4_BYTES || ihl > len)
		return VRRP_BAD_SHORT;
	if (get16(buf + 2) != len)
		return VRRP_BAD_LENGTH;
	rx->ttl = buf[8];
	rx->src.family = rx->dst.family = AF_INET;
	memcpy(&rx->src.v4, buf + 12, 4);
	memcpy(&rx->dst.v4, buf + 16, 4);
	rx->msg = buf + ihl;
	rx->len = len - ihl;
	return VRRP_OK;
}

int vrrp_packet_vrid(const struct vrrp_rx *rx)
{
	return rx->len < VRRP_HDR_BYTES ? -1 : rx->msg[AT_VRID];
}

static const uint8_t group4[4] = { 224, 0, 0, 18 };

static bool sum_good(const struct vrrp_conf *c, const struct vrrp_rx *rx, const void *dst)
{
	uint32_t sum = c->version == 3 ? pseudo_sum(&rx->src.v4, dst, rx->len) : 0;

	return cksum_finish(cksum_add(sum, rx->msg, rx->len)) == 0;
}

static bool checksum_good(const struct vrrp_conf *c, const struct vrrp_rx *rx, bool *old)
{
	*old = false;
	if (c->family != AF_INET || sum_good(c, rx, &rx->dst.v4))
		return true;
	*old = c->version == 3 && c->npeer && !c->old_unicast_checksum_never;
	return *old && sum_good(c, rx, group4);
}

/* Multicast: 255 and nothing else. Unicast: what is said for that peer. */
static enum vrrp_verdict check_sender(const struct vrrp_conf *c, const struct vrrp_rx *rx)
{
	size_t i;

	if (!c->npeer)
		return rx->ttl >= 0 && rx->ttl != VRRP_TTL ? VRRP_BAD_TTL : VRRP_OK;
	for (i = 0; i < c->npeer; i++)
		if (c->peer[i].family == rx->src.family &&
		    conf_addr_cmp(&c->peer[i], &rx->src) == 0)
			break;
	if (i == c->npeer)
		return c->check_unicast_src ? VRRP_BAD_SOURCE : VRRP_OK;
	if (c->peer_ttl && rx->ttl >= 0 &&
	    (rx->ttl < c->peer_ttl[i].min || rx->ttl > c->peer_ttl[i].max))
		return VRRP_BAD_TTL;
	return VRRP_OK;
}

/* Every address of ours is among theirs; their number is equal already. */
static bool addresses_match(const struct vrrp_conf *c, const struct vrrp_rx *rx)
{
	const uint8_t *theirs = rx->msg + VRRP_HDR_BYTES;
	size_t n = vrrp_advertised(c), bytes = addr_bytes(c), i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++)
			if (!memcmp(addr_data(&c->vip[i].addr), theirs + j * bytes, bytes))
				break;
		if (j == n)
			return false;
	}
	return true;
}

static enum vrrp_verdict check_v2(const struct vrrp_conf *c, const struct vrrp_rx *rx)
{
	uint8_t auth = rx->msg[AT_AUTH_TYPE];

	if (auth > VRRP_AUTH_AH)
		return VRRP_BAD_AUTH_TYPE;
	if (auth != c->auth)
		return VRRP_BAD_AUTH_MISMATCH;
	if (auth == VRRP_AUTH_PASS && c->family == AF_INET &&
	    memcmp(rx->msg + rx->len - VRRP_AUTH_BYTES, c->auth_data, VRRP_AUTH_BYTES) != 0)
		return VRRP_BAD_AUTH;
	if (rx->msg[AT_INTERVAL2] * NS_PER_S != c->advert_ns)
		return VRRP_BAD_INTERVAL;
	return VRRP_OK;
}

enum vrrp_verdict vrrp_packet_check(const struct vrrp_conf *c, const struct vrrp_rx *rx,
				    bool check_addresses, struct vrrp_advert *out)
{
	const uint8_t *m = rx->msg;
	enum vrrp_verdict v;

	if (rx->len < VRRP_HDR_BYTES)
		return VRRP_BAD_SHORT;
	v = check_sender(c, rx);
	if (v != VRRP_OK)
		return v;
	if (m[AT_VERSION_TYPE] >> 4 != c->version)
		return VRRP_BAD_VERSION;
	if ((m[AT_VERSION_TYPE] & 0x0f) != TYPE_ADVERT)
		return VRRP_BAD_TYPE;
	if (m[AT_VRID] != c->vrid)
		return VRRP_BAD_VRID;
	if (m[AT_COUNT] != vrrp_advertised(c))
		return VRRP_BAD_COUNT;
	if (rx->len != message_len(c))
		return VRRP_BAD_LENGTH;
	if (c->version == 2) {
		v = check_v2(c, rx);
		if (v != VRRP_OK)
			return v;
	}
	if (!checksum_good(c, rx, &out->old_checksum))
		return VRRP_BAD_CHECKSUM;
	if (check_addresses && !addresses_match(c, rx))
		return VRRP_BAD_ADDRESSES;
	out->priority = m[AT_PRIORITY];
	out->advert_ns = c->version == 2 ? m[AT_INTERVAL2] * NS_PER_S :
					   (get16(m + AT_INTERVAL3) & 0x0fff) * NS_PER_CS;
	/* RFC 9568, erratum: an interval of 0 is no interval. */
	if (!out->advert_ns)
		return VRRP_BAD_INTERVAL;
	return VRRP_OK;
}

/* --- sending --- */

size_t vrrp_tx_size(const struct vrrp_conf *c)
{
	return message_len(c) + (c->family == AF_INET ? VRRP_IP4_BYTES : 0);
}

/* The checksum from scratch; IPv6: the kernel fills it in. */
static void put_checksum(struct vrrp_tx *t, const struct vrrp_conf *c)
{
	uint8_t *m = t->buf + t->at;
	size_t len = t->len - t->at;
	uint32_t sum = 0;
	uint16_t v;

	m[AT_CHECKSUM] = m[AT_CHECKSUM + 1] = 0;
	if (c->family != AF_INET)
		return;
	if (c->version == 3)
		sum = pseudo_sum(t->buf + 12, t->old_checksum ? group4 : t->buf + 16, len);
	v = cksum_finish(cksum_add(sum, m, len));
	memcpy(m + AT_CHECKSUM, &v, sizeof(v));
}

void vrrp_tx_build(struct vrrp_tx *t, const struct vrrp_conf *c,
		   const struct conf_addr *src, const struct conf_addr *dst,
		   uint8_t priority)
{
	size_t i, n = vrrp_advertised(c), bytes = addr_bytes(c);
	uint8_t *m;

	t->len = vrrp_tx_size(c);
	t->old_checksum = t->old_checksum || c->old_unicast_checksum;
	t->at = c->family == AF_INET ? VRRP_IP4_BYTES : 0;
	memset(t->buf, 0, t->len);
	if (c->family == AF_INET) {
		t->buf[0] = 0x45;
		t->buf[1] = VRRP_TOS;
		put16(t->buf + 2, (uint16_t)t->len);
		put16(t->buf + 4, t->ip_id);
		t->buf[8] = c->ttl < 0 ? DEFAULT_TTL : (uint8_t)c->ttl;
		t->buf[9] = VRRP_PROTO;
		memcpy(t->buf + 12, &src->v4, 4);
		memcpy(t->buf + 16, &dst->v4, 4);
	}
	m = t->buf + t->at;
	m[AT_VERSION_TYPE] = (uint8_t)(c->version << 4 | TYPE_ADVERT);
	m[AT_VRID] = (uint8_t)c->vrid;
	m[AT_PRIORITY] = priority;
	m[AT_COUNT] = (uint8_t)n;
	if (c->version == 2) {
		m[AT_AUTH_TYPE] = (uint8_t)c->auth;
		m[AT_INTERVAL2] = (uint8_t)(c->advert_ns / NS_PER_S);
	} else {
		put16(m + AT_INTERVAL3, c->advert_ns / NS_PER_CS & 0x0fff);
	}
	for (i = 0; i < n; i++)
		memcpy(m + VRRP_HDR_BYTES + i * bytes, addr_data(&c->vip[i].addr), bytes);
	if (c->version == 2 && c->family == AF_INET && c->auth == VRRP_AUTH_PASS)
		memcpy(t->buf + t->len - VRRP_AUTH_BYTES, c->auth_data, VRRP_AUTH_BYTES);
	put_checksum(t, c);
}

void vrrp_tx_priority(struct vrrp_tx *t, const struct vrrp_conf *c, uint8_t priority)
{
	uint8_t *m = t->buf + t->at;

	if (m[AT_PRIORITY] == priority)
		return;
	m[AT_PRIORITY] = priority;
	put_checksum(t, c);
}

void vrrp_tx_dst(struct vrrp_tx *t, const struct vrrp_conf *c, const struct conf_addr *dst)
{
	if (c->family != AF_INET || !memcmp(t->buf + 16, &dst->v4, 4))
		return;
	memcpy(t->buf + 16, &dst->v4, 4);
	if (c->version == 3)
		put_checksum(t, c);
}

void vrrp_tx_next_id(struct vrrp_tx *t, const struct vrrp_conf *c)
{
	if (c->family != AF_INET)
		return;
	if (!++t->ip_id) /* the kernel would put its own for 0 */
		t->ip_id = 1;
	put16(t->buf + 4, t->ip_id);
}
