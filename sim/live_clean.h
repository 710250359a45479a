/* What holders of live sites have left: for `halbsim clean`. */
#ifndef HALBSIM_LIVE_CLEAN_H
#define HALBSIM_LIVE_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

struct live_clean {
	bool dry_run;
	bool all; /* sites that live, too */
	size_t found, failed;
};

/*
 * Removes the folders of sites whose holder is dead; ends holders whose folder is
 * gone, so that nobody can reach them; with `all` ends the others too, else names
 * them. Says what it does on stdout. 0 or -errno.
 */
int live_clean(struct live_clean *lc);

#endif
