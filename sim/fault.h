/*
 * Faults: a table of {name, arguments, check, apply}. fault_check() says before
 * anything runs whether a fault makes sense on this topology; fault_apply()
 * does it and proves its effect.
 */
#ifndef HALBSIM_FAULT_H
#define HALBSIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "topology.h"

struct block_diag;
struct block_stmt;
struct site;

/* What faults that touch processes need to know of the run (run.c owns it). */
struct fault_env {
	struct site *site;
	/* Starts the node's usual program ("engine" or "web"). 0 or -errno. */
	int (*start)(const char *node, const char *what, void *arg);
	void *arg;
};

/* Result of one application. */
struct fault_result {
	bool effective;
	char proof[160]; /* what was looked at: "links down, 3 processes gone" */
};

/*
 * Checks the words of a timeline statement against the topology; errors name
 * the word's place and the nearest right name. 0 or -1.
 */
int fault_check(const struct block_stmt *s, const struct topology *t,
		struct block_diag *d);

/*
 * Applies it. Returns 0 with *res filled in (a fault without effect is not an
 * error here; the caller makes the run inconclusive), or -errno when the
 * harness itself failed.
 */
int fault_apply(struct fault_env *env, char *const *argv, size_t argc,
		struct fault_result *res);

#endif
