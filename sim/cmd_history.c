/* halbsim history: the runs of a case over time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "history.h"
#include "log.h"
#include "paths.h"
#include "run.h"
#include "span.h"
#include "tree.h"

static int write_page(FILE *f, const void *arg)
{
	return history_html(f, arg);
}

static int save_page(const struct history *h, const char *out)
{
	char *path = textf("%s/%s/history.html", out, h->case_name);
	int e = path ? file_write(path, write_page, h) : -ENOMEM;

	if (e) {
		errno = -e;
		log_warn("%s", path ? path : out);
	} else {
		puts(path);
	}
	free(path);
	return e ? EXIT_SOFTWARE : EXIT_HELD;
}

static const char about[] =
	"CASE is a case's name: its runs under reports/CASE/, oldest first, and its\n"
	"baselines. With --html a page with their trends is written to\n"
	"reports/CASE/history.html; its table leads to each run's report.html.\n"
	"\n"
	"Exit: 0, or 64 when there is no run.";

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *out = "reports";
	uint64_t last = 200;
	bool html = false;
	const struct opt opt[] = {
		{ "html", 0, OPT_FLAG, &html, NULL, "write the page", 0, 0, NULL },
		{ "last", 'n', OPT_NUMBER, &last, "N", "so many runs at most (200)", 1,
		  100000, NULL },
		{ "out", 'o', OPT_TEXT, &out, "DIR", "where run folders are (reports)", 0, 0,
		  NULL },
	};
	struct history h;
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc != 1)
		return opts_usage_error(v, "one case");
	if (history_read(&h, out, path_base(argv[0]), (size_t)last))
		return EXIT_USAGE_ERROR;
	if (html)
		r = save_page(&h, out);
	else
		r = history_text(stdout, &h) || fflush(stdout) ? EXIT_SOFTWARE : EXIT_HELD;
	history_finish(&h);
	return r;
}

const struct verb verb_history = {
	.name = "history",
	.args = "CASE",
	.summary = "its runs over time, as a table or a page of trends",
	.about = about,
	.run = main_,
};
