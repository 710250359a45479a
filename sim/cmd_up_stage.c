/* What `halbsim up` builds: a topology or a case, copied into the site's folder. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "block.h"
#include "case_again.h"
#include "cmd.h"
#include "cmd_up.h"
#include "job_stage.h"
#include "log.h"
#include "paths.h"
#include "run.h"
#include "span.h"
#include "topology.h"
#include "tree.h"

/* The folder of the topology that is meant, malloc'd; NULL: it is none. */
static char *find_topology(const struct up *u, const char *arg)
{
	char *dir = strchr(arg, '/') ? strdup(arg) : textf("%s/topologies/%s", u->root, arg);
	char *conf = dir ? path_join(dir, "topology.conf") : NULL;
	size_t len = dir ? strlen(dir) : 0;

	while (len > 1 && dir[len - 1] == '/')
		dir[--len] = '\0';
	if (!conf || !path_is_file(conf)) {
		free(dir);
		dir = NULL;
	}
	free(conf);
	return dir;
}

struct case_text {
	const char *name, *topology;
	bool traffic;
};

/* A case around a topology alone: some clients, and nothing that happens. */
static int write_case(FILE *f, const void *arg)
{
	const struct case_text *t = arg;

	fprintf(f, "case %s {\n\tabout \"%s, to walk around in\"\n\ttopology %s\n", t->name,
		t->topology, t->topology);
	if (t->traffic)
		fputs("\ttraffic http {\n\t\trate 10/s\n\t\ttimeout 1s\n\t}\n", f);
	fputs("\ttimeline {\n\t\tat settled+1s { end }\n\t}\n}\n", f);
	return 0;
}

/* Whether clients can be had: a topology without any, or without TCP, has none. */
static bool loads(const char *dir, const char *root)
{
	struct block_diag d = { .out = fopen("/dev/null", "we") };
	struct case_ *c = d.out ? case_load(dir, root, &d) : NULL;

	if (d.out)
		fclose(d.out);
	case_free(c);
	return c != NULL;
}

static int stage_topology(struct up *u, const char *topo)
{
	struct case_text t = { path_base(topo), path_base(topo), true };
	char *dir = textf("%s/cases/%s", u->input, t.name);
	char *file = dir ? path_join(dir, "case.conf") : NULL;
	char *to = textf("%s/topologies/%s", u->input, t.name);
	int r = file && to ? 0 : -ENOMEM;

	if (!r)
		r = tree_make(dir);
	if (!r)
		r = tree_copy(topo, to);
	if (!r)
		r = file_write(file, write_case, &t);
	if (!r && !loads(dir, u->input)) {
		t.traffic = false;
		r = file_write(file, write_case, &t);
	}
	if (r) {
		errno = -r;
		log_warn("cannot copy %s", topo);
	}
	free(dir);
	free(file);
	free(to);
	return r ? EXIT_SOFTWARE : 0;
}

/* Neither a topology nor a case, and nearest to a topology: says so. */
static bool is_misspelt_topology(const struct up *u, const char *arg)
{
	bool is;
	char *dir = path_join(u->root, "topologies"), *near = NULL;
	char *here = textf("%s/cases/%s", u->root, arg);

	if (dir && here && access(arg, F_OK) < 0 && access(here, F_OK) < 0)
		near = path_nearest(arg, dir);
	if (near)
		log_warnx("%s: no such topology or case (did you mean '%s'?)", arg, near);
	is = near != NULL;
	free(near);
	free(here);
	free(dir);
	return is;
}

int up_find(struct up *u, const char *arg, char **topo, struct case_ **c)
{
	struct block_diag d = { .out = stderr };
	struct topology *t;

	u->root = data_root_for(arg);
	if (!u->root) {
		log_warnx("no topologies/ here nor beside halbsim: run it where they are");
		return EXIT_USAGE_ERROR;
	}
	*topo = find_topology(u, arg);
	if (*topo) {
		t = topology_load(*topo, &d);
		topology_free(t);
		return t ? 0 : EXIT_USAGE_ERROR;
	}
	if (is_misspelt_topology(u, arg))
		return EXIT_USAGE_ERROR;
	*c = case_load_again(arg, u->root);
	return *c ? 0 : EXIT_USAGE_ERROR;
}

static json_t *about(const struct up *u)
{
	char at[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "name", u->dir.name, "case",
			 u->c->name, "topology", u->c->topo->name, "engine",
			 engine_name(u->engine), "time", u->time ? "real" : "virtual", "started", at);
}

int up_make_dir(struct up *u, const char *topo, const struct case_ *c)
{
	char *real = c ? realpath(c->dir, NULL) : NULL;
	const char *base = topo ? path_base(topo) : real ? path_base(real) : "";
	char *path = NULL;
	size_t nnode;
	json_t *j;
	int r;

	u->folder = strdup(base);
	free(real);
	if (!u->folder)
		return EXIT_SOFTWARE;
	if (!u->name && !live_name_ok(u->folder)) {
		log_warnx("'%s' cannot be a site's name: give it one with --name", u->folder);
		return EXIT_USAGE_ERROR;
	}
	r = live_dir_create(&u->dir, u->name ? u->name : u->folder, false);
	if (r)
		return r;
	u->input = path_join(u->dir.path, "input");
	path = textf("%s/cases/%s", u->input, u->folder);
	r = !u->input || !path ? EXIT_SOFTWARE :
	    topo	       ? stage_topology(u, topo) :
	    job_stage(c, u->input, u->folder) ? EXIT_SOFTWARE : 0;
	if (!r)
		r = job_stage_each(u->input, u->folder, &nnode);
	u->c = r ? NULL : case_load_again(path, u->input);
	free(path);
	if (!r && !u->c)
		r = EXIT_USAGE_ERROR;
	if (r)
		return r;
	if (u->engine_opt)
		u->engine = u->engine_opt == 2 ? ENGINE_KEEPALIVED : ENGINE_HALBD;
	else
		u->engine = u->c->engine_only ? u->c->engine : ENGINE_HALBD;
	j = about(u);
	r = j && live_dir_describe(&u->dir, j) == 0 ? 0 : EXIT_SOFTWARE;
	json_decref(j);
	return r;
}
