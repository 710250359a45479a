/*
 * Guests saved at `settled`, for runs that differ only from there on. In a folder of
 * their own beside the booted ones, as those are: by a fingerprint of the booted
 * guest, the input, the command and the seed; written once and then only read; the
 * oldest of them removed.
 */
#ifndef HALBSIM_GUEST_SETTLED_H
#define HALBSIM_GUEST_SETTLED_H

#include <limits.h>
#include <stdint.h>

#include "guest_make.h"

struct guest_settled {
	char dir[PATH_MAX], key[HASH_TEXT];
	struct guest_saved saved; /* -1 -1: there is none yet */
	int lock_fd;		  /* we are the one who makes it; -1: not */
	int ram_fd, save_fd;	  /* where the guest works while we make it */
};

/* Neither there nor to be made; finish is harmless then. */
void guest_settled_init(struct guest_settled *s);

/*
 * Looks for the one of `g` with the input and the command that are in vm's mailbox.
 * `s` is initialised. Afterwards s->saved has it, or s->lock_fd says that this run is to make it, or
 * neither: somebody else is making it, or there is no place for it.
 */
void guest_settled_find(struct guest_settled *s, const struct guest *g,
			const struct guest_vm *vm);
void guest_settled_finish(struct guest_settled *s);

/*
 * Starts `vm` at settled when it is there, else as guest_begin() does, ready to be
 * saved when it is to be made. 0 or -errno after a message.
 */
int guest_settled_begin(struct guest_settled *s, const struct guest *g,
			struct guest_vm *vm, int64_t deadline_ns);

/* What is saved is of no use: removes it. */
void guest_settled_drop(struct guest_settled *s);

/* It has stopped at settled: saves it if this run is the one. Never fails, but says so. */
void guest_settled_save(struct guest_settled *s, struct guest_vm *vm, int64_t deadline_ns);

#endif
