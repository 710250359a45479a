/* From a sweep's options to its definition; every mistake is found here. */
#include "sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/conf.h"
#include "block.h"
#include "clock.h"
#include "log.h"
#include "paths.h"
#include "quantity.h"
#include "run.h"
#include "rundir.h"
#include "siteconf.h"
#include "span.h"
#include "sweep_value.h"
#include "timeline.h"

static int no_memory(void)
{
	log_warnx("out of memory");
	return EXIT_SOFTWARE;
}

/* After -EINVAL with its reason, or anything else. */
static int refused(const char *option, int r, char *why)
{
	if (r == -EINVAL && why)
		log_warnx("--%s: %s", option, why);
	free(why);
	return r == -EINVAL ? EXIT_USAGE_ERROR : no_memory();
}

/* --- phases --- */

static uint64_t draw(uint64_t *x)
{
	uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Between two adverts every phase is as likely: the longest interval there is. */
static int64_t interval(const struct case_ *c)
{
	int64_t longest = 0;
	size_t i, k;

	for (i = 0; i < c->siteconf->n; i++) {
		const struct conf *conf = c->siteconf->v[i].conf;

		for (k = 0; k < conf->nvrrp; k++)
			if (conf->vrrp[k].advert_ns > longest)
				longest = conf->vrrp[k].advert_ns;
	}
	return longest ? longest : NS_PER_S;
}

/* "100 random" or "100 random 0s..2s"; -ENOENT: something else. */
static int random_phases(struct sweep *s, const char *text, const struct case_ *c, char **why)
{
	char *end, *dots, *from = NULL;
	unsigned long n = strtoul(text, &end, 10);
	int64_t lo = 0, hi = interval(c);
	uint64_t x = s->seed;
	size_t i;

	end += strspn(end, " ");
	if (strncmp(end, "random", 6) != 0)
		return -ENOENT;
	end += 6;
	end += strspn(end, " ");
	dots = strstr(end, "..");
	if (dots)
		from = strndup(end, (size_t)(dots - end));
	if (text[0] == '-' || !n || n > 1000000 ||
	    (*end && (!from || block_span_text(from, &lo) || block_span_text(dots + 2, &hi) ||
		      hi <= lo))) {
		free(from);
		*why = textf("'%s': say 'N random' or 'N random 0s..2s', N from 1 to 1000000",
			     text);
		return -EINVAL;
	}
	free(from);
	s->phase = calloc(n, sizeof(*s->phase));
	if (!s->phase)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		s->phase[i] = lo + (int64_t)(draw(&x) % (uint64_t)(hi - lo));
	s->nphase = n;
	return 0;
}

static int plan_phases(struct sweep *s, const char *text, struct case_ *c)
{
	char *why = NULL, span[SPAN_LEN], len[SPAN_LEN];
	int64_t most = 0;
	size_t i;
	int r;

	r = text ? random_phases(s, text, c, &why) : -ENOENT;
	if (r == -ENOENT)
		r = quantity_spans(text ? text : "0s", &s->phase, &s->nphase, &why);
	if (r)
		return refused("phase", r, why);
	for (i = 0; i < s->nphase; i++)
		most = s->phase[i] > most ? s->phase[i] : most;
	if (most && (!strcmp(c->step[0].argv[0], "end") ||
		     !timeline_shift(c->step, c->nstep, most))) {
		log_warnx("%s:%d:%d: --phase: %s later, '%s' is beyond the timeline (its steps "
			  "keep their order; it ends at %s)",
			  c->file, c->step[0].line, c->step[0].col, span_exact(span, most),
			  c->step[0].text, span_text(len, c->length_ns));
		return EXIT_USAGE_ERROR;
	}
	return 0;
}

/* --- engines --- */

static int plan_engines(struct sweep *s, const char *text, const struct case_ *c)
{
	enum engine e;
	size_t len;

	if (!text) {
		s->engine[s->nengine++] = c->engine_only ? c->engine : ENGINE_HALBD;
		return 0;
	}
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (len == 5 && !strncmp(text, "halbd", len))
			e = ENGINE_HALBD;
		else if (len == 10 && !strncmp(text, "keepalived", len))
			e = ENGINE_KEEPALIVED;
		else {
			log_warnx("--engine: '%.*s' is neither halbd nor keepalived", (int)len,
				  text);
			return EXIT_USAGE_ERROR;
		}
		if (s->nengine && (s->nengine == 2 || s->engine[0] == e)) {
			log_warnx("--engine: %s twice", engine_name(e));
			return EXIT_USAGE_ERROR;
		}
		if (c->engine_only && c->engine != e) {
			log_warnx("%s: this case is for %s alone", c->file,
				  engine_name(c->engine));
			return EXIT_USAGE_ERROR;
		}
		s->engine[s->nengine++] = e;
		if (!text[len])
			return 0;
	}
}

/* --- quantities --- */

static int plan_set(struct sweep *s, const char *text, const struct case_ *c,
		    const char *case_dir, const char *topo_dir)
{
	const struct quantity_files q = { case_dir, topo_dir };
	const char *eq = strchr(text, '=');
	struct sweep_axis *a;
	char *why = NULL;
	size_t i;
	int r;

	if (!eq || eq == text || s->naxis == SWEEP_MAX_AXES) {
		log_warnx(s->naxis == SWEEP_MAX_AXES ? "--set %s: too many quantities" :
						       "--set %s: say NAME=V1,V2 or "
						       "NAME=FROM..TO/STEP",
			  text);
		return EXIT_USAGE_ERROR;
	}
	a = &s->axis[s->naxis++];
	a->name = strndup(text, (size_t)(eq - text));
	if (!a->name)
		return no_memory();
	for (i = 0; i + 1 < s->naxis; i++)
		if (!strcmp(s->axis[i].name, a->name)) {
			log_warnx("--set: %s twice", a->name);
			return EXIT_USAGE_ERROR;
		}
	r = quantity_set(&q, a->name, NULL);
	if (r < 0)
		return r == -ENOENT || r == -EEXIST ? EXIT_USAGE_ERROR : EXIT_SOFTWARE;
	r = quantity_values(eq + 1, &a->v, &a->n, &why);
	if (r)
		return refused("set", r, why);
	for (i = 0; i < a->n; i++) {
		r = sweep_value_try(c, case_dir, topo_dir, a->name, a->v[i]);
		if (r)
			return r;
	}
	return 0;
}

int sweep_plan(struct sweep *s, const struct sweep_wish *w, char **case_dir, char **topo_dir)
{
	struct block_diag d = { .out = stderr };
	struct case_ *c = case_load(w->case_path, w->root, &d);
	size_t i;
	int r = EXIT_USAGE_ERROR;

	*s = (struct sweep){ .seed = w->seed };
	*case_dir = *topo_dir = NULL;
	if (!c)
		goto out;
	r = EXIT_SOFTWARE;
	*case_dir = realpath(c->dir, NULL);
	*topo_dir = realpath(c->topo->dir, NULL);
	s->case_name = strdup(c->name);
	s->build = run_info_build();
	s->kernel = w->kernel ? realpath(w->kernel, NULL) : NULL;
	if (!*case_dir || !*topo_dir || !s->case_name)
		goto out;
	s->folder = strdup(path_base(*case_dir));
	if (!s->folder)
		goto out;
	r = plan_phases(s, w->phase, c);
	if (!r)
		r = plan_engines(s, w->engine, c);
	for (i = 0; !r && i < w->nset; i++)
		r = plan_set(s, w->set[i], c, *case_dir, *topo_dir);
	if (!r && sweep_key(s, *case_dir, *topo_dir)) {
		log_warn("cannot read %s", *case_dir);
		r = EXIT_SOFTWARE;
	}
out:
	case_free(c);
	return r;
}
