/* What moved, as a table for a terminal or for a job summary. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "compare.h"
#include "span.h"

static const char *const words[] = {
	[COMPARE_SAME] = "same",   [COMPARE_WITHIN] = "within", [COMPARE_BETTER] = "better",
	[COMPARE_WORSE] = "WORSE", [COMPARE_NEW] = "new",	[COMPARE_GONE] = "GONE",
};

#define CELL 32

/* Times in milliseconds, so that a column can be read down. */
static const char *cell(char buf[CELL], const struct figure *f, int64_t v, bool sign)
{
	char ms[SPAN_LEN];

	if (f->is_time)
		snprintf(buf, CELL, "%s%s", sign && v >= 0 ? "+" : "", span_ms(ms, v));
	else
		snprintf(buf, CELL, sign ? "%+" PRId64 : "%" PRId64, v);
	return buf;
}

static bool shown(const struct compare_row *r, bool all)
{
	return all || r->status != COMPARE_SAME;
}

static bool is_bad(const struct compare_row *r)
{
	return r->status == COMPARE_WORSE || r->status == COMPARE_GONE;
}

struct cells {
	char base[CELL], now[CELL], moved[CELL], allowed[CELL];
};

static void fill(struct cells *c, const struct compare_row *r)
{
	strcpy(c->base, "-");
	strcpy(c->now, "-");
	*c->moved = *c->allowed = '\0';
	if (r->base)
		cell(c->base, r->base, r->base->value, false);
	if (r->now)
		cell(c->now, r->now, r->now->value, false);
	if (r->base && r->now) {
		cell(c->moved, r->now, r->moved, true);
		cell(c->allowed, r->now, r->allowed, true);
	}
}

static const char *with_version(char *buf, size_t size, const struct figures *f)
{
	snprintf(buf, size, "%s%s%s", f->engine, f->version ? " " : "",
		 f->version ? f->version : "");
	return buf;
}

/* What is not the same and may explain the rest. */
static void remarks(FILE *f, const struct compare *c, const char *before, const char *after)
{
	char a[80], b[80];

	with_version(a, sizeof(a), c->base);
	with_version(b, sizeof(b), c->now);
	if (strcmp(a, b))
		fprintf(f, "%sengine: %s, now %s%s", before, a, b, after);
	if (c->base->kernel && c->now->kernel && strcmp(c->base->kernel, c->now->kernel))
		fprintf(f, "%skernel: %s, now %s%s", before, c->base->kernel, c->now->kernel,
			after);
	if (c->base->seed != c->now->seed)
		fprintf(f, "%sseed: %" PRId64 ", now %" PRId64 "%s", before, c->base->seed,
			c->now->seed, after);
	if (strcmp(c->base->verdict, c->now->verdict))
		fprintf(f, "%sverdict: %s, now %s%s%s", before, c->base->verdict,
			c->now->verdict, c->verdict_worse ? " (WORSE)" : "", after);
}

/* Expectations that held in the baseline and do not now. */
static void broken(FILE *f, const struct compare *c, const char *before, const char *after)
{
	size_t i, k;

	for (i = 0; i < c->base->nexpect && c->broken; i++) {
		if (c->base->expect[i].ok != 1)
			continue;
		for (k = 0; k < c->now->nexpect; k++)
			if (!strcmp(c->base->expect[i].text, c->now->expect[k].text) &&
			    c->now->expect[k].ok != 1)
				fprintf(f, "%sheld before, %s now: %s%s", before,
					c->now->expect[k].ok ? "cannot be judged" : "fails",
					c->now->expect[k].text, after);
	}
}

static void conclusion(FILE *f, const struct compare *c)
{
	size_t same = 0, i;

	for (i = 0; i < c->n; i++)
		same += c->v[i].status == COMPARE_SAME;
	fprintf(f, "%s: %zu worse, %zu better, %zu the same, %zu moved within what is allowed",
		compare_regressed(c) ? "regression" : "no regression", c->worse, c->better,
		same, c->n - c->worse - c->better - same);
	if (c->broken)
		fprintf(f, "; %zu expectation%s broken", c->broken, c->broken == 1 ? "" : "s");
}

static void text_rows(FILE *f, const struct compare *c, bool all, bool bad)
{
	struct cells s;
	size_t i;

	for (i = 0; i < c->n; i++) {
		const struct compare_row *r = &c->v[i];

		if (!shown(r, all) || is_bad(r) != bad)
			continue;
		fill(&s, r);
		fprintf(f, "  %-46s %13s %13s %12s %12s  %s\n", r->name, s.base, s.now,
			s.moved, s.allowed, words[r->status]);
	}
}

int compare_text(FILE *f, const struct compare *c, bool all)
{
	bool any = false;
	size_t i;

	fprintf(f, "%s, %s: %s\n      against %s\n", c->now->case_name, c->now->engine,
		c->now->path, c->base->path);
	remarks(f, c, "      ", "\n");
	for (i = 0; i < c->n && !any; i++)
		any = shown(&c->v[i], all);
	if (any)
		fprintf(f, "\n  %-46s %13s %13s %12s %12s\n", "(times in ms)", "baseline",
			"now", "moved", "allowed");
	text_rows(f, c, all, true);
	text_rows(f, c, all, false);
	if (any)
		fputc('\n', f);
	broken(f, c, "  ✗ ", "\n");
	conclusion(f, c);
	fputc('\n', f);
	return ferror(f) ? -EIO : 0;
}

/* A bar would end a Markdown cell. */
static void md_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '|')
			putc('\\', f);
		putc(*s, f);
	}
}

int compare_markdown(FILE *f, const struct compare *c, bool all)
{
	struct cells s;
	bool any = false;
	size_t i;

	fprintf(f, "### %s %s, %s: ", compare_regressed(c) ? "❌" : "✅", c->now->case_name,
		c->now->engine);
	conclusion(f, c);
	fputs("\n\n", f);
	remarks(f, c, "- ", "\n");
	broken(f, c, "- ❌ ", "\n");
	for (i = 0; i < c->n; i++) {
		const struct compare_row *r = &c->v[i];

		if (!shown(r, all))
			continue;
		if (!any)
			fputs("\n| figure (times in ms) | baseline | now | moved | allowed | |\n"
			      "|---|--:|--:|--:|--:|---|\n",
			      f);
		any = true;
		fill(&s, r);
		fputs("| ", f);
		md_text(f, r->name);
		fprintf(f, " | %s | %s | %s | %s | %s |\n", s.base, s.now, s.moved, s.allowed,
			is_bad(r) ? "**worse**" : words[r->status]);
	}
	fputc('\n', f);
	return ferror(f) ? -EIO : 0;
}
