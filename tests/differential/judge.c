/* Implementation of judge.h. */
#include "judge.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Numbers come with three digits and sums of them with an error of their own. */
#define EPSILON 1e-6

static const char *const engines[SIDES] = { "keepalived", "halbd" };

/* One observable on its way to a finding. */
struct work {
	const struct rule *rule;
	struct observation *seen[SIDES];
	size_t n[SIDES];
	FILE *trouble;
	bool failed, close, differs;
	double worst; /* halbd - keepalived, where it is furthest from 0 */
	size_t unequal;
};

static void __attribute__((format(printf, 2, 3))) fail(struct work *w, const char *fmt, ...)
{
	va_list ap;

	w->failed = true;
	va_start(ap, fmt);
	vfprintf(w->trouble, fmt, ap);
	va_end(ap);
	fputc('\n', w->trouble);
}

/* At most three digits behind the point, and none that says nothing. */
static const char *shown(char *buf, size_t size, double v)
{
	char *end;

	snprintf(buf, size, "%.3f", v);
	end = buf + strlen(buf);
	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		end[-1] = '\0';
	return strcmp(buf, "-0") ? buf : "0";
}

static bool number(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && !*end && isfinite(*out);
}

/* " of KEY", for messages. */
static const char *of_key(char *buf, size_t size, const struct observation *o)
{
	snprintf(buf, size, *o->key ? " of %s" : "%s", o->key);
	return buf;
}

static const double *formula_of(const struct rule *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->nformula; i++)
		if (!r->formula[i].key || !strcmp(r->formula[i].key, key))
			return &r->formula[i].value;
	return NULL;
}

static void must_be_near(struct work *w, enum side s, const struct observation *o, double v,
			 double wanted)
{
	char key[128], is[32], want[32], by[32];

	if (fabs(v - wanted) <= w->rule->within + EPSILON)
		return;
	fail(w, "%s%s: %s is %s %s, not %s within %s", w->rule->name,
	     of_key(key, sizeof(key), o), engines[s], shown(is, sizeof(is), v),
	     w->rule->unit, shown(want, sizeof(want), wanted),
	     shown(by, sizeof(by), w->rule->within));
}

static void judge_value(struct work *w, enum side s, const struct observation *o, double v)
{
	const struct rule *r = w->rule;
	const double *wanted = formula_of(r, o->key);
	char key[128], is[32];
	double own;

	if (wanted)
		must_be_near(w, s, o, v, *wanted);
	else if (r->nformula)
		fail(w, "%s%s: there is no formula for it", r->name,
		     of_key(key, sizeof(key), o));
	if (r->own[s] && number(r->own[s], &own))
		must_be_near(w, s, o, v, own);
	if (r->has_between && (v < r->low || v > r->high))
		fail(w, "%s%s: %s is %s %s, not in %g to %g", r->name,
		     of_key(key, sizeof(key), o), engines[s], shown(is, sizeof(is), v),
		     r->unit, r->low, r->high);
}

static void judge_apart(struct work *w, const struct observation *o, const double v[SIDES])
{
	const struct rule *r = w->rule;
	double d = v[HALBD] - v[KEEPALIVED];
	double most = r->has_apart ? r->apart : r->within;
	char key[128], apart[32];

	if (fabs(d) > fabs(w->worst))
		w->worst = d;
	if (fabs(d) > EPSILON)
		w->close = true;
	if (r->own[HALBD])
		w->differs = true;
	else if (r->has_more && d > r->more + EPSILON)
		fail(w, "%s%s: halbd has %s more, not at most %g", r->name,
		     of_key(key, sizeof(key), o), shown(apart, sizeof(apart), d), r->more);
	else if ((r->has_apart || r->has_within) && fabs(d) > most + EPSILON)
		fail(w, "%s%s: %s %s apart, not at most %g", r->name,
		     of_key(key, sizeof(key), o), shown(apart, sizeof(apart), d), r->unit, most);
}

static void judge_numbers(struct work *w, struct observation *const o[SIDES])
{
	double v[SIDES];
	char key[128];
	int s;

	for (s = 0; s < SIDES; s++) {
		if (!number(o[s]->value, &v[s])) {
			fail(w, "%s%s: %s's '%s' is no number", w->rule->name,
			     of_key(key, sizeof(key), o[s]), engines[s], o[s]->value);
			return;
		}
	}
	for (s = 0; s < SIDES; s++)
		judge_value(w, (enum side)s, o[s], v[s]);
	judge_apart(w, o[HALBD], v);
}

static void judge_own(struct work *w, struct observation *const o[SIDES])
{
	char key[128];
	int s;

	w->differs = true;
	for (s = 0; s < SIDES; s++)
		if (strcmp(o[s]->value, w->rule->own[s]) != 0)
			fail(w, "%s%s: %s is '%s', not '%s'", w->rule->name,
			     of_key(key, sizeof(key), o[s]), engines[s], o[s]->value,
			     w->rule->own[s]);
}

static void judge_texts(struct work *w, struct observation *const o[SIDES])
{
	const struct rule *r = w->rule;
	bool same = !strcmp(o[KEEPALIVED]->value, o[HALBD]->value);
	char key[128];

	if (!same)
		w->unequal++;
	if (r->own[HALBD]) {
		judge_own(w, o);
	} else if (rule_excepts(r, o[HALBD]->key)) {
		w->differs = true;
		if (same)
			fail(w, "%s/%s is the same, though it stands among the exceptions",
			     r->name, o[HALBD]->key);
	} else if (!same) {
		fail(w, "%s%s: keepalived '%s', halbd '%s'", r->name,
		     of_key(key, sizeof(key), o[HALBD]), o[KEEPALIVED]->value,
		     o[HALBD]->value);
	}
}

static void judge_pair(struct work *w, struct observation *const o[SIDES])
{
	char key[128];
	int s;

	for (s = 0; s < SIDES; s++)
		if (w->rule->expect && strcmp(o[s]->value, w->rule->expect) != 0)
			fail(w, "%s%s: %s is '%s', not '%s'", w->rule->name,
			     of_key(key, sizeof(key), o[s]), engines[s], o[s]->value,
			     w->rule->expect);
	if (w->rule->unit)
		judge_numbers(w, o);
	else
		judge_texts(w, o);
}

/* Keys of both, side by side: what only one has is missing. */
static void judge_all(struct work *w)
{
	size_t i[SIDES] = { 0 }, pairs = 0;
	struct observation *o[SIDES];
	int s, order;

	while (i[0] < w->n[0] || i[1] < w->n[1]) {
		for (s = 0; s < SIDES; s++)
			o[s] = i[s] < w->n[s] ? w->seen[s] + i[s] : NULL;
		order = !o[0] ? 1 : !o[1] ? -1 : strcmp(o[0]->key, o[1]->key);
		s = order > 0 ? HALBD : KEEPALIVED;
		i[0] += order <= 0;
		i[1] += order >= 0;
		if (order) {
			fail(w, "%s/%s: %s has none", w->rule->name, o[s]->key, engines[!s]);
			continue;
		}
		judge_pair(w, o);
		pairs++;
	}
	if (pairs < (size_t)w->rule->keys)
		fail(w, "%s: %zu keys, not %ld", w->rule->name, pairs, w->rule->keys);
	else if (!w->rule->keys && pairs != 1)
		fail(w, "%s: %zu values, not one", w->rule->name, pairs);
}

/* --- what is shown --- */

static void show_numbers(FILE *f, const struct work *w, int s)
{
	double v, low = INFINITY, high = -INFINITY;
	char a[32], b[32];
	size_t i;

	for (i = 0; i < w->n[s]; i++) {
		if (!number(w->seen[s][i].value, &v)) {
			fputs(w->seen[s][i].value, f);
			return;
		}
		low = fmin(low, v);
		high = fmax(high, v);
	}
	shown(a, sizeof(a), low);
	shown(b, sizeof(b), high);
	if (strcmp(a, b) != 0)
		fprintf(f, "%s to ", a);
	fprintf(f, "%s %s", b, w->rule->unit);
	if (w->n[s] > 1)
		fprintf(f, " (%zu)", w->n[s]);
}

static void show_texts(FILE *f, const struct work *w, int s)
{
	size_t i;

	for (i = 1; i < w->n[s]; i++)
		if (strcmp(w->seen[s][i].value, w->seen[s][0].value) != 0)
			break;
	if (i < w->n[s])
		fprintf(f, "%zu values", w->n[s]);
	else if (w->n[s] > 1)
		fprintf(f, "%s (%zu)", w->seen[s][0].value, w->n[s]);
	else
		fputs(*w->seen[s][0].value ? w->seen[s][0].value : "nothing", f);
}

static char *show_side(const struct work *w, int s)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	if (!w->n[s])
		fputs("missing", f);
	else if (w->rule->unit)
		show_numbers(f, w, s);
	else
		show_texts(f, w, s);
	fclose(f);
	return text;
}

static char *show_difference(const struct work *w)
{
	char text[64] = "", v[32];

	if (!w->n[KEEPALIVED] || !w->n[HALBD])
		;
	else if (w->rule->unit && fabs(w->worst) > EPSILON)
		snprintf(text, sizeof(text), "%s%s %s", w->worst > 0 ? "+" : "",
			 shown(v, sizeof(v), w->worst), w->rule->unit);
	else if (w->rule->unit)
		snprintf(text, sizeof(text), "0");
	else if (w->rule->keys)
		snprintf(text, sizeof(text), "%zu of %zu", w->unequal, w->n[HALBD]);
	else
		snprintf(text, sizeof(text), "%s", w->unequal ? "other" : "none");
	return strdup(text);
}

static int judge_rule(struct finding *out, const struct row *row, const struct rule *rule,
		      const struct observed seen[SIDES])
{
	struct work w = { .rule = rule };
	size_t size, i;
	int s;

	*out = (struct finding){ .row = row, .rule = rule };
	w.trouble = open_memstream(&out->trouble, &size);
	if (!w.trouble)
		return -1;
	for (s = 0; s < SIDES; s++) {
		w.seen[s] = observed_find(&seen[s], row->number, rule->name, &w.n[s]);
		for (i = 0; i < w.n[s]; i++)
			w.seen[s][i].judged = true;
	}
	if (w.n[KEEPALIVED] || w.n[HALBD])
		judge_all(&w);
	else
		fail(&w, "%s: neither engine has one", rule->name);
	fclose(w.trouble);
	out->verdict = w.failed ? FAILED : w.differs ? DIFFERS : w.close ? CLOSE : EQUAL;
	for (s = 0; s < SIDES; s++)
		out->side[s] = show_side(&w, s);
	out->difference = show_difference(&w);
	return out->trouble && out->side[0] && out->side[1] && out->difference ? 0 : -1;
}

/* What no rule has looked at. */
static int find_strays(struct verdicts *f, const struct observed seen[SIDES])
{
	const struct observation *o;
	size_t size, i;
	FILE *out = open_memstream(&f->stray, &size);
	int s;

	if (!out)
		return -1;
	for (s = 0; s < SIDES; s++)
		for (i = 0; i < seen[s].n; i++) {
			o = &seen[s].at[i];
			if (!o->judged)
				fprintf(out, "row %d: no rule for %s's %s%s%s\n", o->row,
					engines[s], o->name, *o->key ? "/" : "", o->key);
		}
	return fclose(out) ? -1 : 0;
}

int judge(struct verdicts *f, const struct rules *rules, const struct observed seen[SIDES])
{
	const struct row *row;
	const struct rule *rule;
	struct finding *all;

	for (row = rules->row; row; row = row->next) {
		for (rule = row->rule; rule; rule = rule->next) {
			all = reallocarray(f->at, f->n + 1, sizeof(*all));
			if (!all)
				return -1;
			f->at = all;
			if (judge_rule(&f->at[f->n++], row, rule, seen) < 0)
				return -1;
		}
	}
	return find_strays(f, seen);
}

void verdicts_finish(struct verdicts *f)
{
	size_t i;
	int s;

	for (i = 0; i < f->n; i++) {
		for (s = 0; s < SIDES; s++)
			free(f->at[i].side[s]);
		free(f->at[i].difference);
		free(f->at[i].trouble);
	}
	free(f->at);
	free(f->stray);
	*f = (struct verdicts){ 0 };
}

size_t verdicts_failed(const struct verdicts *f)
{
	size_t i, n = f->stray && *f->stray ? 1 : 0;

	for (i = 0; i < f->n; i++)
		n += f->at[i].verdict == FAILED;
	return n;
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "equal", "close", "differs", "FAILED" };

	return names[v];
}
