/*
 * HTTP_GET: connects, asks for one url, reads until the server closes, and judges
 * status and digest. Which url is next is the rules' business (check_rules.c).
 */
#include "check_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "http_regex.h"
#include "http_status.h"

#define READS_AT_ONCE 16 /* 64 KiB, then the other checks have a turn */
#define SEARCHED_MAX  (256 * 1024) /* of a body, by a regex */
#define MATCH_MAX     4096	   /* beyond the offset where it must begin */

/* --- the request --- */

size_t http_request(const struct check *c, const struct http_url_conf *url,
		    const char *host, char *buf, size_t len)
{
	enum http_version v = c->conf->http_version;
	char at[80];
	int n;

	check_target_text(c, at, sizeof(at));
	n = snprintf(buf, len,
		     "GET %s HTTP/1.%d\r\nUser-Agent: KeepAliveClient\r\n%sHost: %s\r\n\r\n",
		     url->path, v == HTTP_1_1,
		     v == HTTP_1_0 ? "" : "Connection: close\r\n", host ? host : at);
	return n < 0 ? 0 : (size_t)n < len ? (size_t)n : len - 1;
}

/* --- the verdict --- */

/* CHECK_OK, CHECK_NO_MATCH or, when it is no pattern, CHECK_NOT_RUN. */
static enum check_result search(const struct http_url_conf *u, const struct http_page *p)
{
	int r = http_regex_match(u->regex, u->regex_options, p->kept ? p->kept : "",
				 p->nkept, u->regex_min, u->regex_max);

	if (r < 0)
		return CHECK_NOT_RUN;
	return (r == 1) != u->regex_no_match ? CHECK_OK : CHECK_NO_MATCH;
}

static void judge(struct check *c, struct http_job *job)
{
	struct http_page *r = &job->reply;
	uint8_t digest[16];
	char detail[32];

	if (!r->in_body) {
		check_done(c, CHECK_NO_REPLY);
		return;
	}
	if (!http_status_wanted(job->url, r->status)) {
		snprintf(detail, sizeof(detail), "status %d", r->status);
		check_done_detail(c, CHECK_BAD_STATUS, detail);
		return;
	}
	if (job->url->has_digest && (!http_page_digest(r, digest) ||
				     memcmp(digest, job->url->digest, 16) != 0)) {
		check_done(c, CHECK_BAD_DIGEST);
		return;
	}
	check_done(c, job->url->regex ? search(job->url, r) : CHECK_OK);
}

/* --- the conversation --- */

/* Waits for what the stream wants; the error otherwise ends the attempt. */
static void wait_or_fail(struct check *c, int r, enum check_result other,
			 void (*cb)(struct loop_fd *, uint32_t, void *))
{
	struct http_job *job = c->job;

	if (r == -EAGAIN)
		r = check_watch(c, job->want, cb);
	if (r == 0)
		return;
	if (check_errno_result(-r) == CHECK_IO_ERROR)
		check_done(c, other);
	else
		check_done(c, check_errno_result(-r));
}

static void reading(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	struct http_job *job = c->job;
	char buf[4096];
	int r = 0, turns = READS_AT_ONCE;
	ssize_t n;

	(void)f;
	(void)revents;
	job->want = EPOLLIN;
	do {
		n = job->stream->read(job, buf, sizeof(buf));
		if (n > 0)
			r = http_page_feed(&job->reply, buf, (size_t)n);
	} while (n > 0 && !r && --turns);
	/* Others' turn. A writable socket brings us back at once, also for what a
	 * TLS stream has taken from the socket already. */
	if (n > 0)
		job->want = EPOLLIN | EPOLLOUT;
	if (r < 0)
		check_done(c, r == -ENOMEM ? CHECK_NOT_RUN : CHECK_BAD_REPLY);
	else if (n == 0)
		judge(c, job);
	else
		wait_or_fail(c, n < 0 ? (int)n : -EAGAIN, CHECK_IO_ERROR, reading);
}

static void writing(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	struct http_job *job = c->job;
	ssize_t n = 0;

	(void)f;
	(void)revents;
	job->want = EPOLLOUT;
	while (job->sent < job->nrequest) {
		n = job->stream->write(job, job->request + job->sent,
				       job->nrequest - job->sent);
		if (n < 0) {
			wait_or_fail(c, (int)n, CHECK_IO_ERROR, writing);
			return;
		}
		job->sent += (size_t)n;
	}
	job->want = EPOLLIN;
	wait_or_fail(c, -EAGAIN, CHECK_IO_ERROR, reading);
}

static void beginning(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	struct http_job *job = c->job;
	int r;

	job->want = EPOLLIN;
	r = job->stream->begin ? job->stream->begin(job) : 0;
	if (!r)
		writing(f, revents, arg);
	else
		wait_or_fail(c, r, CHECK_BAD_TLS, beginning);
}

static void connected(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	int r = check_connected(c, revents);

	if (r < 0)
		check_done(c, check_errno_result(-r));
	else
		beginning(f, revents, arg);
}

/* How much of the body the regex needs. */
static size_t kept(const struct http_url_conf *u)
{
	if (!u->regex)
		return 0;
	if (u->regex_max && u->regex_max < SEARCHED_MAX - MATCH_MAX)
		return u->regex_max + MATCH_MAX;
	return SEARCHED_MAX;
}

bool http_check_start(struct check *c, const struct http_stream *stream)
{
	struct http_job *job = malloc(sizeof(*job));
	size_t which = check_state(c)->url;

	if (!job || which >= c->conf->nurl) {
		free(job);
		check_done_detail(c, CHECK_NOT_RUN, job ? "no url" : strerror(ENOMEM));
		return true;
	}
	memset(job, 0, offsetof(struct http_job, reply));
	job->check = c;
	job->stream = stream;
	job->url = &c->conf->url[which];
	job->host = job->url->virtualhost ? job->url->virtualhost : c->conf->virtualhost;
	job->nrequest = http_request(c, job->url, job->host, job->request,
				     sizeof(job->request));
	if (http_page_init(&job->reply, job->url->has_digest, kept(job->url)) < 0) {
		free(job);
		check_done_detail(c, CHECK_NOT_RUN, strerror(ENOMEM));
		return true;
	}
	c->job = job;
	return check_begin(c, SOCK_STREAM, IPPROTO_TCP, EPOLLOUT, connected);
}

void http_check_finish(struct check *c)
{
	struct http_job *job = c->job;

	if (!job)
		return;
	if (job->stream->end)
		job->stream->end(job);
	http_page_finish(&job->reply);
	free(job);
}

/* --- over plain TCP --- */

static ssize_t plain_read(struct http_job *job, void *buf, size_t len)
{
	ssize_t n = recv(job->check->io.fd, buf, len, 0);

	return n < 0 ? (errno == EINTR ? -EAGAIN : -errno) : n;
}

static ssize_t plain_write(struct http_job *job, const void *buf, size_t len)
{
	ssize_t n = send(job->check->io.fd, buf, len, MSG_NOSIGNAL);

	return n < 0 ? (errno == EINTR ? -EAGAIN : -errno) : n;
}

static const struct http_stream plain = {
	.read = plain_read,
	.write = plain_write,
};

static bool start(struct check *c)
{
	return http_check_start(c, &plain);
}

const struct check_type check_http = {
	.name = "HTTP_GET",
	.start = start,
	.finish = http_check_finish,
};
