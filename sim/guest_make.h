/*
 * A guest that is ready to run: everything found, gathered, booted and saved.
 */
#ifndef HALBSIM_GUEST_MAKE_H
#define HALBSIM_GUEST_MAKE_H

#include <limits.h>
#include <stdint.h>

#include "guest.h"
#include "guest_kernel.h"
#include "guest_save.h"
#include "hash.h"

struct guest_image;
struct guest_vm;

#define GUEST_CONSOLE_LINES 40 /* shown when it dies */

/* All that does not depend on the run. */
struct guest {
	struct guest_opts opts; /* what it was made for; only for comparing */
	char qemu[PATH_MAX];
	struct guest_kernel kernel;
	struct guest_image *image;
	char key[HASH_TEXT];
	unsigned int memory_mib;
	struct guest_saved saved; /* -1 -1: boot each time */
};

/* 0 or -errno after one message. guest_finish() in either case. */
int guest_make(struct guest *g, const struct guest_opts *o);
void guest_finish(struct guest *g);

struct guest_start {
	const struct guest_saved *from; /* (borrowed) its devices and its memory */
	int ram_fd;  /* a copy of that memory to work in; -1: what changes is lost */
	int save_fd; /* for guest_vm_save(); -1: not to be saved */
	bool wall_pace; /* guest_vm_opts */
};

/* Restores a saved guest into `vm` (initialised). As guest_begin(). */
int guest_restore(const struct guest *g, struct guest_vm *vm, const struct guest_start *s,
		  int64_t deadline_ns);

/*
 * Restores or boots it into `vm` (initialised), up to where it waits for input.
 * 0 or -errno after one message and the end of its console.
 */
int guest_begin(const struct guest *g, struct guest_vm *vm, int64_t deadline_ns);
/* The same for a guest that people walk around in (guest_vm_opts.wall_pace). */
int guest_begin_wall(const struct guest *g, struct guest_vm *vm, int64_t deadline_ns);
/*
 * The same for one that perhaps stays after its run: its memory is *ram_fd, its
 * devices can be saved to *save_fd. Both are the caller's, also after an error.
 */
int guest_begin_kept(const struct guest *g, struct guest_vm *vm, int *ram_fd, int *save_fd,
		     int64_t deadline_ns);

/*
 * Memory to work in, filled from the saved guest where there is one, and a file for the
 * devices: what a guest needs to be saved later. Both are the caller's, also after an
 * error. 0 or -errno.
 */
int guest_make_room(const struct guest *g, int *ram_fd, int *save_fd);

/*
 * Freezes vm's QEMU, stopped. A file of the caller's, or -errno: then guests are restored
 * without what it has translated, which takes longer and comes to the same.
 */
int guest_make_frozen(struct guest_vm *vm);

/* What goes into the mailbox before a run (guest.c). 0 or -errno after a message. */
int guest_put_input(struct guest_vm *vm, const struct guest_opts *o, const char *in_dir,
		    const char *const argv[]);

/* Path of QEMU. 0, or -ENOENT after one message with the command that gets it. */
int guest_find_qemu(char *path, size_t size);

#endif
