/* Markdown, for a CI job's summary. */
#include <errno.h>

#include "report.h"
#include "span.h"

/* In a table's cell: bars and marks escaped. */
static void cell(FILE *f, const char *s)
{
	for (; s && *s; s++) {
		if (*s == '|' || *s == '*' || *s == '_' || *s == '`' || *s == '<' ||
		    *s == '\\')
			fputc('\\', f);
		fputc(*s == '\n' ? ' ' : *s, f);
	}
}

static const char *mark(const struct report *r, enum expect_outcome o)
{
	if (o == EXPECT_NOT_HELD)
		return "❌";
	return o == EXPECT_HELD && r->verdict != VERDICT_INCONCLUSIVE ? "✅" : "❓";
}

static void summary(FILE *f, const struct report *const *r, size_t n)
{
	char a[SPAN_LEN];
	size_t i;

	fputs("| case | engine | verdict | longest gap | failed |\n"
	      "|---|---|---|---:|---:|\n",
	      f);
	for (i = 0; i < n; i++) {
		int64_t longest;
		uint64_t failed;

		measures_totals(&r[i]->m, &longest, &failed);
		fputs("| ", f);
		cell(f, r[i]->c->name);
		fputs(" | ", f);
		cell(f, report_engine(r[i]));
		fprintf(f, " | %s | %s | %ju |\n", verdict_name(r[i]->verdict),
			span_text(a, longest), (uintmax_t)failed);
	}
}

static void step(FILE *f, const char *name, int64_t t, int64_t zero)
{
	char a[SPAN_LEN];

	if (t == NS_NONE)
		fprintf(f, "| %s | not seen |\n", name);
	else
		fprintf(f, "| %s | %s ms |\n", name, span_ms(a, t - zero));
}

static void budget(FILE *f, const struct failover *fo)
{
	int64_t zero = fo->fault_ns != NS_NONE ? fo->fault_ns : fo->first_advert_ns;

	fprintf(f, "\n**VRID %d: %s → %s**", fo->vrid, fo->from ? fo->from : "nobody",
		fo->to ? fo->to : "nobody");
	if (fo->fault) {
		fputs(", after ", f);
		cell(f, fo->fault);
	}
	fputs("\n\n| step | since the fault |\n|---|---:|\n", f);
	step(f, "last advert", fo->last_advert_ns, zero);
	step(f, "first advert", fo->first_advert_ns, zero);
	step(f, "VIP added", fo->vip_ns, zero);
	step(f, "first gratuitous ARP", fo->garp_ns, zero);
	step(f, "neighbour entry changes", fo->arp_ns, zero);
	step(f, "first good reply", fo->first_ok_ns, zero);
	step(f, "RFC bound", fo->bound_ns, zero);
}

static void one(FILE *f, const struct report *r)
{
	size_t i;

	fputs("\n### ", f);
	cell(f, r->c->name);
	fprintf(f, " (%s): %s\n\n", report_engine(r), verdict_name(r->verdict));
	if (r->c->about) {
		cell(f, r->c->about);
		fputc('\n', f);
	}
	for (i = 0; i < r->nreason; i++) {
		fputs("\n> inconclusive: ", f);
		cell(f, r->reason[i]);
		fputc('\n', f);
	}
	if (r->expect.n)
		fputs("\n| | expectation | expected | actual |\n|---|---|---|---|\n", f);
	for (i = 0; i < r->expect.n; i++) {
		const struct expect_result *x = &r->expect.v[i];

		fprintf(f, "| %s | ", mark(r, x->outcome));
		cell(f, expect_text(x->of));
		fputs(" | ", f);
		cell(f, x->expected);
		fputs(" | ", f);
		cell(f, x->actual);
		fputs(" |\n", f);
	}
	for (i = 0; i < r->m.nfailover; i++)
		budget(f, &r->m.failover[i]);
	fprintf(f, "\n`halbsim replay %s`\n", r->dir);
}

int report_markdown(FILE *f, const struct report *const *r, size_t n)
{
	size_t i;

	fputs("## halbsim\n\n", f);
	summary(f, r, n);
	for (i = 0; i < n; i++)
		one(f, r[i]);
	return ferror(f) ? -EIO : 0;
}
