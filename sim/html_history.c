/* The trend page: one plot a figure, its runs from left to right, a line an engine. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"
#include "html.h"
#include "html_page.h"

#define PLOT_H 90
#define PAD    8

static const char *const engines[] = { "halbd", "keepalived" };
#define NENGINES (sizeof(engines) / sizeof(engines[0]))

/* The values from the plot's bottom to its top. */
struct range {
	int64_t lo, hi;
};

static const struct figure *value_of(const struct figures *f, const char *name)
{
	const struct figure *v = figures_find(f, name);

	return v && v->seen ? v : NULL;
}

static void widen(struct range *r, const struct figure *v)
{
	if (!v)
		return;
	r->lo = v->value < r->lo ? v->value : r->lo;
	r->hi = v->value > r->hi ? v->value : r->hi;
}

/* From zero where that wastes no more than half of the plot. */
static struct range range_of(const struct history *h, const char *name)
{
	struct range r = { INT64_MAX, INT64_MIN };
	size_t i;

	for (i = 0; i < h->n; i++)
		widen(&r, value_of(&h->v[i].f, name));
	for (i = 0; i < h->nbaseline; i++)
		widen(&r, value_of(&h->baseline[i], name));
	if (r.lo > r.hi)
		return (struct range){ 0, 1 };
	if (r.lo > 0 && r.lo < r.hi / 2)
		r.lo = 0;
	if (r.lo == r.hi) {
		r.lo -= r.lo ? (r.lo < 0 ? -r.lo : r.lo) / 10 + 1 : 1;
		r.hi += r.hi ? (r.hi < 0 ? -r.hi : r.hi) / 10 + 1 : 1;
	}
	return r;
}

static double y_of(const struct range *r, int64_t v)
{
	return PAD + (PLOT_H - 2 * PAD) *
			     (1.0 - (double)(v - r->lo) / (double)(r->hi - r->lo));
}

static const char *show(char buf[HTML_TIME_LEN], const struct figure *v, int64_t n)
{
	if (v->is_time)
		return html_span(buf, n);
	snprintf(buf, HTML_TIME_LEN, "%" PRId64, n);
	return buf;
}

static void line(FILE *f, const struct history *h, const char *name, size_t engine,
		 const struct range *r)
{
	bool begun = false;
	size_t i;

	fprintf(f, "<path class=\"h-line e%zu\" d=\"", engine);
	for (i = 0; i < h->n; i++) {
		const struct figure *v = value_of(&h->v[i].f, name);

		if (!v || strcmp(h->v[i].f.engine, engines[engine]))
			continue;
		fprintf(f, "%s%zu.5 %.1f", begun ? "L" : "M", i, y_of(r, v->value));
		begun = true;
	}
	fputs("\"/>", f);
}

/* A dot a run, which tells what it is; bigger where the run did not hold. */
static void dots(FILE *f, const struct history *h, const char *name, size_t engine,
		 const struct range *r)
{
	char buf[HTML_TIME_LEN];
	size_t i;

	for (i = 0; i < h->n; i++) {
		const struct figures *g = &h->v[i].f;
		const struct figure *v = value_of(g, name);

		if (!v || strcmp(g->engine, engines[engine]))
			continue;
		fprintf(f, "<path class=\"h-dot e%zu%s\" d=\"M%zu.5 %.1fh0\"><title>", engine,
			strcmp(g->verdict, "held") ? " not" : "", i, y_of(r, v->value));
		html_textf(f, "%s, %s %s, seed %" PRId64 ": %s, %s",
			   h->v[i].started ? h->v[i].started : h->v[i].name, g->engine,
			   g->version ? g->version : "", g->seed, show(buf, v, v->value),
			   g->verdict);
		fputs("</title></path>", f);
	}
}

static void kept(FILE *f, const struct history *h, const char *name, size_t engine,
		 const struct range *r)
{
	size_t i;

	for (i = 0; i < h->nbaseline; i++) {
		const struct figure *v = value_of(&h->baseline[i], name);

		if (v && !strcmp(h->baseline[i].engine, engines[engine]))
			fprintf(f, "<path class=\"h-base e%zu\" d=\"M0 %.1fH%zu\"/>", engine,
				y_of(r, v->value), h->n);
	}
}

/* The last value of each engine, for those who do not see the plot. */
static void describe(FILE *f, const struct history *h, const char *name)
{
	char buf[HTML_TIME_LEN];
	size_t e, i;

	for (e = 0; e < NENGINES; e++) {
		const struct figure *last = NULL;

		for (i = 0; i < h->n; i++)
			if (!strcmp(h->v[i].f.engine, engines[e]) &&
			    value_of(&h->v[i].f, name))
				last = value_of(&h->v[i].f, name);
		if (last)
			fprintf(f, "%s last %s. ", engines[e], show(buf, last, last->value));
	}
}

static void plot(FILE *f, const struct history *h, const struct figure *of, size_t at)
{
	struct range r = range_of(h, of->name);
	char lo[HTML_TIME_LEN], hi[HTML_TIME_LEN];
	size_t e;

	fprintf(f, "<figure class=\"trend\"><figcaption id=\"t%zu\">", at);
	html_text(f, of->name);
	fprintf(f, "</figcaption><div class=\"trendplot\"><svg role=\"img\" tabindex=\"0\" "
		   "aria-labelledby=\"t%zu t%zud\" viewBox=\"0 0 %zu %d\" "
		   "preserveAspectRatio=\"none\"><title>",
		at, at, h->n, PLOT_H);
	html_text(f, of->name);
	fprintf(f, "</title><desc id=\"t%zud\">", at);
	describe(f, h, of->name);
	fputs("</desc>", f);
	for (e = 0; e < NENGINES; e++) {
		kept(f, h, of->name, e, &r);
		line(f, h, of->name, e, &r);
		dots(f, h, of->name, e, &r);
	}
	fprintf(f, "</svg><span class=\"yhi\">%s</span><span class=\"ylo\">%s</span></div>"
		   "</figure>\n",
		show(hi, of, r.hi), show(lo, of, r.lo));
}

/* Every figure that some run has, in the order of the latest run. */
static void plots(FILE *f, const struct history *h)
{
	const struct figures *last = &h->v[h->n - 1].f;
	size_t i, k, j, at = 0;

	fputs("<section aria-labelledby=\"trends\"><h2 id=\"trends\">Trends</h2>\n"
	      "<p class=\"fine\">Runs from left to right, the latest at the right; less is "
	      "better. Dashed: the baseline that is kept.</p>\n"
	      "<ul class=\"legend\" aria-label=\"Legend\">",
	      f);
	for (i = 0; i < NENGINES; i++)
		fprintf(f, "<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\">"
			   "<path class=\"h-line e%zu\" d=\"M0 6h18\"/></svg>%s</li>",
			i, engines[i]);
	fputs("</ul>\n<div class=\"trends\">\n", f);
	for (i = 0; i < last->n; i++)
		plot(f, h, &last->v[i], at++);
	for (k = h->n - 1; k-- > 0;) {
		for (i = 0; i < h->v[k].f.n; i++) {
			const char *name = h->v[k].f.v[i].name;

			for (j = k + 1; j < h->n && !figures_find(&h->v[j].f, name); j++)
				;
			if (j == h->n)
				plot(f, h, &h->v[k].f.v[i], at++);
		}
	}
	fputs("</div></section>\n", f);
}

static void cell(FILE *f, const struct figures *g, const char *end)
{
	char buf[HTML_TIME_LEN];
	size_t i, n = strlen(end);

	fputs("<td class=\"num\">", f);
	for (i = 0; i < g->n; i++) {
		size_t len = strlen(g->v[i].name);

		if (len >= n && !strcmp(g->v[i].name + len - n, end) && g->v[i].seen) {
			fputs(show(buf, &g->v[i], g->v[i].value), f);
			break;
		}
	}
	fputs("</td>", f);
}

static void table(FILE *f, const struct history *h)
{
	size_t i;

	fputs("<section aria-labelledby=\"runs\"><h2 id=\"runs\">Runs</h2>\n"
	      "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">run</th>"
	      "<th scope=\"col\">engine</th><th scope=\"col\" class=\"num\">seed</th>"
	      "<th scope=\"col\">verdict</th><th scope=\"col\" class=\"num\">longest gap</th>"
	      "<th scope=\"col\" class=\"num\">failed</th>"
	      "<th scope=\"col\" class=\"num\">advert after the bound</th>"
	      "<th scope=\"col\" class=\"num\">neighbour after the bound</th></tr></thead>"
	      "<tbody>\n",
	      f);
	for (i = h->n; i-- > 0;) {
		const struct figures *g = &h->v[i].f;

		fputs("<tr><th scope=\"row\"><a href=\"", f);
		html_text(f, h->v[i].name);
		fputs("/report.html\">", f);
		html_text(f, h->v[i].started ? h->v[i].started : h->v[i].name);
		fputs("</a></th><td>", f);
		html_textf(f, "%s %s", g->engine, g->version ? g->version : "");
		fprintf(f, "</td><td class=\"num\">%" PRId64 "</td><td class=\"", g->seed);
		html_text(f, g->verdict);
		fputs("\">", f);
		html_text(f, g->verdict);
		fputs("</td>", f);
		cell(f, g, ": longest gap");
		cell(f, g, ": failed requests");
		cell(f, g, "first advert after the bound");
		cell(f, g, "neighbour entry after the bound");
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table></div></section>\n", f);
}

int history_html(FILE *f, const struct history *h)
{
	char title[160];

	snprintf(title, sizeof(title), "%s over time", h->case_name);
	html_head(f, title, h->case_name, "its runs over time");
	fputs("<main id=\"main\" tabindex=\"-1\">\n", f);
	plots(f, h);
	table(f, h);
	fputs("</main>\n<footer><p>Made by halbsim " HALB_VERSION
	      ".</p></footer>\n</body>\n</html>\n",
	      f);
	return fflush(f) == EOF || ferror(f) ? -EIO : 0;
}
