/*
 * Any bytes as a received packet: nothing is read outside of them, and only what
 * passes every check changes the state. The first byte chooses the configuration:
 *
 *	1 version 3   2 IPv6   4, 8 how many addresses   16 PASS   32 we are master
 *	64 the packet's checksum is put right, so that what comes after it is reached
 */
#include <stdlib.h>
#include <string.h>

#include "cksum.h"
#include "vrrp.h"

#include "clock.h"

static void nothing_advert(struct vrrp *v, uint8_t p)
{
	(void)v;
	(void)p;
}

static void nothing_bool(struct vrrp *v, bool b)
{
	(void)v;
	(void)b;
}

static void nothing_int(struct vrrp *v, int n)
{
	(void)v;
	(void)n;
}

static void nothing(struct vrrp *v)
{
	(void)v;
}

static void nothing_state(struct vrrp *v, enum vrrp_state s)
{
	(void)v;
	(void)s;
}

static void nothing_group(struct vrrp_group *g, struct vrrp *v)
{
	(void)g;
	(void)v;
}

static void nothing_event(struct vrrp *v, enum vrrp_event e)
{
	(void)v;
	(void)e;
}

static const struct vrrp_ops ops = {
	nothing_advert, nothing_bool,  nothing_int,   nothing,
	nothing_state,	nothing_group, nothing_event, nothing,
};

static void one(struct vrrp_conf *c, const struct vrrp_rx *rx, bool master)
{
	int64_t now = NS_PER_S;
	enum vrrp_state before;
	enum vrrp_verdict r;
	struct vrrp v;

	vrrp_init(&v, c, &ops, NULL);
	v.src = rx->dst;
	vrrp_start(&v, now);
	if (master) {
		now += 10 * NS_PER_S;
		vrrp_run(&v, now);
	}
	before = v.state;
	r = vrrp_receive(&v, rx, now);
	if (r != VRRP_OK && v.state != before)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void set_addresses(struct vrrp_conf *c)
{
	static const uint8_t v4[4] = { 192, 168, 31, 200 };
	static const uint8_t v6[16] = { 0xfe, 0x80, [14] = 2 };
	size_t i;

	for (i = 0; i < c->nvip; i++) {
		c->vip[i].addr.family = c->family;
		memcpy(&c->vip[i].addr.v6, c->family == AF_INET ? v4 : v6,
		       c->family == AF_INET ? sizeof(v4) : sizeof(v6));
		((uint8_t *)&c->vip[i].addr.v6)[c->family == AF_INET ? 3 : 15] += (uint8_t)i;
	}
}

/* `m`: the message inside of the packet, which is ours to change. */
static void right_checksum(const struct vrrp_conf *c, const struct vrrp_rx *rx, uint8_t *m)
{
	uint8_t tail[4] = { 0, VRRP_PROTO, (uint8_t)(rx->len >> 8), (uint8_t)rx->len };
	uint32_t sum = 0;
	uint16_t v;

	if (c->family != AF_INET || rx->len < VRRP_HDR_BYTES)
		return;
	memset(m + 6, 0, 2);
	if (c->version == 3) {
		sum = cksum_add(sum, &rx->src.v4, 4);
		sum = cksum_add(sum, &rx->dst.v4, 4);
		sum = cksum_add(sum, tail, sizeof(tail));
	}
	v = cksum_finish(cksum_add(sum, m, rx->len));
	memcpy(m + 6, &v, 2);
}

static void packet(struct vrrp_conf *c, uint8_t choice, uint8_t *data, size_t size)
{
	struct vrrp_rx rx = { .ttl = 255, .src.family = AF_INET6, .msg = data, .len = size };

	if (c->family == AF_INET && vrrp_packet_ip4(data, size, &rx) != VRRP_OK)
		return;
	if (choice & 64)
		right_checksum(c, &rx, data + (rx.msg - data));
	c->vrid = vrrp_packet_vrid(&rx);
	if (c->vrid < 1)
		c->vrid = 1;
	one(c, &rx, choice & 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_vip vip[3] = { 0 };
	struct vrrp_conf c = { .priority = 100, .advert_ns = NS_PER_S, .vip = vip,
			       .auth_data = "1234" };
	uint8_t *copy;

	if (!size)
		return 0;
	c.name = (char[]){ "F" };
	c.version = data[0] & 1 ? 3 : 2;
	c.family = data[0] & 2 ? AF_INET6 : AF_INET;
	c.nvip = data[0] >> 2 & 3;
	c.auth = data[0] & 16 ? VRRP_AUTH_PASS : VRRP_AUTH_NONE;
	set_addresses(&c);
	/* Without a byte to spare, so that a read too far is seen. */
	copy = malloc(size - 1 ? size - 1 : 1);
	if (!copy)
		abort();
	memcpy(copy, data + 1, size - 1);
	packet(&c, data[0], copy, size - 1);
	free(copy);
	return 0;
}
