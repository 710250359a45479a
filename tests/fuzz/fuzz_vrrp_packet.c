/*
 * Any bytes as a received packet: nothing is read outside of them, and only what
 * passes every check changes the state. Built with -fsanitize=fuzzer.
 */
#include <stdlib.h>
#include <string.h>

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

/* The first byte chooses the configuration, the rest is the packet. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_vip vip[4] = { { .addr.family = AF_INET }, { .addr.family = AF_INET } };
	struct vrrp_conf c = { .priority = 100, .advert_ns = NS_PER_S, .vip = vip };
	struct vrrp_rx rx;

	if (!size)
		return 0;
	c.name = (char[]){ "F" };
	c.version = data[0] & 1 ? 3 : 2;
	c.family = data[0] & 2 ? AF_INET6 : AF_INET;
	c.nvip = data[0] >> 2 & 3;
	c.auth = data[0] >> 4 & 1;
	c.vrid = size > 22 ? data[22] : 1;
	vip[0].addr.family = vip[1].addr.family = vip[2].addr.family = c.family;
	data++;
	size--;
	if (c.family == AF_INET) {
		if (vrrp_packet_ip4(data, size, &rx) != VRRP_OK)
			return 0;
	} else {
		memset(&rx, 0, sizeof(rx));
		rx.ttl = 255;
		rx.src.family = AF_INET6;
		rx.msg = data;
		rx.len = size;
	}
	vrrp_packet_vrid(&rx);
	one(&c, &rx, data[-1] & 0x20);
	return 0;
}
