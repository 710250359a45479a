/*
 * Inside the guest: the branch, from which runs that share all the rest differ, by seed
 * and phase. Those are in the mailbox from the start, but nobody looks before.
 *
 * Runs that do share the rest ask to be stopped a little earlier, while everything goes
 * on. When exactly the machine stands still is the host's doing (it is saved there, or
 * restored); nothing in the guest can tell, as its clock stands still with it.
 */
#ifndef HALBSIM_GUEST_LATE_H
#define HALBSIM_GUEST_LATE_H

#include <stdbool.h>
#include <stdint.h>

struct guest_late {
	uint64_t seed;
	int64_t phase_ns;
};

/*
 * Asks for the stop. It has happened once the guest has been idle twice; until then
 * guest_late_take() must not be called. Both need to be root in the guest. 0 or -errno.
 */
int guest_late_ask(void);

/*
 * The branch: reads what holds from here on, and takes everything random from that
 * seed. 0 or -errno.
 */
int guest_late_take(struct guest_late *late);

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
