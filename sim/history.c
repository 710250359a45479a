#include "history.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "paths.h"
#include "runlist.h"
#include "span.h"

/* When a run was started, from its wall.json; NULL: not known. */
static char *started_of(const char *dir)
{
	char *path = path_join(dir, "wall.json");
	json_t *o = path ? json_load_file(path, 0, NULL) : NULL;
	const char *s = json_string_value(json_object_get(o, "started"));
	char *copy = s ? strdup(s) : NULL;

	json_decref(o);
	free(path);
	return copy;
}

static int add_run(struct history *h, const struct run_entry *e)
{
	struct history_run *v = reallocarray(h->v, h->n + 1, sizeof(*v));
	char *report = path_join(e->path, "report.json");
	int r = 0;

	if (v)
		h->v = v;
	if (!v || !report) {
		free(report);
		return -ENOMEM;
	}
	v = &v[h->n];
	*v = (struct history_run){ .name = strdup(e->name), .started = started_of(e->path) };
	if (!v->name)
		r = -ENOMEM;
	if (r || figures_read(&v->f, report)) {
		free(v->name);
		free(v->started);
	} else {
		h->n++;
	}
	free(report);
	return r;
}

static int add_baseline(struct history *h, const char *out, const char *engine,
			const char *time)
{
	char *path = baseline_path(out, h->case_name, engine, time);
	struct figures *v;
	int r = 0;

	if (!path)
		return -ENOMEM;
	if (path_is_file(path)) {
		v = reallocarray(h->baseline, h->nbaseline + 1, sizeof(*v));
		if (v) {
			h->baseline = v;
			h->nbaseline += !figures_read(&v[h->nbaseline], path);
		} else {
			r = -ENOMEM;
		}
	}
	free(path);
	return r;
}

int history_read(struct history *h, const char *out, const char *case_name, size_t most)
{
	struct run_list runs;
	size_t i;
	int r;

	*h = (struct history){ .case_name = strdup(case_name) };
	if (!h->case_name)
		return -ENOMEM;
	r = run_list_read(&runs, out, case_name);
	if (!r) {
		for (i = runs.n > most ? runs.n - most : 0; i < runs.n && !r; i++)
			r = add_run(h, &runs.v[i]);
		run_list_finish(&runs);
	}
	if (!r)
		r = add_baseline(h, out, "halbd", "virtual");
	if (!r)
		r = add_baseline(h, out, "keepalived", "virtual");
	if (!r && !h->n) {
		log_warnx("%s/%s: no whole run there", out, case_name);
		r = -ENOENT;
	}
	if (r)
		history_finish(h);
	return r;
}

void history_finish(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		free(h->v[i].name);
		free(h->v[i].started);
		figures_finish(&h->v[i].f);
	}
	for (i = 0; i < h->nbaseline; i++)
		figures_finish(&h->baseline[i]);
	free(h->v);
	free(h->baseline);
	free(h->case_name);
	*h = (struct history){ 0 };
}

/* --- the table --- */

/* The first figure whose name ends so, as milliseconds or a number. */
static const char *column(char buf[SPAN_LEN], const struct figures *f, const char *end)
{
	size_t i, n = strlen(end);

	for (i = 0; i < f->n; i++) {
		size_t len = strlen(f->v[i].name);

		if (len < n || strcmp(f->v[i].name + len - n, end) || !f->v[i].seen)
			continue;
		if (f->v[i].is_time)
			return span_ms(buf, f->v[i].value);
		snprintf(buf, SPAN_LEN, "%" PRId64, f->v[i].value);
		return buf;
	}
	return "-";
}

static void row(FILE *f, const char *name, const struct figures *g)
{
	char a[SPAN_LEN], b[SPAN_LEN], c[SPAN_LEN], d[SPAN_LEN];

	fprintf(f, "  %-21s %-10s %5" PRId64 "  %-12s %11s %8s %10s %10s\n", name, g->engine,
		g->seed, g->verdict, column(a, g, ": longest gap"),
		column(b, g, ": failed requests"),
		column(c, g, "first advert after the bound"),
		column(d, g, "neighbour entry after the bound"));
}

int history_text(FILE *f, const struct history *h)
{
	size_t i;

	fprintf(f, "%s: %zu runs (times in ms)\n\n  %-21s %-10s %5s  %-12s %11s %8s %10s %10s\n",
		h->case_name, h->n, "started", "engine", "seed", "verdict", "longest gap",
		"failed", "advert", "neighbour");
	for (i = 0; i < h->n; i++)
		row(f, h->v[i].started ? h->v[i].started : h->v[i].name, &h->v[i].f);
	for (i = 0; i < h->nbaseline; i++)
		row(f, "baseline", &h->baseline[i]);
	fputs("\nadvert, neighbour: of the first failover, after the RFC's bound.\n", f);
	return ferror(f) ? -EIO : 0;
}
