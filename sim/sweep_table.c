/* A sweep's results: read from its trials, written as tables. */
#include "sweep.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "paths.h"
#include "tree.h"

static const char *const keys[SWEEP_MEASURES] = { "longest_gap_ns", "first_advert_ns",
						  "first_ok_ns", "above_bound_ns" };

void sweep_result_finish(struct sweep_result *r)
{
	size_t i;

	for (i = 0; i < r->nnot_held; i++)
		free(r->not_held[i]);
	free(r->not_held);
	free(r->verdict);
	free(r->line);
	*r = (struct sweep_result){ 0 };
}

void sweep_results_finish(struct sweep_results *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		sweep_result_finish(&r->v[i]);
	free(r->v);
	*r = (struct sweep_results){ 0 };
}

static int64_t number(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);

	return json_is_integer(v) ? json_integer_value(v) : SWEEP_NONE;
}

static int read_result(struct sweep_result *r, const struct sweep *s, const json_t *j)
{
	const char *verdict = json_string_value(json_object_get(j, "verdict"));
	json_t *list = json_object_get(j, "not_held"), *one;
	int64_t trial = number(j, "trial"), failed = number(j, "failed");
	size_t i;

	if (trial < 0 || (uint64_t)trial >= sweep_count(s) || !verdict || failed < 0 ||
	    !json_is_array(list))
		return -EINVAL;
	sweep_point(s, (size_t)trial, &r->at);
	if (number(j, "phase_ns") != r->at.phase_ns)
		return -EINVAL;
	r->verdict = strdup(verdict);
	r->failed = (uint64_t)failed;
	for (i = 0; i < SWEEP_MEASURES; i++)
		r->measure[i] = number(j, keys[i]);
	r->bound_lo_ns = number(j, "bound_lo_ns");
	r->bound_hi_ns = number(j, "bound_hi_ns");
	r->not_held = calloc(json_array_size(list) + 1, sizeof(*r->not_held));
	if (!r->not_held || !r->verdict)
		return -ENOMEM;
	json_array_foreach(list, i, one) {
		const char *text = json_string_value(one);

		r->not_held[r->nnot_held] = strdup(text ? text : "?");
		if (!r->not_held[r->nnot_held++])
			return -ENOMEM;
	}
	return 0;
}

int sweep_result_parse(struct sweep_result *r, const struct sweep *s, const char *line)
{
	json_t *j = json_loads(line, 0, NULL);
	int e = -EINVAL;

	*r = (struct sweep_result){ 0 };
	if (j)
		e = read_result(r, s, j);
	json_decref(j);
	if (!e) {
		r->line = strdup(line);
		e = r->line ? 0 : -ENOMEM;
	}
	if (e)
		sweep_result_finish(r);
	return e;
}

int sweep_results_read(struct sweep_results *r, const struct sweep *s, const char *dir)
{
	size_t i, len, n = sweep_count(s);
	int e = 0;

	*r = (struct sweep_results){ .v = calloc(n, sizeof(*r->v)) };
	if (!r->v)
		return -ENOMEM;
	for (i = 0; !e && i < n; i++) {
		char *path = sweep_trial_path(dir, i), *text = NULL;

		e = path ? file_read(path, &text, &len) : -ENOMEM;
		if (!e) {
			e = sweep_result_parse(&r->v[r->n], s, text);
			if (!e && r->v[r->n].at.trial != i) {
				sweep_result_finish(&r->v[r->n]);
				e = -EINVAL;
			}
			r->n += !e;
			if (e == -EINVAL)
				log_warnx("%s: not a trial of this sweep: remove it, and run "
					  "the sweep again",
					  path);
		} else if (e == -ENOENT) {
			e = 0;
		} else {
			errno = -e;
			log_warn("%s", path ? path : dir);
		}
		free(text);
		free(path);
	}
	if (e)
		sweep_results_finish(r);
	return e;
}

/* --- tables --- */

static void csv_number(FILE *f, int64_t v)
{
	if (v == SWEEP_NONE)
		fputc(',', f);
	else
		fprintf(f, ",%jd", (intmax_t)v);
}

static void csv_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
}

int sweep_csv(FILE *f, const struct sweep *s, const struct sweep_results *r)
{
	size_t i, k;

	fputs("trial,engine,phase_ns", f);
	for (k = 0; k < s->naxis; k++)
		fprintf(f, ",%s", s->axis[k].name);
	fputs(",seed,verdict,failed", f);
	for (k = 0; k < SWEEP_MEASURES; k++)
		fprintf(f, ",%s", keys[k]);
	fputs(",bound_lo_ns,bound_hi_ns,not_held\n", f);
	for (i = 0; i < r->n; i++) {
		const struct sweep_result *v = &r->v[i];

		fprintf(f, "%zu,%s,%jd", v->at.trial, engine_name(v->at.engine),
			(intmax_t)v->at.phase_ns);
		for (k = 0; k < s->naxis; k++)
			fprintf(f, ",%s", s->axis[k].v[v->at.value[k]]);
		fprintf(f, ",%ju,%s,%ju", (uintmax_t)v->at.seed, v->verdict,
			(uintmax_t)v->failed);
		for (k = 0; k < SWEEP_MEASURES; k++)
			csv_number(f, v->measure[k]);
		csv_number(f, v->bound_lo_ns);
		csv_number(f, v->bound_hi_ns);
		fputs(",\"", f);
		for (k = 0; k < v->nnot_held; k++) {
			fputs(k ? "; " : "", f);
			csv_text(f, v->not_held[k]);
		}
		fputs("\"\n", f);
	}
	return ferror(f) ? -EIO : 0;
}

struct tables {
	const struct sweep *s;
	const struct sweep_results *r;
};

static int save_jsonl(FILE *f, const void *arg)
{
	const struct tables *t = arg;
	size_t i;

	for (i = 0; i < t->r->n; i++)
		if (fputs(t->r->v[i].line, f) == EOF)
			return -EIO;
	return 0;
}

static int save_csv(FILE *f, const void *arg)
{
	const struct tables *t = arg;

	return sweep_csv(f, t->s, t->r);
}

static int save_html(FILE *f, const void *arg)
{
	const struct tables *t = arg;

	return sweep_html(f, t->s, t->r);
}

int sweep_tables(const struct sweep *s, const struct sweep_results *r, const char *dir)
{
	static const struct {
		const char *name;
		int (*write)(FILE *f, const void *arg);
	} files[] = { { "table.jsonl", save_jsonl },
		      { "table.csv", save_csv },
		      { "sweep.html", save_html } };
	const struct tables t = { s, r };
	size_t i;
	int e = 0;

	for (i = 0; !e && i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = path_join(dir, files[i].name);

		e = path ? file_write(path, files[i].write, &t) : -ENOMEM;
		free(path);
		if (e) {
			errno = -e;
			log_warn("cannot write %s/%s", dir, files[i].name);
		}
	}
	return e;
}
