/*
 * The guest: QEMU with instruction counting, a stock kernel, our programs in
 * RAM. The host side packs what the run needs, boots or restores, watches, and
 * unpacks what came out; inside, halbsim is PID 1 and runs the very code that
 * --time real runs on a host.
 *
 * What is in the guest beside the run's own files: this very program as
 * /usr/bin/halbsim; halbd and halbweb from its folder (or ../sbin, ../libexec);
 * and from the host, where they are installed: keepalived, nginx, ipvsadm, ip,
 * tc, bash, busybox, curl, tcpdump, all in /usr/bin (and at their own paths as links). PATH is
 * set; /in, /out, /tmp, /run and the rest are in RAM.
 *
 * Boot is the same for all runs and is saved: once under the cache folder
 * ($HALBSIM_CACHE, build/guest, or ~/.cache/halbsim), by a fingerprint of
 * everything in it. Each run starts from there.
 */
#ifndef HALBSIM_GUEST_H
#define HALBSIM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_kept;

struct guest_opts {
	const char *kernel;  /* vmlinuz; NULL: what `make guest` fetched */
	const char *modules; /* its modules directory; NULL: beside it */
	/* More host programs to put into the guest, with their libraries:
	 * absolute paths, NULL-terminated; or NULL. */
	const char *const *programs;
	uint64_t seed;
	/* What holds from the branch on (guest_late.h). */
	uint64_t late_seed;
	int64_t late_phase_ns;
	/* Many runs differ in those two alone: the first one to get there is saved
	 * at the branch, the others start from there. What comes out is the same. */
	bool share;
	int64_t wall_limit_ns;	 /* watchdog: the guest is killed after this; 0: 10 min */
	unsigned int memory_mib; /* 0: 512 */
	bool cold;		 /* neither use nor make a saved guest */
	/* Called now and then while it runs, with what it shows of itself (MAIL_WATCH
	 * in guest_mail.h), and once more at its end; NULL: not. */
	void (*watch)(void *mail, void *arg);
	void *watch_arg;
	/* Where a guest goes that stands still once its output is there, so that it
	 * may go on (guest_live.h); NULL: it is ended. Not with `share`. */
	struct guest_kept **kept;
	/* What the command in the guest writes on stdout and stderr is copied
	 * here after the run; -1: nowhere (0, that is stdin, counts as -1). */
	int console_fd;
};

/*
 * Runs `halbsim ARGV…` (argv[0] is its first argument, NULL-terminated) in the
 * guest with the tree `in_dir` (may be NULL) as /in, and fills `out_dir` (exists;
 * may be NULL) with what it left in /out.
 *
 * Returns the exit code of that halbsim (0..255; 128+N when signal N killed it),
 * or -errno after one message: -ENOENT what is missing (QEMU, kernel) with the
 * command that gets it, -ETIMEDOUT the watchdog, -EIO the guest died; with the
 * last two the end of its console is shown, and kept as out_dir/console.log.
 */
int guest_run(const struct guest_opts *o, const char *in_dir, const char *const argv[],
	      const char *out_dir);

/*
 * Does what the first guest_run() would do once: looks for everything, boots
 * and saves. Runs with the same options, in this process and in those that it
 * forks afterwards, start from there at once, whatever becomes of the files
 * meanwhile. The texts in `o` must live until guest_release(). 0 or -errno as
 * guest_run().
 */
int guest_prepare(const struct guest_opts *o);
void guest_release(void);

/* Says on stdout whether a guest can run here; 0, or -1 with what is missing. */
int guest_doctor(void);

/*
 * Path of a program that belongs to us ("halbd", "halbweb"): beside this one,
 * or where `make install` puts it. Returns 0 or -ENOENT.
 */
int guest_own_program(const char *name, char *path, size_t size);

/* True in PID 1 of the guest: main() calls guest_init() then, first of all. */
bool guest_is_init(void);

/*
 * What PID 1 does in the guest: mounts, modules, input, then runs the command
 * as its child and hands the output over. Never returns.
 */
void guest_init(void) __attribute__((noreturn));

/*
 * The hidden verb for developers: halbsim guest-exec [--in DIR] [--out DIR]
 * [--seed N] [--cold] [--kernel FILE] [--limit SECONDS] -- COMMAND [ARG…]
 * runs any command in the guest. Returns an exit code.
 */
int guest_exec_main(int argc, char **argv);

#endif
