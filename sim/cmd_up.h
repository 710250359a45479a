/* `halbsim up`: between cmd_up.c and cmd_up_stage.c. */
#ifndef HALBSIM_CMD_UP_H
#define HALBSIM_CMD_UP_H

#include <stdbool.h>
#include <stdint.h>

#include "case.h"
#include "live_dir.h"

struct up {
	const char *name, *kernel, *modules;
	int time, engine_opt; /* time 1 is real */
	bool quiet, cold;
	uint64_t seed;
	/* found out */
	char *root, *input, *folder;
	struct case_ *c; /* as staged */
	enum engine engine;
	struct live_dir dir;
};

/*
 * Finds the topology (*topo, its folder, malloc'd) or the case (*c) that `arg` names, as
 * it is: its mistakes are told where the user has them. Returns an exit code.
 */
int up_find(struct up *u, const char *arg, char **topo, struct case_ **c);
/* Its folder, with its own copy of everything. Returns an exit code. */
int up_make_dir(struct up *u, const char *topo, const struct case_ *c);

#endif
