/*
 * Jobs in child processes, some at a time. A child that is killed takes only
 * its own run with it; on Ctrl-C the parent ends the children, then whatever
 * they left unfinished is removed.
 */
#ifndef HALBSIM_POOL_H
#define HALBSIM_POOL_H

#include <stddef.h>
#include <stdio.h>

/*
 * Calls work(i, out, arg) in a child for i = 0..n-1, at most `jobs` at once;
 * what it writes to `out` reaches done() in the parent as `text`, with its
 * return value as `status` (128+N when signal N killed it), in the order in
 * which they end. Returns 0, or 128+N
 * when signal N stopped it all, or -errno.
 */
int pool_run(size_t n, size_t jobs, int (*work)(size_t i, FILE *out, void *arg),
	     void (*done)(size_t i, int status, const char *text, void *arg), void *arg);

/* What pool_run() calls every `ms` while it waits; ms 0: nothing. */
void pool_tick(int ms, void (*fn)(void *arg), void *arg);

/*
 * For done(): starts no more, and ends those that run. pool_run() then returns 0
 * when nothing else happened.
 */
void pool_stop(void);

#endif
