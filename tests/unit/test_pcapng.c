/*
 * Captures: block by block against the draft, and read by tshark where there
 * is one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cksum.h"
#include "pcapng.h"

#define ZERO INT64_C(1767225600000000000) /* 2026-01-01 */

/* An advertisement of lvs1, VRID 51, priority 101, as the lab has it. */
static size_t vrrp_frame(uint8_t *f, uint8_t priority)
{
	static const uint8_t frame[54] = {
		0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 2, 0, 0, 0, 1, 1, 0x08, 0x00,
		/* IP: TTL 255, protocol 112, from .54 to 224.0.0.18 */
		0x45, 0xc0, 0, 40, 0, 1, 0, 0, 255, 112, 0, 0, 192, 168, 31, 54, 224, 0, 0, 18,
		/* VRRP version 2 */
		0x21, 51, 101, 1, 0, 1, 0, 0, 192, 168, 31, 200, 0, 0, 0, 0, 0, 0, 0, 0
	};
	uint16_t sum;

	memcpy(f, frame, sizeof(frame));
	f[36] = priority;
	sum = cksum_finish(cksum_add(0, f + 14, 20));
	memcpy(f + 24, &sum, 2);
	sum = cksum_finish(cksum_add(0, f + 34, 20));
	memcpy(f + 40, &sum, 2);
	return sizeof(frame);
}

/* lvs2 tells everybody where the VIP is. */
static size_t garp_frame(uint8_t *f)
{
	static const uint8_t frame[42] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 2, 1, 0x08, 0x06,
		0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 2, 1, 192, 168, 31, 200,
		0, 0, 0, 0, 0, 0, 192, 168, 31, 200
	};

	memcpy(f, frame, sizeof(frame));
	return sizeof(frame);
}

static struct pcapng *capture(void)
{
	struct pcapng *p = pcapng_new();
	uint8_t f[64], ip[4] = { 192, 168, 31, 54 };
	size_t n;

	assert_non_null(p);
	assert_int_equal(pcapng_reserve(p, 4096), 0);
	assert_int_equal(pcapng_interface(p, "lvs1:enp0s3", "192.168.31.54/24"), 0);
	assert_int_equal(pcapng_interface(p, "lvs2:enp0s3", NULL), 1);
	assert_int_equal(pcapng_name(p, AF_INET, ip, "lvs1"), 0);
	/* out of order on purpose */
	n = garp_frame(f);
	assert_int_equal(pcapng_packet(p, 1, 3000000007, f, (uint32_t)n, (uint32_t)n), 0);
	n = vrrp_frame(f, 101);
	assert_int_equal(pcapng_packet(p, 0, 1000000001, f, (uint32_t)n, (uint32_t)n), 0);
	assert_int_equal(pcapng_remark(p, 5000000000, "end"), 0);
	assert_int_equal(pcapng_remark(p, 2000000000, "crash lvs1"), 0);
	return p;
}

static uint8_t *written(struct pcapng *p, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	assert_non_null(f);
	assert_int_equal(pcapng_write(p, f, ZERO, "master_down, seed 1"), 0);
	fclose(f);
	return (uint8_t *)text;
}

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* The nth block of a type; checks on the way that lengths agree. */
static const uint8_t *block(const uint8_t *v, size_t len, uint32_t type, int nth)
{
	size_t at = 0;

	while (at < len) {
		uint32_t n = u32(v + at + 4);

		assert_true(n >= 12 && n % 4 == 0 && at + n <= len);
		assert_int_equal(u32(v + at + n - 4), n);
		if (u32(v + at) == type && nth-- == 0)
			return v + at;
		at += n;
	}
	assert_int_equal(at, len);
	return NULL;
}

static bool contains(const uint8_t *b, const char *text)
{
	return memmem(b, u32(b + 4), text, strlen(text)) != NULL;
}

static void pcapng__blocks_as_the_draft_has_them(void **state)
{
	struct pcapng *p = capture();
	const uint8_t *b;
	uint8_t *v;
	size_t len;
	uint64_t t;

	(void)state;
	v = written(p, &len);
	b = block(v, len, 0x0a0d0d0a, 0);
	assert_ptr_equal(b, v);
	assert_int_equal(u32(b + 8), 0x1a2b3c4d);
	assert_true(contains(b, "master_down, seed 1"));
	assert_true(contains(block(v, len, 1, 0), "lvs1:enp0s3"));
	assert_true(contains(block(v, len, 1, 1), "lvs2:enp0s3"));
	assert_null(block(v, len, 1, 2));
	assert_true(contains(block(v, len, 4, 0), "lvs1"));
	b = block(v, len, 6, 0);
	assert_int_equal(u32(b + 8), 0);
	t = (uint64_t)u32(b + 12) << 32 | u32(b + 16);
	assert_int_equal(t, ZERO + 1000000001);
	assert_int_equal(u32(b + 20), 54);
	assert_false(contains(b, "crash"));
	b = block(v, len, 6, 1);
	assert_int_equal(u32(b + 8), 1);
	assert_true(contains(b, "crash lvs1"));
	assert_true(contains(b, "end"));
	assert_null(block(v, len, 6, 2));
	free(v);
	pcapng_free(p);
}

static void pcapng__remarks_without_packets_are_the_files(void **state)
{
	struct pcapng *p = pcapng_new();
	uint8_t *v;
	size_t len;

	(void)state;
	assert_int_equal(pcapng_remark(p, 1, "crash lvs1"), 0);
	v = written(p, &len);
	assert_true(contains(block(v, len, 0x0a0d0d0a, 0), "crash lvs1"));
	assert_null(block(v, len, 6, 0));
	free(v);
	pcapng_free(p);
}

static void pcapng__refuses_an_unknown_interface(void **state)
{
	struct pcapng *p = pcapng_new();

	(void)state;
	assert_int_equal(pcapng_packet(p, 0, 0, "", 0, 0), -EINVAL);
	assert_int_equal(pcapng_count(p), 0);
	pcapng_free(p);
}

static void pcapng__grows(void **state)
{
	struct pcapng *p = pcapng_new();
	uint8_t frame[1514] = { 0 }, *v;
	size_t len, i;

	(void)state;
	assert_int_equal(pcapng_interface(p, "a", NULL), 0);
	for (i = 0; i < 1000; i++) {
		frame[0] = (uint8_t)i;
		assert_int_equal(pcapng_packet(p, 0, (int64_t)(1000 - i), frame, 1514, 9000),
				 0);
	}
	assert_int_equal(pcapng_count(p), 1000);
	v = written(p, &len);
	/* the last one that came is the first in time */
	assert_int_equal(block(v, len, 6, 0)[28], (uint8_t)999);
	assert_int_equal(u32(block(v, len, 6, 999) + 24), 9000);
	free(v);
	pcapng_free(p);
}

static void pcapng__says_when_it_cannot_write(void **state)
{
	struct pcapng *p = capture();
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	assert_true(pcapng_write(p, f, 0, NULL) < 0);
	fclose(f);
	pcapng_free(p);
}

/* Runs a fixed command on the written file and compares what it prints. */
static void reads(const char *path, const char *args, const char *expected)
{
	char command[512], out[2048] = "";
	FILE *f;
	size_t n;

	snprintf(command, sizeof(command), "tshark -r %s %s 2>/dev/null", path, args);
	f = popen(command, "r");
	assert_non_null(f);
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = '\0';
	assert_int_equal(pclose(f), 0);
	assert_string_equal(out, expected);
}

static void pcapng__tshark_reads_it(void **state)
{
	char path[] = "/tmp/test_pcapng.XXXXXX";
	struct pcapng *p = capture();
	uint8_t *v;
	size_t len;
	int fd;

	(void)state;
	if (system("command -v tshark >/dev/null 2>&1") != 0) {
		pcapng_free(p);
		print_message("no tshark: apt-get install tshark\n");
		skip();
	}
	fd = mkstemp(path);
	v = written(p, &len);
	assert_int_equal(write(fd, v, len), (ssize_t)len);
	close(fd);
	reads(path,
	      "-T fields -e frame.interface_name -e frame.time_epoch -e frame.comment "
	      "-e _ws.col.Protocol",
	      "lvs1:enp0s3\t1767225601.000000001\t\tVRRP\n"
	      "lvs2:enp0s3\t1767225603.000000007\tcrash lvs1,end\tARP\n");
	/* dissected to the end, checksums and all */
	reads(path,
	      "-o ip.check_checksum:TRUE -Y '_ws.expert.severity == \"Warning\" || "
	      "_ws.expert.severity == \"Error\" || _ws.malformed'",
	      "");
	reads(path, "-Y 'vrrp.virt_rtr_id == 51 && vrrp.prio == 101 && vrrp.checksum.status == 1' "
		    "-T fields -e frame.number",
	      "1\n");
	reads(path, "-Y 'arp.isgratuitous' -T fields -e arp.src.proto_ipv4", "192.168.31.200\n");
	unlink(path);
	free(v);
	pcapng_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcapng__blocks_as_the_draft_has_them),
		cmocka_unit_test(pcapng__remarks_without_packets_are_the_files),
		cmocka_unit_test(pcapng__refuses_an_unknown_interface),
		cmocka_unit_test(pcapng__grows),
		cmocka_unit_test(pcapng__says_when_it_cannot_write),
		cmocka_unit_test(pcapng__tshark_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
