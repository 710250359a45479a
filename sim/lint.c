#include "lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void finding_add(struct findings *f, const char *file, int line, const char *fmt, ...)
{
	struct finding *v = realloc(f->v, (f->n + 1) * sizeof(*v));
	va_list ap;
	char *text;
	int r;

	if (!v)
		return;
	f->v = v;
	va_start(ap, fmt);
	r = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (r < 0)
		return;
	v[f->n++] = (struct finding){ .file = file, .line = line, .text = text };
}

int lint_site(struct findings *f, const struct director *d, size_t n,
	      const struct topology *topo)
{
	*f = (struct findings){ 0 };
	lint_vrrp(f, d, n);
	lint_lvs(f, d, n, topo);
	return 0;
}

void findings_finish(struct findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		free(f->v[i].text);
	free(f->v);
	*f = (struct findings){ 0 };
}
