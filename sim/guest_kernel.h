/* The guest's kernel: where it is, and its modules in the order of loading. */
#ifndef HALBSIM_GUEST_KERNEL_H
#define HALBSIM_GUEST_KERNEL_H

#include <stddef.h>

struct guest_image;

struct guest_kernel {
	char *image;   /* bzImage */
	char *modules; /* lib/modules/VERSION, or any folder with .ko files below */
};

/*
 * Finds a kernel. Given paths are taken as they are; without `modules`, the
 * folder is looked for beside the image (modules/ or lib/modules/VERSION) and
 * in /lib/modules/VERSION. Without `kernel`, $HALBSIM_KERNEL and what `make
 * guest` fetched are tried. 0, or -ENOENT after one message with the command
 * that gets one.
 */
int guest_kernel_find(struct guest_kernel *k, const char *kernel, const char *modules);
void guest_kernel_finish(struct guest_kernel *k);

/*
 * The version a kernel image says it has ("6.1.0-56-cloud-amd64"). 0 or -errno;
 * -ENOEXEC when it is no bzImage.
 */
int guest_kernel_version(const char *image, char *buf, size_t size);

/*
 * Puts the modules that a site needs into the image, with everything they
 * depend on, as /lib/halbsim/NNN-NAME.ko: the order of names is the order of
 * loading. Those that this kernel does not have are left out (built in, most
 * often; guest_init's caller finds out in the guest). 0 or -errno, one message.
 */
int guest_modules_add(struct guest_image *img, const char *modules);

/*
 * The order in which to load `names` (n of them) and all they depend on: calls
 * fn with each module's name and path. 0, what fn returned, or -errno.
 */
int guest_modules_order(const char *modules, const char *const *names, size_t n,
			int (*fn)(const char *name, const char *path, void *arg),
			void *arg);

#endif
