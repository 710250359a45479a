/* Inside the guest: the moment from which runs that share all the rest differ. */
#ifndef HALBSIM_GUEST_PAUSE_H
#define HALBSIM_GUEST_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

struct guest_late {
	uint64_t seed;
	int64_t phase_ns;
};

/*
 * Stops the machine (the host may save it here), reads what the host says and takes
 * everything random from that seed from here on. The clock has gone on to the
 * guest's next timer, at most a tick; where it has not, the run ends here and the
 * host begins it again. Needs to be root in the guest. 0 or -errno.
 */
int guest_pause(struct guest_late *late);

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
