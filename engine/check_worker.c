#include "check_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "auto_rt.h"
#include "log.h"
#include "loop.h"
#include "lvs_caps.h"

#define WORKER_FD 3

struct worker {
	struct loop *loop;
	struct checks *checks;
	struct loop_fd io;
	size_t nchecker;
	/* reports that could not be sent yet */
	struct check_report *queue;
	size_t n, cap;
	struct auto_rt urgency;
};

/* --- talking to the owner of the table --- */

static void flush_reports(struct worker *w)
{
	size_t n;

	while (w->n) {
		n = w->n < CHECK_REPORTS_MAX ? w->n : CHECK_REPORTS_MAX;
		if (send(w->io.fd, w->queue, n * sizeof(*w->queue), MSG_NOSIGNAL) < 0)
			break;
		w->n -= n;
		memmove(w->queue, w->queue + n, w->n * sizeof(*w->queue));
	}
	if (w->n && errno != EAGAIN)
		loop_stop(w->loop, 0);
	else
		loop_fd_mod(w->loop, &w->io, EPOLLIN | (w->n ? EPOLLOUT : 0));
}

static void report(void *arg, const struct check_report *r)
{
	struct worker *w = arg;
	struct check_report *bigger;

	if (w->n == w->cap) {
		bigger = realloc(w->queue, (w->cap * 2 + 16) * sizeof(*w->queue));
		if (!bigger) {
			/* Told wrong is worse than restarted. */
			log_warnx("no memory for a check's result");
			loop_stop(w->loop, 1);
			return;
		}
		w->queue = bigger;
		w->cap = w->cap * 2 + 16;
	}
	w->queue[w->n++] = *r;
	if (w->n == 1)
		flush_reports(w);
}

static void corrected(struct worker *w)
{
	struct check_correction c;
	ssize_t n;

	while ((n = recv(w->io.fd, &c, sizeof(c), 0)) == (ssize_t)sizeof(c))
		if (c.checker < w->nchecker)
			checks_correct(w->checks, c.checker, c.up);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		loop_stop(w->loop, 0);
}

static void channel_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct worker *w = arg;

	(void)f;
	if (revents & EPOLLOUT)
		flush_reports(w);
	if (revents & ~(uint32_t)EPOLLOUT)
		corrected(w);
}

/* --- the process --- */

/* Signals meant for the whole group are the owner's to act on. */
static int ignore_signals(void)
{
	static const int signals[] = { SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE };
	sigset_t none;
	size_t i;

	loop_child_signals();
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signal(signals[i], SIG_IGN) == SIG_ERR)
			return -errno;
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

static int keep_only(int fd)
{
	closelog(); /* its descriptor is about to go */
	if (fd != WORKER_FD && dup3(fd, WORKER_FD, O_CLOEXEC) < 0)
		return -errno;
	return close_range(WORKER_FD + 1, ~0U, 0) < 0 ? -errno : 0;
}

static size_t count_checkers(const struct conf *c)
{
	size_t i, j, n = 0;

	for (i = 0; i < c->nservice; i++)
		for (j = 0; j < c->service[i].nreal; j++)
			n += c->service[i].real[j].nchecker;
	return n;
}

static int set_up(struct worker *w, const struct conf *c, struct check_state *state,
		  int fd)
{
	struct checks_opts o = { .conf = c, .state = state, .report = report, .arg = w };
	int r;

	r = ignore_signals();
	if (!r)
		r = keep_only(fd);
	if (r < 0)
		return r;
	w->nchecker = count_checkers(c);
	w->loop = o.loop = loop_new();
	if (!w->loop)
		return -errno;
	r = loop_fd_add(w->loop, &w->io, WORKER_FD, EPOLLIN, channel_ready, w);
	if (r < 0)
		return r;
	w->checks = checks_new(&o); /* opens what needs privileges; runs nothing */
	if (!w->checks)
		return -ENOMEM;
	lvs_caps_priority(&c->global);
	auto_rt_allow(&c->global);
	auto_rt_watch(&w->urgency, w->loop, c->global.checker_rt_priority, &c->global);
	r = lvs_caps_worker();
	if (!r && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) /* setresuid forgets it */
		r = -errno;
	return r;
}

int check_worker_run(const struct conf *c, struct check_state *state, int fd)
{
	struct worker w = { 0 };
	int r = set_up(&w, c, state, fd);

	if (r < 0) {
		log_warnx("check worker: %s", strerror(-r));
		r = 1;
	} else {
		r = loop_run(w.loop);
	}
	checks_free(w.checks);
	loop_free(w.loop);
	free(w.queue);
	return r < 0 ? 1 : r;
}
