#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"

#define BATCH 64

struct loop {
	int epfd, timerfd, sigfd;
	struct loop_fd timer_watch, sig_watch;
	void (*sig_cb)(int, void *);
	void *sig_arg;
	void (*idle_cb)(void *);
	void *idle_arg;
	void (*late_cb)(void *); /* NULL: nobody asks */
	void *late_arg;
	int64_t late_ns;
	struct loop_timer **heap; /* heap[1..n]; (borrowed) timers */
	size_t n, cap;
	uint64_t seq;
	int64_t armed_ns; /* what the timerfd is set to; 0: nothing */
	struct epoll_event batch[BATCH];
	int batch_n, batch_i;
	bool stop;
	int broken; /* -errno: a timer that must be is lost */
	int status;
};

/* --- timers: a binary heap by (due, seq) --- */

static bool before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->seq < b->seq;
}

static void place(struct loop *l, struct loop_timer *t, size_t at)
{
	l->heap[at] = t;
	t->heap_at = at;
}

static void sift_up(struct loop *l, struct loop_timer *t, size_t at)
{
	for (; at > 1 && before(t, l->heap[at / 2]); at /= 2)
		place(l, l->heap[at / 2], at);
	place(l, t, at);
}

static void sift_down(struct loop *l, struct loop_timer *t, size_t at)
{
	size_t child;

	for (; (child = at * 2) <= l->n; at = child) {
		if (child < l->n && before(l->heap[child + 1], l->heap[child]))
			child++;
		if (!before(l->heap[child], t))
			break;
		place(l, l->heap[child], at);
	}
	place(l, t, at);
}

/* To its place, wherever it was. */
static void sift(struct loop *l, struct loop_timer *t, size_t at)
{
	if (at > 1 && before(t, l->heap[at / 2]))
		sift_up(l, t, at);
	else
		sift_down(l, t, at);
}

void loop_timer_init(struct loop_timer *t, void (*cb)(struct loop_timer *, void *),
		     void *arg)
{
	memset(t, 0, sizeof(*t));
	t->cb = cb;
	t->arg = arg;
}

void loop_timer_cancel(struct loop *l, struct loop_timer *t)
{
	struct loop_timer *last;
	size_t at = t->heap_at;

	if (!at)
		return;
	last = l->heap[l->n--];
	t->heap_at = 0;
	if (last != t)
		sift(l, last, at);
}

int loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ns)
{
	if (t->heap_at) {
		t->due_ns = due_ns;
		t->seq = l->seq++;
		sift(l, t, t->heap_at);
		return 0;
	}
	if (l->n + 1 >= l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 32;
		struct loop_timer **heap = realloc(l->heap, cap * sizeof(*heap));

		if (!heap)
			return -ENOMEM;
		l->heap = heap;
		l->cap = cap;
	}
	t->due_ns = due_ns;
	t->seq = l->seq++;
	sift_up(l, t, ++l->n);
	return 0;
}

void loop_timer_must(struct loop *l, struct loop_timer *t, int64_t due_ns)
{
	int r = loop_timer_set(l, t, due_ns);

	if (r == 0)
		return;
	l->broken = r;
	loop_stop(l, r);
}

/*
 * Sets the timerfd so that it ends with the earliest timer or before. Timers that
 * are moved on again and again (timeouts) would cost a system call each time;
 * waking up once for nothing costs less.
 */
static int arm(struct loop *l)
{
	struct itimerspec its = { 0 };
	int64_t want;

	if (!l->n)
		return 0;
	want = l->heap[1]->due_ns > 0 ? l->heap[1]->due_ns : 1;
	if (l->armed_ns && l->armed_ns <= want)
		return 0;
	its.it_value.tv_sec = want / NS_PER_S;
	its.it_value.tv_nsec = want % NS_PER_S;
	if (timerfd_settime(l->timerfd, TFD_TIMER_ABSTIME, &its, NULL) < 0)
		return -errno;
	l->armed_ns = want;
	return 0;
}

static void timer_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct loop *l = arg;
	uint64_t limit = l->seq;
	struct loop_timer *t;
	int64_t now;

	/* (Edge-triggered: there is nothing to read away.) */
	(void)f;
	(void)revents;
	l->armed_ns = 0;
	now = clock_now();
	if (l->late_cb && l->n && now - l->heap[1]->due_ns >= l->late_ns)
		l->late_cb(l->late_arg);
	/* Timers set by these callbacks wait for the next round. */
	while (l->n && !l->stop) {
		t = l->heap[1];
		if (t->due_ns - t->early_ns > now || t->seq >= limit)
			break;
		loop_timer_cancel(l, t);
		t->cb(t, t->arg);
	}
}

/* --- descriptors --- */

int loop_fd_add(struct loop *l, struct loop_fd *f, int fd, uint32_t events,
		void (*cb)(struct loop_fd *, uint32_t, void *), void *arg)
{
	struct epoll_event ev = { .events = events, .data.ptr = f };

	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	f->fd = fd;
	f->events = events;
	f->cb = cb;
	f->arg = arg;
	f->added = true;
	return 0;
}

int loop_fd_mod(struct loop *l, struct loop_fd *f, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = f };

	if (f->events == events)
		return 0;
	if (epoll_ctl(l->epfd, EPOLL_CTL_MOD, f->fd, &ev) < 0)
		return -errno;
	f->events = events;
	return 0;
}

int loop_fd_again(struct loop *l, struct loop_fd *f)
{
	struct epoll_event ev = { .events = f->events, .data.ptr = f };

	return epoll_ctl(l->epfd, EPOLL_CTL_MOD, f->fd, &ev) < 0 ? -errno : 0;
}

/* What was reported of it already is not called any more. */
static void drop_events(struct loop *l, const struct loop_fd *f)
{
	int i;

	for (i = l->batch_i; i < l->batch_n; i++)
		if (l->batch[i].data.ptr == f)
			l->batch[i].data.ptr = NULL;
}

void loop_fd_del(struct loop *l, struct loop_fd *f)
{
	if (!f->added)
		return;
	f->added = false;
	epoll_ctl(l->epfd, EPOLL_CTL_DEL, f->fd, NULL);
	drop_events(l, f);
}

void loop_fd_close(struct loop *l, struct loop_fd *f)
{
	if (f->added)
		drop_events(l, f);
	f->added = false;
	close(f->fd);
	f->fd = -1;
}

/* --- signals --- */

static void signal_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct loop *l = arg;
	struct signalfd_siginfo si;

	(void)revents;
	while (!l->stop && read(f->fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		l->sig_cb((int)si.ssi_signo, l->sig_arg);
}

int loop_signals(struct loop *l, const sigset_t *set, void (*cb)(int, void *), void *arg)
{
	int r;

	if (sigprocmask(SIG_BLOCK, set, NULL) < 0)
		return -errno;
	l->sigfd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->sigfd < 0)
		return -errno;
	l->sig_cb = cb;
	l->sig_arg = arg;
	r = loop_fd_add(l, &l->sig_watch, l->sigfd, EPOLLIN, signal_ready, l);
	if (r < 0) {
		close(l->sigfd);
		l->sigfd = -1;
	}
	return r;
}

void loop_child_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		sigaction(signo, &dfl, NULL); /* KILL, STOP and glibc's own refuse */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* --- the loop --- */

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return NULL;
	l->timerfd = l->sigfd = -1;
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0)
		goto fail;
	l->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timerfd < 0)
		goto fail;
	err = loop_fd_add(l, &l->timer_watch, l->timerfd, EPOLLIN | EPOLLET, timer_ready,
			  l);
	if (!err)
		return l;
	errno = -err;
fail:
	err = errno;
	loop_free(l);
	errno = err;
	return NULL;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (l->sigfd >= 0)
		close(l->sigfd);
	if (l->timerfd >= 0)
		close(l->timerfd);
	if (l->epfd >= 0)
		close(l->epfd);
	free(l->heap);
	free(l);
}

int loop_run(struct loop *l)
{
	struct epoll_event *ev;
	struct loop_fd *f;
	int r;

	if (l->broken)
		return l->broken;
	l->stop = false;
	l->status = 0;
	while (!l->stop) {
		if (l->idle_cb)
			l->idle_cb(l->idle_arg);
		r = arm(l);
		if (r < 0)
			return r;
		l->batch_n = epoll_wait(l->epfd, l->batch, BATCH, -1);
		if (l->batch_n < 0 && errno != EINTR)
			return -errno;
		for (l->batch_i = 0; l->batch_i < l->batch_n && !l->stop;) {
			ev = &l->batch[l->batch_i++];
			f = ev->data.ptr;
			if (f)
				f->cb(f, ev->events, f->arg);
		}
	}
	l->batch_n = 0;
	return l->status;
}

void loop_late(struct loop *l, int64_t late_ns, void (*cb)(void *arg), void *arg)
{
	l->late_cb = cb;
	l->late_arg = arg;
	l->late_ns = late_ns;
}

void loop_idle(struct loop *l, void (*cb)(void *), void *arg)
{
	l->idle_cb = cb;
	l->idle_arg = arg;
}

void loop_stop(struct loop *l, int status)
{
	l->stop = true;
	l->status = status;
}
