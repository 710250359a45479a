/*
 * SMTP_CHECK: greeting (220), HELO (250), QUIT and whatever is said to that.
 * As in keepalived, the server has connect_timeout for each step, and again after each
 * piece of a line. Other than there, replies may have several lines, and no text (RFC
 * 5321, section 4.2: "220-mail", "220 ready"; "220").
 */
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "check.h"

#define LINE_MAX_BYTES 512 /* RFC 5321 section 4.5.3.1.5 */
#define REPLIES_MAX_BYTES 8192 /* so that it ends, however slowly they come */
#define DEFAULT_HELO   "smtpchecker.keepalived.org"

enum smtp_step { SMTP_GREETING, SMTP_HELO, SMTP_QUIT };

struct smtp_job {
	enum smtp_step step;
	size_t n, all; /* in buf; received */
	char buf[LINE_MAX_BYTES];
};

/* The three digits at the start of a line; -1: there are none. */
static int reply_code(const char *line)
{
	if (!isdigit((unsigned char)line[0]) || !isdigit((unsigned char)line[1]) ||
	    !isdigit((unsigned char)line[2]) || (line[3] && !strchr(" -", line[3])))
		return -1;
	return atoi(line);
}

/* Not the last line of its reply? */
static bool goes_on(const char *line)
{
	return reply_code(line) >= 0 && line[3] == '-';
}

static void say(struct check *c, const char *line)
{
	ssize_t n = send(c->io.fd, line, strlen(line), MSG_NOSIGNAL);

	if (n < 0)
		check_done(c, check_errno_result(errno));
}

static void wrong(struct check *c, const char *what, const char *line)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "%s '%.40s'", what, line);
	check_done_detail(c, CHECK_BAD_STATUS, detail);
}

/* The last line of a reply. */
static void take_line(struct check *c, struct smtp_job *job, const char *line)
{
	char helo[300];

	switch (job->step) {
	case SMTP_GREETING:
		if (reply_code(line) != 220) {
			wrong(c, "greeting", line);
			return;
		}
		job->step = SMTP_HELO;
		snprintf(helo, sizeof(helo), "HELO %.255s\r\n",
			 c->conf->helo_name ? c->conf->helo_name : DEFAULT_HELO);
		say(c, helo);
		break;
	case SMTP_HELO:
		if (reply_code(line) != 250) {
			wrong(c, "HELO reply", line);
			return;
		}
		job->step = SMTP_QUIT;
		say(c, "QUIT\r\n");
		break;
	case SMTP_QUIT:
		check_done(c, CHECK_OK);
		break;
	}
}

static void readable(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	struct smtp_job *job = c->job;
	char *line, *end;
	ssize_t n;

	(void)revents;
	if (job->n == sizeof(job->buf) - 1)
		job->n = 0; /* an endless line: begin again */
	n = recv(f->fd, job->buf + job->n, sizeof(job->buf) - 1 - job->n, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		check_done(c, n < 0 ? check_errno_result(errno) : CHECK_RESET);
		return;
	}
	job->n += (size_t)n;
	job->all += (size_t)n;
	if (job->all > REPLIES_MAX_BYTES) {
		check_done(c, CHECK_BAD_REPLY);
		return;
	}
	job->buf[job->n] = '\0';
	check_more_time(c);
	for (line = job->buf; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (end > line && end[-1] == '\r')
			end[-1] = '\0';
		if (job->step != SMTP_QUIT && goes_on(line))
			continue;
		job->n = 0; /* what may come behind the reply is none */
		take_line(c, job, line);
		return;
	}
	job->n -= (size_t)(line - job->buf);
	memmove(job->buf, line, job->n + 1);
}

static void connected(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;
	int r = check_connected(c, revents);

	(void)f;
	if (!r)
		r = check_watch(c, EPOLLIN, readable);
	if (r < 0)
		check_done(c, check_errno_result(-r));
	else
		check_more_time(c);
}

static bool start(struct check *c)
{
	c->job = calloc(1, sizeof(struct smtp_job));
	if (!c->job) {
		check_done_detail(c, CHECK_NOT_RUN, strerror(ENOMEM));
		return true;
	}
	return check_begin(c, SOCK_STREAM, IPPROTO_TCP, EPOLLOUT, connected);
}

static void finish(struct check *c)
{
	free(c->job);
}

const struct check_type check_smtp = {
	.name = "SMTP_CHECK",
	.start = start,
	.finish = finish,
};
