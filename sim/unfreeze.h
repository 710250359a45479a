/*
 * A frozen process (frozen.h) goes on in this one: what it had open is made or taken from
 * the caller, then halbthaw takes over.
 */
#ifndef HALBSIM_UNFREEZE_H
#define HALBSIM_UNFREEZE_H

#include <stdbool.h>

#include "frozen.h"

struct unfreeze {
	const char *program; /* halbthaw */
	int image_fd;
	int role[FROZEN_NROLES]; /* the caller's, by role; -1: none */
	bool ram_shared;	 /* what it writes to memory goes to that file */
	int keep_fd;		 /* one more that it has, as UNFREEZE_KEEP; -1: none */
};

/* Above all that the process itself has. */
#define UNFREEZE_KEEP 700

/* In a child of a fork, with nothing else to do. Returns -errno when it cannot. */
int unfreeze(const struct unfreeze *u);

#endif
