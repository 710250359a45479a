/*
 * UDP_CHECK: a datagram is sent. Without require_reply silence is success and only
 * an ICMP error is failure; with it, a reply of the right length (and, where given,
 * with the right bytes) must come.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>

#include "check.h"

#define DEFAULT_BYTES 32

static bool is_right(const struct udp_check_conf *u, const uint8_t *data, size_t len)
{
	size_t i;

	if (len < u->min_reply_len || len > u->max_reply_len)
		return false;
	for (i = 0; u->reply && i < u->reply_len && i < len; i++)
		if ((data[i] ^ u->reply[i]) &
		    (u->reply_mask ? (uint8_t)~u->reply_mask[i] : 0xff))
			return false;
	return true;
}

static void readable(struct loop_fd *f, uint32_t revents, void *arg)
{
	static uint8_t buf[65536];
	struct check *c = arg;
	const struct udp_check_conf *u = c->conf->udp;
	ssize_t n = recv(f->fd, buf, sizeof(buf), 0);

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		check_done(c, check_errno_result(errno));
	else if (u && u->require_reply && u->reply && !is_right(u, buf, (size_t)n))
		check_done(c, CHECK_BAD_REPLY);
	else
		check_done(c, CHECK_OK);
}

static void timeout(struct check *c)
{
	bool must = c->conf->udp && c->conf->udp->require_reply;

	check_done(c, must ? CHECK_TIMEOUT : CHECK_OK);
}

static bool start(struct check *c)
{
	static const char words[DEFAULT_BYTES + 1] = "keepalived check - keepalived ch";
	const struct udp_check_conf *u = c->conf->udp;
	const void *data = words;
	size_t len = DEFAULT_BYTES;

	if (u && u->payload) {
		data = u->payload;
		len = u->payload_len;
	}
	/* A connected socket gets ICMP errors, from its peer only. */
	if (!check_begin(c, SOCK_DGRAM, IPPROTO_UDP, EPOLLIN, readable))
		return true;
	if (send(c->io.fd, data, len, MSG_NOSIGNAL) < 0)
		check_done(c, check_errno_result(errno));
	return true;
}

const struct check_type check_udp = {
	.name = "UDP_CHECK",
	.start = start,
	.timeout = timeout,
};
