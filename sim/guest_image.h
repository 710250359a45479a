/*
 * The guest's root as a list of files, written as a newc cpio archive that the
 * kernel unpacks at boot. Order, owners and times are fixed, so that equal
 * contents give equal bytes.
 */
#ifndef HALBSIM_GUEST_IMAGE_H
#define HALBSIM_GUEST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "hash.h"

struct guest_image;

struct guest_image *guest_image_new(void);
void guest_image_free(struct guest_image *img);

/*
 * All of these return 0 or -errno. `dst` is an absolute path in the guest; its
 * parent folders come by themselves. Adding a dst again is harmless when it
 * means the same thing, otherwise -EEXIST.
 */
int guest_image_add_dir(struct guest_image *img, const char *dst);
/* Content is read from `src` when the image is written or hashed. */
int guest_image_add_file(struct guest_image *img, const char *dst, const char *src);
/* Takes a copy of the data. */
int guest_image_add_data(struct guest_image *img, const char *dst, const void *data,
			 size_t len, mode_t perm);
int guest_image_add_link(struct guest_image *img, const char *dst, const char *target);
/*
 * A host program and all it needs. It lands at `dst`; its libraries keep their
 * paths. One message for what is missing.
 */
int guest_image_add_program(struct guest_image *img, const char *dst, const char *src);

bool guest_image_has(const struct guest_image *img, const char *dst);

/* Adds names, modes and contents to a fingerprint. 0 or -errno, one message. */
int guest_image_hash(struct guest_image *img, struct hash *h);
/* Writes the archive to fd. 0 or -errno, one message. */
int guest_image_write(struct guest_image *img, int fd);

#endif
