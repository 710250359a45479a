/* Every expectation: what was expected, what was, and the moments that decided. */
#include "html_page.h"

static const char *const words[] = {
	[EXPECT_HELD] = "held",
	[EXPECT_NOT_HELD] = "failed",
	[EXPECT_UNDECIDED] = "inconclusive",
};
static const char *const signs[] = {
	[EXPECT_HELD] = "✓",
	[EXPECT_NOT_HELD] = "✗",
	[EXPECT_UNDECIDED] = "?",
};

static void pair(FILE *f, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(f, "<div><dt>%s</dt><dd>", name);
	html_text(f, value);
	fputs("</dd></div>", f);
}

static void one(const struct html_page *p, const struct expect_result *x)
{
	FILE *f = p->f;
	size_t i;

	fprintf(f,
		"<li class=\"%s\"><p class=\"what\"><span class=\"sign\" aria-hidden=\"true\">"
		"%s</span><code>",
		words[x->outcome], signs[x->outcome]);
	html_text(f, expect_text(x->of));
	fprintf(f, "</code> <span class=\"word\">%s</span></p>\n<dl>", words[x->outcome]);
	pair(f, "expected", x->expected);
	pair(f, x->outcome == EXPECT_UNDECIDED ? "because" : "actual", x->actual);
	pair(f, "tolerance", x->tolerance);
	fputs("</dl>\n", f);
	if (x->nmoment) {
		fputs("<ul class=\"moments\">", f);
		for (i = 0; i < x->nmoment; i++) {
			fputs("<li>", f);
			html_time(p, x->moment[i].t);
			fputs(" ", f);
			html_text(f, x->moment[i].what);
			fputs("</li>", f);
		}
		fputs("</ul>\n", f);
	}
	fputs("</li>\n", f);
}

void html_expect(const struct html_page *p)
{
	/* Those that did not hold come first: that is what one looks for. */
	static const enum expect_outcome order[] = { EXPECT_NOT_HELD, EXPECT_UNDECIDED,
						     EXPECT_HELD };
	size_t i, k;

	if (!p->r->expect.n)
		return;
	fprintf(p->f,
		"<section id=\"%sexpect\" aria-labelledby=\"%sexpecth\">\n"
		"<h2 id=\"%sexpecth\">Expectations</h2>\n<ul class=\"expect\">\n",
		p->id, p->id, p->id);
	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (i = 0; i < p->r->expect.n; i++)
			if (p->r->expect.v[i].outcome == order[k])
				one(p, &p->r->expect.v[i]);
	fputs("</ul>\n</section>\n", p->f);
}
