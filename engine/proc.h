/*
 * The engine's parent process: it starts the VRRP and the IPVS process, starts
 * them again when they die, passes news between them, runs scripts and writes
 * the log. It reads nothing from the network. Its children end when it does,
 * however it ends.
 */
#ifndef HALBD_PROC_H
#define HALBD_PROC_H

#include <stdbool.h>

#include "conf.h"
#include "log.h"

struct proc_opts {
	const char *conf_path;
	const char *pid_path;	       /* the parent's; also names the dump of SIGUSR1 */
	const char *vrrp_pid_path;
	const char *checkers_pid_path;
	bool no_vrrp, no_checkers; /* only the other one */
	bool respawn;
	enum log_level log_level;
	unsigned int log_flags; /* LOG_STAMP */
};

/*
 * Runs until SIGTERM. Takes `c` over (a reload replaces it). Returns the exit
 * status: 0, 1 after a message, or a child's that says not to try again.
 */
int proc_run(struct conf *c, const struct proc_opts *o);

/*
 * Writes this process's pid. The file stays locked by whoever holds it. Returns
 * a descriptor to keep, -EWOULDBLOCK when another engine has it, or -errno.
 */
int proc_pid_file(const char *path);

/* The signal that asks the parent for it, by keepalived's name; 0: none does. */
int proc_signal(const char *what);

#endif
