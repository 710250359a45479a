/* IPVS commands as netlink messages, byte by byte (x86 and friends: little endian). */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs.h"

#define FAMILY 0x21
#define SEQ    0x01020304

static void hex(const uint8_t *p, int n, char *out)
{
	int i;

	for (i = 0; i < n; i++)
		out += sprintf(out, "%02x%s", p[i], i % 4 == 3 ? " " : "");
	*out = '\0';
}

static void encodes_as(const struct ipvs_cmd *cmd, bool ack, const char *expected)
{
	uint8_t buf[512];
	char text[2048];
	int n = ipvs_nl_encode(cmd, FAMILY, SEQ, ack, buf, sizeof(buf));

	assert_true(n > 0);
	hex(buf, n, text);
	assert_string_equal(text, expected);
}

static struct ipvs_cmd lab(enum ipvs_cmd_op op)
{
	struct ipvs_cmd cmd = {
		.op = op,
		.svc = { .family = AF_INET,
			 .protocol = IPPROTO_TCP,
			 .port = 80,
			 .sched = "rr",
			 .netmask = 0xffffffff },
		.dest = { .family = AF_INET,
			  .port = 80,
			  .forward = IP_VS_CONN_F_DROUTE,
			  .weight = 1 },
	};

	inet_pton(AF_INET, "192.168.31.200", cmd.svc.addr);
	inet_pton(AF_INET, "192.168.31.113", cmd.dest.addr);
	return cmd;
}

#define HEADER(len, flags, cmd) \
	len "000000 " "2100" flags " 04030201 00000000 " cmd "010000 "
#define LAB_SERVICE                                                                 \
	"54000180 "		/* service, nested */                               \
	"06000100 02000000 "	/* AF_INET */                                       \
	"06000200 06000000 "	/* TCP */                                           \
	"14000300 c0a81fc8 00000000 00000000 00000000 " /* address, 16 bytes */     \
	"06000400 00500000 "	/* port, big endian */                              \
	"07000600 72720000 "	/* rr */                                            \
	"0c000700 00000000 ffffffff " /* flags and their mask */                    \
	"08000800 00000000 "	/* timeout */                                       \
	"08000900 ffffffff "	/* netmask */
#define LAB_DEST                                                                    \
	"48000280 "                                                                 \
	"06000b00 02000000 "	/* AF_INET */                                       \
	"14000100 c0a81f71 00000000 00000000 00000000 "                             \
	"06000200 00500000 "                                                        \
	"08000300 03000000 "	/* direct routing */                                \
	"08000400 01000000 "	/* weight */                                        \
	"08000500 00000000 "	/* upper, lower threshold */                        \
	"08000600 00000000 "

static void ipvs_nl__new_service(void **state)
{
	struct ipvs_cmd cmd = lab(IPVS_NEW_SERVICE);

	(void)state;
	encodes_as(&cmd, false, HEADER("68", "0100", "01") LAB_SERVICE);
	encodes_as(&cmd, true, HEADER("68", "0500", "01") LAB_SERVICE);
}

static void ipvs_nl__dests(void **state)
{
	struct ipvs_cmd cmd = lab(IPVS_NEW_DEST);

	(void)state;
	encodes_as(&cmd, false, HEADER("b0", "0100", "05") LAB_SERVICE LAB_DEST);
	cmd.op = IPVS_SET_DEST;
	encodes_as(&cmd, false, HEADER("b0", "0100", "06") LAB_SERVICE LAB_DEST);
	cmd.op = IPVS_DEL_DEST;
	encodes_as(&cmd, false, HEADER("b0", "0100", "07") LAB_SERVICE LAB_DEST);
}

static void ipvs_nl__fwmark_and_persistence(void **state)
{
	struct ipvs_cmd cmd = { .op = IPVS_SET_SERVICE,
				.svc = { .family = AF_INET6,
					 .fwmark = 7,
					 .sched = "wlc",
					 .pe_name = "sip",
					 .flags = IP_VS_SVC_F_PERSISTENT,
					 .timeout_s = 60,
					 .netmask = 64 } };

	(void)state;
	encodes_as(&cmd, false,
		   HEADER("54", "0100", "02") "40000180 06000100 0a000000 "
					      "08000500 07000000 "
					      "08000600 776c6300 "
					      "08000b00 73697000 "
					      "0c000700 01000000 ffffffff "
					      "08000800 3c000000 "
					      "08000900 40000000 ");
}

static void ipvs_nl__tunnels(void **state)
{
	struct ipvs_cmd cmd = lab(IPVS_NEW_DEST);
	uint8_t buf[512];
	char text[2048];

	(void)state;
	cmd.dest.forward = IP_VS_CONN_F_TUNNEL;
	cmd.dest.tun_type = IP_VS_CONN_F_TUNNEL_TYPE_GUE;
	cmd.dest.tun_port = 6080;
	cmd.dest.tun_flags = IP_VS_TUNNEL_ENCAP_FLAG_CSUM;
	hex(buf, ipvs_nl_encode(&cmd, FAMILY, SEQ, false, buf, sizeof(buf)), text);
	assert_non_null(strstr(text, "08000300 02000000 08000400 01000000 "
				     "05000d00 01000000 06000e00 17c00000 "
				     "06000f00 01000000 08000500 00000000 "));
	cmd.dest.tun_type = IP_VS_CONN_F_TUNNEL_TYPE_IPIP;
	hex(buf, ipvs_nl_encode(&cmd, FAMILY, SEQ, false, buf, sizeof(buf)), text);
	assert_non_null(strstr(text, "05000d00 00000000 08000500 00000000 "));
}

static void ipvs_nl__daemons(void **state)
{
	struct ipvs_cmd cmd = { .op = IPVS_START_DAEMON,
				.daemon = { .state = IP_VS_STATE_BACKUP,
					    .sync_id = 51,
					    .ifname = "eth0" } };

	(void)state;
	encodes_as(&cmd, true,
		   HEADER("34", "0500", "09") "20000380 08000100 02000000 "
					      "09000200 65746830 00000000 "
					      "08000300 33000000 "
					      "");
	cmd.op = IPVS_STOP_DAEMON;
	encodes_as(&cmd, true,
		   HEADER("28", "0500", "0a") "14000380 08000100 02000000 "
					      "08000300 33000000 ");
}

static void ipvs_nl__timeouts_and_flush(void **state)
{
	struct ipvs_cmd cmd = { .op = IPVS_SET_TIMEOUTS, .timeouts = { 900, 120, 300 } };

	(void)state;
	encodes_as(&cmd, false,
		   HEADER("2c", "0100", "0c") "08000400 84030000 08000500 78000000 "
					      "08000600 2c010000 ");
	cmd.op = IPVS_FLUSH;
	encodes_as(&cmd, false, HEADER("14", "0100", "11"));
}

static void ipvs_nl__too_small_a_buffer(void **state)
{
	struct ipvs_cmd cmd = lab(IPVS_NEW_DEST);
	uint8_t buf[0xb0];

	(void)state;
	assert_int_equal(ipvs_nl_encode(&cmd, FAMILY, SEQ, false, buf, 0xaf), -EMSGSIZE);
	assert_int_equal(ipvs_nl_encode(&cmd, FAMILY, SEQ, false, buf, 0xb0), 0xb0);
}

static void ipvs_nl__every_op_has_a_name(void **state)
{
	int op;

	(void)state;
	for (op = 0; op < IPVS_NOPS; op++)
		assert_string_not_equal(ipvs_op_name((enum ipvs_cmd_op)op), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipvs_nl__new_service),
		cmocka_unit_test(ipvs_nl__dests),
		cmocka_unit_test(ipvs_nl__fwmark_and_persistence),
		cmocka_unit_test(ipvs_nl__tunnels),
		cmocka_unit_test(ipvs_nl__daemons),
		cmocka_unit_test(ipvs_nl__timeouts_and_flush),
		cmocka_unit_test(ipvs_nl__too_small_a_buffer),
		cmocka_unit_test(ipvs_nl__every_op_has_a_name),
	};

	return cmocka_run_group_tests_name("ipvs_nl", tests, NULL, NULL);
}
