/* halbsim compare: the gate. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "cmd.h"
#include "compare.h"
#include "log.h"
#include "paths.h"
#include "report.h"
#include "run.h"
#include "runlist.h"
#include "span.h"

enum format { F_TEXT, F_MARKDOWN };
static const char *const formats[] = { "text", "markdown", NULL };

struct gate {
	const char *out, *tolerance, *floor;
	int format;
	bool all;
	double share;	  /* < 0: by the kind of time */
	int64_t floor_ns; /* < 0: the same */
	size_t compared;
	int status;
};

/* --- limits --- */

/* "1%", "0.5%". 0 or -EINVAL. */
static int read_percent(const char *text, double *share)
{
	char *end;

	errno = 0;
	*share = strtod(text, &end) / 100;
	if (errno || end == text || strcmp(end, "%") || !(*share >= 0))
		return -EINVAL;
	return 0;
}

static int read_limits(const struct verb *v, struct gate *g)
{
	g->share = -1;
	g->floor_ns = -1;
	if (g->tolerance && read_percent(g->tolerance, &g->share))
		return opts_usage_error(v, "--tolerance takes a share like 1%%, got '%s'",
					g->tolerance);
	if (g->floor && (block_span_text(g->floor, &g->floor_ns) || g->floor_ns < 0))
		return opts_usage_error(v, "--floor takes a span like 50us, got '%s'",
					g->floor);
	return OPTS_GO;
}

static struct compare_limits limits_for(const struct gate *g, const char *time)
{
	struct compare_limits l = compare_defaults(time);

	if (g->share >= 0)
		l.share = g->share;
	if (g->floor_ns >= 0)
		l.floor_ns = g->floor_ns;
	return l;
}

/* --- one comparison --- */

static int compare_files(struct gate *g, const char *base_path, const char *now_path)
{
	struct figures base = { 0 }, now = { 0 };
	struct compare_limits limits;
	struct compare c = { 0 };
	int e = EXIT_USAGE_ERROR;

	if (figures_read(&now, now_path) || figures_read(&base, base_path))
		goto out;
	limits = limits_for(g, base.time);
	if (compare_runs(&c, &base, &now, &limits))
		goto out;
	if (g->format == F_TEXT && g->compared)
		putchar('\n');
	e = g->format == F_MARKDOWN ? compare_markdown(stdout, &c, g->all) :
				      compare_text(stdout, &c, g->all);
	g->compared++;
	if (!e && fflush(stdout) == EOF)
		e = -errno;
	if (e) {
		errno = -e;
		log_warn("cannot write the table");
		e = EXIT_SOFTWARE;
	} else {
		e = compare_regressed(&c) ? EXIT_FAILED : EXIT_HELD;
	}
out:
	compare_finish(&c);
	figures_finish(&base);
	figures_finish(&now);
	return e;
}

/* The report of what a person calls RUN or BASELINE: a file, or a run. */
static char *report_of(const struct gate *g, const char *arg)
{
	char *dir, *path;

	if (path_is_file(arg))
		return strdup(arg);
	dir = rundir_resolve(arg, g->out);
	path = dir ? path_join(dir, "report.json") : NULL;
	if (path && !path_is_file(path)) {
		log_warnx("%s: an incomplete run: it has no report.json", dir);
		free(path);
		path = NULL;
	}
	free(dir);
	return path;
}

/* The baseline that is kept for the run in a report. */
static char *kept_for(const struct gate *g, const char *now_path)
{
	struct figures now;
	char *path;

	if (figures_read(&now, now_path))
		return NULL;
	path = baseline_path(g->out, now.case_name, now.engine, now.time);
	if (path && !path_is_file(path)) {
		log_warnx("no baseline for %s with %s (%s); `halbsim baseline %s` keeps one",
			  now.case_name, now.engine, path, now.case_name);
		free(path);
		path = NULL;
	}
	figures_finish(&now);
	return path;
}

static int compare_one(struct gate *g, const char *run, const char *baseline)
{
	char *now = report_of(g, run);
	char *base = !now ? NULL : baseline ? report_of(g, baseline) : kept_for(g, now);
	int e = now && base ? compare_files(g, base, now) : EXIT_USAGE_ERROR;

	free(now);
	free(base);
	return e;
}

/* --- all that is kept --- */

static int compare_kept(struct gate *g, const char *base_path)
{
	struct figures base;
	struct run_list runs;
	const struct run_entry *latest;
	char *now;
	int e;

	if (figures_read(&base, base_path))
		return EXIT_USAGE_ERROR;
	e = run_list_read(&runs, g->out, base.case_name) ? EXIT_INCONCLUSIVE : 0;
	latest = e ? NULL : run_list_latest(&runs, base.engine, base.time);
	if (!e && !latest)
		log_warnx("%s: no run of %s with %s in %s time to compare", base_path,
			  base.case_name, base.engine, base.time);
	now = latest ? path_join(latest->path, "report.json") : NULL;
	e = now ? compare_files(g, base_path, now) : EXIT_INCONCLUSIVE;
	free(now);
	run_list_finish(&runs);
	figures_finish(&base);
	return e;
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static bool is_json(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && !strcmp(name + n - 5, ".json");
}

/* Calls compare_kept() for each DIR/CASE/X.json, by name. */
static void walk(struct gate *g, const char *dir, int depth)
{
	struct dirent **list;
	int n = scandir(dir, &list, visible, alphasort), i;

	for (i = 0; i < n; i++) {
		char *path = path_join(dir, list[i]->d_name);

		if (path && depth == 0 && path_is_dir(path))
			walk(g, path, 1);
		else if (path && depth == 1 && is_json(list[i]->d_name))
			g->status = exit_worst(g->status, compare_kept(g, path));
		free(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static int compare_all(struct gate *g)
{
	char *dir = path_join(g->out, "baseline");

	if (!dir)
		return EXIT_SOFTWARE;
	walk(g, dir, 0);
	if (!g->compared && g->status == EXIT_HELD) {
		log_warnx("%s: no baselines; `halbsim baseline CASE` keeps one", dir);
		g->status = EXIT_USAGE_ERROR;
	}
	free(dir);
	return g->status;
}

static const char about[] =
	"RUN is a run's folder, its report.json, or a case's name for its latest run;\n"
	"BASELINE the same, or a file that `halbsim baseline` keeps. Without BASELINE it is\n"
	"the one kept for the run's case and engine; without RUN, every baseline that is\n"
	"kept is compared with the latest run of its case and engine.\n"
	"\n"
	"A figure is worse when it grew by more than the tolerance or the floor, whichever\n"
	"is more. A figure that ends with a request may also move by the time between two,\n"
	"and a gap by as much as the fault came sooner after an advertisement than in the\n"
	"baseline. In virtual time the defaults are 1% and 50us, in real time 20% and 50ms.\n"
	"\n"
	"Exit: 0 nothing is worse, 1 something is, 2 a baseline has no run to compare,\n"
	"64 a file is damaged, of another schema, case or kind of time.";

static int main_(const struct verb *v, int argc, char **argv)
{
	struct gate g = { .out = "reports" };
	const struct opt opt[] = {
		{ "tolerance", 0, OPT_TEXT, &g.tolerance, "PERCENT",
		  "how much more is no regression, like 1%", 0, 0, NULL },
		{ "floor", 0, OPT_TEXT, &g.floor, "SPAN",
		  "the same of short times, like 50us", 0, 0, NULL },
		{ "all", 'a', OPT_FLAG, &g.all, NULL, "show what did not move, too", 0, 0,
		  NULL },
		{ "format", 'f', OPT_CHOICE, &g.format, "NAME",
		  "text (default) or markdown", 0, 0, formats },
		{ "out", 'o', OPT_TEXT, &g.out, "DIR", "where run folders are (reports)", 0, 0,
		  NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r == OPTS_GO)
		r = read_limits(v, &g);
	if (r != OPTS_GO)
		return r;
	if (argc > 2)
		return opts_usage_error(v, "one run and one baseline");
	return argc ? compare_one(&g, argv[0], argc > 1 ? argv[1] : NULL) : compare_all(&g);
}

const struct verb verb_compare = {
	.name = "compare",
	.args = "[RUN [BASELINE]]",
	.summary = "the gate: is a run worse than its baseline?",
	.about = about,
	.run = main_,
};
