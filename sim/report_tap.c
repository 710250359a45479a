/* TAP version 13: a line an expectation, and one for the run as a whole. */
#include <errno.h>
#include <string.h>

#include "report.h"
#include "span.h"

/* A `#` in a description would begin a directive. */
static void describe(FILE *f, const struct report *r, const char *text)
{
	fprintf(f, "%s.%s: ", r->c->name, report_engine(r));
	for (; *text; text++) {
		if (*text == '#')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputc('\n', f);
}

static void yaml(FILE *f, const char *key, const char *text)
{
	fprintf(f, "  %s: '", key);
	for (; text && *text; text++) {
		if (*text == '\'')
			fputc('\'', f);
		fputc(*text, f);
	}
	fputs("'\n", f);
}

static void one(FILE *f, const struct report *r, const struct expect_result *x, size_t nr)
{
	bool ok = x->outcome == EXPECT_HELD && r->verdict != VERDICT_INCONCLUSIVE;
	char a[SPAN_LEN], key[SPAN_LEN];
	size_t i;

	fprintf(f, "%sok %zu - ", ok ? "" : "not ", nr);
	describe(f, r, expect_text(x->of));
	if (ok)
		return;
	fputs("  ---\n", f);
	yaml(f, "outcome", x->outcome == EXPECT_NOT_HELD ? "failed" : "inconclusive");
	yaml(f, "expected", x->expected);
	yaml(f, "actual", x->actual);
	yaml(f, "tolerance", x->tolerance);
	for (i = 0; i < x->nmoment; i++) {
		snprintf(key, sizeof(key), "at%s", span_offset(a, x->moment[i].t));
		yaml(f, key, x->moment[i].what);
	}
	fputs("  ...\n", f);
}

int report_tap(FILE *f, const struct report *const *r, size_t n)
{
	size_t total = 0, nr = 0, i, k;

	for (i = 0; i < n; i++)
		total += 1 + r[i]->expect.n;
	fprintf(f, "TAP version 13\n1..%zu\n", total);
	for (i = 0; i < n; i++) {
		bool ok = r[i]->verdict != VERDICT_INCONCLUSIVE;

		fprintf(f, "%sok %zu - ", ok ? "" : "not ", ++nr);
		describe(f, r[i], "the run");
		for (k = 0; k < r[i]->nreason; k++)
			fprintf(f, "# %s\n", r[i]->reason[k]);
		for (k = 0; k < r[i]->expect.n; k++)
			one(f, r[i], &r[i]->expect.v[k], ++nr);
	}
	return ferror(f) ? -EIO : 0;
}
