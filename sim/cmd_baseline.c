/* halbsim baseline: keep a run's figures for `compare`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "compare.h"
#include "log.h"
#include "paths.h"
#include "report.h"
#include "run.h"
#include "runlist.h"
#include "span.h"
#include "tree.h"

struct keeper {
	const char *out;
	bool force;
};

struct text {
	const char *v;
	size_t len;
};

static int write_text(FILE *f, const void *arg)
{
	const struct text *t = arg;

	return fwrite(t->v, 1, t->len, f) == t->len ? 0 : -EIO;
}

static int copy(const char *from, const char *to)
{
	char *dir = strdup(to), *slash = dir ? strrchr(dir, '/') : NULL, *text = NULL;
	struct text t;
	int r = -ENOMEM;

	if (slash) {
		*slash = '\0';
		r = tree_make(dir);
	}
	if (!r)
		r = file_read(from, &text, &t.len);
	t.v = text;
	if (!r)
		r = file_write(to, write_text, &t);
	if (r) {
		errno = -r;
		log_warn("%s", to);
	}
	free(text);
	free(dir);
	return r;
}

/* What keeping it changes, where there is a baseline already. */
static void show_change(const char *old, const struct figures *now)
{
	struct compare_limits limits = compare_defaults(now->time);
	struct figures base;
	struct compare c;

	if (!path_is_file(old) || figures_read(&base, old))
		return;
	if (!compare_runs(&c, &base, now, &limits)) {
		compare_text(stdout, &c, false);
		compare_finish(&c);
	}
	figures_finish(&base);
}

static int keep(const struct keeper *k, const char *report)
{
	struct figures now;
	char *path;
	int e = EXIT_SOFTWARE;

	if (figures_read(&now, report))
		return EXIT_USAGE_ERROR;
	path = baseline_path(k->out, now.case_name, now.engine, now.time);
	if (!path)
		goto out;
	e = EXIT_FAILED;
	if (strcmp(now.verdict, "held") && !k->force) {
		log_warnx("%s: its verdict is '%s', that is no baseline (--force keeps it)",
			  report, now.verdict);
		goto out;
	}
	show_change(path, &now);
	e = copy(report, path) ? EXIT_SOFTWARE : EXIT_HELD;
	if (!e)
		printf("%s %s: kept as %s\n", now.case_name, now.engine, path);
out:
	free(path);
	figures_finish(&now);
	return e;
}

static int keep_in(const struct keeper *k, const char *dir)
{
	char *report = path_join(dir, "report.json");
	int e = EXIT_SOFTWARE;

	if (report && path_is_file(report)) {
		e = keep(k, report);
	} else if (report) {
		log_warnx("%s: an incomplete run: it has no report.json", dir);
		e = EXIT_USAGE_ERROR;
	}
	free(report);
	return e;
}

/* A case: its latest run with each engine, in each kind of time. */
static int keep_case(const struct keeper *k, const char *name)
{
	static const char *const engines[] = { "halbd", "keepalived" };
	static const char *const times[] = { "virtual", "real" };
	const struct run_entry *latest;
	struct run_list runs;
	int e = EXIT_HELD, i;
	size_t n = 0;

	if (run_list_read(&runs, k->out, name))
		return EXIT_USAGE_ERROR;
	for (i = 0; i < 4; i++) {
		latest = run_list_latest(&runs, engines[i / 2], times[i % 2]);
		if (!latest)
			continue;
		e = exit_worst(e, keep_in(k, latest->path));
		n++;
	}
	if (!n) {
		log_warnx("%s/%s: no whole run there", k->out, name);
		e = EXIT_USAGE_ERROR;
	}
	run_list_finish(&runs);
	return e;
}

/* A bare word is a case; whatever else names one run. */
static int keep_arg(const struct keeper *k, const char *arg)
{
	char *dir;
	int e;

	if (!strchr(arg, '/') && !path_is_dir(arg) && !path_is_file(arg))
		return keep_case(k, arg);
	dir = rundir_resolve(arg, k->out);
	e = dir ? keep_in(k, dir) : EXIT_USAGE_ERROR;
	free(dir);
	return e;
}

static const char about[] =
	"Keeps the report of a run in reports/baseline/CASE/ENGINE.json, for `halbsim\n"
	"compare`; that folder is meant to be committed. CASE is a case's name: its latest\n"
	"run with each engine is kept. RUN is a run's folder. Only runs whose expectations\n"
	"held become baselines. Where there is one already, what changes is shown.\n"
	"\n"
	"Exit: 0 kept, 1 a run whose verdict is not held, 64 no such run, or damaged.";

static int main_(const struct verb *v, int argc, char **argv)
{
	struct keeper k = { .out = "reports" };
	const struct opt opt[] = {
		{ "force", 0, OPT_FLAG, &k.force, NULL, "keep it whatever its verdict", 0, 0,
		  NULL },
		{ "out", 'o', OPT_TEXT, &k.out, "DIR", "where run folders are (reports)", 0, 0,
		  NULL },
	};
	int r, i;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (!argc)
		return opts_usage_error(v, "which case? its latest run is kept");
	r = EXIT_HELD;
	for (i = 0; i < argc; i++)
		r = exit_worst(r, keep_arg(&k, argv[i]));
	return r;
}

const struct verb verb_baseline = {
	.name = "baseline",
	.args = "CASE|RUN…",
	.summary = "keep the figures of a run for compare",
	.about = about,
	.run = main_,
};
