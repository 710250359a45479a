/*
 * halbsim run --keep and --pause-on-error: the process that carries out a run
 * becomes the holder of its site (hold.h) once the report is there.
 */
#ifndef HALBSIM_KEEP_H
#define HALBSIM_KEEP_H

#include <stdbool.h>

#include "job.h"
#include "report.h"

struct keep {
	bool always;	  /* else only when the verdict is not "held" */
	const char *name; /* of the site; NULL: the case's, with a number when taken */
	/* Prints the report; the caller's. */
	void (*show)(const struct report *r, void *arg);
	void *arg;
};

/*
 * Runs the job in a process of its own and returns its exit code: when that has
 * ended, or when its site stays.
 */
int keep_run(const struct job *j, const struct keep *k);

#endif
