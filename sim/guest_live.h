/*
 * A site in the guest that people walk around in: in step with the wall clock
 * (guest_vm_opts.wall_pace), its connections carried out by relay.c. The process
 * that calls guest_live() holds it: the guest ends with it.
 */
#ifndef HALBSIM_GUEST_LIVE_H
#define HALBSIM_GUEST_LIVE_H

#include "guest.h"

struct live_doors;

/*
 * Runs `halbsim ARGV…` in the guest with /in, until it ends or a signal (SIGTERM,
 * SIGINT, SIGHUP) comes. Whoever connects to listen_fd, and owner_fd (-1: none;
 * taken over), talks to the site. Returns its exit code, 0 after a signal, or
 * -errno after a message, as guest_run().
 */
int guest_live(const struct guest_opts *o, const char *in_dir, const char *const argv[],
	       int listen_fd, int owner_fd);

/* A guest that stands still after its run (guest_opts.kept). */
struct guest_kept;

/* Lets it go on, as above. Frees it. */
int guest_kept_live(struct guest_kept *k, int listen_fd);
/* Ends it. NULL is fine. */
void guest_kept_free(struct guest_kept *k);

/* In the guest: where those come from who ask (live.h). 0 or -errno. */
int guest_live_doors(struct live_doors *d);

#endif
