#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

/* A process runs one pool at a time. */
static bool no_more;
static struct {
	int ms;
	void (*fn)(void *arg);
	void *arg;
} tick;

void pool_tick(int ms, void (*fn)(void *arg), void *arg)
{
	tick.ms = ms;
	tick.fn = fn;
	tick.arg = arg;
}

struct worker {
	pid_t pid;
	int fd;
	size_t job;
	char *text;
	size_t len;
};

struct pool {
	struct worker *w;
	struct pollfd *p; /* the signals first, then one a worker */
	size_t n;	  /* running */
	sigset_t old;
	int sig_fd, stopped_by;
};

static void child(struct pool *pool, int fd, size_t i, pid_t parent,
		  int (*work)(size_t, FILE *, void *), void *arg)
	__attribute__((noreturn));
static void child(struct pool *pool, int fd, size_t i, pid_t parent,
		  int (*work)(size_t, FILE *, void *), void *arg)
{
	FILE *out;
	int r;

	/* A parent that is killed outright must not leave its runs behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_SOFTWARE);
	close(pool->sig_fd);
	sigprocmask(SIG_SETMASK, &pool->old, NULL);
	out = fdopen(fd, "w");
	if (!out)
		_exit(EXIT_SOFTWARE);
	r = work(i, out, arg);
	if (fflush(NULL))
		r = EXIT_SOFTWARE;
	_exit(r);
}

static int start(struct pool *pool, size_t i, int (*work)(size_t, FILE *, void *),
		 void *arg)
{
	struct worker *w = &pool->w[pool->n];
	pid_t parent = getpid();
	int fds[2];

	if (pipe(fds))
		return -errno;
	fflush(NULL);
	*w = (struct worker){ .fd = fds[0], .job = i };
	w->pid = fork();
	if (w->pid == 0) {
		close(fds[0]);
		child(pool, fds[1], i, parent, work, arg);
	}
	close(fds[1]);
	if (w->pid < 0) {
		close(fds[0]);
		return -errno;
	}
	pool->n++;
	return 0;
}

/* Reads what a worker wrote; false at its end. */
static bool collect(struct worker *w)
{
	char buf[4096], *more;
	ssize_t n = read(w->fd, buf, sizeof(buf));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	more = realloc(w->text, w->len + (size_t)n + 1);
	if (!more)
		return false;
	memcpy(more + w->len, buf, (size_t)n);
	w->text = more;
	w->len += (size_t)n;
	more[w->len] = '\0';
	return true;
}

static void reap(struct pool *pool, size_t at,
		 void (*done)(size_t, int, const char *, void *), void *arg)
{
	struct worker w = pool->w[at];
	int status, code = EXIT_SOFTWARE;

	close(w.fd);
	while (waitpid(w.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		code = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		code = 128 + WTERMSIG(status);
	pool->w[at] = pool->w[--pool->n];
	done(w.job, code, w.text ? w.text : "", arg);
	free(w.text);
}

void pool_stop(void)
{
	no_more = true;
}

static void stop(struct pool *pool)
{
	struct signalfd_siginfo info;
	size_t i;

	if (read(pool->sig_fd, &info, sizeof(info)) != sizeof(info))
		return;
	pool->stopped_by = (int)info.ssi_signo;
	for (i = 0; i < pool->n; i++)
		kill(pool->w[i].pid, SIGTERM);
}

static int step(struct pool *pool, void (*done)(size_t, int, const char *, void *),
		void *arg)
{
	size_t i, n = pool->n;
	bool was;

	pool->p[0] = (struct pollfd){ .fd = pool->sig_fd, .events = POLLIN };
	for (i = 0; i < n; i++)
		pool->p[i + 1] = (struct pollfd){ .fd = pool->w[i].fd, .events = POLLIN };
	if (poll(pool->p, n + 1, tick.ms ? tick.ms : -1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (tick.ms)
		tick.fn(tick.arg);
	if (pool->p[0].revents)
		stop(pool);
	was = no_more;
	/* From the back: reap() moves the last one into the gap. */
	for (i = n; i-- > 0;)
		if (pool->p[i + 1].revents && !collect(&pool->w[i]))
			reap(pool, i, done, arg);
	for (i = 0; no_more && !was && i < pool->n; i++)
		kill(pool->w[i].pid, SIGTERM);
	return 0;
}

int pool_run(size_t n, size_t jobs, int (*work)(size_t i, FILE *out, void *arg),
	     void (*done)(size_t i, int status, const char *text, void *arg), void *arg)
{
	struct pool pool = { .w = calloc(jobs, sizeof(*pool.w)),
			     .p = calloc(jobs + 1, sizeof(*pool.p)) };
	sigset_t set;
	size_t next = 0;
	int r = 0;

	no_more = false;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &pool.old);
	pool.sig_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (!pool.w || !pool.p || pool.sig_fd < 0)
		r = pool.sig_fd < 0 ? -errno : -ENOMEM;
	while (!r && (pool.n || (next < n && !pool.stopped_by && !no_more))) {
		while (!r && pool.n < jobs && next < n && !pool.stopped_by && !no_more)
			r = start(&pool, next++, work, arg);
		if (!r)
			r = step(&pool, done, arg);
	}
	if (pool.sig_fd >= 0)
		close(pool.sig_fd);
	sigprocmask(SIG_SETMASK, &pool.old, NULL);
	free(pool.w);
	free(pool.p);
	return r ? r : pool.stopped_by ? 128 + pool.stopped_by : 0;
}
