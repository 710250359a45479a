/* A sweep's definition: points, fingerprint, sweep.json. */
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "paths.h"
#include "span.h"
#include "tree.h"

void sweep_finish(struct sweep *s)
{
	size_t i, k;

	for (i = 0; i < s->naxis; i++) {
		for (k = 0; k < s->axis[i].n; k++)
			free(s->axis[i].v[k]);
		free(s->axis[i].v);
		free(s->axis[i].name);
	}
	free(s->case_name);
	free(s->folder);
	free(s->phase);
	free(s->kernel);
	free(s->build);
	*s = (struct sweep){ 0 };
}

size_t sweep_groups(const struct sweep *s)
{
	size_t n = s->nengine, i;

	for (i = 0; i < s->naxis; i++)
		n *= s->axis[i].n;
	return n;
}

size_t sweep_count(const struct sweep *s)
{
	return sweep_groups(s) * s->nphase;
}

static void group_point(const struct sweep *s, size_t g, struct sweep_point *p)
{
	size_t i;

	p->group = g;
	for (i = s->naxis; i-- > 0; g /= s->axis[i].n)
		p->value[i] = g % s->axis[i].n;
	p->engine = s->engine[g < s->nengine ? g : 0];
}

void sweep_point(const struct sweep *s, size_t trial, struct sweep_point *p)
{
	size_t phase = trial % s->nphase;

	*p = (struct sweep_point){ .trial = trial };
	group_point(s, trial / s->nphase, p);
	p->phase_ns = s->phase[phase];
	/* The same draws at one phase for all engines and quantities. */
	p->seed = s->seed + phase;
}

char *sweep_group_text(const struct sweep *s, size_t g)
{
	struct sweep_point p = { 0 };
	char *text = NULL;
	size_t len, i;
	FILE *f;

	group_point(s, g, &p);
	f = open_memstream(&text, &len);
	if (!f)
		return NULL;
	fputs(engine_name(p.engine), f);
	for (i = 0; i < s->naxis; i++)
		fprintf(f, ", %s %s", s->axis[i].name, s->axis[i].v[p.value[i]]);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

/* --- fingerprint --- */

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int hash_tree(struct hash *h, const char *dir)
{
	struct dirent **v;
	int i, r = 0, n = scandir(dir, &v, visible, alphasort);

	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		char *path = path_join(dir, v[i]->d_name);

		hash_add_text(h, v[i]->d_name);
		if (!path)
			r = -ENOMEM;
		else if (!r && path_is_dir(path))
			r = hash_tree(h, path);
		else if (!r && path_is_file(path))
			r = hash_add_file(h, path);
		hash_add_text(h, "");
		free(path);
		free(v[i]);
	}
	free(v);
	return r;
}

int sweep_key(struct sweep *s, const char *case_dir, const char *topo_dir)
{
	struct hash h;
	size_t i, k;
	int r;

	hash_init(&h);
	hash_add_text(&h, "sweep-1");
	hash_add_text(&h, s->build ? s->build : "");
	hash_add_text(&h, s->kernel ? s->kernel : "");
	hash_add(&h, &s->seed, sizeof(s->seed));
	hash_add(&h, s->phase, s->nphase * sizeof(*s->phase));
	hash_add(&h, s->engine, s->nengine * sizeof(*s->engine));
	for (i = 0; i < s->naxis; i++) {
		hash_add_text(&h, s->axis[i].name);
		for (k = 0; k < s->axis[i].n; k++)
			hash_add_text(&h, s->axis[i].v[k]);
		hash_add_text(&h, "");
	}
	r = hash_tree(&h, case_dir);
	if (!r)
		r = hash_tree(&h, topo_dir);
	hash_text(&h, s->key);
	return r;
}

/* --- sweep.json --- */

static int write_json(FILE *f, const void *arg)
{
	if (json_dumpf(arg, f, JSON_INDENT(1)) || fputc('\n', f) == EOF)
		return -EIO;
	return 0;
}

int sweep_write(const struct sweep *s, const char *dir)
{
	char *path = path_join(dir, "sweep.json");
	json_t *phase = json_array(), *engine = json_array(), *set = json_array(), *j;
	size_t i, k;
	int r = -ENOMEM;

	for (i = 0; i < s->nphase; i++)
		json_array_append_new(phase, json_integer(s->phase[i]));
	for (i = 0; i < s->nengine; i++)
		json_array_append_new(engine, json_integer(s->engine[i]));
	for (i = 0; i < s->naxis; i++) {
		json_t *v = json_array();

		for (k = 0; k < s->axis[i].n; k++)
			json_array_append_new(v, json_string(s->axis[i].v[k]));
		json_array_append_new(set, json_pack("{s:s, s:o}", "name", s->axis[i].name,
						     "values", v));
	}
	j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s*, s:s*, s:o, s:o, s:o}", "schema",
		      "halbsim-sweep-1", "fingerprint", s->key, "case", s->case_name,
		      "folder", s->folder, "seed", (json_int_t)s->seed, "kernel", s->kernel,
		      "build", s->build, "engines", engine, "set", set, "phases_ns", phase);
	if (path && j)
		r = file_write(path, write_json, j);
	if (r) {
		errno = -r;
		log_warn("cannot write %s/sweep.json", dir);
	}
	json_decref(j);
	free(path);
	return r;
}

static int read_axis(struct sweep *s, json_t *j)
{
	struct sweep_axis *a = &s->axis[s->naxis++];
	const char *name, *text;
	json_t *v, *one;
	size_t i;

	if (json_unpack(j, "{s:s, s:o}", "name", &name, "values", &v) || !json_array_size(v))
		return -EINVAL;
	a->name = strdup(name);
	a->v = calloc(json_array_size(v), sizeof(*a->v));
	json_array_foreach(v, i, one) {
		text = json_string_value(one);
		if (!text || !a->v)
			return -EINVAL;
		a->v[a->n++] = strdup(text);
	}
	return a->name ? 0 : -ENOMEM;
}

static int read_json(struct sweep *s, json_t *j)
{
	const char *schema, *key, *name, *folder, *kernel = NULL, *build = NULL;
	json_t *engine, *set, *phase, *one;
	json_int_t seed;
	size_t i;

	if (json_unpack(j, "{s:s, s:s, s:s, s:s, s:I, s?s, s?s, s:o, s:o, s:o}", "schema",
			&schema, "fingerprint", &key, "case", &name, "folder", &folder,
			"seed", &seed, "kernel", &kernel, "build", &build, "engines",
			&engine, "set", &set, "phases_ns", &phase) ||
	    strcmp(schema, "halbsim-sweep-1") || strlen(key) >= HASH_TEXT || seed < 0 ||
	    strchr(folder, '/') || folder[0] == '.' || !json_array_size(phase) ||
	    !json_array_size(engine) || json_array_size(engine) > 2 ||
	    json_array_size(set) > SWEEP_MAX_AXES)
		return -EINVAL;
	strcpy(s->key, key);
	s->seed = (uint64_t)seed;
	s->case_name = strdup(name);
	s->folder = strdup(folder);
	s->kernel = kernel ? strdup(kernel) : NULL;
	s->build = build ? strdup(build) : NULL;
	s->phase = calloc(json_array_size(phase), sizeof(*s->phase));
	if (!s->case_name || !s->folder || !s->phase)
		return -ENOMEM;
	json_array_foreach(phase, i, one)
		s->phase[s->nphase++] = json_integer_value(one);
	json_array_foreach(engine, i, one)
		s->engine[s->nengine++] = json_integer_value(one) == ENGINE_KEEPALIVED ?
						  ENGINE_KEEPALIVED :
						  ENGINE_HALBD;
	json_array_foreach(set, i, one)
		if (read_axis(s, one))
			return -EINVAL;
	return 0;
}

int sweep_read(struct sweep *s, const char *dir)
{
	char *path = path_join(dir, "sweep.json");
	json_error_t err;
	json_t *j;
	int r;

	*s = (struct sweep){ 0 };
	if (!path || !path_is_file(path)) {
		free(path);
		return -ENOENT;
	}
	j = json_load_file(path, 0, &err);
	r = j ? read_json(s, j) : -EINVAL;
	if (!j)
		log_warnx("%s:%d:%d: %s", path, err.line, err.column, err.text);
	else if (r)
		log_warnx("%s: not a sweep of this halbsim", path);
	json_decref(j);
	free(path);
	if (r)
		sweep_finish(s);
	return r;
}
