#include "lvs_worker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_worker.h"
#include "clock.h"
#include "log.h"

#define RESPAWN_NS (1 * NS_PER_S)

static void take(struct lvs_worker *w, const struct check_report *r)
{
	/* Weights are for scripts, which do not run there. */
	if (r->checker >= w->nchecker || r->up > 1 || r->weight_only || r->has_weight)
		log_warnx("check worker: a report that makes no sense");
	else
		w->report(w->arg, r->checker, r->up);
}

static void channel_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check_report r[CHECK_REPORTS_MAX];
	struct lvs_worker *w = arg;
	ssize_t n;
	size_t i;

	(void)revents;
	n = recv(f->fd, r, sizeof(r), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* its end comes as SIGCHLD */
		loop_fd_del(w->loop, f);
		return;
	}
	for (i = 0; i < (size_t)n / sizeof(r[0]); i++)
		take(w, &r[i]);
}

static void close_channel(struct lvs_worker *w)
{
	if (w->channel.fd < 0)
		return;
	loop_fd_del(w->loop, &w->channel);
	close(w->channel.fd);
	w->channel.fd = -1;
}

/* 0 or -errno; the worker runs then, with its end of the pair. */
static int spawn(struct lvs_worker *w)
{
	int fd[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		_exit(check_worker_run(w->conf, w->state, fd[1]));
	}
	r = pid < 0 ? -errno : 0;
	close(fd[1]);
	if (!r)
		r = loop_fd_add(w->loop, &w->channel, fd[0], EPOLLIN, channel_ready, w);
	if (r < 0)
		close(fd[0]); /* and a worker that was forked ends by itself */
	else
		w->pid = pid;
	return r;
}

/* Without a timer it would never come back: then this process ends, and is started anew. */
static void try_later(struct lvs_worker *w)
{
	int r = loop_timer_set(w->loop, &w->respawn, clock_now() + RESPAWN_NS);

	if (r < 0) {
		log_warnx("check worker: cannot wait to start it: %s", strerror(-r));
		loop_stop(w->loop, r);
	}
}

void lvs_worker_start(struct lvs_worker *w)
{
	int r = spawn(w);

	if (!r)
		return;
	log_warnx("check worker: %s", strerror(-r));
	try_later(w);
}

static void respawn_cb(struct loop_timer *t, void *arg)
{
	(void)t;
	lvs_worker_start(arg);
}

void lvs_worker_init(struct lvs_worker *w)
{
	memset(w, 0, sizeof(*w));
	w->channel.fd = -1;
	loop_timer_init(&w->respawn, respawn_cb, w);
}

void lvs_worker_stop(struct lvs_worker *w)
{
	if (w->loop)
		loop_timer_cancel(w->loop, &w->respawn);
	close_channel(w);
	if (!w->pid)
		return;
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
}

bool lvs_worker_reaped(struct lvs_worker *w, pid_t pid, int status)
{
	if (pid != w->pid)
		return false;
	w->pid = 0;
	close_channel(w);
	log_warnx("check worker died (%s %d): another is started",
		  WIFSIGNALED(status) ? "signal" : "status",
		  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	w->died(w->arg);
	try_later(w);
	return true;
}

void lvs_worker_correct(struct lvs_worker *w, uint32_t checker, bool up)
{
	struct check_correction c = { .checker = checker, .up = up };

	if (w->channel.added && send(w->channel.fd, &c, sizeof(c), MSG_NOSIGNAL) < 0)
		log_warn("check worker");
}
