/* Inside the guest: the moment from which runs that share all the rest differ. */
#ifndef HALBSIM_GUEST_PAUSE_H
#define HALBSIM_GUEST_PAUSE_H

#include <stdint.h>

struct guest_late {
	uint64_t seed;
	int64_t phase_ns;
};

/*
 * Stops the machine (the host may save it here), reads what the host says and takes
 * everything random from that seed from here on. The clock has gone on to the
 * guest's next timer, at most a tick. Needs to be root in the guest. 0 or -errno.
 */
int guest_pause(struct guest_late *late);

/* Everything random in this kernel comes from the seed from here on. 0 or -errno. */
int guest_reseed(uint64_t seed);

#endif
