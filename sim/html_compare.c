/* The same case with several engines: figures beside each other, bars on one scale. */
#include <inttypes.h>

#include "html_page.h"

/* One figure of a run, a time or a number; NS_NONE: it has none. */
struct figure {
	const char *name;
	bool is_time;
	int64_t (*of)(const struct report *r);
};

static const struct failover *first(const struct report *r)
{
	return r->m.nfailover ? &r->m.failover[0] : NULL;
}

static int64_t since(const struct failover *fo, int64_t t)
{
	if (!fo || t == NS_NONE || fo->fault_ns == NS_NONE)
		return NS_NONE;
	return t - fo->fault_ns;
}

static int64_t longest_gap(const struct report *r)
{
	int64_t v = NS_NONE;
	size_t i;

	for (i = 0; i < r->m.ntraffic; i++)
		if (v == NS_NONE || r->m.traffic[i].longest_gap_ns > v)
			v = r->m.traffic[i].longest_gap_ns;
	return v;
}

static int64_t total_gap(const struct report *r)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < r->m.ntraffic; i++)
		v += r->m.traffic[i].total_gap_ns;
	return v;
}

static int64_t failed(const struct report *r)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < r->m.ntraffic; i++)
		v += (int64_t)r->m.traffic[i].failed;
	return v;
}

/* How long after the RFC's bound; that does not depend on when the fault came. */
static int64_t after_bound(const struct report *r, int64_t t)
{
	if (t == NS_NONE || first(r)->bound_ns == NS_NONE)
		return NS_NONE;
	return t - first(r)->bound_ns;
}

#define AFTER_BOUND(name, field)                                                   \
	static int64_t name(const struct report *r)                                \
	{                                                                          \
		return first(r) ? after_bound(r, first(r)->field) : NS_NONE;       \
	}
AFTER_BOUND(advert_late, first_advert_ns)
AFTER_BOUND(vip_late, vip_ns)
AFTER_BOUND(garp_late, garp_ns)
AFTER_BOUND(arp_late, arp_ns)
AFTER_BOUND(ok_late, first_ok_ns)
#undef AFTER_BOUND

static int64_t to_ok(const struct report *r)
{
	return first(r) ? since(first(r), first(r)->first_ok_ns) : NS_NONE;
}

static const struct figure figures[] = {
	{ "longest gap", true, longest_gap },
	{ "all gaps together", true, total_gap },
	{ "failed requests", false, failed },
	{ "fault to first good reply", true, to_ok },
	{ "After the RFC's bound", true, NULL }, /* a heading */
	{ "first advert", true, advert_late },
	{ "VIP added", true, vip_late },
	{ "first gratuitous ARP", true, garp_late },
	{ "client's neighbour entry", true, arp_late },
	{ "first good reply", true, ok_late },
};
#define NFIGURES (sizeof(figures) / sizeof(figures[0]))

static void value(FILE *f, const struct figure *fig, int64_t v, bool sign)
{
	char buf[HTML_TIME_LEN];

	if (v == NS_NONE)
		fputs("–", f);
	else if (fig->is_time)
		fprintf(f, "%s%s", sign && v > 0 ? "+" : "", html_exact(buf, v));
	else
		fprintf(f, sign ? "%+" PRId64 : "%" PRId64, v);
}

/* A gap is known no better than to the time between two requests. */
static void resolution(FILE *f, const struct report *r)
{
	const struct traffic_conf *t = r->c->ntraffic ? &r->c->traffic[0] : NULL;
	char d[HTML_TIME_LEN];

	if (!t || t->rate_per_s <= 0)
		return;
	fputs("<p class=\"fine\">A request of ", f);
	html_text(f, t->name);
	fprintf(f, " comes every %s: gaps and first replies are that coarse. When the fault "
		   "falls between two adverts moves them too; what comes after the RFC's "
		   "bound does not depend on that.</p>\n",
		html_span(d, (int64_t)(1e9 / t->rate_per_s)));
}

static void table(FILE *f, const struct html_page *page, size_t n)
{
	size_t i, k;

	fputs("<div class=\"scroll\"><table class=\"compare\"><caption class=\"sr\">Figures "
	      "of each engine</caption><thead><tr><td></td>",
	      f);
	for (i = 0; i < n; i++) {
		fprintf(f, "<th scope=\"col\" class=\"num\"><a href=\"#%srun\">", page[i].id);
		html_text(f, report_engine(page[i].r));
		fputs("</a></th>", f);
		if (i)
			fputs("<th scope=\"col\" class=\"num\">difference</th>", f);
	}
	fputs("</tr></thead><tbody>\n<tr><th scope=\"row\">verdict</th>", f);
	for (i = 0; i < n; i++)
		fprintf(f, "<td class=\"num %s\">%s</td>%s",
			verdict_name(page[i].r->verdict), verdict_name(page[i].r->verdict),
			i ? "<td></td>" : "");
	fputs("</tr>\n", f);
	for (k = 0; k < NFIGURES; k++) {
		int64_t base = figures[k].of ? figures[k].of(page[0].r) : 0;

		if (!figures[k].of) {
			fprintf(f, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%zu\">"
				   "%s</th></tr>\n",
				2 * n, figures[k].name);
			continue;
		}
		fprintf(f, "<tr><th scope=\"row\">%s</th>", figures[k].name);
		for (i = 0; i < n; i++) {
			int64_t v = figures[k].of(page[i].r);

			fputs("<td class=\"num\">", f);
			value(f, &figures[k], v, false);
			fputs("</td>", f);
			if (!i)
				continue;
			fputs("<td class=\"num\">", f);
			value(f, &figures[k],
			      v == NS_NONE || base == NS_NONE ? NS_NONE : v - base, true);
			fputs("</td>", f);
		}
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table></div>\n", f);
	resolution(f, page[0].r);
}

/* The axis of run i, as long as the longest of all, from its own fault. */
static struct html_axis axis_of(const struct html_page *page, size_t n, size_t i)
{
	int64_t before = 0, after = 1, zero = first(page[i].r)->fault_ns;
	struct html_axis a = { .zero = zero };
	size_t k;

	for (k = 0; k < n; k++) {
		const struct failover *fo = first(page[k].r);
		int64_t from, to;

		if (!fo || fo->fault_ns == NS_NONE)
			continue;
		html_budget_span(fo, &from, &to);
		before = fo->fault_ns - from > before ? fo->fault_ns - from : before;
		after = to - fo->fault_ns > after ? to - fo->fault_ns : after;
	}
	a.from = zero - before - (before + after) / 50;
	a.to = zero + after + (before + after) / 50;
	return a;
}

static void bars(FILE *f, const struct html_page *page, size_t n)
{
	struct html_axis a = { 0 };
	bool any = false;
	size_t i;

	fputs("<h3>From the fault to the first good reply</h3>\n", f);
	for (i = 0; i < n; i++) {
		const struct failover *fo = first(page[i].r);

		if (!fo || fo->fault_ns == NS_NONE)
			continue;
		a = axis_of(page, n, i);
		any = true;
		fputs("<h4>", f);
		html_text(f, report_engine(page[i].r));
		fputs("</h4>\n", f);
		html_budget_bar(f, fo, &a, report_engine(page[i].r));
	}
	if (any)
		html_ticks(f, &a);
}

/* What differs is what comes after the bound: that part alone, aligned at it. */
static void bars_from_bound(FILE *f, const struct html_page *page, size_t n)
{
	int64_t before = 0, after = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct failover *fo = first(page[i].r);
		int64_t d;

		if (!fo || fo->bound_ns == NS_NONE || fo->first_ok_ns == NS_NONE)
			return;
		d = fo->first_ok_ns - fo->bound_ns;
		after = d > after ? d : after;
		d = fo->bound_ns - fo->first_advert_ns;
		before = d > before ? d : before;
	}
	before += (before + after) / 12;
	after += (before + after) / 50;
	fputs("<h3>The same from the RFC's bound on, enlarged</h3>\n", f);
	for (i = 0; i < n; i++) {
		const struct failover *fo = first(page[i].r);
		struct html_axis a = { fo->bound_ns - before, fo->bound_ns + after,
				       fo->bound_ns };

		fputs("<h4>", f);
		html_text(f, report_engine(page[i].r));
		fputs("</h4>\n", f);
		html_budget_bar(f, fo, &a, report_engine(page[i].r));
		if (i + 1 == n)
			html_ticks(f, &a);
	}
}

void html_compare(FILE *f, const struct html_page *page, size_t n)
{
	fputs("<section id=\"compare\" aria-labelledby=\"compareh\">\n<h2 id=\"compareh\">"
	      "Side by side</h2>\n",
	      f);
	table(f, page, n);
	bars(f, page, n);
	bars_from_bound(f, page, n);
	fputs("</section>\n", f);
}
