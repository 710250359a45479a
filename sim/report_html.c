/* report.html as a whole; its sections are html_*.c. */
#include "report_html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html_page.h"

/* Zero is the first fault; what is shown begins when the site has settled. */
static struct html_axis axis_of(const struct report *r)
{
	struct html_axis a = { .from = 0, .to = r->m.end_ns, .zero = 0 };
	size_t i;

	if (r->m.settled) {
		a.from = a.zero = r->m.settled_ns;
	}
	for (i = 0; i < r->log.n; i++) {
		if (r->log.v[i].type == EV_FAULT) {
			a.zero = r->log.v[i].t;
			break;
		}
	}
	if (a.to <= a.from)
		a.to = a.from + 1;
	return a;
}

static int page_init(struct html_page *p, FILE *f, const struct report *r,
		     const struct conf_texts *conf, size_t at, size_t n)
{
	static const char *const ids[] = { "a", "b", "c", "d", "e", "f", "g", "h" };

	*p = (struct html_page){ .f = f, .r = r, .conf = conf, .axis = axis_of(r) };
	p->id = n == 1 ? "" : ids[at % (sizeof(ids) / sizeof(ids[0]))];
	return lanes_find(&p->lanes, r->c, &r->log, &r->m);
}

void html_head(FILE *f, const char *title, const char *heading, const char *about)
{
	fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"generator\" content=\"halbsim " HALB_VERSION "\">\n"
	      /* Nothing is fetched, and nothing could be. */
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n<title>",
	      f);
	html_textf(f, "%s – halbsim", title);
	fputs("</title>\n<style>\n", f);
	fputs(html_css, f);
	fputs("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
	      "result</a>\n<header>\n<p class=\"brand\">halbsim</p>\n<h1>",
	      f);
	html_text(f, heading);
	fputs("</h1>\n<p class=\"about\">", f);
	html_text(f, about);
	fputs("</p>\n</header>\n", f);
}

static void link_to(FILE *f, const char *id, const char *section, const char *words)
{
	fprintf(f, "<li><a href=\"#%s%s\">%s</a></li>", id, section, words);
}

static void nav(const struct html_page *p, size_t n)
{
	FILE *f = p->f;
	size_t i;

	fputs("<nav aria-label=\"Sections\"><ul>", f);
	if (n > 1)
		link_to(f, "", "compare", "Side by side");
	for (i = 0; n > 1 && i < n; i++)
		link_to(f, p[i].id, "run", report_engine(p[i].r));
	if (n == 1) {
		link_to(f, "", "lanes", "Timeline");
		if (p->r->m.nfailover)
			link_to(f, "", "budget", "Budget");
		if (p->r->m.ntraffic)
			link_to(f, "", "traffic", "Client");
		if (p->r->expect.n)
			link_to(f, "", "expect", "Expectations");
		link_to(f, "", "wire", "Wire");
		link_to(f, "", "events", "Events");
		if (p->conf && p->conf->n)
			link_to(f, "", "conf", "Configuration");
	}
	fputs("</ul></nav>\n", f);
}

static int sections(const struct html_page *p, size_t n)
{
	int r;

	fprintf(p->f, "<div class=\"run\" id=\"%srun\">\n", p->id);
	if (n > 1) {
		fputs("<h2 class=\"engine\">", p->f);
		html_textf(p->f, "%s %s", report_engine(p->r),
			   report_engine_version(p->r) ? report_engine_version(p->r) : "");
		fputs("</h2>\n", p->f);
	}
	html_headline(p);
	r = html_lanes(p);
	if (r)
		return r;
	html_budgets(p);
	html_traffic(p);
	html_expect(p);
	html_wire(p);
	r = html_events(p);
	if (r)
		return r;
	html_conf(p);
	fputs("</div>\n", p->f);
	return 0;
}

int report_html(FILE *f, const struct report *const *r, const struct conf_texts *conf,
		size_t n)
{
	struct html_page *page = calloc(n ? n : 1, sizeof(*page));
	char title[160];
	size_t i;
	int e = page && n ? 0 : page ? -EINVAL : -ENOMEM;

	for (i = 0; i < n && !e; i++)
		e = page_init(&page[i], f, r[i], conf ? &conf[i] : NULL, i, n);
	if (e)
		goto out;
	snprintf(title, sizeof(title), "%s %s", r[0]->c->name, verdict_name(r[0]->verdict));
	html_head(f, title, r[0]->c->name, r[0]->c->about);
	nav(page, n);
	fputs("<main id=\"main\" tabindex=\"-1\">\n", f);
	if (n > 1)
		html_compare(f, page, n);
	for (i = 0; i < n && !e; i++)
		e = sections(&page[i], n);
	fputs("</main>\n<footer><p>Made by halbsim " HALB_VERSION ". Times count from the "
	      "first fault; hold the pointer over one for its place in the run. Everything "
	      "is in events.jsonl, to the nanosecond.</p></footer>\n<script>\n",
	      f);
	fputs(html_js, f);
	fputs("</script>\n</body>\n</html>\n", f);
	if (!e && (fflush(f) == EOF || ferror(f)))
		e = -EIO;
out:
	for (i = 0; page && i < n; i++)
		lanes_finish(&page[i].lanes);
	free(page);
	return e;
}
