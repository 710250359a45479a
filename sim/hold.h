/* A process that stays when its verb has returned: the holder of a live site. */
#ifndef HALBSIM_HOLD_H
#define HALBSIM_HOLD_H

#include <sys/types.h>

/* Makes the file for what a holder says. fd or -errno. */
int hold_log(const char *path);

/*
 * Forks the holder: in a session of its own, without the descriptors that were
 * not meant for it; what it says goes to log_fd, what it prints nowhere. 0 in the
 * holder, its pid in the caller, or -errno.
 */
pid_t hold_fork(int log_fd);

/* The same for a process that is one already and talked to somebody until now. */
int hold_leave(int log_fd);

/* Copies what the holder said to stderr. */
void hold_show_log(int log_fd);

/* Asks the holder to end, waits (it may be our child), kills it when it will not. */
void hold_end(pid_t pid);

/* Waits for it and returns its exit code, 128+N when signal N killed it. */
int hold_wait(pid_t pid);

#endif
