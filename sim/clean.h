/*
 * Interface for finding what a dead run has left. Processes of a run carry
 * HALBSIM_RUN in their environment; namespaces, mounts and links live only as
 * long as they do. Nothing without the mark is ever touched.
 */
#ifndef HALBSIM_CLEAN_H
#define HALBSIM_CLEAN_H

#include <stdbool.h>
#include <sys/types.h>

struct clean_proc {
	pid_t pid;
	char run_id[80], node[40]; /* node: empty when it is of no node */
	char name[20];
};

/*
 * Calls `one` for each marked process that no living halbsim is an ancestor of,
 * in order of pid; unless `dry_run`, it has been killed by then. Processes of
 * other users that cannot be read are none of ours. Returns how many there
 * were, or -errno.
 */
int clean_processes(bool dry_run, void (*one)(const struct clean_proc *p, void *arg),
		    void *arg);

#endif
