/*
 * VRRP over a bare raw socket: what the kernel asks for adverts, whoever sends
 * them (make bench-engine), and packets of every kind for the tests.
 *
 *	vrrp-raw send IFACE SOURCE N SECONDS	N instances, each once a second at
 *						its own time, a packet a call
 *	vrrp-raw burst IFACE SOURCE N SECONDS	the same, all N in one sendmmsg()
 *	vrrp-raw receive IFACE			reads until it is killed
 *	vrrp-raw packet IFACE HEX...	each a whole IPv4 packet, sent as it is
 *						(the kernel fills in length and checksum
 *						of the IP header when these are 0)
 *	vrrp-raw packet IFACE -			the same, one a line of stdin, as they come
 *
 * Adverts are version 2, priority 100, with the address 10.9.1.VRID.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "vrrp_packet.h"

#define MAX 255

static uint8_t packet[MAX][64];
static size_t packet_len;
static struct sockaddr_in group = { .sin_family = AF_INET };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_socket(const char *ifname)
{
	struct ip_mreqn m = { .imr_ifindex = (int)if_nametoindex(ifname) };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, VRRP_PROTO), one = 1, zero = 0;

	inet_pton(AF_INET, "224.0.0.18", &group.sin_addr);
	m.imr_multiaddr = group.sin_addr;
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, (socklen_t)strlen(ifname)) ||
	    setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof(m)) ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &zero, sizeof(zero)) ||
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)))
		fail(ifname);
	return fd;
}

static void build(const char *source, int n)
{
	struct conf_vip vip = { .addr.family = AF_INET };
	struct vrrp_conf c = { .family = AF_INET, .version = 2, .advert_ns = NS_PER_S,
			       .vip = &vip, .nvip = 1, .ttl = VRRP_TTL };
	struct conf_addr src = { .family = AF_INET }, dst = { .family = AF_INET };
	struct vrrp_tx t = { 0 };
	char text[32];
	int i;

	dst.v4 = group.sin_addr;
	if (inet_pton(AF_INET, source, &src.v4) != 1)
		fail(source);
	for (i = 0; i < n; i++) {
		c.vrid = i + 1;
		snprintf(text, sizeof(text), "10.9.1.%d", c.vrid);
		inet_pton(AF_INET, text, &vip.addr.v4);
		t.buf = packet[i];
		t.ip_id = (uint16_t)(i + 1);
		vrrp_tx_build(&t, &c, &src, &dst, 100);
		packet_len = t.len;
	}
}

static void wait_until(int64_t at)
{
	struct timespec ts = { at / NS_PER_S, at % NS_PER_S };
	int r;

	do {
		r = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	} while (r == EINTR);
}

static void send_each(int fd, int n, int seconds)
{
	int64_t start = clock_now() + NS_PER_MS, gap = NS_PER_S / n;
	int64_t i;

	for (i = 0; i < (int64_t)n * seconds; i++) {
		wait_until(start + i / n * NS_PER_S + i % n * gap);
		if (sendto(fd, packet[i % n], packet_len, MSG_DONTROUTE,
			   (struct sockaddr *)&group, sizeof(group)) < 0)
			fail("sendto");
	}
}

static void send_burst(int fd, int n, int seconds)
{
	struct mmsghdr msg[MAX] = { 0 };
	struct iovec iov[MAX];
	int64_t start = clock_now() + NS_PER_MS;
	int i, done, r;

	for (i = 0; i < n; i++) {
		iov[i] = (struct iovec){ packet[i], packet_len };
		msg[i].msg_hdr.msg_name = &group;
		msg[i].msg_hdr.msg_namelen = sizeof(group);
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < seconds; i++) {
		wait_until(start + i * NS_PER_S);
		for (done = 0; done < n; done += r) {
			r = sendmmsg(fd, msg + done, (unsigned int)(n - done), MSG_DONTROUTE);
			if (r <= 0)
				fail("sendmmsg");
		}
	}
}

static void receive(int fd)
{
	uint8_t buf[2048];

	while (recv(fd, buf, sizeof(buf), 0) >= 0)
		;
	fail("recv");
}

static void send_hex(int fd, const char *hex)
{
	uint8_t buf[2048];
	size_t n = 0;
	unsigned int byte;

	for (; n < sizeof(buf) && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		buf[n++] = (uint8_t)byte;
	if (*hex || sendto(fd, buf, n, MSG_DONTROUTE, (struct sockaddr *)&group,
			   sizeof(group)) < 0)
		fail(hex);
}

static void send_lines(int fd)
{
	char line[4200];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		send_hex(fd, line);
	}
}

int main(int argc, char **argv)
{
	int fd, i, n = argc > 4 ? atoi(argv[4]) : 0;

	if (argc == 3 && !strcmp(argv[1], "receive")) {
		receive(open_socket(argv[2]));
	} else if (argc == 6 && n > 0 && n <= MAX) {
		fd = open_socket(argv[2]);
		build(argv[3], n);
		if (!strcmp(argv[1], "send"))
			send_each(fd, n, atoi(argv[5]));
		else
			send_burst(fd, n, atoi(argv[5]));
	} else if (argc > 3 && !strcmp(argv[1], "packet")) {
		fd = open_socket(argv[2]);
		if (!strcmp(argv[3], "-"))
			send_lines(fd);
		for (i = strcmp(argv[3], "-") ? 3 : argc; i < argc; i++)
			send_hex(fd, argv[i]);
	} else {
		fprintf(stderr, "usage: vrrp-raw send|burst IFACE SOURCE N SECONDS\n"
				"       vrrp-raw receive IFACE\n"
				"       vrrp-raw packet IFACE HEX...|-\n");
		return 64;
	}
	return 0;
}
