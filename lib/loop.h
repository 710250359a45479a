/*
 * The event loop: file descriptors, timers, signals; one thread.
 *
 * Timers wait on one timerfd, so that they are as exact as the kernel's
 * hrtimers (epoll's own timeout would round to milliseconds). Timers that are
 * due at the same instant fire in the order in which they were set: the same
 * input gives the same order of events. Callbacks may add, change and remove
 * any descriptor or timer, their own included, and may call loop_stop().
 */
#ifndef HALB_LOOP_H
#define HALB_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/* Embedded in its user's struct; zero it first, then loop_timer_init(). */
struct loop_timer {
	void (*cb)(struct loop_timer *, void *arg);
	void *arg;	/* (borrowed) */
	int64_t due_ns; /* CLOCK_MONOTONIC; valid while set */
	/* When another timer ends, this one may too if no more than that is left.
	 * Kept by its user, before loop_timer_set(). */
	int64_t early_ns;
	uint64_t seq;	/* breaks ties */
	size_t heap_at; /* 1-based place in the heap; 0: not set */
};

/* Embedded too. `fd` stays the caller's to close, after loop_fd_del(). */
struct loop_fd {
	int fd;
	uint32_t events; /* EPOLLIN | EPOLLOUT … */
	void (*cb)(struct loop_fd *, uint32_t revents, void *arg);
	void *arg; /* (borrowed) */
	bool added;
};

/* Returns a loop, or NULL with errno set. Free with loop_free() (NULL is fine). */
struct loop *loop_new(void);
void loop_free(struct loop *l);

/* Runs until loop_stop(). Returns what loop_stop() was given, or -errno. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l, int status);
/* Calls cb each time before it waits (or would, with nothing to wait for). */
void loop_idle(struct loop *l, void (*cb)(void *arg), void *arg);
/* Calls cb whenever timers are looked at and the first of them ended `late_ns` ago. */
void loop_late(struct loop *l, int64_t late_ns, void (*cb)(void *arg), void *arg);

void loop_timer_init(struct loop_timer *t, void (*cb)(struct loop_timer *, void *),
		     void *arg);
/* Sets or moves a timer to an absolute CLOCK_MONOTONIC instant. 0 or -ENOMEM. */
int loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ns);
/*
 * The same for a timer without which the process is of no use: when there is no memory
 * for it, loop_run() ends with -ENOMEM, so that somebody starts the process anew.
 */
void loop_timer_must(struct loop *l, struct loop_timer *t, int64_t due_ns);
/* Stops a timer; harmless when it is not set. */
void loop_timer_cancel(struct loop *l, struct loop_timer *t);
static inline bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->heap_at != 0;
}

/* Watch `f->fd` for `f->events`. 0 or -errno. */
int loop_fd_add(struct loop *l, struct loop_fd *f, int fd, uint32_t events,
		void (*cb)(struct loop_fd *, uint32_t, void *), void *arg);
int loop_fd_mod(struct loop *l, struct loop_fd *f, uint32_t events);
/*
 * For one that is watched with EPOLLET and was not read until it was empty: what
 * is there is reported once more. 0 or -errno.
 */
int loop_fd_again(struct loop *l, struct loop_fd *f);
/* Stops watching; harmless when it is not watched. Safe inside any callback. */
void loop_fd_del(struct loop *l, struct loop_fd *f);
/*
 * Stops watching and closes the descriptor, which nothing else may hold open: the
 * kernel then forgets it by itself, a system call less than loop_fd_del() and
 * close(). Sets f->fd to -1.
 */
void loop_fd_close(struct loop *l, struct loop_fd *f);

/*
 * Blocks the signals of `set` in this thread and calls cb for each that comes.
 * One call a loop. Children must restore the mask (loop_child_signals()).
 * 0 or -errno.
 */
int loop_signals(struct loop *l, const sigset_t *set,
		 void (*cb)(int signo, void *arg), void *arg);
/* In a forked child before exec: all signals unblocked, dispositions default. */
void loop_child_signals(void);

#endif
