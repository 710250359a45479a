/* The wire decoder, on bytes whose checksums were worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "wire.h"
#include "wire_filter.h"

struct frame {
	uint8_t b[256];
	size_t len;
};

static void put(struct frame *f, const void *bytes, size_t n)
{
	memcpy(f->b + f->len, bytes, n);
	f->len += n;
}

#define BYTES(f, ...)                                         \
	do {                                                  \
		static const uint8_t bytes_[] = { __VA_ARGS__ }; \
		put((f), bytes_, sizeof(bytes_));             \
	} while (0)

static void eth(struct frame *f, uint8_t type_hi, uint8_t type_lo)
{
	uint8_t type[] = { type_hi, type_lo };

	f->len = 0;
	BYTES(f, 0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0x02, 0, 0, 0, 0, 0x36);
	put(f, type, 2);
}

/* From 192.168.31.54 to 224.0.0.18, TTL 255, with `len` bytes above. */
static void ip4(struct frame *f, uint8_t len, uint8_t proto)
{
	uint8_t h[] = { 0x45, 0xc0, 0, 0, 0, 1, 0, 0, 255, 0, 0, 0,
			192,  168,  31, 54, 224, 0, 0, 18 };

	h[3] = (uint8_t)(20 + len);
	h[9] = proto;
	eth(f, 0x08, 0x00);
	put(f, h, sizeof(h));
}

/* What keepalived sends for the lab: VRID 51, priority 101, one address. */
static void lab_advert(struct frame *f)
{
	ip4(f, 20, 112);
	BYTES(f, 0x21, 51, 101, 1, 0, 1, 0x99, 0x59, 192, 168, 31, 200, 0, 0, 0, 0, 0, 0, 0,
	      0);
}

static void wire__decodes_vrrp2(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	lab_advert(&f);
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_VRRP);
	assert_int_equal(w.vrrp.version, 2);
	assert_int_equal(w.vrrp.vrid, 51);
	assert_int_equal(w.vrrp.priority, 101);
	assert_int_equal(w.vrrp.auth_type, 0);
	assert_int_equal(w.vrrp.interval_ns, NS_PER_S);
	assert_int_equal(w.vrrp.ttl, 255);
	assert_true(w.vrrp.checksum_ok);
	assert_string_equal(w.vrrp.src, "192.168.31.54");
	assert_string_equal(w.vrrp.dst, "224.0.0.18");
	assert_string_equal(w.vrrp.vips, "192.168.31.200");
}

static void wire__ignores_the_padding_of_short_frames(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	lab_advert(&f);
	BYTES(&f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_VRRP);
	assert_true(w.vrrp.checksum_ok);
}

static void wire__sees_a_wrong_checksum(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	lab_advert(&f);
	f.b[ETH_HLEN + 20 + 2] = 100; /* the priority */
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_VRRP);
	assert_int_equal(w.vrrp.priority, 100);
	assert_false(w.vrrp.checksum_ok);
}

static void wire__takes_both_checksums_of_vrrp3(void **state)
{
	static const uint8_t sums[2][2] = { { 0x88, 0xf6 }, { 0xc8, 0x88 } };
	struct frame f;
	struct wire w;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		ip4(&f, 12, 112);
		BYTES(&f, 0x31, 51, 101, 1, 0, 100);
		put(&f, sums[i], 2);
		BYTES(&f, 192, 168, 31, 200);
		wire_decode(f.b, f.len, &w);
		assert_int_equal(w.kind, WIRE_VRRP);
		assert_int_equal(w.vrrp.version, 3);
		assert_int_equal(w.vrrp.interval_ns, NS_PER_S);
		assert_true(w.vrrp.checksum_ok);
	}
}

static void wire__decodes_vrrp3_on_ipv6(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	eth(&f, 0x86, 0xdd);
	BYTES(&f, 0x60, 0, 0, 0, 0, 24, 112, 255);
	BYTES(&f, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
	BYTES(&f, 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12);
	/* the checksum that follows is set below */
	BYTES(&f, 0x31, 51, 101, 1, 0, 50, 0, 0);
	BYTES(&f, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0);
	f.b[ETH_HLEN + 40 + 6] = 0x6a;
	f.b[ETH_HLEN + 40 + 7] = 0xf9;
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_VRRP);
	assert_int_equal(w.vrrp.interval_ns, 500 * NS_PER_MS);
	assert_string_equal(w.vrrp.src, "fe80::1");
	assert_string_equal(w.vrrp.vips, "fe80::200");
	assert_true(w.vrrp.checksum_ok);
}

static void wire__rejects_every_shortened_advert(void **state)
{
	uint8_t copy[128];
	struct frame f;
	struct wire w;
	size_t n;

	(void)state;
	lab_advert(&f);
	for (n = 0; n < f.len; n++) {
		memcpy(copy, f.b, n);
		wire_decode(copy, n, &w);
		assert_int_equal(w.kind, WIRE_OTHER);
	}
}

static void wire__rejects_more_addresses_than_bytes(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	lab_advert(&f);
	f.b[ETH_HLEN + 20 + 3] = 255;
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_OTHER);
}

static void wire__ignores_later_fragments(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	lab_advert(&f);
	f.b[ETH_HLEN + 7] = 1;
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_OTHER);
}

static void arp(struct frame *f, uint8_t op, const uint8_t sender[4],
		const uint8_t target[4])
{
	uint8_t operation[] = { 0, op };

	eth(f, 0x08, 0x06);
	memset(f->b, 0xff, ETH_ALEN);
	BYTES(f, 0, 1, 8, 0, 6, 4);
	put(f, operation, 2);
	BYTES(f, 0x02, 0, 0, 0, 0, 0x36);
	put(f, sender, 4);
	BYTES(f, 0, 0, 0, 0, 0, 0);
	put(f, target, 4);
}

static void wire__tells_gratuitous_arp(void **state)
{
	static const uint8_t vip[] = { 192, 168, 31, 200 }, lvs1[] = { 192, 168, 31, 54 };
	struct frame f;
	struct wire w;

	(void)state;
	arp(&f, 1, vip, vip);
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_ARP);
	assert_true(w.arp.request);
	assert_true(w.arp.gratuitous);
	assert_string_equal(w.arp.sender_mac, "02:00:00:00:00:36");
	assert_string_equal(w.arp.dst_mac, "ff:ff:ff:ff:ff:ff");
	assert_string_equal(w.arp.sender_ip, "192.168.31.200");

	arp(&f, 2, vip, lvs1);
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_ARP);
	assert_false(w.arp.request);
	assert_false(w.arp.gratuitous);
	assert_string_equal(w.arp.target_ip, "192.168.31.54");

	wire_decode(f.b, f.len - 1, &w);
	assert_int_equal(w.kind, WIRE_OTHER);
}

static void wire__tells_an_unsolicited_neighbour_advertisement(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	eth(&f, 0x86, 0xdd);
	BYTES(&f, 0x60, 0, 0, 0, 0, 32, 58, 255);
	BYTES(&f, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
	BYTES(&f, 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
	BYTES(&f, 136, 0, 0, 0, 0x20, 0, 0, 0);
	BYTES(&f, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0);
	BYTES(&f, 2, 1, 0x02, 0, 0, 0, 0, 0x99);
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_ARP);
	assert_false(w.arp.request);
	assert_true(w.arp.gratuitous);
	assert_string_equal(w.arp.sender_ip, "fd00::200");
	assert_string_equal(w.arp.sender_mac, "02:00:00:00:00:99");
	f.b[ETH_HLEN + 40 + 4] = 0x60; /* solicited */
	wire_decode(f.b, f.len, &w);
	assert_false(w.arp.gratuitous);
}

static void tcp(struct frame *f, uint8_t flags)
{
	ip4(f, 20, 6);
	BYTES(f, 0, 80, 0x9c, 0x40, 0, 0, 0, 1, 0, 0, 0, 2, 0x50);
	put(f, &flags, 1);
	BYTES(f, 0, 0, 0, 0, 0, 0);
}

static void wire__tells_answers_to_connections(void **state)
{
	struct frame f;
	struct wire w;

	(void)state;
	tcp(&f, 0x12);
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_ANSWER);
	assert_false(w.answer.refused);
	assert_int_equal(w.answer.port, 80);
	tcp(&f, 0x14);
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_ANSWER);
	assert_true(w.answer.refused);
	tcp(&f, 0x02); /* SYN */
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_OTHER);
	tcp(&f, 0x10); /* ACK */
	wire_decode(f.b, f.len, &w);
	assert_int_equal(w.kind, WIRE_OTHER);
}

/* What the filter lets through is what the decoder names. */
static void wire__names_packets_that_are_counted(void **state)
{
	uint8_t v4[ETH_HLEN + 40] = { [12] = 0x08, [14] = 0x45, [23] = IPPROTO_UDP };
	uint8_t v6[ETH_HLEN + 40] = { [12] = 0x86, [13] = 0xdd, [14] = 0x60,
				      [20] = IPPROTO_ICMPV6 };
	struct wire_protocols wanted = { .n = 0 };
	struct wire_packet p;
	struct wire_filter f;
	int ip4, ip6;

	(void)state;
	v4[26] = 10;
	v4[30] = 192;
	assert_true(wire_decode_packet(v4, sizeof(v4), &p));
	assert_string_equal(p.protocol, "udp");
	assert_string_equal(p.src, "10.0.0.0");
	assert_string_equal(p.dst, "192.0.0.0");
	assert_true(wire_decode_packet(v6, sizeof(v6), &p));
	assert_string_equal(p.protocol, "icmp");
	assert_string_equal(p.src, "::");
	assert_false(wire_decode_packet(v6, sizeof(v6) - 1, &p));
	assert_false(wire_decode_packet(v4, ETH_HLEN + 19, &p));
	v4[23] = 112; /* VRRP has an event of its own */
	assert_false(wire_decode_packet(v4, sizeof(v4), &p));
	assert_int_equal(wire_protocol_numbers("icmp", &ip4, &ip6), 0);
	assert_int_equal(ip4, IPPROTO_ICMP);
	assert_int_equal(ip6, IPPROTO_ICMPV6);
	assert_int_equal(wire_protocol_numbers("igmp", &ip4, &ip6), -1);

	wire_protocols_add(&wanted, "tcp");
	wire_protocols_add(&wanted, "tcp");
	wire_protocols_add(&wanted, "icmp");
	wire_protocols_add(&wanted, "igmp");
	assert_int_equal(wanted.n, 2);
	wire_filter_protocols(&f, &wanted);
	assert_int_equal(f.prog.len, 12);
}

/* Whether the kernel lets a frame through. */
static bool lets_through(const struct wire_filter *f, const uint8_t *frame, size_t len)
{
	uint8_t got[256];
	int sk[2];
	bool r;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sk), 0);
	assert_int_equal(wire_filter_replace((struct wire_filter *)(uintptr_t)f, sk[1]), 0);
	(void)!send(sk[0], frame, len, 0); /* refused when it is dropped */
	r = recv(sk[1], got, sizeof(got), 0) == (ssize_t)len;
	close(sk[0]);
	close(sk[1]);
	return r;
}

static void arp_between(struct frame *f, uint8_t op, uint8_t sender, uint8_t target)
{
	uint8_t ips[] = { 10, 0, 0, sender, 0, 0, 0, 0, 0, 0, 10, 0, 0, target };

	eth(f, 0x08, 0x06);
	BYTES(f, 0, 1, 8, 0, 6, 4, 0);
	put(f, &op, 1);
	BYTES(f, 0x02, 0, 0, 0, 0, 1);
	put(f, ips, sizeof(ips));
}

static void wire__filter_of_nodes_passes_over_questions_to_others(void **state)
{
	static const struct {
		uint8_t op, sender, target;
		bool client;
	} t[] = {
		{ 1, 1, 2, false }, { 1, 7, 7, true }, { 2, 7, 7, true }, { 2, 1, 2, true },
	};
	struct wire_filter director, client;
	struct frame f;
	size_t i;

	(void)state;
	wire_filter_delivered(&director, true, true);
	wire_filter_delivered(&client, false, false);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		arp_between(&f, t[i].op, t[i].sender, t[i].target);
		assert_false(lets_through(&director, f.b, f.len));
		assert_int_equal(lets_through(&client, f.b, f.len), t[i].client);
	}
	lab_advert(&f);
	assert_true(lets_through(&director, f.b, f.len));
	assert_true(lets_through(&client, f.b, f.len));
	ip4(&f, 20, 17);
	BYTES(&f, 0, 80, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x12, 0, 0, 0, 0, 0, 0);
	assert_false(lets_through(&director, f.b, f.len));
	f.b[23] = IPPROTO_TCP;
	assert_true(lets_through(&director, f.b, f.len));
	assert_false(lets_through(&client, f.b, f.len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire__decodes_vrrp2),
		cmocka_unit_test(wire__ignores_the_padding_of_short_frames),
		cmocka_unit_test(wire__sees_a_wrong_checksum),
		cmocka_unit_test(wire__takes_both_checksums_of_vrrp3),
		cmocka_unit_test(wire__decodes_vrrp3_on_ipv6),
		cmocka_unit_test(wire__rejects_every_shortened_advert),
		cmocka_unit_test(wire__rejects_more_addresses_than_bytes),
		cmocka_unit_test(wire__ignores_later_fragments),
		cmocka_unit_test(wire__tells_gratuitous_arp),
		cmocka_unit_test(wire__tells_an_unsolicited_neighbour_advertisement),
		cmocka_unit_test(wire__names_packets_that_are_counted),
		cmocka_unit_test(wire__filter_of_nodes_passes_over_questions_to_others),
		cmocka_unit_test(wire__tells_answers_to_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
