#include "runlist.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"
#include "paths.h"
#include "span.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct run_entry *)a)->name,
		      ((const struct run_entry *)b)->name);
}

/* Takes `path` over. */
static int add(struct run_list *l, char *path, const char *name)
{
	struct run_entry *v = reallocarray(l->v, l->n + 1, sizeof(*v));

	if (!v) {
		free(path);
		return -ENOMEM;
	}
	l->v = v;
	v = &v[l->n];
	*v = (struct run_entry){ .path = path, .name = strdup(name) };
	if (!v->name || run_info_read(path, &v->info)) {
		free(v->path);
		free(v->name);
		return v->name ? 0 : -ENOMEM; /* not a whole run: it has been said */
	}
	l->n++;
	return 0;
}

static int add_if_run(struct run_list *l, const char *dir, const char *name)
{
	char *path = path_join(dir, name);
	struct stat st;

	if (!path)
		return -ENOMEM;
	/* `latest` is a link to one that is here anyway */
	if (*name == '.' || lstat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		free(path);
		return 0;
	}
	return add(l, path, name);
}

int run_list_read(struct run_list *l, const char *out, const char *case_name)
{
	char *dir = path_join(out, case_name);
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *e;
	int r = 0;

	*l = (struct run_list){ 0 };
	if (!d) {
		r = dir ? -errno : -ENOMEM;
		log_warnx("%s: no runs of '%s' there", out, case_name);
	}
	while (d && !r && (e = readdir(d)))
		r = add_if_run(l, dir, e->d_name);
	if (d)
		closedir(d);
	free(dir);
	if (r)
		run_list_finish(l);
	else if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_name);
	return r;
}

void run_list_finish(struct run_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].name);
		run_info_finish(&l->v[i].info);
	}
	free(l->v);
	*l = (struct run_list){ 0 };
}

const struct run_entry *run_list_latest(const struct run_list *l, const char *engine,
					const char *time)
{
	size_t i = l->n;

	while (i-- > 0)
		if (!strcmp(l->v[i].info.engine, engine) && !strcmp(l->v[i].info.time, time))
			return &l->v[i];
	return NULL;
}

char *baseline_path(const char *out, const char *case_name, const char *engine,
		    const char *time)
{
	return textf("%s/baseline/%s/%s%s.json", out, case_name, engine,
		     strcmp(time, "real") ? "" : "-real");
}
