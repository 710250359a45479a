/* sweep.html: the same as a page of its own, with drawings. */
#include "sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "span.h"

#define W	     720
#define H	     180
#define MARGIN	     40
#define MAX_FAILURES 16

static const char style_sheet[] =
	":root{color-scheme:light dark}"
	"body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
	"padding:0 1rem}"
	"table{border-collapse:collapse;margin:.5rem 0}"
	"td,th{padding:.15rem .7rem;text-align:right;font-variant-numeric:tabular-nums}"
	"td:first-child,th:first-child{text-align:left;padding-left:0}"
	"th{border-bottom:1px solid #8888}svg{width:100%;height:auto}"
	"svg text{font-size:11px;fill:currentColor}"
	".bar{fill:#4a7fb5}.cdf{fill:none;stroke:#c2572b;stroke-width:1.5}"
	".bound{fill:#7a9e4a;opacity:.22}.axis{stroke:currentColor;opacity:.4}"
	"code{background:#8882;padding:0 .3rem}";

static int table(FILE *f, const struct sweep_results *r, size_t g)
{
	enum sweep_measure m;
	char a[SPAN_LEN];
	size_t i;

	fputs("<table><tr><th>ms<th>trials", f);
	for (i = 0; i < SWEEP_QUANTILES; i++)
		fprintf(f, "<th>%s", sweep_quantile_name[i]);
	fputs("</tr>\n", f);
	for (m = 0; m < SWEEP_MEASURES; m++) {
		struct sweep_quantiles q;

		if (sweep_quantiles(&q, r, g, m))
			return -ENOMEM;
		if (!q.n)
			continue;
		fprintf(f, "<tr><td>%s<td>%zu", sweep_measure_name(m), q.n);
		for (i = 0; i < SWEEP_QUANTILES; i++)
			fprintf(f, "<td>%s", span_ms(a, q.at[i]));
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
	return 0;
}

struct scale {
	int64_t lo, hi;
};

static double x_of(const struct scale *s, int64_t v)
{
	return MARGIN + (double)(v - s->lo) / (double)(s->hi - s->lo) * (W - 2 * MARGIN);
}

static double y_of(double share)
{
	return H - MARGIN / 2.0 - share * (H - MARGIN);
}

static void draw_bars(FILE *f, const struct scale *x, const struct sweep_histogram *h)
{
	size_t i, most = 1;

	for (i = 0; i < SWEEP_BINS; i++)
		most = h->count[i] > most ? h->count[i] : most;
	for (i = 0; i < SWEEP_BINS; i++) {
		int64_t from = h->lo_ns + (int64_t)i * h->step_ns;
		double left = x_of(x, from), right = x_of(x, from + h->step_ns);
		double top = y_of((double)h->count[i] / (double)most);

		if (h->count[i])
			fprintf(f, "<rect class=bar x=%.1f y=%.1f width=%.1f height=%.1f />\n",
				left, top, right - left > 1.5 ? right - left - 0.5 : 1.0,
				y_of(0) - top);
	}
}

static void draw_cdf(FILE *f, const struct scale *x, const int64_t *v, size_t n)
{
	size_t i, k, steps = n < 400 ? n : 400;

	fprintf(f, "<path class=cdf d=\"M%.1f %.1f", x_of(x, v[0]), y_of(0));
	for (i = 1; i <= steps; i++) {
		k = i * n / steps;
		fprintf(f, "L%.1f %.1f", x_of(x, v[k - 1]), y_of((double)k / (double)n));
	}
	fputs("\"/>\n", f);
}

static void draw(FILE *f, const int64_t *v, size_t n, const struct sweep_result *with)
{
	struct scale x = { v[0], v[n - 1] + 1 };
	struct sweep_histogram h;
	char a[SPAN_LEN];

	if (with) {
		x.lo = with->bound_lo_ns < x.lo ? with->bound_lo_ns : x.lo;
		x.hi = with->bound_hi_ns > x.hi ? with->bound_hi_ns : x.hi;
	}
	fprintf(f, "<svg viewBox=\"0 0 %d %d\" role=img aria-label=\"histogram and CDF\">\n", W,
		H);
	if (with)
		fprintf(f, "<rect class=bound x=%.1f y=%.1f width=%.1f height=%.1f />\n",
			x_of(&x, with->bound_lo_ns), y_of(1),
			x_of(&x, with->bound_hi_ns) - x_of(&x, with->bound_lo_ns),
			y_of(0) - y_of(1));
	sweep_histogram(&h, v, n);
	draw_bars(f, &x, &h);
	draw_cdf(f, &x, v, n);
	fprintf(f, "<path class=axis d=\"M%d %.1fH%d\"/>\n", MARGIN, y_of(0), W - MARGIN);
	fprintf(f, "<text x=%d y=%d>%s ms</text>\n", MARGIN, H - 4, span_ms(a, x.lo));
	fprintf(f, "<text x=%d y=%d text-anchor=end>%s ms</text>\n", W - MARGIN, H - 4,
		span_ms(a, x.hi));
	fprintf(f, "<text x=%d y=14>%zu trials; the line: share of them up to here</text>\n"
		   "</svg>\n",
		MARGIN, n);
}

static const struct sweep_result *with_bound(const struct sweep_results *r, size_t g)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].at.group == g && r->v[i].bound_hi_ns != SWEEP_NONE)
			return &r->v[i];
	return NULL;
}

static int drawings(FILE *f, const struct sweep_results *r, size_t g)
{
	const struct sweep_result *b = with_bound(r, g);
	char lo[SPAN_LEN], hi[SPAN_LEN];
	enum sweep_measure m;
	size_t n;

	for (m = SWEEP_GAP; m <= SWEEP_ADVERT; m++) {
		int64_t *v = sweep_values(r, g, m, &n);

		if (!v)
			return -ENOMEM;
		if (n) {
			fprintf(f, "<h3>%s</h3>\n", sweep_measure_name(m));
			draw(f, v, n, b);
		}
		free(v);
	}
	if (b)
		fprintf(f, "<p>Shaded: the protocol's bound for the new master's advert, 2 × "
			   "advert + skew = %s to 3 × advert + skew = %s.</p>\n",
			span_text(lo, b->bound_lo_ns), span_text(hi, b->bound_hi_ns));
	return 0;
}

static void failures(FILE *f, const struct sweep_results *r, size_t g)
{
	struct sweep_failure v[MAX_FAILURES];
	size_t i, n = sweep_failures(r, g, v, MAX_FAILURES);
	char a[SPAN_LEN];

	for (i = 0; i < n; i++) {
		fprintf(f, "<p>Not held in %zu: <code>", v[i].count);
		html_text(f, v[i].text);
		fprintf(f, "</code>; smallest phase %s (trial %zu).</p>\n",
			span_exact(a, v[i].first->at.phase_ns), v[i].first->at.trial);
	}
}

int sweep_html(FILE *f, const struct sweep *s, const struct sweep_results *r)
{
	const struct sweep_result *worst = sweep_worst(r);
	size_t g;
	int e = 0;

	fputs("<!DOCTYPE html>\n<html lang=en><meta charset=utf-8>"
	      "<meta name=viewport content=\"width=device-width\">\n<title>",
	      f);
	html_text(f, s->case_name);
	fprintf(f, " sweep</title>\n<style>%s</style>\n<h1>", style_sheet);
	html_text(f, s->case_name);
	fprintf(f, "</h1>\n<p>%zu of %zu trials. Every trial: <a href=table.csv>table.csv</a>, "
		   "<a href=table.jsonl>table.jsonl</a>.</p>\n",
		r->n, sweep_count(s));
	if (worst)
		fprintf(f, "<p>Worst: trial %zu; beside this page, <code>halbsim replay "
			   "trials/%zu.json</code> runs it again.</p>\n",
			worst->at.trial, worst->at.trial);
	for (g = 0; !e && g < sweep_groups(s); g++) {
		char *text = sweep_group_text(s, g);

		if (!text)
			return -ENOMEM;
		fputs("<h2>", f);
		html_text(f, text);
		fputs("</h2>\n", f);
		free(text);
		e = table(f, r, g);
		if (!e)
			e = drawings(f, r, g);
		failures(f, r, g);
	}
	return e ? e : ferror(f) ? -EIO : 0;
}
