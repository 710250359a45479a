/* A sweep in the terminal: quantiles, a histogram with its CDF, what failed. */
#include "sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "span.h"

#define BAR_WIDTH    34
#define MAX_FAILURES 16
#define MAX_SHAPES   8 /* groups whose histogram is drawn */

static void bold(FILE *f, const struct style *s, const char *text)
{
	fprintf(f, "\n%s%s%s\n", style_on(s, "\033[1m"), text, style_off(s));
}

static int quantiles(FILE *f, const struct sweep_results *r, size_t g)
{
	enum sweep_measure m;
	char a[SPAN_LEN];
	size_t i;

	fprintf(f, "  %-30s %6s", "ms", "n");
	for (i = 0; i < SWEEP_QUANTILES; i++)
		fprintf(f, " %10s", sweep_quantile_name[i]);
	fputc('\n', f);
	for (m = 0; m < SWEEP_MEASURES; m++) {
		struct sweep_quantiles q;

		if (sweep_quantiles(&q, r, g, m))
			return -ENOMEM;
		if (!q.n)
			continue;
		fprintf(f, "  %-30s %6zu", sweep_measure_name(m), q.n);
		for (i = 0; i < SWEEP_QUANTILES; i++)
			fprintf(f, " %10s", span_ms(a, q.at[i]));
		fputc('\n', f);
	}
	return 0;
}

static void bound(FILE *f, const struct sweep_results *r, size_t g)
{
	char a[SPAN_LEN], b[SPAN_LEN];
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].at.group == g && r->v[i].bound_hi_ns != SWEEP_NONE)
			break;
	if (i < r->n)
		fprintf(f, "  the protocol's bound for the new master's advert: 2 × advert + "
			   "skew = %s to 3 × advert + skew = %s\n",
			span_text(a, r->v[i].bound_lo_ns), span_text(b, r->v[i].bound_hi_ns));
}

static void bar(FILE *f, size_t len, const struct style *s)
{
	size_t i;

	for (i = 0; i < BAR_WIDTH; i++)
		fputs(i >= len ? " " : s->utf8 ? "█" : "#", f);
}

/* Which measure has a shape worth drawing: the clients' gap, else the advert. */
static int64_t *shape(const struct sweep_results *r, size_t g, enum sweep_measure *m,
		      size_t *n)
{
	int64_t *v = sweep_values(r, g, *m = SWEEP_GAP, n);

	if (v && *n)
		return v;
	free(v);
	return sweep_values(r, g, *m = SWEEP_ADVERT, n);
}

static int histogram(FILE *f, const struct sweep_results *r, size_t g,
		     const struct style *s)
{
	struct sweep_histogram h;
	size_t n, i, last, most = 1, sum = 0;
	enum sweep_measure m;
	int64_t *v = shape(r, g, &m, &n);
	char a[SPAN_LEN];

	if (!v)
		return -ENOMEM;
	sweep_histogram(&h, v, n);
	free(v);
	if (!n)
		return 0;
	for (i = last = 0; i < SWEEP_BINS; i++) {
		most = h.count[i] > most ? h.count[i] : most;
		last = h.count[i] ? i : last;
	}
	fprintf(f, "  %s: %s from, ms %*s trials   CDF\n", sweep_measure_name(m),
		s->utf8 ? "≥" : ">=", BAR_WIDTH - 17, "");
	for (i = 0; i <= last; i++) {
		sum += h.count[i];
		fprintf(f, "  %12s ", span_ms(a, h.lo_ns + (int64_t)i * h.step_ns));
		bar(f, (h.count[i] * BAR_WIDTH + most - 1) / most, s);
		fprintf(f, " %8zu %5.1f %%\n", h.count[i], 100.0 * (double)sum / (double)n);
	}
	return 0;
}

static void failures(FILE *f, const struct sweep_results *r, size_t g)
{
	struct sweep_failure v[MAX_FAILURES];
	size_t i, n = sweep_failures(r, g, v, MAX_FAILURES);
	char a[SPAN_LEN];

	for (i = 0; i < n; i++)
		fprintf(f, "  not held in %zu: %s; smallest phase %s (trial %zu)\n", v[i].count,
			v[i].text, span_exact(a, v[i].first->at.phase_ns),
			v[i].first->at.trial);
}

int sweep_text(FILE *f, const struct sweep *s, const struct sweep_results *r,
	       const char *dir, const struct style *style)
{
	const struct sweep_result *worst = sweep_worst(r);
	size_t g, i, held = 0, groups = sweep_groups(s);
	int e = 0;

	for (i = 0; i < r->n; i++)
		held += !strcmp(r->v[i].verdict, "held");
	fprintf(f, "%s: %zu of %zu trials, %zu held\n", s->case_name, r->n, sweep_count(s),
		held);
	for (g = 0; !e && g < groups; g++) {
		char *text = sweep_group_text(s, g);

		if (!text)
			return -ENOMEM;
		bold(f, style, text);
		free(text);
		e = quantiles(f, r, g);
		bound(f, r, g);
		if (!e && groups <= MAX_SHAPES)
			e = histogram(f, r, g, style);
		failures(f, r, g);
	}
	if (e)
		return e;
	if (groups > MAX_SHAPES)
		fprintf(f, "\nhistograms of all %zu: %s/sweep.html\n", groups, dir);
	if (worst)
		fprintf(f, "\nworst: trial %zu\n  halbsim replay %s/trials/%zu.json\n",
			worst->at.trial, dir, worst->at.trial);
	return ferror(f) ? -EIO : 0;
}
