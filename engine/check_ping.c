/*
 * PING_CHECK: an ICMP echo, answered. One datagram ICMP socket a checker, opened
 * while the worker still may; the kernel numbers it (the identifier) and gives it
 * its own replies only.
 *
 * The kernel lets a group open such sockets when net.ipv4.ping_group_range says so.
 * keepalived widens the range to take in group 0 for as long as it runs; here it is
 * widened for the moment of opening.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check.h"

#define RANGE_PATH "/proc/sys/net/ipv4/ping_group_range"
#define DATA_BYTES 128 /* as keepalived 2.2.7 sends */

struct echo {
	uint8_t type, code;
	uint16_t checksum, id, sequence;
	uint8_t data[DATA_BYTES];
};

/* --- opening --- */

static ssize_t read_range(char *buf, size_t len)
{
	int fd = open(RANGE_PATH, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, len);
	close(fd);
	return n;
}

static void write_range(const char *buf, size_t len)
{
	int fd = open(RANGE_PATH, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, buf, len) < 0)
		errno = EACCES; /* seen when the socket is refused again */
	close(fd);
}

/* Opens it, and connects it if that is possible already: 0 or -errno of the opening. */
static int open_socket(struct check *c)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int r;

	check_target(c, &ss, &len);
	r = check_socket(c, SOCK_DGRAM,
			 ss.ss_family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	if (!r)
		check_connect(c); /* else when it is used */
	return r;
}

static void open_early(struct check *c)
{
	char before[64], wide[32];
	ssize_t n;
	int len, r = open_socket(c);

	if (r != -EACCES)
		return;
	n = read_range(before, sizeof(before));
	len = snprintf(wide, sizeof(wide), "%u\t%u\n", getegid(), getegid());
	write_range(wide, (size_t)len);
	open_socket(c);
	if (n > 0)
		write_range(before, (size_t)n);
}

/* --- an attempt --- */

static bool is_reply(const struct echo *e, ssize_t n, uint16_t sequence)
{
	return n >= (ssize_t)offsetof(struct echo, data) &&
	       (e->type == ICMP_ECHOREPLY || e->type == ICMP6_ECHO_REPLY) &&
	       e->sequence == sequence;
}

static void readable(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	struct echo e;
	ssize_t n = recv(f->fd, &e, sizeof(e), 0);

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		check_done(c, check_errno_result(errno));
	else if (is_reply(&e, n, (uint16_t)(uintptr_t)c->job))
		check_done(c, CHECK_OK);
	/* else an earlier attempt's, too late: the deadline stands */
}

/*
 * Opens a socket where there is none, and connects it: our address towards the target
 * may be another by now, or the network was not there before. 0 or -errno.
 */
static int connect_again(struct check *c)
{
	int r = c->io.fd < 0 ? open_socket(c) : 0;

	if (!r)
		r = check_disconnect(c);
	return r ? r : check_connect(c);
}

static bool start(struct check *c)
{
	static uint16_t sequence;
	struct echo e = { .data = "halbd check" };
	struct sockaddr_storage ss;
	socklen_t len;
	int r;

	r = connect_again(c);
	if (r < 0) {
		if (check_errno_result(-r) == CHECK_UNREACHABLE)
			check_done(c, CHECK_UNREACHABLE);
		else
			check_done_detail(c, CHECK_NOT_RUN, strerror(-r));
		return true;
	}
	check_target(c, &ss, &len);
	e.type = ss.ss_family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	e.sequence = ++sequence;
	c->job = (void *)(uintptr_t)e.sequence; /* all that an attempt remembers */
	r = check_watch(c, EPOLLIN, readable);
	if (r < 0)
		check_done_detail(c, CHECK_NOT_RUN, strerror(-r));
	else if (send(c->io.fd, &e, sizeof(e), MSG_NOSIGNAL) < 0)
		check_done(c, check_errno_result(errno));
	return true;
}

const struct check_type check_ping = {
	.name = "PING_CHECK",
	.start = start,
	.open = open_early,
};
