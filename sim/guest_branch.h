/*
 * Guests saved at the branch (guest_late.h), for runs that are alike until there. In
 * a folder of their own beside the booted ones, as those are: by a fingerprint of the
 * booted guest, the input, the command and the seed; written once and then only read;
 * the oldest of them removed.
 *
 * The machine's state is all there is to save, but QEMU has more: code that it has
 * translated. Where an instruction lies on two pages, the second one's accessed bit is
 * set when that is translated or looked up, and not each time it is executed; so a
 * restored guest may set one that another did not. Linux looks at those bits where text
 * was copied at fork(), which only programs with sanitizers have: their trials may be
 * some nanoseconds apart.
 */
#ifndef HALBSIM_GUEST_BRANCH_H
#define HALBSIM_GUEST_BRANCH_H

#include <limits.h>
#include <stdint.h>

#include "guest_make.h"

struct guest_branch {
	char dir[PATH_MAX], key[HASH_TEXT];
	struct guest_saved saved; /* -1 -1: there is none yet */
	int lock_fd;		  /* we are the one who makes it; -1: not */
	int ram_fd, save_fd;	  /* where the guest works while we make it */
};

void guest_branch_init(struct guest_branch *b);
void guest_branch_finish(struct guest_branch *b);

/*
 * Looks for the one of `g` with the input and the command that are in vm's mailbox.
 * Afterwards b->saved has it, or b->lock_fd says that this run is to make it, or
 * neither: somebody else is making it, or there is no place for it.
 */
void guest_branch_find(struct guest_branch *b, const struct guest *g,
		       const struct guest_vm *vm);

/*
 * Starts `vm` at the branch when it is there, else as guest_begin() does, ready to be
 * saved when it is to be made. 0 or -errno after a message.
 */
int guest_branch_begin(struct guest_branch *b, const struct guest *g,
		       struct guest_vm *vm, int64_t deadline_ns);

/*
 * It has stopped for the branch: saves it if this run is the one. Never fails, but
 * says so.
 */
void guest_branch_save(struct guest_branch *b, struct guest_vm *vm, int64_t deadline_ns);

#endif
