/*
 * The guest: QEMU with instruction counting, a stock kernel, our programs in
 * RAM. The host side packs what the run needs, boots or restores, watches, and
 * unpacks what came out; inside, halbsim is PID 1 and runs the very code that
 * --time real runs on a host.
 */
#ifndef HALBSIM_GUEST_H
#define HALBSIM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_opts {
	const char *kernel;  /* vmlinuz; NULL: what `make guest` fetched */
	const char *modules; /* its modules directory; NULL: beside it */
	/* Host programs to put into the guest with their libraries: absolute
	 * paths (halbd, halbweb, keepalived, nginx …), NULL-terminated. */
	const char *const *programs;
	uint64_t seed;
	int64_t wall_limit_ns; /* watchdog: the guest is killed after this */
};

/*
 * Runs `halbsim ARGV…` in the guest with the tree `in_dir` as /in (read-only
 * by convention), and fills `out_dir` (exists) with what it left in /out.
 *
 * Returns the exit code of that halbsim (0..255), or -errno after one message:
 * -ENOENT what is missing (QEMU, kernel) with the command that gets it,
 * -ETIMEDOUT the watchdog, -EIO the guest died (the end of its console is shown
 * and kept as out_dir/console.log).
 */
int guest_run(const struct guest_opts *o, const char *in_dir, char *const argv[],
	      const char *out_dir);

/* Says on stdout whether a guest can run here; 0, or -1 with what is missing. */
int guest_doctor(void);

/*
 * What PID 1 does in the guest: mounts, modules, input, then runs the command
 * as its child and hands the output over; powers off. Never returns.
 */
void guest_init(void) __attribute__((noreturn));

#endif
