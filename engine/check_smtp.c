/*
 * SMTP_CHECK: greeting (220), HELO (250), QUIT and whatever is said to that.
 * As keepalived does, only the first line of each reply counts.
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
#define DEFAULT_HELO   "smtpchecker.keepalived.org"

enum smtp_step { SMTP_GREETING, SMTP_HELO, SMTP_QUIT };

struct smtp_job {
	enum smtp_step step;
	size_t n;
	char buf[LINE_MAX_BYTES];
};

/* The three digits at the start of a line; -1: there are none. */
static int reply_code(const char *line)
{
	if (!isdigit((unsigned char)line[0]) || !isdigit((unsigned char)line[1]) ||
	    !isdigit((unsigned char)line[2]) || (line[3] && line[3] != ' '))
		return -1;
	return atoi(line);
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

static void take_line(struct check *c, struct smtp_job *job)
{
	char helo[300];

	job->n = 0;
	switch (job->step) {
	case SMTP_GREETING:
		if (reply_code(job->buf) != 220) {
			wrong(c, "greeting", job->buf);
			return;
		}
		job->step = SMTP_HELO;
		snprintf(helo, sizeof(helo), "HELO %.255s\r\n",
			 c->conf->helo_name ? c->conf->helo_name : DEFAULT_HELO);
		say(c, helo);
		break;
	case SMTP_HELO:
		if (reply_code(job->buf) != 250) {
			wrong(c, "HELO reply", job->buf);
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
	ssize_t n;
	char *end;

	(void)revents;
	if (job->n == sizeof(job->buf) - 1)
		job->n = 0; /* an endless line: begin again, until the deadline */
	n = recv(f->fd, job->buf + job->n, sizeof(job->buf) - 1 - job->n, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		check_done(c, n < 0 ? check_errno_result(errno) : CHECK_RESET);
		return;
	}
	job->n += (size_t)n;
	job->buf[job->n] = '\0';
	end = strchr(job->buf, '\n');
	if (!end)
		return;
	if (end > job->buf && end[-1] == '\r')
		end--;
	*end = '\0';
	take_line(c, job);
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
