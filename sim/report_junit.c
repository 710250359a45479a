/* JUnit XML: a test suite a run, a test case an expectation. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "report.h"
#include "span.h"

/* XML 1.0 text: five entities; control characters that XML lacks become '?'. */
static void xml(FILE *f, const char *s)
{
	for (; s && *s; s++) {
		switch (*s) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		case '\'':
			fputs("&apos;", f);
			break;
		case '\n':
			fputs("&#10;", f);
			break;
		default:
			fputc((unsigned char)*s < 0x20 && *s != '\t' ? '?' : *s, f);
		}
	}
}

static void seconds(FILE *f, const char *attr, int64_t ns)
{
	fprintf(f, " %s=\"%jd.%06jd\"", attr, (intmax_t)(ns / NS_PER_S),
		(intmax_t)(ns % NS_PER_S / NS_PER_US));
}

static void suite_name(FILE *f, const struct report *r)
{
	xml(f, r->c->name);
	fputc('.', f);
	xml(f, report_engine(r));
}

static void deciding(FILE *f, const struct report *r, const struct expect_result *x)
{
	char a[SPAN_LEN];
	size_t i;

	fputs("expected: ", f);
	xml(f, x->expected);
	fputs("\nactual: ", f);
	xml(f, x->actual);
	fputs("\ntolerance: ", f);
	xml(f, x->tolerance);
	for (i = 0; i < x->nmoment; i++) {
		fprintf(f, "\n%s s ", span_offset(a, x->moment[i].t));
		xml(f, x->moment[i].what);
	}
	fprintf(f, "\nreplay: halbsim replay ");
	xml(f, r->dir);
}

static void test(FILE *f, const struct report *r, const struct expect_result *x)
{
	fputs("    <testcase classname=\"", f);
	suite_name(f, r);
	fputs("\" name=\"", f);
	xml(f, expect_text(x->of));
	fputs("\" time=\"0\"", f);
	if (x->outcome == EXPECT_HELD && r->verdict != VERDICT_INCONCLUSIVE) {
		fputs("/>\n", f);
		return;
	}
	fputs(">\n      ", f);
	if (x->outcome == EXPECT_NOT_HELD) {
		fputs("<failure message=\"", f);
		xml(f, x->actual);
		fputs("\" type=\"expectation\">", f);
		deciding(f, r, x);
		fputs("</failure>\n    </testcase>\n", f);
		return;
	}
	fputs("<error message=\"", f);
	xml(f, x->outcome == EXPECT_UNDECIDED ? x->actual :
	       r->nreason			? r->reason[0] :
						  "the run is inconclusive");
	fputs("\" type=\"inconclusive\">", f);
	deciding(f, r, x);
	fputs("</error>\n    </testcase>\n", f);
}

/* What is inconclusive about the run as a whole. */
static void run_test(FILE *f, const struct report *r)
{
	size_t i;

	fputs("    <testcase classname=\"", f);
	suite_name(f, r);
	fputs("\" name=\"the run\" time=\"0\"", f);
	if (r->verdict != VERDICT_INCONCLUSIVE) {
		fputs("/>\n", f);
		return;
	}
	fputs(">\n      <error message=\"", f);
	xml(f, r->nreason ? r->reason[0] : "inconclusive");
	fputs("\" type=\"inconclusive\">", f);
	for (i = 0; i < r->nreason; i++) {
		xml(f, r->reason[i]);
		fputc('\n', f);
	}
	fputs("</error>\n    </testcase>\n", f);
}

static void count(const struct report *r, size_t *tests, size_t *failures, size_t *errors)
{
	size_t i;

	*tests = r->expect.n + 1;
	*failures = 0;
	*errors = r->verdict == VERDICT_INCONCLUSIVE;
	for (i = 0; i < r->expect.n; i++) {
		if (r->expect.v[i].outcome == EXPECT_NOT_HELD)
			++*failures;
		else if (r->expect.v[i].outcome == EXPECT_UNDECIDED ||
			 r->verdict == VERDICT_INCONCLUSIVE)
			++*errors;
	}
}

static void suite(FILE *f, const struct report *r)
{
	size_t tests, failures, errors, i;

	count(r, &tests, &failures, &errors);
	fputs("  <testsuite name=\"", f);
	suite_name(f, r);
	fprintf(f, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\"", tests,
		failures, errors);
	seconds(f, "time", r->m.end_ns);
	fputs(">\n    <properties>\n", f);
	fprintf(f, "      <property name=\"seed\" value=\"%ju\"/>\n",
		(uintmax_t)report_seed(r));
	fputs("      <property name=\"kernel\" value=\"", f);
	xml(f, report_kernel(r) ? report_kernel(r) : "unknown");
	fputs("\"/>\n    </properties>\n", f);
	run_test(f, r);
	for (i = 0; i < r->expect.n; i++)
		test(f, r, &r->expect.v[i]);
	fputs("  </testsuite>\n", f);
}

int report_junit(FILE *f, const struct report *const *r, size_t n)
{
	size_t tests = 0, failures = 0, errors = 0, i, a, b, c;

	for (i = 0; i < n; i++) {
		count(r[i], &a, &b, &c);
		tests += a;
		failures += b;
		errors += c;
	}
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", f);
	fprintf(f,
		"<testsuites name=\"halbsim\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
		tests, failures, errors);
	for (i = 0; i < n; i++)
		suite(f, r[i]);
	fputs("</testsuites>\n", f);
	return ferror(f) ? -EIO : 0;
}
