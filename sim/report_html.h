/*
 * report.html: one file with everything a person needs to see what happened.
 * It fetches nothing, opens from disk, reads on a phone, in print and without
 * scripts. The same input gives the same bytes.
 */
#ifndef HALBSIM_REPORT_HTML_H
#define HALBSIM_REPORT_HTML_H

#include <stddef.h>
#include <stdio.h>

#include "report.h"

/* One file of a run's configuration. */
struct conf_text {
	char *name; /* (owned) "lvs1/keepalived.conf" */
	char *text; /* (owned) */
};

struct conf_texts {
	struct conf_text *v; /* by name */
	size_t n;
};

/*
 * Reads the configuration files that a run's folder keeps (those of its nodes,
 * its case and its topology). 0 or -errno. Free with conf_texts_finish().
 */
int conf_texts_read(struct conf_texts *t, const char *run_dir);
void conf_texts_finish(struct conf_texts *t);

/*
 * Writes the report of one run, or of several of one case (with each engine)
 * side by side. conf: as many as there are runs, or NULL. 0, -ENOMEM, or -EIO
 * when `f` could not be written.
 */
int report_html(FILE *f, const struct report *const *r, const struct conf_texts *conf,
		size_t n);

#endif
