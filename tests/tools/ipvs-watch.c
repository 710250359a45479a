/*
 * Prints every IPVS command that anyone in this network namespace gives the
 * kernel, one a line, as the recorder in engine/ipvs_fake.c would:
 *
 *	ip link add nlmon0 type nlmon && ip link set nlmon0 up
 *	ipvs-watch nlmon0 [-t]		(-t: with the time of day, in seconds)
 *
 * So that two engines' commands can be compared, whatever they say of themselves.
 * Runs until it is killed.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip_vs.h>
#include <net/if.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"
#include "ipvs.h"
#include "ipvs_read.h"
#include "nl.h"

static int op_of(uint8_t cmd)
{
	switch (cmd) {
	case IPVS_CMD_NEW_SERVICE:
		return IPVS_NEW_SERVICE;
	case IPVS_CMD_SET_SERVICE:
		return IPVS_SET_SERVICE;
	case IPVS_CMD_DEL_SERVICE:
		return IPVS_DEL_SERVICE;
	case IPVS_CMD_NEW_DEST:
		return IPVS_NEW_DEST;
	case IPVS_CMD_SET_DEST:
		return IPVS_SET_DEST;
	case IPVS_CMD_DEL_DEST:
		return IPVS_DEL_DEST;
	case IPVS_CMD_NEW_DAEMON:
		return IPVS_START_DAEMON;
	case IPVS_CMD_DEL_DAEMON:
		return IPVS_STOP_DAEMON;
	case IPVS_CMD_SET_CONFIG:
		return IPVS_SET_TIMEOUTS;
	case IPVS_CMD_FLUSH:
		return IPVS_FLUSH;
	}
	return -1;
}

static uint32_t u32(struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

static uint16_t u16(struct nlattr *a)
{
	return a ? nla_get_u16(a) : 0;
}

static void copy(void *to, struct nlattr *a, int len)
{
	if (a)
		nla_memcpy(to, a, len);
}

static void get_service(struct ipvs_service *s, struct nlattr *nest)
{
	struct nlattr *a[IPVS_SVC_ATTR_MAX + 1];
	struct ip_vs_flags flags = { 0 };

	if (!nest || nla_parse_nested(a, IPVS_SVC_ATTR_MAX, nest, NULL) < 0)
		return;
	s->family = u16(a[IPVS_SVC_ATTR_AF]);
	s->protocol = u16(a[IPVS_SVC_ATTR_PROTOCOL]);
	s->port = ntohs(u16(a[IPVS_SVC_ATTR_PORT]));
	s->fwmark = u32(a[IPVS_SVC_ATTR_FWMARK]);
	copy(s->addr, a[IPVS_SVC_ATTR_ADDR], sizeof(s->addr));
	copy(s->sched, a[IPVS_SVC_ATTR_SCHED_NAME], sizeof(s->sched) - 1);
	copy(s->pe_name, a[IPVS_SVC_ATTR_PE_NAME], sizeof(s->pe_name) - 1);
	copy(&flags, a[IPVS_SVC_ATTR_FLAGS], sizeof(flags));
	s->flags = flags.flags;
	s->timeout_s = u32(a[IPVS_SVC_ATTR_TIMEOUT]);
	s->netmask = u32(a[IPVS_SVC_ATTR_NETMASK]);
}

static void get_dest(struct ipvs_dest *d, struct nlattr *nest)
{
	struct nlattr *a[IPVS_DEST_ATTR_MAX + 1];

	if (!nest || nla_parse_nested(a, IPVS_DEST_ATTR_MAX, nest, NULL) < 0)
		return;
	d->family = u16(a[IPVS_DEST_ATTR_ADDR_FAMILY]);
	d->port = ntohs(u16(a[IPVS_DEST_ATTR_PORT]));
	copy(d->addr, a[IPVS_DEST_ATTR_ADDR], sizeof(d->addr));
	d->forward = u32(a[IPVS_DEST_ATTR_FWD_METHOD]);
	d->weight = (int)u32(a[IPVS_DEST_ATTR_WEIGHT]);
	d->upper = u32(a[IPVS_DEST_ATTR_U_THRESH]);
	d->lower = u32(a[IPVS_DEST_ATTR_L_THRESH]);
	d->tun_type = a[IPVS_DEST_ATTR_TUN_TYPE] ? nla_get_u8(a[IPVS_DEST_ATTR_TUN_TYPE]) : 0;
	d->tun_port = ntohs(u16(a[IPVS_DEST_ATTR_TUN_PORT]));
	d->tun_flags = u16(a[IPVS_DEST_ATTR_TUN_FLAGS]);
}

static void get_daemon(struct ipvs_daemon *d, struct nlattr *nest)
{
	struct nlattr *a[IPVS_DAEMON_ATTR_MAX + 1];

	if (!nest || nla_parse_nested(a, IPVS_DAEMON_ATTR_MAX, nest, NULL) < 0)
		return;
	d->state = u32(a[IPVS_DAEMON_ATTR_STATE]);
	d->sync_id = u32(a[IPVS_DAEMON_ATTR_SYNC_ID]);
	copy(d->ifname, a[IPVS_DAEMON_ATTR_MCAST_IFN], sizeof(d->ifname) - 1);
}

static void show(struct nlmsghdr *h, bool times)
{
	struct nlattr *a[IPVS_CMD_ATTR_MAX + 1];
	struct ipvs_cmd cmd = { 0 };
	char text[256];
	int op = op_of(genlmsg_hdr(h)->cmd);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (op < 0 || genlmsg_parse(h, 0, a, IPVS_CMD_ATTR_MAX, NULL) < 0)
		return;
	cmd.op = (enum ipvs_cmd_op)op;
	if (cmd.op <= IPVS_DEL_DEST) {
		get_service(&cmd.svc, a[IPVS_CMD_ATTR_SERVICE]);
		get_dest(&cmd.dest, a[IPVS_CMD_ATTR_DEST]);
	} else if (cmd.op == IPVS_SET_TIMEOUTS) {
		cmd.timeouts.tcp_s = u32(a[IPVS_CMD_ATTR_TIMEOUT_TCP]);
		cmd.timeouts.tcp_fin_s = u32(a[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN]);
		cmd.timeouts.udp_s = u32(a[IPVS_CMD_ATTR_TIMEOUT_UDP]);
	} else {
		get_daemon(&cmd.daemon, a[IPVS_CMD_ATTR_DAEMON]);
	}
	ipvs_cmd_text(&cmd, text, sizeof(text));
	if (times)
		printf("%lld.%06ld ", (long long)now.tv_sec, now.tv_nsec / NS_PER_US);
	puts(text);
	fflush(stdout);
}

static int open_monitor(const char *ifname)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(ifname) };
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	int size = 64 * 1024 * 1024;

	if (fd < 0 || !ll.sll_ifindex || bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		perror("ipvs-watch: SO_RCVBUFFORCE");
	return fd;
}

int main(int argc, char **argv)
{
	static char buf[1 << 17] __attribute__((aligned(8)));
	bool times = argc > 2 && !strcmp(argv[2], "-t");
	struct nl_sock *sk = nl_open(NETLINK_GENERIC);
	int family = sk ? ipvs_family(sk) : -1, fd = -1, left;
	struct nlmsghdr *h;
	ssize_t n;

	if (argc > 1)
		fd = open_monitor(argv[1]);
	if (fd < 0 || family < 0) {
		fprintf(stderr, "usage: ipvs-watch NLMON-INTERFACE [-t] (in a kernel with IPVS)\n");
		return 64;
	}
	nl_socket_free(sk);
	while ((n = recv(fd, buf, sizeof(buf), 0)) >= 0) {
		left = (int)n;
		for (h = (struct nlmsghdr *)buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
			if (h->nlmsg_type == family && h->nlmsg_flags & NLM_F_REQUEST)
				show(h, times);
	}
	perror("ipvs-watch");
	return 70;
}
