/* Interface for looking at the processes of a node, from outside. */
#ifndef HALBSIM_PROCTREE_H
#define HALBSIM_PROCTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct proctree_proc {
	pid_t pid, ppid; /* as the node counts them; ppid 0: we started it */
	char state;	 /* proc(5): R S D T Z … */
	bool picked;
};

/* Zero it first. Free with proctree_finish(). */
struct proctree {
	struct proctree_proc *proc; /* in order of pid; init is not among them */
	size_t n, cap;
};

/*
 * Reads all processes of the node whose init has this pid (as we count it).
 * 0 or -errno.
 */
int proctree_read(struct proctree *t, pid_t init);
void proctree_finish(struct proctree *t);

/* Picks `root` and all its descendants; root 0: everything. Returns how many. */
size_t proctree_pick(struct proctree *t, pid_t root);

#endif
