/*
 * Freezing a process of ours into a file (frozen.h), from outside: it is a child whose
 * threads all sleep, and goes on afterwards as if nothing had been.
 */
#ifndef HALBSIM_FREEZE_H
#define HALBSIM_FREEZE_H

#include <stdbool.h>
#include <sys/types.h>

#include "frozen.h"

/* What the process shares with others and is to be given anew: by device and inode. */
struct freeze_known {
	dev_t dev;
	ino_t ino;
};

/*
 * Writes `pid` to fd, an empty file. known[] has what belongs to the caller, by enum
 * frozen_role; what is not there has inode 0.
 *
 * 0 or -errno: -ENOTSUP it has something that cannot be given back, or this is no
 * x86-64; -EAGAIN a thread of it was at work; -EPERM tracing is not allowed here.
 */
int freeze(pid_t pid, const struct freeze_known known[FROZEN_NROLES], int fd);

/* Whether children of ours may be traced at all: 0, or -errno as freeze(). */
int freeze_possible(void);

/* Whether a frozen process would go on here: same processor, same files. */
bool frozen_fits(int fd);

/* A fingerprint of this processor, as far as programs look at it. */
uint64_t frozen_cpu(void);

#endif
