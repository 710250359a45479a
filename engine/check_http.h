/* What HTTP_GET and SSL_GET share: one request, one reply, over some stream. */
#ifndef HALBD_CHECK_HTTP_H
#define HALBD_CHECK_HTTP_H

#include <sys/types.h>

#include "check.h"
#include "http_page.h"

struct http_job;

/*
 * A stream on a connected socket. All return >= 0, or -EAGAIN (job->want says
 * which events to wait for), or another -errno.
 */
struct http_stream {
	int (*begin)(struct http_job *job); /* 0: it stands */
	ssize_t (*read)(struct http_job *job, void *buf, size_t len); /* 0: the end */
	ssize_t (*write)(struct http_job *job, const void *buf, size_t len);
	void (*end)(struct http_job *job); /* NULL is fine */
};

struct http_job {
	struct check *check;
	const struct http_stream *stream;
	const struct http_url_conf *url;
	const char *host; /* virtualhost, or NULL: by address */
	void *tls;	  /* the stream's own */
	uint32_t want;	  /* EPOLLIN, EPOLLOUT */
	size_t sent, nrequest;
	struct http_page reply;
	char request[2048];
};

/* A check_type's start() and finish() for that stream. */
bool http_check_start(struct check *c, const struct http_stream *stream);
void http_check_finish(struct check *c);

/*
 * The request for a url, as keepalived 2.2.7 words it. Returns its length; it is
 * cut off where the buffer ends.
 */
size_t http_request(const struct check *c, const struct http_url_conf *url,
		    const char *host, char *buf, size_t len);

#endif
