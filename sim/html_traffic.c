/* What the clients saw: figures, gaps, latency over time. */
#include <inttypes.h>
#include <stdlib.h>

#include "html_page.h"
#include "span.h"

#define PLOT_H	  180
#define PAD_TOP	  20 /* room for the highest label */
#define PAD_BOTTOM 8
#define OPEN_GAPS  20   /* a longer list is folded */
#define MAX_GAPS   1000 /* the rest are in report.json */
#define MAX_POINTS 4000 /* above that, columns are drawn instead of points */

static bool is_of(const struct event *e, const struct traffic_stats *s)
{
	return e->type == EV_REQUEST && text_same(e->request.traffic, s->name) &&
	       e->request.result != REQ_CUT;
}

/* --- figures --- */

static void figure(FILE *f, const char *name)
{
	fprintf(f, "<div><dt>%s</dt><dd>", name);
}

static void failures(FILE *f, const struct traffic_stats *s)
{
	const char *sep = "";
	int i, kinds = 0;

	for (i = 0; i < REQ_NRESULTS; i++)
		kinds += i != REQ_OK && i != REQ_CUT && s->reason[i];
	if (kinds != 1)
		fprintf(f, "%" PRIu64 "%s", s->failed, kinds ? ": " : "");
	for (i = 0; i < REQ_NRESULTS; i++) {
		if (i == REQ_OK || i == REQ_CUT || !s->reason[i])
			continue;
		fprintf(f, "%s%" PRIu64 " %s", sep, s->reason[i],
			request_result_name((enum request_result)i));
		sep = ", ";
	}
}

static void spread(FILE *f, const struct traffic_stats *s)
{
	char a[HTML_TIME_LEN], b[HTML_TIME_LEN], c[HTML_TIME_LEN];

	if (!s->ok) {
		fputs("no good reply", f);
		return;
	}
	fprintf(f, "%s median, %s p99, %s at most", html_span(a, s->latency_p50_ns),
		html_span(b, s->latency_p99_ns), html_span(c, s->latency_max_ns));
}

static void backends(FILE *f, const struct traffic_stats *s)
{
	size_t i;

	for (i = 0; i < s->nbackend; i++) {
		double share = 100.0 * (double)s->backend[i].ok / (double)s->ok;

		fputs(i ? ", " : "", f);
		html_text(f, s->backend[i].name);
		fprintf(f, " %" PRIu64 " (%.1f %%)", s->backend[i].ok, share);
	}
	if (!s->nbackend)
		fputs("none", f);
}

static void figures(const struct html_page *p, const struct traffic_stats *s,
		    const struct traffic_conf *conf)
{
	char a[HTML_TIME_LEN], b[HTML_TIME_LEN];
	FILE *f = p->f;

	fputs("<dl class=\"figures\">\n", f);
	figure(f, "sent");
	fprintf(f, "%" PRIu64, s->sent);
	if (conf && conf->rate_per_s > 0)
		fprintf(f, ", one every %s",
			html_span(a, (int64_t)(1e9 / conf->rate_per_s)));
	fputs("</dd></div>\n", f);
	figure(f, "good");
	fprintf(f, "%" PRIu64 " (%.2f %%)</dd></div>\n", s->ok,
		s->sent ? 100.0 * (double)s->ok / (double)s->sent : 0.0);
	figure(f, "failed");
	failures(f, s);
	fputs("</dd></div>\n", f);
	figure(f, "without service");
	fprintf(f, "%s in %zu gap%s, the longest %s</dd></div>\n",
		html_span(a, s->total_gap_ns), s->ngap, s->ngap == 1 ? "" : "s",
		html_span(b, s->longest_gap_ns));
	figure(f, "latency of good ones, from when they were due");
	spread(f, s);
	fputs("</dd></div>\n", f);
	figure(f, "answered by");
	backends(f, s);
	fputs("</dd></div>\n</dl>\n", f);
}

/* --- gaps --- */

static void gap_table(const struct html_page *p, const struct traffic_stats *s)
{
	char d[HTML_TIME_LEN];
	FILE *f = p->f;
	size_t i;

	if (!s->ngap) {
		fputs("<p class=\"none\">No gap: every request was answered.</p>\n", f);
		return;
	}
	if (s->ngap > OPEN_GAPS)
		fprintf(f, "<details><summary>All %zu gaps</summary>\n", s->ngap);
	fputs("<div class=\"scroll\"><table class=\"gaps\"><caption>Gaps, from the first "
	      "failed request to the next good reply</caption><thead><tr>"
	      "<th scope=\"col\" class=\"num\">from</th><th scope=\"col\" class=\"num\">to"
	      "</th><th scope=\"col\" class=\"num\">length</th>"
	      "<th scope=\"col\" class=\"num\">failed</th></tr></thead><tbody>\n",
	      f);
	for (i = 0; i < s->ngap && i < MAX_GAPS; i++) {
		const struct gap *g = &s->gap[i];

		fputs("<tr><td class=\"num\">", f);
		html_time(p, g->start_ns);
		fputs("</td><td class=\"num\">", f);
		if (g->open)
			fputs("the end", f);
		else
			html_time(p, g->end_ns);
		fprintf(f, "</td><td class=\"num\">%s</td><td class=\"num\">%" PRIu64
			   "</td></tr>\n",
			html_exact(d, g->end_ns - g->start_ns), g->failed);
	}
	fputs("</tbody></table></div>\n", f);
	if (s->ngap > MAX_GAPS)
		fprintf(f, "<p>%zu more are in report.json.</p>\n", s->ngap - MAX_GAPS);
	if (s->ngap > OPEN_GAPS)
		fputs("</details>\n", f);
}

/* --- latency over time --- */

struct scale {
	int lo, hi; /* decades of nanoseconds */
};

/*
 * The logarithm to base ten, to 1/4096, by squaring. libm's own picks another
 * routine on another CPU, and the last digit with it.
 */
static double log10_of(int64_t ns)
{
	double x = ns < 1 ? 1.0 : (double)ns, bit = 0.5, l = 0;

	for (; x >= 10; x /= 10)
		l += 1;
	for (; bit > 1.0 / 8192; bit /= 2) {
		x *= x;
		if (x >= 10) {
			x /= 10;
			l += bit;
		}
	}
	return l;
}

static int64_t power10(int n)
{
	int64_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

static double y_of(const struct scale *s, int64_t ns)
{
	double l = log10_of(ns);

	return PAD_TOP + (PLOT_H - PAD_TOP - PAD_BOTTOM) * (1.0 - (l - s->lo) / (s->hi - s->lo));
}

static struct scale scale_of(const struct html_page *p, const struct traffic_stats *s)
{
	int64_t min = INT64_MAX, max = 1;
	struct scale sc;
	size_t i;

	for (i = 0; i < p->r->log.n; i++) {
		const struct event *e = &p->r->log.v[i];
		int64_t took = e->t - e->request.due;

		if (!is_of(e, s))
			continue;
		if (took < min)
			min = took;
		if (took > max)
			max = took;
	}
	sc.lo = (int)log10_of(min > max ? 1 : min);
	for (sc.hi = sc.lo + 1; sc.hi < 18 && power10(sc.hi) < max;)
		sc.hi++;
	return sc;
}

static void grid(const struct html_page *p, const struct scale *s)
{
	int d;

	fputs("<path class=\"grid\" d=\"", p->f);
	for (d = s->lo; d <= s->hi; d++) {
		fputs("M", p->f);
		html_x(p->f, p->axis.from);
		fprintf(p->f, " %.1fh", y_of(s, power10(d)));
		html_x(p->f, p->axis.to - p->axis.from);
	}
	fputs("\"/>", p->f);
}

static void grid_labels(const struct html_page *p, const struct scale *s)
{
	char buf[HTML_TIME_LEN];
	int d;

	for (d = s->lo; d <= s->hi; d++) {
		int64_t ns = power10(d);

		fprintf(p->f, "<span class=\"ylab\" style=\"top:%.2f%%\">%s</span>",
			100 * y_of(s, ns) / PLOT_H, html_span(buf, ns));
	}
}

static void points(const struct html_page *p, const struct traffic_stats *s,
		   const struct scale *sc, bool good)
{
	size_t i;

	fprintf(p->f, "<path class=\"%s\" d=\"", good ? "l-ok" : "l-fail");
	for (i = 0; i < p->r->log.n; i++) {
		const struct event *e = &p->r->log.v[i];

		if (!is_of(e, s) || (e->request.result == REQ_OK) != good)
			continue;
		fputs("M", p->f);
		html_x(p->f, e->request.due);
		fprintf(p->f, " %.1fh0", y_of(sc, e->t - e->request.due));
	}
	fputs("\"/>", p->f);
}

/* The lowest and the highest latency of each of 600 columns, as one line. */
static void columns(const struct html_page *p, const struct traffic_stats *s,
		    const struct scale *sc)
{
	enum { N = 600 };
	int64_t min[N], max[N], width = (p->axis.to - p->axis.from) / N + 1;
	size_t i;
	int c;

	for (c = 0; c < N; c++) {
		min[c] = INT64_MAX;
		max[c] = -1;
	}
	for (i = 0; i < p->r->log.n; i++) {
		const struct event *e = &p->r->log.v[i];
		int64_t took = e->t - e->request.due;

		if (!is_of(e, s) || e->request.result != REQ_OK ||
		    e->request.due < p->axis.from || e->request.due >= p->axis.to)
			continue;
		c = (int)((e->request.due - p->axis.from) / width);
		if (took < min[c])
			min[c] = took;
		if (took > max[c])
			max[c] = took;
	}
	fputs("<path class=\"l-col\" d=\"", p->f);
	for (c = 0; c < N; c++) {
		if (max[c] < 0)
			continue;
		fputs("M", p->f);
		html_x(p->f, p->axis.from + c * width + width / 2);
		fprintf(p->f, " %.1fV%.1f", y_of(sc, min[c]), y_of(sc, max[c]));
	}
	fputs("\"/>", p->f);
}

static void marks(const struct html_page *p, const struct traffic_stats *s)
{
	size_t i;

	for (i = 0; i < s->ngap; i++) {
		fputs("<rect class=\"o-gap\" x=\"", p->f);
		html_x(p->f, s->gap[i].start_ns);
		fputs("\" y=\"0\" width=\"", p->f);
		html_x(p->f, s->gap[i].end_ns - s->gap[i].start_ns);
		fprintf(p->f, "\" height=\"%d\"/>", PLOT_H);
	}
	for (i = 0; i < p->r->log.n; i++) {
		if (p->r->log.v[i].type != EV_FAULT)
			continue;
		fputs("<path class=\"o-fault\" d=\"M", p->f);
		html_x(p->f, p->r->log.v[i].t);
		fprintf(p->f, " 0v%d\"/>", PLOT_H);
	}
}

static void latency(const struct html_page *p, const struct traffic_stats *s, size_t at)
{
	struct scale sc = scale_of(p, s);

	if (!s->sent)
		return;
	fprintf(p->f,
		"<h4>Latency over time</h4>\n<div class=\"latency\"><svg role=\"img\" "
		"tabindex=\"0\" aria-labelledby=\"%sq%zut %sq%zud\"",
		p->id, at, p->id, at);
	html_viewbox(p->f, &p->axis, PLOT_H);
	fprintf(p->f, "><title id=\"%sq%zut\">Latency of ", p->id, at);
	html_text(p->f, s->name);
	fprintf(p->f,
		" over time, logarithmic</title><desc id=\"%sq%zud\">Good requests: ",
		p->id, at);
	spread(p->f, s);
	fprintf(p->f, ". %" PRIu64 " failed; gaps are shaded.</desc>", s->failed);
	grid(p, &sc);
	marks(p, s);
	if (s->ok > MAX_POINTS)
		columns(p, s, &sc);
	else
		points(p, s, &sc, true);
	points(p, s, &sc, false);
	fputs("</svg>", p->f);
	grid_labels(p, &sc);
	fputs("</div>\n", p->f);
	html_ticks(p->f, &p->axis);
}

void html_traffic(const struct html_page *p)
{
	size_t i;

	if (!p->r->m.ntraffic)
		return;
	fprintf(p->f,
		"<section id=\"%straffic\" aria-labelledby=\"%straffich\">\n"
		"<h2 id=\"%straffich\">What the client saw</h2>\n",
		p->id, p->id, p->id);
	for (i = 0; i < p->r->m.ntraffic; i++) {
		const struct traffic_stats *s = &p->r->m.traffic[i];
		const struct traffic_conf *conf =
			i < p->r->c->ntraffic ? &p->r->c->traffic[i] : NULL;

		fputs("<article class=\"traffic\">\n<h3>", p->f);
		html_text(p->f, s->name);
		if (conf && conf->from && conf->target) {
			fputs(" <small>", p->f);
			html_textf(p->f, "%s → %s",
				   conf->from_text ? conf->from_text : conf->from,
				   conf->target);
			fputs("</small>", p->f);
		}
		fputs("</h3>\n", p->f);
		figures(p, s, conf);
		gap_table(p, s);
		latency(p, s, i);
		fputs("</article>\n", p->f);
	}
	fputs("</section>\n", p->f);
}
