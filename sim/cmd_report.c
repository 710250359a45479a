/* halbsim report: a finished run, in another form. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "engines_page.h"
#include "log.h"
#include "report.h"
#include "run.h"

enum format { F_TEXT, F_JSON, F_JUNIT, F_TAP, F_MARKDOWN, F_HTML, F_CSV, NFORMATS };
static const char *const formats[] = { "text",	   "json", "junit", "tap",
				       "markdown", "html", "csv",   NULL };

static int write_all(int format, const struct report *const *r, size_t n)
{
	struct style s = style_for(stdout);
	size_t i;
	int e = 0;

	switch ((enum format)format) {
	case F_TEXT:
		for (i = 0; i < n && !e; i++) {
			if (i)
				putchar('\n');
			e = report_text(stdout, r[i], &s);
		}
		break;
	case F_JSON:
		for (i = 0; i < n && !e; i++)
			e = report_json(stdout, r[i]);
		break;
	case F_JUNIT:
		e = report_junit(stdout, r, n);
		break;
	case F_TAP:
		e = report_tap(stdout, r, n);
		break;
	case F_MARKDOWN:
		e = report_markdown(stdout, r, n);
		break;
	case F_HTML:
		e = engines_page(stdout, r, n);
		break;
	case F_CSV:
		e = report_csv(stdout, r, n);
		break;
	case NFORMATS:
		break;
	}
	if (fflush(stdout) && !e)
		e = -errno;
	if (e) {
		errno = -e;
		log_warn("cannot write the report");
	}
	return e ? EXIT_SOFTWARE : 0;
}

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *out = "reports";
	int format = 0, r, i;
	bool is[NFORMATS] = { false };
	const struct opt opt[] = {
		{ "format", 'f', OPT_CHOICE, &format, "NAME",
		  "text (default), json, junit, tap, markdown, html or csv (the requests)", 0, 0, formats },
		{ "json", 0, OPT_FLAG, &is[F_JSON], NULL, "--format json", 0, 0, NULL },
		{ "junit", 0, OPT_FLAG, &is[F_JUNIT], NULL, "--format junit", 0, 0, NULL },
		{ "tap", 0, OPT_FLAG, &is[F_TAP], NULL, "--format tap", 0, 0, NULL },
		{ "markdown", 0, OPT_FLAG, &is[F_MARKDOWN], NULL, "--format markdown", 0, 0,
		  NULL },
		{ "html", 0, OPT_FLAG, &is[F_HTML], NULL, "--format html", 0, 0, NULL },
		{ "csv", 0, OPT_FLAG, &is[F_CSV], NULL, "--format csv", 0, 0, NULL },
		{ "out", 'o', OPT_TEXT, &out, "DIR", "where run folders are (reports)", 0, 0,
		  NULL },
	};
	struct report *reports;
	const struct report **list;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (!argc)
		return opts_usage_error(v, "which run? a folder, or a case's name for its "
					   "latest");
	for (i = F_JSON; i < NFORMATS; i++)
		if (is[i])
			format = i;
	reports = calloc((size_t)argc, sizeof(*reports));
	list = calloc((size_t)argc, sizeof(*list));
	r = reports && list ? 0 : EXIT_SOFTWARE;
	for (i = 0; i < argc && !r; i++) {
		r = report_load_run(&reports[i], argv[i], out);
		list[i] = &reports[i];
	}
	for (i = 1; i < argc && !r && format == F_HTML; i++)
		if (strcmp(list[i]->c->name, list[0]->c->name))
			r = opts_usage_error(v, "one page shows one case, these are '%s' "
						"and '%s'", list[0]->c->name,
					     list[i]->c->name);
	if (!r)
		r = write_all(format, list, (size_t)argc);
	for (i = 0; i < argc && reports; i++)
		report_finish(&reports[i]);
	free(reports);
	free(list);
	return r;
}

static const char about[] =
	"RUN is a run's folder, its report.json, or a case's name for its latest run.\n"
	"Everything is computed anew from the run's events.jsonl and its own copy of the\n"
	"case. Several runs make one JUnit or TAP file; HTML shows\n"
	"several runs of one case side by side. Each run has its own report.html already.\n"
	"\n"
	"Exit: 0, or 64 when a folder is not a whole run. The verdict is `run`'s to give.";

const struct verb verb_report = {
	.name = "report",
	.args = "RUN…",
	.summary = "a finished run as text, JSON, JUnit, TAP, Markdown, HTML or CSV",
	.about = about,
	.run = main_,
};
