/* DNS_CHECK: any reply without an error code is good. */
#include "check_dns.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include "check.h"

#define DNS_HEADER    12
#define LABEL_MAX     63
#define NAME_MAX_WIRE 255
#define FLAG_QR	      0x80 /* in the third byte: a reply */
#define FLAG_RD	      0x01 /* recursion desired */

static uint8_t *put16(uint8_t *p, unsigned int v)
{
	*p++ = (uint8_t)(v >> 8);
	*p++ = (uint8_t)v;
	return p;
}

int dns_query(uint8_t *buf, uint16_t id, const char *name, uint16_t type)
{
	uint8_t *p = put16(buf, id), *first;
	size_t len;

	*p++ = FLAG_RD;
	*p++ = 0;
	p = put16(p, 1); /* one question */
	memset(p, 0, 6); /* no other records */
	p += 6;
	first = p;
	if (!strcmp(name, "."))
		name = "";
	while (*name) {
		len = strcspn(name, ".");
		if (!len || len > LABEL_MAX ||
		    (size_t)(p - first) + 1 + len + 1 > NAME_MAX_WIRE)
			return -EINVAL;
		*p++ = (uint8_t)len;
		memcpy(p, name, len);
		p += len;
		name += len;
		if (*name == '.')
			name++;
	}
	*p++ = 0;
	p = put16(p, type);
	p = put16(p, 1); /* IN */
	return (int)(p - buf);
}

int dns_reply(const uint8_t *buf, size_t len, uint16_t id)
{
	if (len < DNS_HEADER || (buf[0] << 8 | buf[1]) != id || !(buf[2] & FLAG_QR))
		return -1;
	return buf[3] & 0x0f;
}

static void readable(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	uint8_t buf[512];
	char detail[20];
	ssize_t n = recv(f->fd, buf, sizeof(buf), 0);
	int code;

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		check_done(c, check_errno_result(errno));
		return;
	}
	code = dns_reply(buf, (size_t)n, (uint16_t)(uintptr_t)c->job);
	if (code < 0)
		return; /* someone else's: the deadline stands */
	snprintf(detail, sizeof(detail), "rcode %d", code);
	check_done_detail(c, code ? CHECK_BAD_STATUS : CHECK_OK, code ? detail : NULL);
}

static bool start(struct check *c)
{
	uint8_t query[DNS_QUERY_MAX];
	uint16_t id = 0;
	int len;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) < 0)
		id = (uint16_t)check_now(c);
	len = dns_query(query, id, c->conf->dns_name ? c->conf->dns_name : "",
			c->conf->dns_type ? c->conf->dns_type : 6);
	if (len < 0) {
		check_done_detail(c, CHECK_NOT_RUN, "not a domain name");
		return true;
	}
	if (!check_begin(c, SOCK_DGRAM, IPPROTO_UDP, EPOLLIN, readable))
		return true;
	c->job = (void *)(uintptr_t)id; /* all that an attempt remembers */
	if (send(c->io.fd, query, (size_t)len, MSG_NOSIGNAL) < 0)
		check_done(c, check_errno_result(errno));
	return true;
}

const struct check_type check_dns = {
	.name = "DNS_CHECK",
	.start = start,
};
