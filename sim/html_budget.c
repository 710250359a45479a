/* The failover budget: where the time went, against the RFC's bound. */
#include <inttypes.h>
#include <string.h>

#include "html_page.h"

/* The moments of a failover in the order in which they have to come. */
enum step_id { S_PRIO0, S_ADVERT, S_VIP, S_GARP, S_ARP, S_OK, NSTEPS };

static const struct {
	const char *class, *name, *took;
} steps[NSTEPS] = {
	[S_PRIO0] = { "s-prio0", "old master's priority 0", "until it said goodbye" },
	[S_ADVERT] = { "s-wait", "new master's first advert", "waiting, then elected" },
	[S_VIP] = { "s-vip", "VIP added", "adding the address" },
	[S_GARP] = { "s-garp", "first gratuitous ARP", "announcing it" },
	[S_ARP] = { "s-arp", "client's neighbour entry changed", "learning it" },
	[S_OK] = { "s-ok", "first good reply", "until a request came through" },
};

static int64_t at_of(const struct failover *fo, int step)
{
	switch ((enum step_id)step) {
	case S_PRIO0:
		return fo->prio0_ns;
	case S_ADVERT:
		return fo->first_advert_ns;
	case S_VIP:
		return fo->vip_ns;
	case S_GARP:
		return fo->garp_ns;
	case S_ARP:
		return fo->arp_ns;
	case S_OK:
		return fo->first_ok_ns;
	case NSTEPS:
		break;
	}
	return NS_NONE;
}

/* What the budget counts from: the fault, or what is nearest to it. */
static int64_t origin(const struct failover *fo)
{
	if (fo->fault_ns != NS_NONE)
		return fo->fault_ns;
	return fo->last_advert_ns != NS_NONE ? fo->last_advert_ns : fo->first_advert_ns;
}

static int64_t last_of(const struct failover *fo)
{
	int64_t last = origin(fo);
	int i;

	for (i = 0; i < NSTEPS; i++)
		if (at_of(fo, i) != NS_NONE && at_of(fo, i) > last)
			last = at_of(fo, i);
	return last;
}

void html_budget_span(const struct failover *fo, int64_t *from, int64_t *to)
{
	*from = origin(fo);
	if (fo->last_advert_ns != NS_NONE && fo->last_advert_ns < *from)
		*from = fo->last_advert_ns;
	*to = last_of(fo);
	if (fo->bound_ns != NS_NONE && fo->bound_ns > *to)
		*to = fo->bound_ns;
}

/* --- the bar --- */

static void rect(FILE *f, int64_t from, int64_t to, int y, int h, const char *class,
		 const char *title)
{
	char d[HTML_TIME_LEN];

	html_rect(f, from, to, y, h, class);
	fprintf(f, "><title>%s: %s</title></rect>", title, html_span(d, to - from));
}

static void segments(FILE *f, const struct failover *fo, const struct html_axis *axis)
{
	int64_t at = origin(fo);
	int i;

	for (i = 0; i < NSTEPS; i++) {
		int64_t t = at_of(fo, i), from = at, to = t;

		if (t == NS_NONE || t <= at)
			continue;
		if (html_clip(axis, &from, &to))
			rect(f, from, to, 12, 22, steps[i].class, steps[i].took);
		at = t;
	}
}

static void mark(FILE *f, const struct html_axis *axis, int64_t t, const char *row,
		 const char *words)
{
	char buf[HTML_TIME_LEN];
	bool left = 2 * (t - axis->from) > axis->to - axis->from;

	if (t == NS_NONE || t < axis->from || t > axis->to)
		return;
	fprintf(f, "<span class=\"mark %s%s\" style=\"left:", row, left ? " left" : "");
	html_left(f, axis, t);
	t -= axis->zero;
	fprintf(f, "\">%s <b>%s%s</b></span>", words, t > 0 ? "+" : "", html_span(buf, t));
}

static void line(FILE *f, const struct html_axis *axis, int64_t t, const char *class)
{
	if (t == NS_NONE || t < axis->from || t > axis->to)
		return;
	fprintf(f, "<path class=\"%s\" d=\"M", class);
	html_x(f, t);
	fputs(" 2v40\"/>", f);
}

void html_budget_bar(FILE *f, const struct failover *fo, const struct html_axis *axis,
		     const char *title)
{
	char d[HTML_TIME_LEN];
	int64_t from = fo->last_advert_ns, to = fo->bound_ns;

	fputs("<div class=\"budget\"><div class=\"marks\" aria-hidden=\"true\">", f);
	mark(f, axis, fo->last_advert_ns, "up", "last advert");
	mark(f, axis, fo->bound_ns, "up", "RFC bound");
	fputs("</div><svg role=\"img\" tabindex=\"0\"", f);
	html_viewbox(f, axis, 44);
	fputs("><title>", f);
	html_text(f, title);
	fputs("</title><desc>From the fault to the first good reply: ", f);
	if (fo->first_ok_ns == NS_NONE)
		fputs("no good reply came.", f);
	else
		fprintf(f, "%s.", html_span(d, fo->first_ok_ns - origin(fo)));
	fputs("</desc>", f);
	if (from != NS_NONE && to != NS_NONE && html_clip(axis, &from, &to))
		rect(f, from, to, 6, 3, "s-bound", "what the RFC allows");
	segments(f, fo, axis);
	line(f, axis, fo->last_advert_ns, "m-advert");
	line(f, axis, fo->bound_ns, "m-bound");
	line(f, axis, fo->fault_ns, "m-fault");
	fputs("</svg><div class=\"marks\" aria-hidden=\"true\">", f);
	mark(f, axis, fo->fault_ns, "down", "fault");
	mark(f, axis, fo->first_ok_ns, "down", "first good reply");
	fputs("</div></div>\n", f);
}

/* --- one failover --- */

static const struct claim *new_master(const struct html_page *p, const struct failover *fo)
{
	size_t i;

	for (i = 0; i < p->r->m.claims.n; i++) {
		const struct claim *c = &p->r->m.claims.v[i];

		if (fo->to && !strcmp(c->node, fo->to) && c->vrid == fo->vrid &&
		    c->start_ns == fo->first_advert_ns)
			return c;
	}
	return NULL;
}

static void heading(const struct html_page *p, const struct failover *fo, size_t at)
{
	FILE *f = p->f;

	fprintf(f, "<h3 id=\"%sf%zu\">", p->id, at);
	html_text(f, fo->from ? fo->from : "nobody");
	fputs(" → ", f);
	html_text(f, fo->to ? fo->to : "nobody");
	fprintf(f, " <small>VRRP %d", fo->vrid);
	if (fo->fault) {
		fputs(", after <code>", f);
		html_text(f, fo->fault);
		fputs("</code>", f);
	}
	fputs("</small></h3>\n", f);
}

static void summary(const struct html_page *p, const struct failover *fo)
{
	const struct claim *c = new_master(p, fo);
	const char *rfc = c && c->version == 3 ? "RFC 9568" : "RFC 3768";
	char a[HTML_TIME_LEN], b[HTML_TIME_LEN];
	FILE *f = p->f;
	int64_t late;

	fputs("<p>", f);
	if (!fo->to) {
		fputs("Nobody took over.</p>\n", f);
		return;
	}
	if (fo->first_ok_ns == NS_NONE)
		fputs("No good reply came any more. ", f);
	else
		fprintf(f, "First good reply <strong>%s</strong> after the fault. ",
			html_span(a, fo->first_ok_ns - origin(fo)));
	if (fo->bound_ns == NS_NONE) {
		fputs("The RFC sets no bound for this one.</p>\n", f);
		return;
	}
	late = fo->first_advert_ns - fo->bound_ns;
	fprintf(f, "The new master advertised %s <strong>%s</strong> the bound of %s (%s)",
		html_span(b, late < 0 ? -late : late), late < 0 ? "before" : "after", rfc,
		fo->preempt	      ? "its start + 3 × advert + skew" :
		fo->prio0_ns != NS_NONE ? "priority 0 + skew" :
					  "last advert + 3 × advert + skew");
	if (fo->first_ok_ns != NS_NONE) {
		late = fo->first_ok_ns - fo->bound_ns;
		fprintf(f, "; the first good reply came %s <strong>%s</strong> it",
			html_span(b, late < 0 ? -late : late),
			late < 0 ? "before" : "after");
	}
	fputs(".</p>\n", f);
}

static void row(const struct html_page *p, const struct failover *fo, const char *class,
		const char *name, int64_t t, int64_t before)
{
	FILE *f = p->f;
	char d[HTML_TIME_LEN];

	fprintf(f, "<tr><th scope=\"row\"><span class=\"swatch %s\"></span>%s</th>", class,
		name);
	if (t == NS_NONE) {
		fputs("<td colspan=\"2\" class=\"muted\">not seen</td></tr>\n", f);
		return;
	}
	fprintf(f, "<td class=\"num\"><time title=\"%" PRId64 " ns into the run\">%s</time>"
		   "</td><td class=\"num\">",
		t, html_column(d, t - origin(fo)));
	if (before != NS_NONE)
		fputs(html_exact(d, t - before), f);
	fputs("</td></tr>\n", f);
}

static void table(const struct html_page *p, const struct failover *fo)
{
	int64_t before = origin(fo);
	int i;

	fputs("<div class=\"scroll\"><table class=\"steps\"><caption class=\"sr\">The "
	      "failover step by step</caption><thead><tr><th scope=\"col\">Step</th>"
	      "<th scope=\"col\" class=\"num\">seconds after the fault</th><th scope=\"col\" class=\"num\">took</th></tr></thead>"
	      "<tbody>\n",
	      p->f);
	row(p, fo, "s-none", "old master's last advert", fo->last_advert_ns, NS_NONE);
	row(p, fo, "s-none", "fault", fo->fault_ns, NS_NONE);
	for (i = 0; i < NSTEPS; i++) {
		int64_t t = at_of(fo, i);

		if (i == S_PRIO0 && t == NS_NONE)
			continue;
		row(p, fo, steps[i].class, steps[i].name, t, before);
		if (t != NS_NONE)
			before = t;
	}
	row(p, fo, "s-bound", "<em>RFC bound for the first advert</em>", fo->bound_ns,
	    NS_NONE);
	fputs("</tbody></table></div>\n", p->f);
}

/* The steps after the election are short: once more, with them as the whole. */
static void enlarged(const struct html_page *p, const struct failover *fo)
{
	struct html_axis a = { .zero = origin(fo) };
	char d[HTML_TIME_LEN], title[96];
	int64_t whole, part;

	a.to = last_of(fo);
	a.from = fo->first_advert_ns;
	if (a.from == NS_NONE)
		return;
	if (fo->bound_ns != NS_NONE && fo->bound_ns < a.from)
		a.from = fo->bound_ns;
	whole = a.to - origin(fo);
	part = a.to - a.from;
	if (part <= 0 || part > whole / 10)
		return;
	a.from -= part / 12;
	a.to += part / 50 + 1;
	snprintf(title, sizeof(title), "The last %s, enlarged", html_span(d, part));
	fprintf(p->f, "<h4>%s</h4>\n", title);
	html_budget_bar(p->f, fo, &a, title);
	html_ticks(p->f, &a);
}

void html_budgets(const struct html_page *p)
{
	size_t i;

	if (!p->r->m.nfailover)
		return;
	fprintf(p->f,
		"<section id=\"%sbudget\" aria-labelledby=\"%sbudgeth\">\n"
		"<h2 id=\"%sbudgeth\">Where the time went</h2>\n",
		p->id, p->id, p->id);
	for (i = 0; i < p->r->m.nfailover; i++) {
		const struct failover *fo = &p->r->m.failover[i];
		struct html_axis a = { .zero = origin(fo) };
		int64_t pad;

		html_budget_span(fo, &a.from, &a.to);
		pad = (a.to - a.from) / 50 + 1;
		a.from -= pad;
		a.to += pad;
		fputs("<article class=\"failover\">\n", p->f);
		heading(p, fo, i);
		summary(p, fo);
		html_budget_bar(p->f, fo, &a, "Failover budget");
		html_ticks(p->f, &a);
		enlarged(p, fo);
		table(p, fo);
		fputs("</article>\n", p->f);
	}
	fputs("</section>\n", p->f);
}
