/*
 * A run's own copy of its case and topology, below its folder: INPUT/cases/FOLDER and
 * INPUT/topologies/NAME, as they are read again later.
 */
#ifndef HALBSIM_JOB_STAGE_H
#define HALBSIM_JOB_STAGE_H

#include <stddef.h>

#include "job.h"

/* Copies both. 0 or -errno after a message. */
int job_stage(const struct case_ *c, const char *input, const char *folder);

/* Writes the quantities of j->set into the copy. 0, or what quantity_set() returns. */
int job_stage_set(const struct job *j, const struct case_ *c, const char *input,
		  const char *folder);

/*
 * Reads the copy again, with what was set: the directors' files that have lines for
 * each of many nodes get them all. Sets *nnode to the number of all nodes. Returns an
 * exit code.
 */
int job_stage_each(const char *input, const char *folder, size_t *nnode);

#endif
