/*
 * What is odd about a site's configuration, in words: about each file, and
 * about the files of several directors held against each other and against the
 * topology. Nothing here is an error; keepalived lives with all of it.
 */
#ifndef HALBSIM_LINT_H
#define HALBSIM_LINT_H

#include <stddef.h>

#include "predict.h"

struct lvs_real_conf;
struct topology;

struct finding {
	const char *file; /* (borrowed) */
	int line;
	char *text; /* (owned) */
};

struct findings {
	struct finding *v;
	size_t n;
};

/* `topo` may be NULL: then nothing is said about real servers' settings. */
int lint_site(struct findings *f, const struct director *d, size_t n,
	      const struct topology *topo);
void findings_finish(struct findings *f);

/* The parts of it, for lint_site() alone. */
void lint_vrrp(struct findings *f, const struct director *d, size_t n);
void lint_lvs(struct findings *f, const struct director *d, size_t n,
	      const struct topology *topo);
/* One real server's checks; `real` names it. */
void lint_checks(struct findings *f, const struct director *d, const struct topology *topo,
		 const struct lvs_real_conf *r, const char *real);
void finding_add(struct findings *f, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
