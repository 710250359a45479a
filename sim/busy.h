/*
 * A program that is always busy, run in a node whose processor is slow: it uses
 * up what the node is given, as a busy machine's other work would, and keeps
 * account of how long it was kept from running.
 */
#ifndef HALBSIM_BUSY_H
#define HALBSIM_BUSY_H

#include <stdint.h>
#include <sys/types.h>

/* The word that makes halbsim this program. */
#define BUSY_VERB "busy-node"

/* Never returns but for an error: an exit code. */
int busy_main(void);

/*
 * The longest pause of the one in the node whose init has this pid, in ns, since
 * busy_forget(). -ENOENT when there is no account of one.
 */
int64_t busy_longest(pid_t init);
void busy_forget(pid_t init);

#endif
