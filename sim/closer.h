/*
 * Interface for closing descriptors without waiting. The last close of a
 * packet socket waits until no processor can be using it any more: tens of
 * milliseconds, in which the client's requests would come late. So a child does
 * it: the descriptor is sent to it, and forgotten here.
 */
#ifndef HALBSIM_CLOSER_H
#define HALBSIM_CLOSER_H

/* Starts the child; `run_id` marks it. One at a time. 0 or -errno. */
int closer_start(const char *run_id);
/* Waits until it has closed everything and has ended. Harmless without one. */
void closer_stop(void);

/* Closes a descriptor, elsewhere if a child runs; else as close() does. */
void closer_close(int fd);

#endif
