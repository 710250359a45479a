/*
 * Faults on demand: the n-th allocation, or system call that can fail for want of
 * something, fails. A test that uses it is linked with `$(INJECT)` (see Makefile),
 * which puts these in the way of all of the project's code, but not of libraries.
 */
#ifndef TEST_INJECT_H
#define TEST_INJECT_H

#include <stdbool.h>

/*
 * Calls fn(arg) again and again: with the first chance to fail taken, then only the
 * second, and so on until there are no more. fn must clean up after itself, whatever
 * failed, and returns 0 or -errno; `max` bounds the rounds. Returns how many faults
 * were tried; fails the test when the round without a fault does not return 0.
 * A fault that fn survives with 0 is counted in *survived (may be NULL).
 */
int inject_each(int (*fn)(void *), void *arg, int max, int *survived);
/*
 * The same up to 5000 rounds, for an fn that also works without a fault. Fails the test
 * when a descriptor is left open, when there were fewer chances than `at_least`, or when
 * none of the faults made a difference.
 */
void inject_all(int (*fn)(void *), void *arg, int at_least);

/* How many descriptors are open, for those who do without inject_all(). */
int inject_open_fds(void);

/* Has this round's fault happened yet? And what was it ("malloc")? "": none yet. */
bool inject_fired(void);
const char *inject_what(void);
/* Around what the test itself does in between: nothing fails there. Not nested. */
void inject_pause(bool on);

#endif
