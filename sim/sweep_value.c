/* A value of a quantity, tried on a copy of the case as a run would read it. */
#include "sweep_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../engine/conf.h"
#include "case_again.h"
#include "log.h"
#include "paths.h"
#include "quantity.h"
#include "run.h"
#include "siteconf.h"
#include "span.h"
#include "topology.h"
#include "tree.h"

/* What an engine says about its file; malloc'd, "" when nothing. */
static char *what_is_said(const struct siteconf_node *n)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int status;

	if (!f)
		return NULL;
	conf_free(siteconf_read(n->path, n->text, n->node, f, &status));
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

/* Whether a line of `said` ends as `line` does, which begins with its place. */
static bool has_line(const char *said, const char *line)
{
	size_t len = strlen(line);
	const char *at = said;

	while ((at = strstr(at, line))) {
		if (at[len] == '\n' || !at[len])
			return true;
		at++;
	}
	return false;
}

/*
 * Lines of `now` that `before` has not. Each begins with the file's path, which
 * differs; from the line's number on they compare.
 */
static void tell_new(const char *now, const char *before, const struct siteconf_node *n,
		     const char *name, const char *value)
{
	size_t skip = strlen(n->path);
	char *copy = strdup(now), *line, *save = NULL;

	for (line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, n->path, skip))
			line += skip;
		if (!has_line(before, line))
			log_warnx("--set %s=%s: warning: %s/keepalived.conf%s", name, value,
				  n->node->name, line);
	}
	free(copy);
}

/* An engine lives with most values, and not always as they are written. */
static void warn(const struct case_ *was, const struct case_ *is, const char *name,
		 const char *value)
{
	size_t i;

	for (i = 0; i < is->siteconf->n; i++) {
		const struct siteconf_node *n = &is->siteconf->v[i];
		const struct siteconf_node *old = siteconf_node(was->siteconf, n->node->name);
		char *now = what_is_said(n), *before = old ? what_is_said(old) : NULL;

		if (now)
			tell_new(now, before ? before : "", n, name, value);
		free(now);
		free(before);
	}
}

static int copy_input(const char *case_dir, const char *topo_dir,
		      const struct quantity_files *to)
{
	int r = tree_make(to->case_dir);

	if (!r)
		r = tree_make(to->topo_dir);
	if (!r)
		r = tree_copy(case_dir, to->case_dir);
	if (!r)
		r = tree_copy(topo_dir, to->topo_dir);
	return r;
}

int sweep_value_try(const struct case_ *was, const char *case_dir, const char *topo_dir,
		    const char *name, const char *value)
{
	char tmp[] = "/tmp/halbsim-sweep.XXXXXX", *cases, *topo;
	struct quantity_files q;
	struct case_ *c = NULL;
	int r = EXIT_SOFTWARE;

	if (!mkdtemp(tmp)) {
		log_warn("cannot make a folder in /tmp");
		return r;
	}
	cases = textf("%s/cases/%s", tmp, path_base(case_dir));
	topo = textf("%s/topologies/%s", tmp, path_base(topo_dir));
	q = (struct quantity_files){ cases, topo };
	if (!cases || !topo)
		goto out;
	r = copy_input(case_dir, topo_dir, &q);
	if (r) {
		errno = -r;
		log_warn("cannot copy the case to %s", tmp);
		r = EXIT_SOFTWARE;
		goto out;
	}
	r = quantity_set(&q, name, value) < 0 ? EXIT_USAGE_ERROR : 0;
	if (!r)
		c = case_load_again(cases, tmp);
	if (!r && !c) {
		log_warnx("--set: the case is in error with %s %s", name, value);
		r = EXIT_USAGE_ERROR;
	}
	if (c)
		warn(was, c, name, value);
out:
	case_free(c);
	tree_remove(tmp);
	free(cases);
	free(topo);
	return r;
}
