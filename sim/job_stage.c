/* The run's own copy of its case and topology. */
#include "job_stage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "case_again.h"
#include "log.h"
#include "paths.h"
#include "quantity.h"
#include "run.h"
#include "siteconf.h"
#include "span.h"
#include "tree.h"

int job_stage(const struct case_ *c, const char *input, const char *folder)
{
	char *cases = path_join(input, "cases"), *topos = path_join(input, "topologies");
	char *to_case = NULL, *to_topo = NULL, *topo = realpath(c->topo->dir, NULL);
	int r = -ENOMEM;

	if (topo && cases && topos) {
		to_case = path_join(cases, folder);
		to_topo = path_join(topos, path_base(topo));
	}
	if (to_case && to_topo) {
		r = tree_make(cases);
		if (!r)
			r = tree_make(topos);
		if (!r)
			r = tree_copy(c->dir, to_case);
		if (!r)
			r = tree_copy(topo, to_topo);
	}
	if (r) {
		errno = -r;
		log_warn("cannot copy the case into %s", input);
	}
	free(cases);
	free(topos);
	free(to_case);
	free(to_topo);
	free(topo);
	return r;
}

/* In the run's own copy, so that whoever reads it later sees what was run. */
int job_stage_set(const struct job *j, const struct case_ *c, const char *input,
		  const char *folder)
{
	char *topo = realpath(c->topo->dir, NULL);
	char *case_dir = textf("%s/cases/%s", input, folder);
	char *topo_dir = topo ? textf("%s/topologies/%s", input, path_base(topo)) : NULL;
	struct quantity_files q = { case_dir, topo_dir };
	int r = case_dir && topo_dir ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; r >= 0 && j->set && j->set[i]; i += 2)
		r = quantity_set(&q, j->set[i], j->set[i + 1]);
	free(topo);
	free(case_dir);
	free(topo_dir);
	return r < 0 ? r : 0;
}

int job_stage_each(const char *input, const char *folder, size_t *nnode)
{
	char *path = textf("%s/cases/%s", input, folder);
	struct case_ *c = path ? case_load_again(path, input) : NULL;
	const struct siteconf_node *n;
	int r = c ? 0 : EXIT_USAGE_ERROR, e;
	size_t i;

	for (i = 0; c && !r && i < c->siteconf->n; i++) {
		n = &c->siteconf->v[i];
		e = n->text ? file_write_text(n->path, n->text) : 0;
		if (e) {
			errno = -e;
			log_warn("%s", n->path);
			r = EXIT_SOFTWARE;
		}
	}
	*nnode = c ? c->topo->nnode : 0;
	case_free(c);
	free(path);
	return r;
}
