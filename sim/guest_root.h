/* What the guest's root holds: our programs, the host's, a minimal /etc. */
#ifndef HALBSIM_GUEST_ROOT_H
#define HALBSIM_GUEST_ROOT_H

#include <stddef.h>

struct guest_image;

/*
 * Fills the image with everything but modules. `more` (may be NULL) are further
 * host programs, absolute paths, NULL-terminated. 0 or -errno, one message.
 */
int guest_root_add(struct guest_image *img, const char *const *more);

/* Looks for a program in PATH and in the usual sbin folders. 0 or -ENOENT. */
int guest_find_program(const char *name, char *path, size_t size);

#endif
