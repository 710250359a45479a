/* For tests of SIGHUP: a network namespace of their own, and a file before and after. */
#ifndef RELOADFIX_H
#define RELOADFIX_H

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define WENT_ON 77 /* what loop_run() returns when nothing ended the process */

struct reload_files {
	char dir[32], before[64], after[64];
};

static inline int reload_file(const char *path, const char *head, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return -1;
	fputs(head, f);
	fputs(text, f);
	return fclose(f);
}

/* Both files begin with `head`. 0 or -1. */
static inline int reload_setup(struct reload_files *f, const char *head, const char *before,
			       const char *after)
{
	log_init(NULL, LOG_LVL_ERR, 0);
	strcpy(f->dir, "/tmp/halbd-reload-XXXXXX");
	if (unshare(CLONE_NEWNET) < 0 || !mkdtemp(f->dir))
		return -1;
	snprintf(f->before, sizeof(f->before), "%s/before", f->dir);
	snprintf(f->after, sizeof(f->after), "%s/after", f->dir);
	return reload_file(f->before, head, before) < 0 ? -1 : reload_file(f->after, head, after);
}

static inline int reload_teardown(void **state)
{
	const struct reload_files *f = *state;

	unlink(f->before);
	unlink(f->after);
	return rmdir(f->dir);
}

#endif
