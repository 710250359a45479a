/*
 * A node's init, pid 1 of the node: what it is asked and what it answers over
 * its socket. netns.c is the other end.
 */
#ifndef HALBSIM_INIT_H
#define HALBSIM_INIT_H

#include <stdint.h>

enum init_step {
	INIT_READY,
	INIT_PRIVATE,
	INIT_PROC,
	INIT_SYS,
	INIT_RUN,
	INIT_TMP,
	INIT_NAME,
	INIT_NSTEPS
};

/* Instead of a signal: configure the node, once. */
#define INIT_CONFIGURE (-1)

struct init_request {
	int32_t signo;
	int32_t n; /* pids that follow; 0: all processes */
	int32_t pid[];
};

struct init_reply {
	int32_t result; /* >= 0 or -errno */
	int32_t step;	/* first answer: where it failed */
};

/* "mount /proc" … */
const char *init_step_name(int step);

/*
 * What a node is, and how its links, addresses and settings are made once its
 * cables are laid: in the node itself, whose own /proc finds a setting as fast
 * among a thousand nodes as among ten. Messages go to the harness's stderr; 0 or
 * -errno.
 */
struct init_node {
	const char *run_id, *name;
	int (*configure)(void *arg);
	void *arg;
};

/* Runs a node's init in the new namespaces, until the socket closes. */
void init_main(int ctl, const struct init_node *node) __attribute__((noreturn));

/*
 * Shows HALBSIM_RUN in /proc/PID/environ of a process that was forked, not
 * executed, by writing over the place where the kernel looks. Only for
 * processes that never read their environment again.
 */
void init_mark(const char *run_id, const char *node);
/* Finds that place, which is the same in every child: done once, it is cheap there. */
void init_mark_prepare(void);

#endif
