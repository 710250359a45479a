#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"
#include "guest_boot.h"
#include "guest_image.h"
#include "guest_make.h"
#include "guest_root.h"
#include "guest_vm.h"
#include "log.h"

#define MEMORY_MIB	 512u
#define GUEST_FORMAT	 "4" /* another one makes all saved guests void */

#define GET_QEMU "apt-get install qemu-system-x86 (Fedora: qemu-system-x86-core)"

static int say(int err, const char *what)
{
	errno = -err;
	log_warn("%s", what);
	return err;
}

int guest_find_qemu(char *path, size_t size)
{
	const char *env = getenv("HALBSIM_QEMU");

	if (env && *env) {
		if (snprintf(path, size, "%s", env) < (int)size && access(path, X_OK) == 0)
			return 0;
		log_warnx("no QEMU at '%s' (HALBSIM_QEMU)", env);
		return -ENOENT;
	}
	if (guest_find_program("qemu-system-x86_64", path, size) == 0 ||
	    (snprintf(path, size, "/usr/libexec/qemu-kvm") > 0 &&
	     access(path, X_OK) == 0))
		return 0;
	log_warnx("no qemu-system-x86_64; get it with: " GET_QEMU);
	return -ENOENT;
}

/* Everything that decides what a restored guest does. */
static int make_key(struct guest *g)
{
	uint64_t cpu = frozen_cpu();
	struct hash h;
	int ret;

	hash_init(&h);
	hash_add_text(&h, GUEST_FORMAT);
	hash_add_text(&h, guest_vm_cmdline());
	hash_add(&h, &g->memory_mib, sizeof(g->memory_mib));
	/* what it has translated is for this one (frozen.h) */
	hash_add(&h, &cpu, sizeof(cpu));
	ret = hash_add_file(&h, g->qemu);
	if (ret < 0)
		return say(ret, g->qemu);
	ret = hash_add_file(&h, g->kernel.image);
	if (ret < 0)
		return say(ret, g->kernel.image);
	ret = guest_image_hash(g->image, &h);
	if (ret < 0)
		return ret;
	hash_text(&h, g->key);
	return 0;
}

int guest_make_frozen(struct guest_vm *vm)
{
	int fd, r;

	if (!guest_freezes())
		return -ENOTSUP;
	fd = memfd_create("halbsim-frozen", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = guest_vm_freeze(vm, fd);
	if (r < 0)
		fd_close(&fd);
	return r < 0 ? r : fd;
}

/*
 * Opens the saved guest, making it first when there is none. Only one of several
 * runs makes it; the others wait. 0 without one where it cannot be kept.
 */
static int open_saved(struct guest *g)
{
	char dir[PATH_MAX];
	int lock, ret = 0;

	if (guest_cache_dir(dir, sizeof(dir)) < 0 ||
	    guest_saved_open(&g->saved, dir, g->key) == 0)
		return 0;
	lock = guest_cache_lock(dir);
	if (lock < 0)
		return 0;
	if (guest_saved_open(&g->saved, dir, g->key) < 0) {
		ret = guest_boot_and_save(g, dir);
		if (ret == 0)
			(void)guest_saved_open(&g->saved, dir, g->key);
	}
	close(lock);
	return ret;
}

void guest_finish(struct guest *g)
{
	guest_kernel_finish(&g->kernel);
	guest_image_free(g->image);
	guest_saved_close(&g->saved);
}

int guest_make(struct guest *g, const struct guest_opts *o)
{
	int ret;

	*g = (struct guest){ .opts = *o, .saved = { -1, -1, -1 } };
	g->memory_mib = o->memory_mib ? o->memory_mib : MEMORY_MIB;
	ret = guest_find_qemu(g->qemu, sizeof(g->qemu));
	if (ret == 0)
		ret = guest_kernel_find(&g->kernel, o->kernel, o->modules);
	if (ret < 0)
		return ret;
	g->image = guest_image_new();
	if (!g->image)
		return say(-ENOMEM, "guest");
	ret = guest_root_add(g->image, o->programs);
	if (ret == 0)
		ret = guest_modules_add(g->image, g->kernel.modules);
	if (ret == 0)
		ret = make_key(g);
	if (ret == 0 && !o->cold)
		ret = open_saved(g);
	return ret;
}

/* --- beginning a run --- */

int guest_restore(const struct guest *g, struct guest_vm *vm, const struct guest_start *s,
		  int64_t deadline)
{
	struct guest_vm_opts o = {
		.qemu = g->qemu,
		.kernel = g->kernel.image,
		.initrd_fd = -1,
		.memory_mib = g->memory_mib,
		.ram_fd = s->ram_fd >= 0 ? s->ram_fd : s->from->ram_fd,
		.ram_keep = s->ram_fd >= 0,
		.save_fd = s->save_fd,
		.load_fd = -1,
		.frozen_fd = s->from->frozen_fd,
		.wall_pace = s->wall_pace,
	};
	int ret;

	if (o.frozen_fd >= 0 && !o.wall_pace && guest_vm_thaw(vm, &o, deadline) == 0)
		return 0;
	/* The same, but QEMU has everything to translate anew. */
	o.load_fd = fd_again(s->from->state_fd, O_RDONLY | O_CLOEXEC); /* others read it */
	ret = o.load_fd < 0 ? -errno : guest_vm_start(vm, &o);
	if (ret == 0)
		ret = guest_vm_load(vm, deadline);
	fd_close(&o.load_fd);
	if (ret < 0) {
		log_warnx("the saved guest could not be restored (%s); the end of its "
			  "console:",
			  strerror(-ret));
		guest_vm_show_end(vm, stderr, GUEST_CONSOLE_LINES);
	}
	return ret;
}

static int begin(const struct guest *g, struct guest_vm *vm, int64_t deadline,
		 bool wall_pace)
{
	const struct guest_start s = { &g->saved, -1, -1, wall_pace };
	int ram, ret;

	if (g->saved.state_fd >= 0)
		return guest_restore(g, vm, &s, deadline);
	ram = guest_make_memory(g);
	ret = ram < 0 ? ram : guest_boot(g, vm, ram, -1, wall_pace);
	fd_close(&ram);
	return ret;
}

int guest_begin(const struct guest *g, struct guest_vm *vm, int64_t deadline)
{
	return begin(g, vm, deadline, false);
}

int guest_begin_wall(const struct guest *g, struct guest_vm *vm, int64_t deadline)
{
	return begin(g, vm, deadline, true);
}

int guest_make_room(const struct guest *g, int *ram_fd, int *save_fd)
{
	*save_fd = memfd_create("halbsim-state", MFD_CLOEXEC);
	if (*save_fd < 0)
		return -errno;
	*ram_fd = guest_make_memory(g);
	if (*ram_fd < 0)
		return *ram_fd;
	return g->saved.ram_fd < 0 ? 0 : guest_copy_sparse(g->saved.ram_fd, *ram_fd);
}

int guest_begin_kept(const struct guest *g, struct guest_vm *vm, int *ram_fd, int *save_fd,
		     int64_t deadline)
{
	struct guest_start s = { &g->saved, -1, -1, false };
	int ret;

	ret = guest_make_room(g, ram_fd, save_fd);
	if (ret < 0)
		return say(ret, "guest");
	if (g->saved.state_fd < 0)
		return guest_boot(g, vm, *ram_fd, *save_fd, false);
	s.ram_fd = *ram_fd;
	s.save_fd = *save_fd;
	return guest_restore(g, vm, &s, deadline);
}
