/*
 * Saved guests: files in the cache folder, KEY.ram (the guest's memory, with
 * holes where it is zero), KEY.state (its devices) and, where that is possible,
 * KEY.frozen (QEMU as it stood still, with all that it has translated; frozen.h).
 * KEY is a fingerprint of all that went into them. They are written once, under a lock, and only read
 * afterwards: any number of runs map the same memory, each with its own copy of
 * what it changes.
 */
#ifndef HALBSIM_GUEST_SAVE_H
#define HALBSIM_GUEST_SAVE_H

#include <stdbool.h>

#include "hash.h"

struct guest_saved {
	int ram_fd, state_fd; /* -1: none */
	int frozen_fd;	      /* -1: none */
};

/* The cache folder, made when it is missing. 0, or -errno (no place to write). */
int guest_cache_dir(char *dir, size_t size);
/* The one below it for guests that were saved at the branch (guest_branch.h). */
int guest_branch_dir(char *dir, size_t size);

/* Whether QEMU is frozen, and thawed: unless HALBSIM_FREEZE=no. */
bool guest_freezes(void);

/* Opens a saved guest. 0; -ENOENT; -ESTALE: files that QEMU has mapped are others now. */
int guest_saved_open(struct guest_saved *s, const char *dir, const char key[HASH_TEXT]);
void guest_saved_close(struct guest_saved *s);

/* Takes the folder's lock, waiting for whoever has it. Its descriptor or -errno. */
int guest_cache_lock(const char *dir);
/* The same for one guest of that folder; -EAGAIN at once when somebody has it. */
int guest_cache_lock_one(const char *dir, const char key[HASH_TEXT]);

/* Copies a file, leaving holes where it has some and where it could have. 0/-errno. */
int guest_copy_sparse(int from, int to);

/*
 * Stores a guest: the memory from mem_fd (copied without its zero pages), the
 * state from state_fd, and from frozen_fd (-1: none). Removes what dead runs left and, beyond the newest few,
 * older guests. The lock is held by the caller. 0 or -errno.
 */
int guest_saved_store(const char *dir, const char key[HASH_TEXT], int mem_fd,
		      int state_fd, int frozen_fd);

#endif
