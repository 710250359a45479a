/* halbsim replay: the same again, and whether every byte agrees. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "job.h"
#include "log.h"
#include "paths.h"
#include "pool.h"
#include "run.h"
#include "rundir.h"
#include "span.h"
#include "sweep.h"
#include "tree.h"

struct replay {
	char *old; /* the run's folder */
	struct job job;
	int status;
};

/* The line of byte `at`, and its text cut to a screen's width. */
static void show_line(const char *which, const char *text, size_t len, size_t at)
{
	size_t from = at, n;

	while (from > 0 && text[from - 1] != '\n')
		from--;
	n = strcspn(text + from, "\n");
	if (from >= len)
		printf("    %s (nothing more)\n", which);
	else
		printf("    %s %.*s%s\n", which, (int)(n > 160 ? 160 : n), text + from,
		       n > 160 ? " …" : "");
}

/* Returns 0 when equal, 1 when not (said where), 70 when one cannot be read. */
static int compare_file(const char *old, const char *new_, const char *name)
{
	char *pa = path_join(old, name), *pb = path_join(new_, name), *a = NULL, *b = NULL;
	size_t na = 0, nb = 0, at = 0, line = 1;
	int r = EXIT_SOFTWARE, e;

	if (!pa || !pb)
		goto out;
	e = file_read(pa, &a, &na);
	if (e && e != -ENOENT) {
		errno = -e;
		log_warn("%s", pa);
		goto out;
	}
	e = file_read(pb, &b, &nb);
	if (e && e != -ENOENT) {
		errno = -e;
		log_warn("%s", pb);
		goto out;
	}
	r = EXIT_FAILED;
	if (!a || !b) {
		if (!a && !b)
			r = EXIT_HELD;
		else
			printf("  differs  %s: only the %s run has it\n", name,
			       a ? "first" : "second");
		goto out;
	}
	for (at = 0; at < na && at < nb && a[at] == b[at]; at++)
		line += a[at] == '\n';
	if (at == na && at == nb) {
		printf("  equal    %s (%zu bytes)\n", name, na);
		r = EXIT_HELD;
		goto out;
	}
	printf("  differs  %s: byte %zu, line %zu\n", name, at + 1, line);
	show_line("first: ", a, na, at);
	show_line("second:", b, nb, at);
out:
	free(a);
	free(b);
	free(pa);
	free(pb);
	return r;
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Logs of both, by name. */
static int compare_logs(const char *old, const char *new_)
{
	char *dirs[2] = { path_join(old, "logs"), path_join(new_, "logs") };
	struct dirent **list;
	int r = 0, k, i, n;

	for (k = 0; k < 2 && dirs[k]; k++) {
		n = scandir(dirs[k], &list, visible, alphasort);
		for (i = 0; i < n; i++) {
			char *name = textf("logs/%s", list[i]->d_name);
			char *first = name ? path_join(old, name) : NULL;

			/* The second time round, only what the first run lacks. */
			if (name && (k == 0 || (first && access(first, F_OK))))
				r = exit_worst(r, compare_file(old, new_, name));
			free(first);
			free(name);
			free(list[i]);
		}
		if (n >= 0)
			free(list);
	}
	free(dirs[0]);
	free(dirs[1]);
	return r;
}

/* Another program takes other time: then a difference says nothing. */
static void note_build(const struct run_info *info)
{
	char *build = run_info_build();

	if (build && info->build && strcmp(build, info->build) != 0)
		printf("note: the run was made by another build of halbsim (%s)\n",
		       info->version);
	free(build);
}

static int work(size_t i, FILE *out, void *arg)
{
	struct replay *re = arg;
	struct report r;
	bool ran;
	int e;

	(void)i;
	(void)out;
	e = job_run(&re->job, &r, &ran);
	if (!ran)
		return e ? e : EXIT_SOFTWARE;
	printf("%s, %s, seed %ju: %s\n", r.c->name, report_engine(&r),
	       (uintmax_t)report_seed(&r), verdict_name(r.verdict));
	e = compare_file(re->old, r.dir, "events.jsonl");
	e = exit_worst(e, compare_file(re->old, r.dir, "report.json"));
	e = exit_worst(e, compare_logs(re->old, r.dir));
	printf(e ? "not the same\n" : "every byte is the same\n");
	report_finish(&r);
	return e;
}

static void done(size_t i, int status, const char *text, void *arg)
{
	(void)i;
	(void)text;
	((struct replay *)arg)->status = exit_worst(status, status);
}

static int replay(struct replay *re, const struct run_info *info)
{
	char tmp[] = "/tmp/halbsim-replay.XXXXXX";
	char *input = path_join(re->old, "input"), *path = NULL;
	int status = EXIT_SOFTWARE, e;

	if (!mkdtemp(tmp)) {
		log_warn("cannot make a folder in /tmp");
		free(input);
		return EXIT_SOFTWARE;
	}
	if (input)
		path = textf("%s/cases/%s", input, info->case_folder);
	if (!path)
		goto out;
	re->job.case_path = path;
	re->job.root = input;
	re->job.engine = !strcmp(info->engine, "keepalived") ? ENGINE_KEEPALIVED :
							       ENGINE_HALBD;
	re->job.real = !strcmp(info->time, "real");
	re->job.seed = info->seed;
	re->job.pcap = info->pcap;
	re->job.phase_ns = info->phase_ns;
	re->job.as_kept = info->kept;
	re->job.settle_apart = info->settle_apart;
	re->job.settle_seed = info->settle_seed;
	re->job.out = tmp;
	if (!re->job.kernel)
		re->job.kernel = info->kernel;
	re->status = EXIT_SOFTWARE;
	e = pool_run(1, 1, work, done, re);
	status = e > 0 ? e : e < 0 ? EXIT_SOFTWARE : re->status;
out:
	tree_remove(tmp);
	free(input);
	free(path);
	return status;
}

static const char about[] =
	"Runs the case that is kept in the run's folder, with its seed, engine and kind of\n"
	"time, and compares events.jsonl, report.json and the logs byte for byte. Only\n"
	"virtual time can be the same.\n"
	"\n"
	"RUN may be a trial of a sweep, DIR/trials/N.json: its line is compared, which has\n"
	"the fingerprint of events.jsonl.\n"
	"\n"
	"Exit: 0 every byte is the same, 1 not (the first difference is shown), others as\n"
	"for `run`.";

static int main_(const struct verb *v, int argc, char **argv)
{
	struct replay re = { 0 };
	const char *out = "reports";
	char *dir;
	struct run_info info;
	const struct opt opt[] = {
		{ "out", 'o', OPT_TEXT, &out, "DIR", "where run folders are (reports)", 0, 0,
		  NULL },
		{ "kernel", 0, OPT_TEXT, &re.job.kernel, "VMLINUZ",
		  "the guest's kernel (what the run had)", 0, 0, NULL },
		{ "modules", 0, OPT_TEXT, &re.job.modules, "DIR", "its modules (beside it)",
		  0, 0, NULL },
		{ "cold", 0, OPT_FLAG, &re.job.cold, NULL,
		  "boot the guest instead of restoring a saved one", 0, 0, NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc != 1)
		return opts_usage_error(v, "one run");
	dir = sweep_dir_of(argv[0]);
	if (dir) {
		r = sweep_replay(argv[0], dir, &re.job);
		free(dir);
		return r;
	}
	re.old = rundir_resolve(argv[0], out);
	if (!re.old)
		return EXIT_USAGE_ERROR;
	r = EXIT_USAGE_ERROR;
	if (!run_info_read(re.old, &info)) {
		note_build(&info);
		r = replay(&re, &info);
		run_info_finish(&info);
	}
	free(re.old);
	return r;
}

const struct verb verb_replay = {
	.name = "replay",
	.args = "RUN",
	.summary = "run it again and compare byte by byte",
	.about = about,
	.run = main_,
};
