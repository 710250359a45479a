#include "guest_boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "guest_image.h"
#include "guest_make.h"
#include "guest_vm.h"
#include "log.h"

#define BOOT_LIMIT_NS (180 * NS_PER_S) /* 5 s here; slower and busy machines */

int guest_make_memory(const struct guest *g)
{
	int fd = memfd_create("halbsim-ram", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)g->memory_mib << 20) < 0)
		fd_close(&fd);
	return fd < 0 ? -errno : fd;
}

static int write_initrd(struct guest_image *img)
{
	int fd = memfd_create("halbsim-initrd", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : guest_image_write(img, fd);

	if (r < 0)
		fd_close(&fd);
	return r < 0 ? r : fd;
}

static int not_booted(struct guest_vm *vm, int err)
{
	log_warnx("the guest did not boot (%s); the end of its console:", strerror(-err));
	guest_vm_show_end(vm, stderr, GUEST_CONSOLE_LINES);
	return err;
}

/* Up to the first stop: the machine is set up. */
static int set_up(const struct guest *g, struct guest_vm *vm, int ram, int save,
		  bool wall_pace)
{
	struct guest_vm_opts o = {
		.qemu = g->qemu,
		.kernel = g->kernel.image,
		.initrd_fd = write_initrd(g->image),
		.memory_mib = g->memory_mib,
		.ram_fd = ram,
		.ram_keep = true,
		.save_fd = save,
		.load_fd = -1,
		.frozen_fd = -1,
		.wall_pace = wall_pace,
	};
	int r = o.initrd_fd < 0 ? o.initrd_fd : guest_vm_start(vm, &o);

	if (r == 0)
		r = guest_vm_wait_stop(vm, clock_now() + BOOT_LIMIT_NS);
	fd_close(&o.initrd_fd);
	return r < 0 ? not_booted(vm, r) : 0;
}

/* From there to the second: it waits for input. */
static int go_on(struct guest_vm *vm)
{
	int64_t deadline = clock_now() + BOOT_LIMIT_NS;
	int r = guest_vm_cont(vm, deadline);

	if (r == 0)
		r = guest_vm_wait_stop(vm, deadline);
	return r < 0 ? not_booted(vm, r) : 0;
}

int guest_boot(const struct guest *g, struct guest_vm *vm, int ram, int save,
	       bool wall_pace)
{
	int r = set_up(g, vm, ram, save, wall_pace);

	return r == 0 ? go_on(vm) : r;
}

/* --- saving --- */

struct parts {
	int ram, state, frozen; /* memory, devices, QEMU; -1: none */
};

static int cannot_save(int err)
{
	errno = -err;
	log_warn("cannot save the booted guest (runs will boot each time)");
	return 0;
}

/* The same guest in another QEMU. */
static int begin_anew(const struct guest *g, struct guest_vm *vm, const struct parts *p)
{
	const struct guest_saved at = { p->ram, p->state, -1 };
	const struct guest_start start = { &at, p->ram, p->state, false };

	guest_vm_end(vm);
	return guest_restore(g, vm, &start, clock_now() + BOOT_LIMIT_NS);
}

static int save(const struct guest *g, struct guest_vm *vm, struct parts *p, const char *dir)
{
	int r = guest_vm_save(vm, clock_now() + BOOT_LIMIT_NS);

	if (r == 0)
		p->frozen = guest_make_frozen(vm);
	if (r == 0)
		r = guest_saved_store(dir, g->key, p->ram, p->state, p->frozen);
	return r < 0 ? cannot_save(r) : 0;
}

static int boot_into(const struct guest *g, struct guest_vm *vm, struct parts *p,
		     const char *dir)
{
	int r = set_up(g, vm, p->ram, p->state, false);

	if (r < 0)
		return r;
	r = guest_vm_save(vm, clock_now() + BOOT_LIMIT_NS);
	if (r < 0)
		return cannot_save(r);
	r = begin_anew(g, vm, p);
	if (r == 0)
		r = go_on(vm);
	return r == 0 ? save(g, vm, p, dir) : r;
}

int guest_boot_and_save(const struct guest *g, const char *dir)
{
	struct parts p = { -1, -1, -1 };
	struct guest_vm *vm = malloc(sizeof(*vm));
	int r = -ENOMEM;

	if (!vm)
		return r;
	r = guest_vm_init(vm);
	if (r == 0)
		r = guest_make_room(g, &p.ram, &p.state);
	if (r == 0)
		r = boot_into(g, vm, &p, dir);
	guest_vm_finish(vm);
	free(vm);
	fd_close(&p.ram);
	fd_close(&p.state);
	fd_close(&p.frozen);
	return r;
}
