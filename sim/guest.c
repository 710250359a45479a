#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "guest.h"
#include "guest_image.h"
#include "guest_kernel.h"
#include "guest_mail.h"
#include "guest_pack.h"
#include "guest_root.h"
#include "guest_save.h"
#include "guest_vm.h"
#include "hash.h"
#include "log.h"

#define MEMORY_MIB	 512u
#define WALL_LIMIT_NS	 (600 * NS_PER_S)
#define BOOT_LIMIT_NS	 (180 * NS_PER_S) /* 5 s here; slower and busy machines */
#define CONSOLE_LINES	 40
#define GUEST_FORMAT	 "1" /* another one makes all saved guests void */

#define GET_QEMU "apt-get install qemu-system-x86 (Fedora: qemu-system-x86-core)"

/* All that does not depend on the run. */
struct guest {
	char qemu[PATH_MAX];
	struct guest_kernel kernel;
	struct guest_image *image;
	char key[HASH_TEXT];
	unsigned int memory_mib;
	struct guest_saved saved; /* -1 -1: boot each time */
};

static int say(int err, const char *what)
{
	errno = -err;
	log_warn("%s", what);
	return err;
}

/* --- preparing --- */

static int find_qemu(char *path, size_t size)
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
	struct hash h;
	int ret;

	hash_init(&h);
	hash_add_text(&h, GUEST_FORMAT);
	hash_add_text(&h, guest_vm_cmdline());
	hash_add(&h, &g->memory_mib, sizeof(g->memory_mib));
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

static int write_initrd(struct guest_image *img)
{
	int fd = memfd_create("halbsim-initrd", MFD_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = guest_image_write(img, fd);
	if (ret == 0)
		return fd;
	close(fd);
	return ret;
}

static int make_memory(const struct guest *g)
{
	int fd = memfd_create("halbsim-ram", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)g->memory_mib << 20) < 0) {
		close(fd);
		fd = -1;
	}
	return fd < 0 ? -errno : fd;
}

/* Boots until PID 1 waits for input. The memory is g's; the caller closes fds. */
static int boot(const struct guest *g, struct guest_vm *vm, int initrd, int ram,
		int state)
{
	const struct guest_vm_opts o = {
		.qemu = g->qemu,
		.kernel = g->kernel.image,
		.initrd_fd = initrd,
		.memory_mib = g->memory_mib,
		.ram_fd = ram,
		.ram_keep = true,
		.state_fd = state,
	};
	int ret = guest_vm_start(vm, &o);

	if (ret == 0)
		ret = guest_vm_wait_stop(vm, clock_now() + BOOT_LIMIT_NS);
	if (ret < 0) {
		log_warnx("the guest did not boot (%s); the end of its console:",
			  strerror(-ret));
		guest_vm_show_end(vm, stderr, CONSOLE_LINES);
	}
	return ret;
}

static int boot_and_save(struct guest *g, const char *dir)
{
	struct guest_vm *vm = malloc(sizeof(*vm));
	int initrd = -1, ram = -1, state = -1, ret = -ENOMEM;

	if (!vm)
		return ret;
	ret = guest_vm_init(vm);
	if (ret < 0)
		goto out;
	ret = initrd = write_initrd(g->image);
	if (initrd < 0)
		goto out;
	ret = ram = make_memory(g);
	if (ram < 0)
		goto out;
	state = memfd_create("halbsim-state", MFD_CLOEXEC);
	ret = state < 0 ? -errno : boot(g, vm, initrd, ram, state);
	if (ret < 0)
		goto out;
	ret = guest_vm_save(vm, clock_now() + BOOT_LIMIT_NS);
	if (ret == 0)
		ret = guest_saved_store(dir, g->key, ram, state);
	if (ret < 0)
		say(ret, "cannot save the booted guest (runs will boot each time)");
out:
	guest_vm_finish(vm);
	free(vm);
	if (initrd >= 0)
		close(initrd);
	if (ram >= 0)
		close(ram);
	if (state >= 0)
		close(state);
	return ret;
}

/*
 * Opens the saved guest, making it first when there is none. Only one of several
 * runs makes it; the others wait. Where it cannot be made, runs boot each time.
 */
static void open_saved(struct guest *g)
{
	char dir[PATH_MAX];
	int lock, ret;

	if (guest_cache_dir(dir, sizeof(dir)) < 0 ||
	    guest_saved_open(&g->saved, dir, g->key) == 0)
		return;
	lock = guest_cache_lock(dir);
	if (lock < 0)
		return;
	ret = guest_saved_open(&g->saved, dir, g->key);
	if (ret < 0 && boot_and_save(g, dir) == 0)
		(void)guest_saved_open(&g->saved, dir, g->key);
	close(lock);
}

static void guest_finish(struct guest *g)
{
	guest_kernel_finish(&g->kernel);
	guest_image_free(g->image);
	guest_saved_close(&g->saved);
}

static int guest_make(struct guest *g, const struct guest_opts *o)
{
	int ret;

	*g = (struct guest){ .saved = { -1, -1 } };
	g->memory_mib = o->memory_mib ? o->memory_mib : MEMORY_MIB;
	ret = find_qemu(g->qemu, sizeof(g->qemu));
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
		open_saved(g);
	return ret;
}

/* --- one run --- */

static int put_input(struct guest_vm *vm, const struct guest_opts *o, const char *in_dir,
		     const char *const argv[])
{
	struct mail_head *h = vm->mail;
	size_t used = 0, at = 0, len;
	int ret;

	h->seed = o->seed;
	for (; *argv; argv++, h->argc++) {
		len = strlen(*argv) + 1;
		if (len > sizeof(h->argv) - at)
			return say(-E2BIG, "the guest's command");
		memcpy(h->argv + at, *argv, len);
		at += len;
	}
	h->in_at = MAIL_ALIGN;
	if (in_dir) {
		ret = guest_pack(in_dir, (char *)vm->mail + h->in_at,
				 MAIL_SIZE / 2 - h->in_at, &used);
		if (ret < 0)
			return ret;
	}
	h->in_len = used;
	h->out_at = (h->in_at + used + MAIL_ALIGN - 1) & ~(MAIL_ALIGN - 1);
	h->magic = MAIL_MAGIC;
	h->state = MAIL_INPUT;
	return 0;
}

/* The guest's kernel wrote these; they are checked like any other input. */
static int get_output(struct guest_vm *vm, const char *out_dir)
{
	const struct mail_head *h = vm->mail;

	if (h->state == MAIL_NO_ROOM) {
		log_warnx("the run left more than %llu MiB in the guest's /out",
			  (unsigned long long)(MAIL_SIZE >> 20));
		return -ENOSPC;
	}
	if (h->state != MAIL_DONE || h->out_at > MAIL_SIZE ||
	    h->out_len > MAIL_SIZE - h->out_at)
		return -EIO;
	if (out_dir)
		return guest_unpack((char *)vm->mail + h->out_at, h->out_len, out_dir);
	return 0;
}

static int restore(const struct guest *g, struct guest_vm *vm, int64_t deadline)
{
	const struct guest_vm_opts o = {
		.qemu = g->qemu,
		.kernel = g->kernel.image,
		.initrd_fd = -1,
		.memory_mib = g->memory_mib,
		.ram_fd = g->saved.ram_fd,
		.state_fd = g->saved.state_fd,
		.restore = true,
	};
	int ret = guest_vm_start(vm, &o);

	if (ret == 0)
		ret = guest_vm_load(vm, deadline);
	if (ret < 0) {
		log_warnx("the saved guest could not be restored (%s); the end of its "
			  "console:",
			  strerror(-ret));
		guest_vm_show_end(vm, stderr, CONSOLE_LINES);
	}
	return ret;
}

static int boot_unsaved(const struct guest *g, struct guest_vm *vm)
{
	int initrd = write_initrd(g->image);
	int ram = initrd < 0 ? initrd : make_memory(g);
	int ret = ram < 0 ? ram : boot(g, vm, initrd, ram, -1);

	if (ram >= 0)
		close(ram);
	if (initrd >= 0)
		close(initrd);
	return ret;
}

static void keep_console(struct guest_vm *vm, const char *out_dir)
{
	char path[PATH_MAX];
	FILE *f;

	guest_vm_show_end(vm, stderr, CONSOLE_LINES);
	if (!out_dir || snprintf(path, sizeof(path), "%s/console.log", out_dir) >=
				(int)sizeof(path))
		return;
	f = fopen(path, "we");
	if (!f)
		return;
	guest_vm_show_end(vm, f, UINT_MAX);
	fclose(f);
}

static int run_vm(const struct guest *g, struct guest_vm *vm, const struct guest_opts *o,
		  const char *in_dir, const char *const argv[], const char *out_dir)
{
	int64_t limit = o->wall_limit_ns > 0 ? o->wall_limit_ns : WALL_LIMIT_NS;
	int64_t deadline = clock_now() + limit;
	int ret, status;

	ret = g->saved.state_fd >= 0 ? restore(g, vm, deadline) : boot_unsaved(g, vm);
	if (ret < 0)
		return ret;
	ret = put_input(vm, o, in_dir, argv);
	if (ret < 0)
		return ret;
	ret = guest_vm_cont(vm, deadline);
	if (ret == 0)
		ret = guest_vm_wait_stop(vm, deadline);
	if (ret == 0)
		ret = get_output(vm, out_dir);
	if (ret == -ETIMEDOUT)
		log_warnx("the guest did not end within %lld s of wall time; "
			  "the end of its console:",
			  (long long)(limit / NS_PER_S));
	else if (ret == -EIO)
		log_warnx("the guest died; the end of its console:");
	if (ret == -ETIMEDOUT || ret == -EIO)
		keep_console(vm, out_dir);
	if (ret == 0 && o->console_fd > 0)
		ret = guest_vm_copy_console(vm, o->console_fd);
	status = vm->mail->status;
	if (ret < 0)
		return ret;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int guest_run(const struct guest_opts *o, const char *in_dir, const char *const argv[],
	      const char *out_dir)
{
	struct guest_vm *vm = malloc(sizeof(*vm));
	struct guest g;
	int ret;

	if (!vm)
		return say(-ENOMEM, "guest");
	ret = guest_make(&g, o);
	if (ret < 0)
		goto out;
	ret = guest_vm_init(vm);
	if (ret < 0)
		say(ret, "guest");
	else
		ret = run_vm(&g, vm, o, in_dir, argv, out_dir);
	guest_vm_finish(vm);
out:
	guest_finish(&g);
	free(vm);
	return ret;
}

int guest_prepare(const struct guest_opts *o)
{
	struct guest g;
	int ret = guest_make(&g, o);

	guest_finish(&g);
	return ret;
}

int guest_doctor(void)
{
	struct guest_kernel k;
	char path[PATH_MAX], version[128];
	int bad = 0;

	if (find_qemu(path, sizeof(path)) == 0)
		printf("qemu      %s\n", path);
	else
		bad = -1;
	if (guest_kernel_find(&k, NULL, NULL) == 0) {
		if (guest_kernel_version(k.image, version, sizeof(version)) == 0)
			printf("kernel    %s (%s)\n", k.image, version);
		guest_kernel_finish(&k);
	} else {
		bad = -1;
	}
	if (guest_cache_dir(path, sizeof(path)) == 0)
		printf("cache     %s\n", path);
	else
		printf("cache     none: each run boots (set HALBSIM_CACHE to a folder)\n");
	return bad;
}
