/* The configuration that was in force, file by file. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "html_page.h"
#include "paths.h"
#include "span.h"
#include "tree.h"

#define MAX_DEPTH 8

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct conf_text *)a)->name,
		      ((const struct conf_text *)b)->name);
}

static int add(struct conf_texts *t, const char *path, const char *name)
{
	struct conf_text *v = realloc(t->v, (t->n + 1) * sizeof(*v));
	size_t len;
	int r;

	if (!v)
		return -ENOMEM;
	t->v = v;
	v[t->n] = (struct conf_text){ .name = strdup(name) };
	if (!v[t->n].name)
		return -ENOMEM;
	r = file_read(path, &v[t->n].text, &len);
	if (r) {
		free(v[t->n].name);
		return r;
	}
	t->n++;
	return 0;
}

static int add_folder(struct conf_texts *t, const char *dir, const char *prefix, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (!r && (errno = 0, e = readdir(d))) {
		char *path, *name;
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		path = path_join(dir, e->d_name);
		name = *prefix ? textf("%s/%s", prefix, e->d_name) : strdup(e->d_name);
		if (!path || !name)
			r = -ENOMEM;
		else if (stat(path, &st) < 0)
			r = -errno;
		else if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH)
			r = add_folder(t, path, name, depth + 1);
		else if (S_ISREG(st.st_mode))
			r = add(t, path, name);
		free(path);
		free(name);
	}
	closedir(d);
	return r;
}

int conf_texts_read(struct conf_texts *t, const char *run_dir)
{
	static const char *const folders[] = { "conf", "input" };
	size_t i;
	int r = 0;

	*t = (struct conf_texts){ 0 };
	for (i = 0; i < 2 && !r; i++) {
		char *dir = path_join(run_dir, folders[i]);

		r = dir ? add_folder(t, dir, "", 0) : -ENOMEM;
		free(dir);
	}
	if (r)
		conf_texts_finish(t);
	else if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_name);
	return r;
}

void conf_texts_finish(struct conf_texts *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].text);
	}
	free(t->v);
	*t = (struct conf_texts){ 0 };
}

void html_conf(const struct html_page *p)
{
	size_t i;

	if (!p->conf || !p->conf->n)
		return;
	fprintf(p->f,
		"<section id=\"%sconf\" class=\"folded\" aria-labelledby=\"%sconfh\">\n<h2 id=\"%sconfh\">"
		"The configuration that ran</h2>\n",
		p->id, p->id, p->id);
	for (i = 0; i < p->conf->n; i++) {
		fputs("<details class=\"file\"><summary><code>", p->f);
		html_text(p->f, p->conf->v[i].name);
		fputs("</code></summary><pre tabindex=\"0\">", p->f);
		html_text(p->f, p->conf->v[i].text);
		fputs("</pre></details>\n", p->f);
	}
	fputs("</section>\n", p->f);
}
