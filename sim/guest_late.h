/* Inside the guest: the moment from which runs that share all the rest differ. */
#ifndef HALBSIM_GUEST_LATE_H
#define HALBSIM_GUEST_LATE_H

#include <stdbool.h>
#include <stdint.h>

struct guest_late {
	uint64_t seed;
	int64_t phase_ns;
};

/*
 * Reads what holds from `settled` on and takes everything random from that seed from
 * here on. Needs to be root in the guest. 0 or -errno.
 */
int guest_late_read(struct guest_late *late);

/*
 * The end of the run from within: packs /out for the host and stops the machine,
 * with everything that still runs in it. What PID 1 would do when this process has
 * ended, without waiting for that. Returns `status` when it cannot.
 */
int guest_end(int status);
/* True when guest_end() does so in this build. */
bool guest_ends_here(void);

/* Everything random in this kernel comes from the seed from here on. 0 or -errno. */
int guest_reseed(uint64_t seed);

#endif
