/* The runs of a case that are under OUT/CASE, and the baselines beside them. */
#ifndef HALBSIM_RUNLIST_H
#define HALBSIM_RUNLIST_H

#include <stddef.h>

#include "rundir.h"

struct run_entry {
	char *path; /* OUT/CASE/RUN */
	char *name; /* RUN */
	struct run_info info;
};

struct run_list {
	struct run_entry *v; /* oldest first: names begin with the date */
	size_t n;
};

/*
 * Reads the list; a folder that is not a whole run is left out after a message.
 * 0 (the list may be empty), or -errno after a message. Free with
 * run_list_finish().
 */
int run_list_read(struct run_list *l, const char *out, const char *case_name);
void run_list_finish(struct run_list *l);

/* The latest of an engine and a kind of time, or NULL. */
const struct run_entry *run_list_latest(const struct run_list *l, const char *engine,
					const char *time);

/* OUT/baseline/CASE/ENGINE.json, or ENGINE-real.json; malloc'd, NULL: no memory. */
char *baseline_path(const char *out, const char *case_name, const char *engine,
		    const char *time);

#endif
