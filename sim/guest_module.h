/* One kernel module file: its content, decompressed, and what it asks for. */
#ifndef HALBSIM_GUEST_MODULE_H
#define HALBSIM_GUEST_MODULE_H

#include <stddef.h>

struct guest_module {
	unsigned char *data; /* (owned) the ELF file, without its signature */
	size_t len;
	const char *info; /* .modinfo: "key=value" strings; points into data */
	size_t info_len;
};

/* Reads NAME.ko, .ko.xz, .ko.zst or .ko.gz. 0 or -errno. */
int guest_module_read(struct guest_module *m, const char *path);
void guest_module_finish(struct guest_module *m);

/* The next value of `key` after `after` (NULL: the first), or NULL. */
const char *guest_module_info(const struct guest_module *m, const char *key,
			      const char *after);

/*
 * The module's name from its path: base name without .ko…, dashes as
 * underscores, as the kernel has them. Returns 0, or -EINVAL when it is no
 * module's path.
 */
int guest_module_name(const char *path, char *buf, size_t size);

#endif
