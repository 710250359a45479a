#include "quantity.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "block.h"
#include "log.h"
#include "paths.h"
#include "span.h"
#include "tree.h"

/* One file's text, and what is found in it. */
struct text {
	const char *path;
	char *text;
	size_t len;
	FILE *out; /* the new text */
	size_t copied;
};

struct known {
	char *name, *file;
	int line;
};

struct search {
	const char *name, *value;
	int found;
	struct known *v; /* every quantity there is, for "did you mean" */
	size_t n;
	bool change;
	char *first_file;
	int first_line;
};

struct word {
	size_t at, len;
	int line;
};

int quantity_is(const char *s, size_t len)
{
	size_t i = 0, digits = 0;

	while (i < len && s[i] >= '0' && s[i] <= '9')
		i++, digits++;
	if (i < len && i && s[i] == '.')
		for (i++; i < len && s[i] >= '0' && s[i] <= '9'; i++)
			digits++;
	if (!digits)
		return 0;
	for (; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz%/", s[i]) || !s[i])
			return 0;
	return 1;
}

/* --- words, in the block syntax and in keepalived.conf alike --- */

/* The next word, '{', '}' or '\n'; false at the end. */
static bool next_word(const struct text *t, size_t *at, int *line, struct word *w)
{
	const char *s = t->text;
	size_t i = *at;

	while (i < t->len && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r'))
		i++;
	if (i < t->len && (s[i] == '#' || (s[i] == '!' && s[i + 1] != '=')))
		while (i < t->len && s[i] != '\n')
			i++;
	*w = (struct word){ .at = i, .line = *line };
	if (i >= t->len)
		return false;
	if (strchr("{}\n", s[i])) {
		*line += s[i] == '\n';
		i++;
	} else if (s[i] == '"') {
		for (i++; i < t->len && s[i] != '"' && s[i] != '\n'; i++)
			i += s[i] == '\\' && i + 1 < t->len && s[i + 1] != '\n';
		i += i < t->len && s[i] == '"';
	} else {
		while (i < t->len && !strchr(" \t\r\n{}", s[i]))
			i++;
	}
	w->len = i - w->at;
	*at = i;
	return true;
}

static int remember(struct search *q, const struct text *t, const struct word *w)
{
	struct known *v = realloc(q->v, (q->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	q->v = v;
	v[q->n] = (struct known){ .name = strndup(t->text + w->at, w->len),
				  .file = strdup(t->path),
				  .line = w->line };
	q->n++;
	return v[q->n - 1].name && v[q->n - 1].file ? 0 : -ENOMEM;
}

/* A statement whose first number is `w`. */
static int found(struct search *q, struct text *t, const struct word *name,
		 const struct word *w)
{
	if (strlen(q->name) != name->len ||
	    memcmp(q->name, t->text + name->at, name->len) != 0)
		return remember(q, t, name);
	q->found++;
	if (!q->first_file) {
		q->first_file = strdup(t->path);
		q->first_line = name->line;
	}
	if (q->change) {
		fwrite(t->text + t->copied, 1, w->at - t->copied, t->out);
		fputs(q->value, t->out);
		t->copied = w->at + w->len;
	}
	return 0;
}

static int scan(struct search *q, struct text *t)
{
	struct word w, name = { 0 };
	bool have = false, done = false;
	size_t at = 0;
	int line = 1, r = 0;

	while (!r && next_word(t, &at, &line, &w)) {
		if (strchr("{}\n", t->text[w.at])) {
			have = done = false;
		} else if (!have) {
			name = w;
			have = true;
		} else if (!done && quantity_is(t->text + w.at, w.len)) {
			r = found(q, t, &name, &w);
			done = true;
		}
	}
	return r;
}

static int in_file(struct search *q, const char *path)
{
	struct text t = { .path = path };
	char *changed = NULL;
	int before = q->found, r;
	size_t len;

	r = file_read(path, &t.text, &t.len);
	if (r)
		goto out;
	t.out = open_memstream(&changed, &len);
	if (!t.out) {
		r = -errno;
		goto out;
	}
	r = scan(q, &t);
	fwrite(t.text + t.copied, 1, t.len - t.copied, t.out);
	if (fclose(t.out))
		r = -ENOMEM;
	if (!r && q->change && q->found > before)
		r = file_write_text(path, changed);
out:
	if (r) {
		errno = -r;
		log_warn("%s", path);
	}
	free(changed);
	free(t.text);
	return r;
}

static int is_conf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 && !strcmp(d->d_name + n - 5, ".conf");
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* DIR/NODE/….conf, in the order of their names. */
static int in_nodes(struct search *q, const char *dir)
{
	struct dirent **node, **file;
	int i, k, nfile, r = 0, n = scandir(dir, &node, visible, alphasort);

	for (i = 0; i < n; i++) {
		char *sub = path_join(dir, node[i]->d_name);

		nfile = sub && path_is_dir(sub) ? scandir(sub, &file, is_conf, alphasort) : -1;
		for (k = 0; k < nfile; k++) {
			char *path = path_join(sub, file[k]->d_name);

			if (!r)
				r = path ? in_file(q, path) : -ENOMEM;
			free(path);
			free(file[k]);
		}
		if (nfile >= 0)
			free(file);
		free(sub);
		free(node[i]);
	}
	if (n >= 0)
		free(node);
	return r;
}

static int search_case(struct search *q, const char *case_dir)
{
	char *path = path_join(case_dir, "case.conf");
	int r = path ? in_file(q, path) : -ENOMEM;

	free(path);
	return r;
}

static int search_conf(struct search *q, const struct quantity_files *f)
{
	int r = in_nodes(q, f->case_dir);

	return r ? r : in_nodes(q, f->topo_dir);
}

static void search_finish(struct search *q)
{
	size_t i;

	for (i = 0; i < q->n; i++) {
		free(q->v[i].name);
		free(q->v[i].file);
	}
	free(q->v);
	free(q->first_file);
}

/* --- the public ones --- */

static void say_unknown(const struct search *a, const struct search *b,
			const struct quantity_files *f)
{
	const char **names = calloc(a->n + b->n + 1, sizeof(*names)), *near = NULL;
	const struct known *k = NULL;
	size_t i;

	for (i = 0; names && i < a->n + b->n; i++)
		names[i] = i < a->n ? a->v[i].name : b->v[i - a->n].name;
	if (names)
		near = block_nearest(a->name, names, a->n + b->n);
	for (i = 0; near && i < a->n + b->n && !k; i++)
		if (!strcmp(names[i], near))
			k = i < a->n ? &a->v[i] : &b->v[i - a->n];
	if (k)
		log_warnx("%s:%d: no quantity '%s' here nor elsewhere in the case and its "
			  "configuration, did you mean '%s'?",
			  k->file, k->line, a->name, near);
	else
		log_warnx("%s/case.conf: no quantity '%s', neither here nor in the "
			  "directors' configuration",
			  f->case_dir, a->name);
	free(names);
}

int quantity_set(const struct quantity_files *f, const char *name, const char *value)
{
	bool only_case = !strncmp(name, "case.", 5), only_conf = !strncmp(name, "conf.", 5);
	const char *bare = only_case || only_conf ? name + 5 : name;
	struct search a = { .name = bare, .value = value }, b = a;
	struct search c = { .name = bare, .value = value, .change = true };
	int r = 0;

	if (!only_conf)
		r = search_case(&a, f->case_dir);
	if (!r && !only_case)
		r = search_conf(&b, f);
	if (r)
		goto out;
	r = -ENOENT;
	if (!a.found && !b.found) {
		say_unknown(&a, &b, f);
		goto out;
	}
	if (a.found && b.found) {
		r = -EEXIST;
		log_warnx("'%s' is in %s:%d and in %s:%d: say case.%s or conf.%s", bare,
			  a.first_file, a.first_line, b.first_file, b.first_line, bare, bare);
		goto out;
	}
	r = 0;
	if (value)
		r = a.found ? search_case(&c, f->case_dir) : search_conf(&c, f);
	if (!r)
		r = a.found + b.found;
out:
	search_finish(&a);
	search_finish(&b);
	search_finish(&c);
	return r;
}
