/*
 * A case: finds its file, reads the block, loads the topology it names and the
 * directors' own configuration, and then looks at how the parts fit together.
 * Every mistake is reported before the caller hears that there was one.
 */
#include "case.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block.h"
#include "case_read.h"
#include "clock.h"
#include "expect.h"
#include "log.h"
#include "run.h"
#include "paths.h"
#include "siteconf.h"

#define SETTLE_WITHIN_NS (60 * NS_PER_S)

static char *case_path(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		fatal(EXIT_SOFTWARE, "reading a case");
	return path;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* --- the words of a case --- */

static int one_of(struct block_diag *d, const struct block_stmt *s,
		  const char *const *names, size_t n, const char *what)
{
	const char *word = s->word[1].text, *near;
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], word) == 0)
			return (int)i;
	near = block_nearest(word, names, n);
	if (near)
		block_error_at(d, s, 1, "unknown %s '%s', did you mean '%s'?", what, word,
			       near);
	else
		block_error_at(d, s, 1, "unknown %s '%s': %s or %s", what, word, names[0],
			       names[1]);
	return -1;
}

static void read_about(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;

	(void)d;
	case_set_text(&c->about, s, 1);
}

static void read_engine(void *to, const struct block_stmt *s, struct block_diag *d)
{
	const char *const names[] = { engine_name(ENGINE_HALBD),
				      engine_name(ENGINE_KEEPALIVED) };
	struct case_ *c = to;
	int i = one_of(d, s, names, 2, "engine");

	if (i < 0)
		return;
	c->engine_only = true;
	c->engine = (enum engine)i;
}

static void read_backend(void *to, const struct block_stmt *s, struct block_diag *d)
{
	const char *const names[] = { backend_name(BACKEND_HALBWEB),
				      backend_name(BACKEND_NGINX) };
	struct case_ *c = to;
	int i = one_of(d, s, names, 2, "backend");

	if (i >= 0)
		c->backend = (enum backend)i;
}

static void settle_within(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;

	block_span(d, s, 1, &c->settle_within_ns);
}

static void settle_without(void *to, const struct block_stmt *s, struct block_diag *d)
{
	static const char *const names[] = { "replies", "checks" };
	struct case_ *c = to;
	int i = one_of(d, s, names, 2, "part of settling");

	if (i == 0)
		c->settle_without_replies = true;
	else if (i == 1)
		c->settle_without_checks = true;
}

const struct case_word case_settle_words[] = {
	{ "within", settle_within, 1, "within 60s" },
	{ "without", settle_without, 1, "without replies" },
	{ NULL, NULL, 0, NULL },
};

static void read_settle(void *to, const struct block_stmt *s, struct block_diag *d)
{

	if (s->nword > 1)
		block_error_at(d, s, 1, "settle takes a block: settle { within 60s }");
	case_read_block(to, s->body, case_settle_words, "settle", d);
}

static void read_expect(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;

	if (c->expect) {
		block_error_at(d, s, 0, "a second expect block: put it all into one");
		return;
	}
	if (s->body)
		c->expect = expect_parse(s->body, d);
}

/* Says what topologies there are, when the one that was named is not. */
static void unknown_topology(const struct case_ *c, const struct block_stmt *s,
			     struct block_diag *d)
{
	char *dir = case_path(c->root, "topologies");
	char *near = path_nearest_in(dir, s->word[1].text);

	if (near)
		block_error_at(d, s, 1, "no topology '%s' in %s, did you mean '%s'?",
			       s->word[1].text, dir, near);
	else
		block_error_at(d, s, 1, "no topology '%s' in %s ('halbsim list' shows them)",
			       s->word[1].text, dir);
	free(near);
	free(dir);
}

/* `topology lvs_large { web 500 }`: other counts than the topology's. */
static struct topo_count *read_counts(const struct block_stmt *s, size_t *n,
				      struct block_diag *d)
{
	const struct block_stmt *in;
	struct topo_count *v = NULL;
	size_t i;

	*n = 0;
	for (in = s->body ? s->body->first : NULL; in; in = in->next) {
		if (in->nword != 2 || in->body) {
			block_error_at(d, in, in->nword < 2 ? in->nword : 0,
				       "say how many: 'web 500'");
			continue;
		}
		for (i = 0; i < *n; i++)
			if (!strcmp(v[i].stmt->word[0].text, in->word[0].text))
				block_error_at(d, in, 0, "'%s' is given twice",
					       in->word[0].text);
		((struct topo_count *)case_append(&v, n, sizeof(*v)))->stmt = in;
	}
	return v;
}

static void load_topology(struct case_ *c, const char *dir, const struct block_stmt *s,
			  struct block_diag *d)
{
	unsigned int before = d->errors;
	size_t n;
	struct topo_count *count = read_counts(s, &n, d);

	if (d->errors == before)
		c->topo = topology_load_with(dir, count, n, d);
	free(count);
}

static void read_topology(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;
	char *base, *dir;

	if (c->topo) {
		block_error_at(d, s, 0, "a second topology; a case has one");
		return;
	}
	base = case_path(c->root, "topologies");
	dir = case_path(base, s->word[1].text);
	if (is_dir(dir))
		load_topology(c, dir, s, d);
	else
		unknown_topology(c, s, d);
	free(dir);
	free(base);
}

/* --- how the parts fit --- */

static bool seen(const struct block *b, const char *word)
{
	return block_find(b, word, NULL) != NULL;
}

/* A folder with files for a node that the topology does not have. */
static void check_folders(const struct case_ *c, struct block_diag *d)
{
	struct dirent **list = NULL;
	const char *near, **names;
	size_t i;
	char *path;
	int n = scandir(c->dir, &list, NULL, alphasort);

	names = calloc(c->topo->nnode + 1, sizeof(*names));
	if (!names)
		fatal(EXIT_SOFTWARE, "reading a case");
	for (i = 0; i < c->topo->nnode; i++)
		names[i] = c->topo->node[i].name;
	for (i = 0; n > 0 && i < (size_t)n; i++) {
		path = case_path(c->dir, list[i]->d_name);
		if (list[i]->d_name[0] != '.' && is_dir(path) &&
		    !topology_node(c->topo, list[i]->d_name)) {
			near = block_nearest(list[i]->d_name, names, c->topo->nnode);
			block_error(d, path, 1, 1, "topology %s has no node '%s'%s%s%s",
				    c->topo->name, list[i]->d_name,
				    near ? ", did you mean '" : "", near ? near : "",
				    near ? "'?" : "");
		}
		free(path);
		free(list[i]);
	}
	free(list);
	free(names);
}

static void check_name(const struct case_ *c, const struct block_stmt *s,
		       struct block_diag *d)
{
	const char *folder = strrchr(c->dir, '/');

	folder = folder ? folder + 1 : c->dir;
	if (strcmp(folder, ".") != 0 && strcmp(folder, c->name) != 0)
		block_warning_at(d, s, 1, "the case is called '%s', its folder '%s'",
				 c->name, folder);
}

static void finish(struct case_ *c, const struct block_stmt *s, struct block_diag *d)
{
	if (!seen(s->body, "topology"))
		block_error_at(d, s, 1, "no topology: say which, as 'topology lvs_dr'");
	if (!seen(s->body, "timeline"))
		block_error_at(d, s, 1, "no timeline: at least 'timeline { at settled+10s "
			       "{ end } }'");
	if (!seen(s->body, "about"))
		block_warning_at(d, s, 1, "no 'about': what does this case show?");
	check_name(c, s, d);
	if (!c->topo)
		return;
	check_folders(c, d);
	c->siteconf = siteconf_load(c, d);
	case_finish_traffic(c, d);
	case_finish_timeline(c, d);
	if (!d->errors && c->expect)
		expect_check(c->expect, c, d);
	if (!c->expect)
		block_warning_at(d, s, 1, "nothing is expected: this case cannot fail");
}

const struct case_word case_words[] = {
	{ "about", read_about, 1, "about \"what it shows\"" },
	{ "topology", read_topology, 1, "topology lvs_dr" },
	{ "engine", read_engine, 1, "engine keepalived" },
	{ "backend", read_backend, 1, "backend nginx" },
	{ "node", case_read_node, 1, "node web1 { … }" },
	{ "traffic", case_read_traffic, CASE_ARGS_ANY, "traffic http { … }" },
	{ "settle", read_settle, CASE_ARGS_ANY, "settle { within 60s }" },
	{ "timeline", case_read_timeline, 0, "timeline { … }" },
	{ "expect", read_expect, 0, "expect { … }" },
	{ NULL, NULL, 0, NULL },
};

static void read_case(struct case_ *c, struct block_diag *d)
{
	const struct block_stmt *s = c->tree->first;

	if (!s) {
		block_error(d, c->file, 1, 1, "empty: a case begins with 'case NAME {'");
		return;
	}
	if (strcmp(s->word[0].text, "case") != 0 || s->nword != 2 || !s->body) {
		block_error_at(d, s, 0, "a case begins with 'case NAME {'");
		return;
	}
	if (s->next)
		block_error_at(d, s->next, 0, "one case a file; this one ended above");
	case_set_text(&c->name, s, 1);
	case_read_block(c, s->body, case_words, "a case", d);
	finish(c, s, d);
}

/* --- finding it --- */

/* Folder of the case that `path` means; malloc'd. NULL: there is none. */
static char *find_dir(const char *path, const char *root)
{
	char *dir, *base, *slash, *file;

	if (is_dir(path)) {
		dir = case_strdup(path);
		while ((slash = strrchr(dir, '/')) && slash != dir && !slash[1])
			*slash = '\0';
		return dir;
	}
	if (access(path, F_OK) == 0) {
		file = case_strdup(path);
		slash = strrchr(file, '/');
		if (slash)
			*slash = '\0';
		dir = case_strdup(slash ? (slash == file ? "/" : file) : ".");
		free(file);
		return dir;
	}
	if (strchr(path, '/'))
		return NULL;
	base = case_path(root, "cases");
	dir = case_path(base, path);
	free(base);
	if (is_dir(dir))
		return dir;
	free(dir);
	return NULL;
}

static void not_found(const char *path, const char *root, struct block_diag *d)
{
	char *dir = case_path(root, "cases"), *near = dir ? path_nearest(path, dir) : NULL;

	d->errors++;
	fprintf(d->out, "%s: no such case: neither a file or folder nor in %s/cases ", path,
		root);
	if (near)
		fprintf(d->out, "(did you mean '%s'?)\n", near);
	else
		fputs("('halbsim list' shows them)\n", d->out);
	free(near);
	free(dir);
}

struct case_ *case_load(const char *path, const char *root, struct block_diag *d)
{
	struct case_ *c = calloc(1, sizeof(*c));
	unsigned int before = d->errors;

	if (!c)
		fatal(EXIT_SOFTWARE, "reading a case");
	c->root = case_strdup(root);
	c->settle_within_ns = SETTLE_WITHIN_NS;
	c->dir = find_dir(path, root);
	if (!c->dir) {
		not_found(path, root, d);
		goto fail;
	}
	c->file = is_dir(path) || access(path, F_OK) < 0 ? case_path(c->dir, "case.conf") :
							  case_strdup(path);
	c->tree = block_read(c->file, d);
	if (c->tree)
		read_case(c, d);
	if (d->errors == before)
		return c;
fail:
	case_free(c);
	return NULL;
}

void case_free(struct case_ *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->ntraffic; i++)
		traffic_conf_finish(&c->traffic[i]);
	for (i = 0; i < c->nstep; i++)
		step_finish(&c->step[i]);
	free(c->traffic);
	free(c->step);
	siteconf_free(c->siteconf);
	expect_free(c->expect);
	topology_free(c->topo);
	block_free(c->tree);
	free(c->name);
	free(c->about);
	free(c->dir);
	free(c->file);
	free(c->root);
	free(c);
}

char *case_node_file(const struct case_ *c, const char *node, const char *file)
{
	const char *dirs[] = { c->dir, c->topo ? c->topo->dir : NULL };
	char *path;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (!dirs[i])
			continue;
		if (asprintf(&path, "%s/%s/%s", dirs[i], node, file) < 0)
			fatal(EXIT_SOFTWARE, "reading a case");
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}
