/* VRRP on the wire: bytes that keepalived 2.2.7 sent, and bytes nobody should. */
#include "vrrp_fixture.h"
#include "vrrp_arp.h"
#include "vrrp_ndisc.h"

static struct world w;

static int setup(void **state)
{
	struct vrrp_conf *c;

	(void)state;
	memset(&w, 0, sizeof(w));
	c = world_conf(&w, 0);
	c->priority = 101;
	c->auth = VRRP_AUTH_PASS;
	memcpy(c->auth_data, "1234", 4);
	c->nvip = 2;
	c->vip[1] = c->vip[0];
	inet_pton(AF_INET, "10.9.0.200", &c->vip[0].addr.v4);
	inet_pton(AF_INET, "10.9.0.201", &c->vip[1].addr.v4);
	return 0;
}

static const struct conf_addr *address(const char *text)
{
	static struct conf_addr a[4];
	static int n;
	struct conf_addr *at = &a[n++ % 4];

	at->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(at->family, text, &at->v6), 1);
	return at;
}

/* Captured from keepalived 2.2.7; the IP header's checksum is the kernel's. */
static const uint8_t oracle_v2[] = {
	0x45, 0xc0, 0x00, 0x2c, 0x00, 0x01, 0x00, 0x00, 0xff, 0x70, 0xd0, 0x84, 0x0a, 0x09, 0x00,
	0x01, 0xe0, 0x00, 0x00, 0x12, 0x21, 0x33, 0x65, 0x02, 0x01, 0x01, 0xfe, 0xbf, 0x0a, 0x09,
	0x00, 0xc8, 0x0a, 0x09, 0x00, 0xc9, 0x31, 0x32, 0x33, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t oracle_arp[] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x4a, 0xa5, 0x80, 0x01, 0x00, 0xb3, 0x08, 0x06,
	0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x4a, 0xa5, 0x80, 0x01, 0x00, 0xb3,
	0x0a, 0x09, 0x00, 0xc8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0a, 0x09, 0x00, 0xc8,
};

static void vrrp_packet__builds_what_keepalived_sends(void **state)
{
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx t = { .buf = buf };

	(void)state;
	vrrp_tx_build(&t, &w.conf[0], address("10.9.0.1"), address("224.0.0.18"), 101);
	vrrp_tx_next_id(&t, &w.conf[0]);
	assert_int_equal(t.len, sizeof(oracle_v2));
	assert_int_equal(t.len, vrrp_tx_size(&w.conf[0]));
	buf[10] = oracle_v2[10];
	buf[11] = oracle_v2[11];
	assert_memory_equal(buf, oracle_v2, sizeof(oracle_v2));
}

static void vrrp_packet__arp_is_what_keepalived_sends(void **state)
{
	uint8_t frame[VRRP_ARP_BYTES];

	(void)state;
	assert_int_equal(sizeof(oracle_arp), VRRP_ARP_BYTES);
	vrrp_arp_build(frame, oracle_arp + 6, &w.vip[0][0].addr.v4);
	assert_memory_equal(frame, oracle_arp, sizeof(oracle_arp));
}

/* The checksum of the whole, pseudo header and all, must come to nothing. */
static uint32_t sum16(const uint8_t *p, size_t len)
{
	uint32_t s = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		s += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void vrrp_packet__na_is_sound(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 7 };
	const struct conf_addr *a = address("fe80::1:2");
	uint8_t f[VRRP_NA_BYTES], check[32 + 8 + 32] = { 0 };

	(void)state;
	vrrp_ndisc_build(f, mac, &a->v6, true);
	assert_memory_equal(f, "\x33\x33\x00\x00\x00\x01", 6);
	assert_int_equal(f[14 + 7], 255);
	assert_int_equal(f[54], 136);
	assert_int_equal(f[58], 0xa0);
	assert_memory_equal(f + 62, &a->v6, 16);
	assert_memory_equal(f + 80, mac, 6);
	memcpy(check, f + 22, 32);
	check[35] = 32;
	check[39] = 58;
	memcpy(check + 40, f + 54, 32);
	assert_int_equal(sum16(check, sizeof(check)), 0xffff);
	vrrp_ndisc_build(f, mac, &a->v6, false);
	assert_int_equal(f[58], 0x20);
}

static enum vrrp_verdict check(const uint8_t *buf, size_t len, struct vrrp_advert *out)
{
	struct vrrp_rx rx;
	enum vrrp_verdict v = vrrp_packet_ip4(buf, len, &rx);

	return v == VRRP_OK ? vrrp_packet_check(&w.conf[0], &rx, true, out) : v;
}

static void vrrp_packet__reads_what_keepalived_sends(void **state)
{
	struct vrrp_advert a;
	struct vrrp_rx rx;

	(void)state;
	assert_int_equal(check(oracle_v2, sizeof(oracle_v2), &a), VRRP_OK);
	assert_int_equal(a.priority, 101);
	assert_int_equal(a.advert_ns, NS_PER_S);
	vrrp_packet_ip4(oracle_v2, sizeof(oracle_v2), &rx);
	assert_int_equal(vrrp_packet_vrid(&rx), 51);
	assert_int_equal(rx.ttl, 255);
}

static void vrrp_packet__priority_changes_the_checksum(void **state)
{
	uint8_t buf[sizeof(oracle_v2)];
	struct vrrp_tx t = { .buf = buf, .len = sizeof(buf), .at = VRRP_IP4_BYTES };
	struct vrrp_advert a;

	(void)state;
	memcpy(buf, oracle_v2, sizeof(buf));
	vrrp_tx_priority(&t, &w.conf[0], 0);
	assert_int_equal(check(buf, sizeof(buf), &a), VRRP_OK);
	assert_int_equal(a.priority, 0);
	vrrp_tx_priority(&t, &w.conf[0], 101);
	assert_memory_equal(buf, oracle_v2, sizeof(buf));
}

static void vrrp_packet__ip_id_is_never_0(void **state)
{
	uint8_t buf[sizeof(oracle_v2)];
	struct vrrp_tx t = { .buf = buf, .len = sizeof(buf), .at = VRRP_IP4_BYTES,
			     .ip_id = 0xffff };

	(void)state;
	memcpy(buf, oracle_v2, sizeof(buf));
	vrrp_tx_next_id(&t, &w.conf[0]);
	assert_int_equal(buf[4] << 8 | buf[5], 1);
}

/* Sets the message's checksum right after a change to it. */
static void recheck(uint8_t *buf, size_t len)
{
	uint32_t s;

	buf[26] = buf[27] = 0;
	s = ~sum16(buf + VRRP_IP4_BYTES, len - VRRP_IP4_BYTES) & 0xffff;
	buf[26] = (uint8_t)(s >> 8);
	buf[27] = (uint8_t)s;
}

static void vrrp_packet__rejects_each_fault(void **state)
{
	static const struct {
		int at;
		uint8_t to;
		bool recheck;
		enum vrrp_verdict v;
	} t[] = {
		{ 0, 0x65, false, VRRP_BAD_SHORT },	/* not IPv4 */
		{ 0, 0x4f, false, VRRP_BAD_SHORT },	/* options beyond the end */
		{ 0, 0x44, false, VRRP_BAD_SHORT },
		{ 3, 0x2b, false, VRRP_BAD_LENGTH },
		{ 8, 254, false, VRRP_BAD_TTL },
		{ 20, 0x31, true, VRRP_BAD_VERSION },
		{ 20, 0x22, true, VRRP_BAD_TYPE },
		{ 21, 52, true, VRRP_BAD_VRID },
		{ 23, 1, true, VRRP_BAD_COUNT },
		{ 23, 255, true, VRRP_BAD_COUNT },
		{ 24, 3, true, VRRP_BAD_AUTH_TYPE },
		{ 24, 0, true, VRRP_BAD_AUTH_MISMATCH },
		{ 25, 2, true, VRRP_BAD_INTERVAL },
		{ 25, 0, true, VRRP_BAD_INTERVAL },
		{ 26, 0, false, VRRP_BAD_CHECKSUM },
		{ 31, 0xca, true, VRRP_BAD_ADDRESSES },
		{ 36, '2', true, VRRP_BAD_AUTH },
		{ 43, 'x', true, VRRP_BAD_AUTH },
	};
	uint8_t buf[sizeof(oracle_v2)];
	struct vrrp_advert a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memcpy(buf, oracle_v2, sizeof(buf));
		buf[t[i].at] = t[i].to;
		if (t[i].recheck)
			recheck(buf, sizeof(buf));
		assert_int_equal(check(buf, sizeof(buf), &a), t[i].v);
	}
}

static void vrrp_packet__rejects_every_shorter_one(void **state)
{
	uint8_t buf[sizeof(oracle_v2)];
	struct vrrp_advert a;
	uint8_t *exact;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(oracle_v2); n++) {
		memcpy(buf, oracle_v2, sizeof(buf));
		buf[3] = (uint8_t)n;
		exact = malloc(n ? n : 1); /* so that a sanitizer sees a byte too many */
		assert_non_null(exact);
		memcpy(exact, buf, n);
		assert_int_not_equal(check(exact, n, &a), VRRP_OK);
		free(exact);
	}
}

static void vrrp_packet__order_of_addresses_does_not_matter(void **state)
{
	struct vrrp_conf other = w.conf[0];
	struct conf_vip vip[2] = { w.vip[0][1], w.vip[0][0] };
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx t = { .buf = buf };
	struct vrrp_advert a;

	(void)state;
	other.vip = vip;
	vrrp_tx_build(&t, &other, address("10.9.0.7"), address("224.0.0.18"), 7);
	assert_int_equal(check(buf, t.len, &a), VRRP_OK);
}

static void vrrp_packet__excluded_addresses_are_not_sent(void **state)
{
	(void)state;
	w.vip[0][1].excluded = true;
	assert_int_equal(vrrp_advertised(&w.conf[0]), 1);
	assert_int_equal(vrrp_tx_size(&w.conf[0]), 20 + 8 + 4 + 8);
}

static void vrrp_packet__unicast_does_not_look_at_the_ttl(void **state)
{
	uint8_t buf[sizeof(oracle_v2)];
	struct vrrp_advert a;

	(void)state;
	memcpy(buf, oracle_v2, sizeof(buf));
	buf[8] = 64;
	w.conf[0].npeer = 1;
	w.conf[0].peer = (struct conf_addr *)(uintptr_t)address("10.9.0.1");
	assert_int_equal(check(buf, sizeof(buf), &a), VRRP_OK);
}

static void vrrp_packet__peers_have_bounds_for_the_ttl(void **state)
{
	struct conf_addr peer = *address("10.9.0.1");
	struct conf_ttl ttl = { 60, 64 };
	uint8_t buf[sizeof(oracle_v2)];
	struct vrrp_advert a;

	(void)state;
	w.conf[0].npeer = 1;
	w.conf[0].peer = &peer;
	w.conf[0].peer_ttl = &ttl;
	memcpy(buf, oracle_v2, sizeof(buf));
	buf[8] = 60;
	assert_int_equal(check(buf, sizeof(buf), &a), VRRP_OK);
	buf[8] = 59;
	assert_int_equal(check(buf, sizeof(buf), &a), VRRP_BAD_TTL);
	buf[8] = 255;
	assert_int_equal(check(buf, sizeof(buf), &a), VRRP_BAD_TTL);
	peer = *address("10.9.0.9");
	assert_int_equal(check(buf, sizeof(buf), &a), VRRP_OK);
	w.conf[0].check_unicast_src = true;
	assert_int_equal(check(buf, sizeof(buf), &a), VRRP_BAD_SOURCE);
}

static void vrrp_packet__old_unicast_checksum_is_understood(void **state)
{
	struct conf_addr peer = *address("10.9.0.1");
	struct vrrp_conf *c = &w.conf[0];
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx t = { .buf = buf };
	struct vrrp_advert a;

	(void)state;
	c->version = 3;
	c->npeer = 1;
	c->peer = &peer;
	vrrp_tx_build(&t, c, address("10.9.0.1"), address("10.9.0.2"), 101);
	assert_int_equal(check(buf, t.len, &a), VRRP_OK);
	assert_false(a.old_checksum);
	t.old_checksum = true;
	vrrp_tx_build(&t, c, address("10.9.0.1"), address("10.9.0.2"), 101);
	assert_int_equal(check(buf, t.len, &a), VRRP_OK);
	assert_true(a.old_checksum);
	c->old_unicast_checksum_never = true;
	assert_int_equal(check(buf, t.len, &a), VRRP_BAD_CHECKSUM);
}

static void vrrp_packet__version_3_covers_a_pseudo_header(void **state)
{
	uint8_t buf[VRRP_PACKET_MAX], pseudo[12 + 16] = { 10, 9, 0, 1, 224, 0, 0, 18, 0, 112, 0,
							   16 };
	struct vrrp_tx t = { .buf = buf };
	struct vrrp_advert a;

	(void)state;
	w.conf[0].version = 3;
	w.conf[0].auth = VRRP_AUTH_NONE;
	w.conf[0].advert_ns = 25 * 10 * NS_PER_MS;
	vrrp_tx_build(&t, &w.conf[0], address("10.9.0.1"), address("224.0.0.18"), 101);
	assert_int_equal(t.len, 20 + 8 + 8);
	memcpy(pseudo + 12, buf + 20, 16);
	assert_int_equal(sum16(pseudo, sizeof(pseudo)), 0xffff);
	assert_int_equal(check(buf, t.len, &a), VRRP_OK);
	assert_int_equal(a.advert_ns, 250 * NS_PER_MS);
	buf[15]++; /* another source address */
	assert_int_equal(check(buf, t.len, &a), VRRP_BAD_CHECKSUM);
	buf[15]--;
	vrrp_tx_dst(&t, &w.conf[0], address("10.9.0.2"));
	assert_int_equal(check(buf, t.len, &a), VRRP_OK);
	assert_memory_equal(buf + 16, "\x0a\x09\x00\x02", 4);
}

static void vrrp_packet__version_3_knows_12_bits_of_interval(void **state)
{
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx t = { .buf = buf };
	struct vrrp_advert a;

	(void)state;
	w.conf[0].version = 3;
	w.conf[0].advert_ns = 4095 * 10 * NS_PER_MS;
	vrrp_tx_build(&t, &w.conf[0], address("10.9.0.1"), address("224.0.0.18"), 101);
	assert_int_equal(check(buf, t.len, &a), VRRP_OK);
	assert_int_equal(a.advert_ns, 40950 * NS_PER_MS);
}

static void vrrp_packet__ipv6_is_the_message_alone(void **state)
{
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx t = { .buf = buf };
	struct vrrp_rx rx = { .ttl = 255 };
	struct vrrp_conf *c = &w.conf[0];
	struct vrrp_advert a;

	(void)state;
	c->version = 3;
	c->family = AF_INET6;
	c->vip[0].addr = *address("fe80::1:1");
	c->vip[1].addr = *address("2001:db8::1");
	vrrp_tx_build(&t, c, address("fe80::2"), address("ff02::12"), 101);
	assert_int_equal(t.len, 8 + 32);
	assert_int_equal(buf[0], 0x31);
	rx.src = *address("fe80::2");
	rx.msg = buf;
	rx.len = t.len;
	assert_int_equal(vrrp_packet_check(c, &rx, true, &a), VRRP_OK);
	rx.ttl = 64;
	assert_int_equal(vrrp_packet_check(c, &rx, true, &a), VRRP_BAD_TTL);
	rx.ttl = 255;
	rx.len--;
	assert_int_equal(vrrp_packet_check(c, &rx, true, &a), VRRP_BAD_LENGTH);
}

static void vrrp_packet__compares_addresses_as_the_wire_does(void **state)
{
	(void)state;
	assert_int_equal(conf_addr_cmp(address("10.0.0.2"), address("10.0.0.10")), -1);
	assert_int_equal(conf_addr_cmp(address("200.0.0.1"), address("100.0.0.1")), 1);
	assert_int_equal(conf_addr_cmp(address("fe80::2"), address("fe80::2")), 0);
	assert_int_equal(conf_addr_cmp(address("fe80::2"), address("10.0.0.1")), 0);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(vrrp_packet__builds_what_keepalived_sends),
		T(vrrp_packet__arp_is_what_keepalived_sends),
		T(vrrp_packet__na_is_sound),
		T(vrrp_packet__reads_what_keepalived_sends),
		T(vrrp_packet__priority_changes_the_checksum),
		T(vrrp_packet__ip_id_is_never_0),
		T(vrrp_packet__rejects_each_fault),
		T(vrrp_packet__rejects_every_shorter_one),
		T(vrrp_packet__order_of_addresses_does_not_matter),
		T(vrrp_packet__excluded_addresses_are_not_sent),
		T(vrrp_packet__unicast_does_not_look_at_the_ttl),
		T(vrrp_packet__peers_have_bounds_for_the_ttl),
		T(vrrp_packet__old_unicast_checksum_is_understood),
		T(vrrp_packet__version_3_covers_a_pseudo_header),
		T(vrrp_packet__version_3_knows_12_bits_of_interval),
		T(vrrp_packet__ipv6_is_the_message_alone),
		T(vrrp_packet__compares_addresses_as_the_wire_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
