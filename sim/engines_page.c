#include "engines_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "report_html.h"
#include "span.h"
#include "tree.h"

int engines_page(FILE *f, const struct report *const *r, size_t n)
{
	struct conf_texts *conf = calloc(n, sizeof(*conf));
	size_t i;
	int e = conf ? 0 : -ENOMEM;

	for (i = 0; i < n && !e; i++)
		e = conf_texts_read(&conf[i], r[i]->dir);
	if (!e)
		e = report_html(f, r, conf, n);
	for (i = 0; conf && i < n; i++)
		conf_texts_finish(&conf[i]);
	free(conf);
	return e;
}

struct page {
	const struct report *const *r;
	size_t n;
};

static int write_page(FILE *f, const void *arg)
{
	const struct page *p = arg;

	return engines_page(f, p->r, p->n);
}

/* Beside the first run's folder. */
static char *page_path(const char *dir, uint64_t seed)
{
	const char *slash = strrchr(dir, '/');
	int len = slash ? (int)(slash - dir) : 1;

	return textf("%.*s/engines-seed%ju.html", len, slash ? dir : ".", (uintmax_t)seed);
}

int engines_page_write(char **path, const char *const *dirs, size_t n, uint64_t seed)
{
	struct report *r = calloc(n, sizeof(*r));
	const struct report **list = calloc(n, sizeof(*list));
	struct page page = { .r = list, .n = n };
	size_t i, loaded = 0;
	int e = -ENOMEM;

	*path = page_path(dirs[0], seed);
	if (!r || !list || !*path)
		goto out;
	for (e = 0; loaded < n && !e; loaded++) {
		e = report_load_run(&r[loaded], dirs[loaded], ".") ? -EINVAL : 0;
		list[loaded] = &r[loaded];
	}
	if (!e)
		e = file_write(*path, write_page, &page);
out:
	for (i = 0; i < loaded; i++)
		report_finish(&r[i]);
	free(r);
	free(list);
	if (e) {
		errno = -e;
		log_warn("cannot write %s", *path ? *path : "the page of both engines");
		free(*path);
		*path = NULL;
	}
	return e;
}
