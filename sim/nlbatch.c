/* Implementation for batches of netlink requests. */
#include "nlbatch.h"

#include <errno.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One send; libnl gives a socket 32 KiB of send buffer. */
#define CHUNK_BYTES 16384

void nl_batch_init(struct nl_batch *b, struct nl_sock *sk)
{
	memset(b, 0, sizeof(*b));
	b->sk = sk;
}

void nl_batch_finish(struct nl_batch *b)
{
	free(b->buf);
	free(b->item);
	memset(b, 0, sizeof(*b));
}

static int grow(struct nl_batch *b, size_t len)
{
	if (b->len + len > b->cap) {
		size_t cap = b->cap ? b->cap : 4096;
		char *buf;

		while (cap < b->len + len)
			cap *= 2;
		buf = realloc(b->buf, cap);
		if (!buf)
			return -ENOMEM;
		b->buf = buf;
		b->cap = cap;
	}
	if (b->n == b->cap_items) {
		size_t cap = b->cap_items ? b->cap_items * 2 : 32;
		struct nl_batch_item *item = realloc(b->item, cap * sizeof(*item));

		if (!item)
			return -ENOMEM;
		b->item = item;
		b->cap_items = cap;
	}
	return 0;
}

void nl_batch_add(struct nl_batch *b, struct nl_msg *m, const char *verb,
		  const char *noun)
{
	struct nlmsghdr *h = m ? nlmsg_hdr(m) : NULL;
	size_t len = h ? NLMSG_ALIGN(h->nlmsg_len) : 0;
	int r = m ? grow(b, len) : -ENOMEM;

	if (r == 0) {
		memcpy(b->buf + b->len, h, h->nlmsg_len);
		memset(b->buf + b->len + h->nlmsg_len, 0, len - h->nlmsg_len);
		b->len += len;
		b->item[b->n++] = (struct nl_batch_item){ verb, noun, len };
	} else if (!b->err) {
		b->err = r;
	}
	nlmsg_free(m);
}

/*
 * Reads answers until the one with sequence number `last`. Sequence numbers
 * are first + index. Sets *err and *at for the first refusal.
 */
static int read_acks(int fd, uint32_t first, uint32_t last, int *err, size_t *at)
{
	_Alignas(struct nlmsghdr) char buf[16384];
	struct nlmsghdr *h;
	ssize_t n;
	int left;

	for (;;) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		left = (int)n;
		for (h = (struct nlmsghdr *)(void *)buf; NLMSG_OK(h, (uint32_t)left);
		     h = NLMSG_NEXT(h, left)) {
			struct nlmsgerr *e = NLMSG_DATA(h);

			if (h->nlmsg_type != NLMSG_ERROR ||
			    h->nlmsg_seq - first > last - first)
				continue;
			if (e->error && !*err) {
				*err = e->error;
				*at = h->nlmsg_seq - first;
			}
			if (h->nlmsg_seq == last)
				return 0;
		}
	}
}

/* Sends items from..to (their bytes start at `off`) and reads the answer. */
static int send_chunk(struct nl_batch *b, size_t from, size_t to, size_t off,
		      size_t len, int *err, size_t *at)
{
	int fd = nl_socket_get_fd(b->sk), r;
	uint32_t first = nl_socket_use_seq(b->sk);
	size_t i, pos = off, bad = 0;
	int first_err = 0;

	for (i = from; i < to; i++) {
		struct nlmsghdr *h = (struct nlmsghdr *)(void *)(b->buf + pos);

		h->nlmsg_seq = i == from ? first : nl_socket_use_seq(b->sk);
		h->nlmsg_pid = nl_socket_get_local_port(b->sk);
		h->nlmsg_flags |= NLM_F_REQUEST;
		if (i + 1 == to)
			h->nlmsg_flags |= NLM_F_ACK;
		pos += b->item[i].len;
	}
	while (send(fd, b->buf + off, len, 0) < 0)
		if (errno != EINTR)
			return -errno;
	r = read_acks(fd, first, first + (uint32_t)(to - from) - 1, &first_err, &bad);
	if (first_err && !*err) {
		*err = first_err;
		*at = from + bad;
	}
	return r;
}

int nl_batch_commit(struct nl_batch *b, struct nl_batch_item *bad)
{
	size_t from = 0, to, off = 0, len, at = 0;
	int r = b->err, err = 0;

	if (bad)
		*bad = (struct nl_batch_item){ 0 };
	while (r == 0 && from < b->n) {
		for (to = from, len = 0; to < b->n; to++) {
			if (to > from && len + b->item[to].len > CHUNK_BYTES)
				break;
			len += b->item[to].len;
		}
		r = send_chunk(b, from, to, off, len, &err, &at);
		from = to;
		off += len;
	}
	if (r == 0 && err) {
		r = err;
		if (bad)
			*bad = b->item[at];
	}
	b->len = b->n = 0;
	b->err = 0;
	return r;
}

int nl_ask(struct nl_sock *sk, struct nl_msg *m, void *out, size_t size)
{
	_Alignas(struct nlmsghdr) char buf[16384];
	int fd = nl_socket_get_fd(sk), left, r = -ENODATA;
	struct nlmsghdr *h = m ? nlmsg_hdr(m) : NULL;
	uint32_t seq;
	ssize_t n;

	if (!m)
		return -ENOMEM;
	seq = h->nlmsg_seq = nl_socket_use_seq(sk);
	h->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK; /* so that something comes */
	n = send(fd, h, h->nlmsg_len, 0);
	nlmsg_free(m);
	if (n < 0)
		return -errno;
	for (;;) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		left = (int)n;
		for (h = (struct nlmsghdr *)(void *)buf; NLMSG_OK(h, (uint32_t)left);
		     h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_seq != seq)
				continue;
			if (h->nlmsg_type == NLMSG_ERROR) {
				struct nlmsgerr *e = NLMSG_DATA(h);

				return e->error ? e->error : r;
			}
			if (r == -ENODATA)
				r = h->nlmsg_len <= size ? 0 : -EMSGSIZE;
			if (r == 0)
				memcpy(out, h, h->nlmsg_len);
		}
	}
}
