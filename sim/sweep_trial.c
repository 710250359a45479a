/* One trial: a run without its folder, told in a line. */
#include "sweep.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "log.h"
#include "paths.h"
#include "predict.h"
#include "run.h"
#include "siteconf.h"
#include "span.h"
#include "tree.h"

#define MAX_DIRECTORS 32
#define MAX_ROUTERS   255

char *sweep_trial_path(const char *dir, size_t trial)
{
	return textf("%s/trials/%zu.json", dir, trial);
}

/* The first that a fault caused. */
static const struct failover *the_failover(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->m.nfailover; i++)
		if (r->m.failover[i].fault_ns != NS_NONE && r->m.failover[i].to)
			return &r->m.failover[i];
	return NULL;
}

static json_t *since(int64_t ns, int64_t from_ns)
{
	return ns == NS_NONE ? json_null() : json_integer(ns - from_ns);
}

/* What the RFC allows for a master that falls silent. */
static void add_bound(json_t *j, const struct report *r, const struct failover *fo)
{
	struct director d[MAX_DIRECTORS];
	struct vrrp_pair pair[MAX_ROUTERS];
	size_t i, n = r->c->siteconf->n, npair;
	struct span_range b;

	if (n > MAX_DIRECTORS || fo->preempt || fo->prio0_ns != NS_NONE)
		return;
	for (i = 0; i < n; i++) {
		const struct siteconf_node *s = &r->c->siteconf->v[i];

		d[i] = (struct director){ .name = s->node->name,
					  .path = s->path,
					  .conf = s->conf };
	}
	npair = predict_pairs(d, n, pair, MAX_ROUTERS);
	for (i = 0; i < npair; i++) {
		if (pair[i].vrid != fo->vrid)
			continue;
		/* Whoever came before it in the line is lost. */
		while (pair[i].backup && strcmp(pair[i].backup_at->name, fo->to) != 0)
			predict_next(d, n, &pair[i], &pair[i]);
		if (!pair[i].backup)
			continue;
		b = predict_crash(pair[i].backup);
		json_object_set_new(j, "bound_lo_ns", json_integer(b.lo_ns));
		json_object_set_new(j, "bound_hi_ns", json_integer(b.hi_ns));
		return;
	}
}

static void add_figures(json_t *j, const struct report *r)
{
	const struct failover *fo = the_failover(r);
	json_t *not_held = json_array();
	int64_t longest;
	uint64_t failed;
	size_t i;

	measures_totals(&r->m, &longest, &failed);
	json_object_set_new(j, "verdict", json_string(verdict_name(r->verdict)));
	json_object_set_new(j, "longest_gap_ns",
			    r->m.ntraffic ? json_integer(longest) : json_null());
	json_object_set_new(j, "failed", json_integer((json_int_t)failed));
	json_object_set_new(j, "first_advert_ns",
			    fo ? since(fo->first_advert_ns, fo->fault_ns) : json_null());
	json_object_set_new(j, "first_ok_ns",
			    fo ? since(fo->first_ok_ns, fo->fault_ns) : json_null());
	json_object_set_new(j, "above_bound_ns",
			    fo && fo->bound_ns != NS_NONE ?
				    since(fo->first_advert_ns, fo->bound_ns) :
				    json_null());
	if (fo)
		add_bound(j, r, fo);
	for (i = 0; i < r->expect.n; i++)
		if (r->expect.v[i].outcome == EXPECT_NOT_HELD)
			json_array_append_new(not_held,
					      json_string(expect_text(r->expect.v[i].of)));
	json_object_set_new(j, "not_held", not_held);
}

static int add_events(json_t *j, const struct report *r)
{
	char *path = path_join(r->dir, "events.jsonl"), text[HASH_TEXT];
	struct hash h;
	int e;

	hash_init(&h);
	e = path ? hash_add_file(&h, path) : -ENOMEM;
	free(path);
	/* A guest that died left none. */
	if (e && e != -ENOENT)
		return e;
	hash_text(&h, text);
	json_object_set_new(j, "events", json_string(text));
	return 0;
}

static char *tell(const struct sweep *s, const struct sweep_point *p, const struct report *r)
{
	json_t *j = json_object(), *set = json_object();
	char *text = NULL, *line = NULL;
	size_t i;

	json_object_set_new(j, "trial", json_integer((json_int_t)p->trial));
	json_object_set_new(j, "engine", json_string(engine_name(p->engine)));
	json_object_set_new(j, "phase_ns", json_integer(p->phase_ns));
	for (i = 0; i < s->naxis; i++)
		json_object_set_new(set, s->axis[i].name,
				    json_string(s->axis[i].v[p->value[i]]));
	json_object_set_new(j, "set", set);
	json_object_set_new(j, "seed", json_integer((json_int_t)p->seed));
	add_figures(j, r);
	if (!add_events(j, r))
		text = json_dumps(j, JSON_COMPACT);
	if (text)
		line = textf("%s\n", text);
	free(text);
	json_decref(j);
	return line;
}

int sweep_trial(const struct sweep *s, const char *dir, const struct job *common,
		size_t trial, const char *out, char **line)
{
	const char *set[2 * SWEEP_MAX_AXES + 1] = { NULL };
	char *root = path_join(dir, "input"), *path = NULL;
	struct job j = *common;
	struct sweep_point p;
	struct report r;
	bool ran;
	size_t i;
	int e = EXIT_SOFTWARE;

	*line = NULL;
	if (root)
		path = textf("%s/cases/%s", root, s->folder);
	if (!path)
		goto out;
	sweep_point(s, trial, &p);
	for (i = 0; i < s->naxis; i++) {
		set[2 * i] = s->axis[i].name;
		set[2 * i + 1] = s->axis[i].v[p.value[i]];
	}
	j.case_path = path;
	j.root = root;
	j.engine = p.engine;
	j.seed = p.seed;
	/* All are alike until the first fault; what is random afterwards is each one's own. */
	j.settle_apart = true;
	j.settle_seed = s->seed;
	j.share = j.share && s->nphase > 1;
	j.phase_ns = p.phase_ns;
	j.set = set;
	j.out = out;
	e = job_run(&j, &r, &ran);
	if (!ran) {
		e = e ? e : EXIT_SOFTWARE;
		goto out;
	}
	/* What killed a guest need not be the trial's own: it is not its result. */
	if (r.info.died) {
		log_warnx("trial %zu: %s", trial, r.info.why);
		e = EXIT_INCONCLUSIVE;
	} else if (e != EXIT_SOFTWARE) {
		/* A run that could not be left in its folder is none. */
		*line = tell(s, &p, &r);
		e = *line ? 0 : EXIT_SOFTWARE;
	}
	report_finish(&r);
out:
	free(root);
	free(path);
	return e;
}
