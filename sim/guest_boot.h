/*
 * A guest from nothing: booted, and made ready for runs.
 *
 * It stops twice on the way: when the machine is set up, and when it waits for input.
 * One that is to be saved goes on from the first stop in another QEMU, which then has
 * nothing translated but what runs need: the code of a boot is four times as much, and
 * would lie between.
 */
#ifndef HALBSIM_GUEST_BOOT_H
#define HALBSIM_GUEST_BOOT_H

#include <stdbool.h>

struct guest;
struct guest_vm;

/* Memory for a guest. A file of the caller's, or -errno. */
int guest_make_memory(const struct guest *g);

/*
 * Boots `vm` (initialised) until it waits for input, with its memory in ram_fd and
 * save_fd for guest_vm_save() (-1: none); both are the caller's. 0 or -errno after one
 * message and the end of its console.
 */
int guest_boot(const struct guest *g, struct guest_vm *vm, int ram_fd, int save_fd,
	       bool wall_pace);

/*
 * The same, into files of that folder, whose lock is held. 0 also when it booted and only
 * could not be saved: then runs boot each time.
 */
int guest_boot_and_save(const struct guest *g, const char *dir);

#endif
