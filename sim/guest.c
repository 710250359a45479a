#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "clock.h"
#include "freeze.h"
#include "guest.h"
#include "guest_branch.h"
#include "guest_kept.h"
#include "guest_live.h"
#include "guest_mail.h"
#include "guest_make.h"
#include "guest_pack.h"
#include "guest_vm.h"
#include "log.h"

#define WATCH_NS      (50 * NS_PER_MS)
#define WALL_LIMIT_NS (600 * NS_PER_S)

/* Kept by guest_prepare() for later runs, here and in forked processes. */
static struct guest *prepared;

static int say(int err, const char *what)
{
	errno = -err;
	log_warn("%s", what);
	return err;
}

int guest_put_input(struct guest_vm *vm, const struct guest_opts *o, const char *in_dir,
		    const char *const argv[])
{
	struct mail_head *h = vm->mail;
	size_t used = 0, at = 0, len;
	int ret;

	h->seed = o->seed;
	h->late_seed = o->late_seed;
	h->late_phase_ns = o->late_phase_ns;
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
	if (h->state != MAIL_DONE || h->out_at > MAIL_WATCH ||
	    h->out_len > MAIL_WATCH - h->out_at)
		return -EIO;
	if (out_dir)
		return guest_unpack((char *)vm->mail + h->out_at, h->out_len, out_dir);
	return 0;
}

static void keep_console(struct guest_vm *vm, const char *out_dir)
{
	char path[PATH_MAX];
	FILE *f;

	guest_vm_show_end(vm, stderr, GUEST_CONSOLE_LINES);
	if (!out_dir || snprintf(path, sizeof(path), "%s/console.log", out_dir) >=
				(int)sizeof(path))
		return;
	f = fopen(path, "we");
	if (!f)
		return;
	guest_vm_show_end(vm, f, UINT_MAX);
	fclose(f);
}

/* Waits for a stop; meanwhile whoever watches has a look. */
static int wait_watched(struct guest_vm *vm, const struct guest_opts *o, int64_t deadline)
{
	int64_t until;
	int ret;

	do {
		until = clock_now() + WATCH_NS;
		if (!o->watch || until > deadline)
			until = deadline;
		ret = guest_vm_wait_stop(vm, until);
		if (o->watch)
			o->watch((char *)vm->mail + MAIL_WATCH, o->watch_arg);
	} while (ret == -ETIMEDOUT && until < deadline);
	return ret;
}

/*
 * From where it waits to the end of the run. At the branch it stops once; when that
 * takes effect only after it has read what holds from there on, it is not one to save.
 */
static int drive(struct guest_vm *vm, struct guest_branch *branch,
		 const struct guest_opts *o, int64_t deadline)
{
	int ret = guest_vm_cont(vm, deadline);

	if (ret == 0)
		ret = wait_watched(vm, o, deadline);
	if (ret < 0 || (vm->mail->state != MAIL_ASKED && vm->mail->state != MAIL_TAKEN))
		return ret;
	if (branch && vm->mail->state == MAIL_ASKED)
		guest_branch_save(branch, vm, deadline);
	ret = guest_vm_cont(vm, deadline);
	return ret == 0 ? wait_watched(vm, o, deadline) : ret;
}

static int64_t limit_of(const struct guest_opts *o)
{
	return o->wall_limit_ns > 0 ? o->wall_limit_ns : WALL_LIMIT_NS;
}

/* What went wrong on the way, for a person. */
static void explain(struct guest_vm *vm, int ret, const struct guest_opts *o,
		    const char *out_dir)
{
	if (ret == -ETIMEDOUT)
		log_warnx("the guest did not end within %lld s of wall time; "
			  "the end of its console:",
			  (long long)(limit_of(o) / NS_PER_S));
	else if (ret == -EIO)
		log_warnx("the guest died; the end of its console:");
	if (ret == -ETIMEDOUT || ret == -EIO)
		keep_console(vm, out_dir);
}

/* What came out of it, or what went wrong. */
static int conclude(struct guest_vm *vm, int ret, const struct guest_opts *o,
		    const char *out_dir)
{
	int status = vm->mail->status;

	if (ret == 0)
		ret = get_output(vm, out_dir);
	explain(vm, ret, o, out_dir);
	if (ret == 0 && o->console_fd > 0)
		ret = guest_vm_copy_console(vm, o->console_fd);
	if (ret < 0)
		return ret;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_vm(const struct guest *g, struct guest_vm *vm, const struct guest_opts *o,
		  const char *in_dir, const char *const argv[], const char *out_dir)
{
	struct guest_branch branch;
	int64_t deadline = clock_now() + limit_of(o);
	int ret = guest_vm_init(vm);

	if (ret < 0)
		return say(ret, "guest");
	ret = guest_put_input(vm, o, in_dir, argv);
	if (ret < 0)
		return ret;
	guest_branch_init(&branch);
	if (o->share)
		guest_branch_find(&branch, g, vm);
	ret = guest_branch_begin(&branch, g, vm, deadline);
	if (ret == 0 && branch.saved.state_fd >= 0)
		vm->mail->state = MAIL_ASKED; /* as it was when it stopped */
	if (ret == 0)
		ret = conclude(vm, drive(vm, &branch, o, deadline), o, out_dir);
	guest_branch_finish(&branch);
	return ret;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether the prepared guest is what `o` asks for. */
static bool is_prepared(const struct guest_opts *o)
{
	const struct guest_opts *p;

	if (!prepared)
		return false;
	p = &prepared->opts;
	return p->programs == o->programs && p->memory_mib == o->memory_mib &&
	       p->cold == o->cold && same_text(p->kernel, o->kernel) &&
	       same_text(p->modules, o->modules);
}

struct guest *guest_prepared(const struct guest_opts *o)
{
	return is_prepared(o) ? prepared : NULL;
}

/* Leaves it in *o->kept when it has come to its end well. */
static int run_kept(struct guest_kept *k, const struct guest_opts *o, const char *in_dir,
		    const char *const argv[], const char *out_dir)
{
	int64_t deadline = clock_now() + limit_of(o);
	int ret = guest_vm_init(&k->vm);

	if (ret < 0)
		return say(ret, "guest");
	ret = guest_put_input(&k->vm, o, in_dir, argv);
	if (ret == 0)
		ret = guest_begin_kept(k->g, &k->vm, &k->ram_fd, &k->save_fd, deadline);
	if (ret < 0)
		return ret;
	return conclude(&k->vm, drive(&k->vm, NULL, o, deadline), o, out_dir);
}

static int run_once(const struct guest *g, const struct guest_opts *o, const char *in_dir,
		    const char *const argv[], const char *out_dir)
{
	struct guest_vm *vm = malloc(sizeof(*vm));
	int ret;

	if (!vm)
		return say(-ENOMEM, "guest");
	ret = run_vm(g, vm, o, in_dir, argv, out_dir);
	guest_vm_finish(vm);
	free(vm);
	return ret;
}

int guest_run(const struct guest_opts *o, const char *in_dir, const char *const argv[],
	      const char *out_dir)
{
	struct guest_kept *k = calloc(1, sizeof(*k));
	int ret = 0;

	if (!k)
		return say(-ENOMEM, "guest");
	k->ram_fd = k->save_fd = k->vm.mail_fd = k->vm.console_fd = k->vm.serial_fd = k->vm.cpu_fd =
		k->vm.qmp.fd = -1;
	k->g = guest_prepared(o);
	if (!k->g) {
		k->own = true;
		k->g = &k->guest;
		ret = guest_make(&k->guest, o);
	}
	if (ret == 0)
		ret = o->kept ? run_kept(k, o, in_dir, argv, out_dir) :
				run_once(k->g, o, in_dir, argv, out_dir);
	if (ret == 0 && o->kept)
		*o->kept = k;
	else
		guest_kept_free(k);
	return ret;
}

int guest_prepare(const struct guest_opts *o)
{
	struct guest *g;
	int ret;

	if (is_prepared(o))
		return 0;
	g = malloc(sizeof(*g));
	if (!g)
		return say(-ENOMEM, "guest");
	ret = guest_make(g, o);
	if (ret < 0) {
		guest_finish(g);
		free(g);
		return ret;
	}
	guest_release();
	prepared = g;
	return 0;
}

void guest_release(void)
{
	if (prepared)
		guest_finish(prepared);
	free(prepared);
	prepared = NULL;
}

/* Only a matter of time: nothing is bad without it. */
static void tell_frozen(void)
{
	char path[PATH_MAX];
	int r;

	if (!guest_freezes())
		printf("frozen    no: HALBSIM_FREEZE=no; runs take longer\n");
	else if (guest_own_program("halbthaw", path, sizeof(path)) < 0)
		printf("frozen    no: there is no halbthaw; runs take longer\n");
	else if ((r = freeze_possible()) < 0)
		printf("frozen    no: tracing is not permitted (%s; "
		       "kernel.yama.ptrace_scope); runs take longer\n",
		       strerror(-r));
	else
		printf("frozen    QEMU is kept with all that it has translated\n");
}

int guest_doctor(void)
{
	struct guest_kernel k;
	char path[PATH_MAX], version[128];
	int bad = 0;

	if (guest_find_qemu(path, sizeof(path)) == 0)
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
	tell_frozen();
	return bad;
}
