/* Carries a sweep out: its folder, the trials that are missing, and what comes out. */
#include "sweep_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "guest.h"
#include "log.h"
#include "paths.h"
#include "pool.h"
#include "run.h"
#include "span.h"
#include "tree.h"

/* --- trials, in children --- */

/* Where trial `i` works, below OUT. */
static char *work_dir(const struct sweep_run *run, size_t trial)
{
	return textf("%s/%s/%zu", run->dir, run->common.keep ? "runs" : ".work", trial);
}

static int work(size_t i, FILE *out, void *arg)
{
	struct sweep_run *run = arg;
	size_t trial = run->todo[i];
	char *dir = work_dir(run, trial), *line = NULL;
	char *path = sweep_trial_path(run->dir, trial);
	int r = EXIT_SOFTWARE, e;

	if (!dir || !path)
		goto out;
	/* What a trial that was stopped has left. */
	tree_remove(dir);
	r = sweep_trial(&run->s, run->dir, &run->common, trial, dir, &line);
	if (!run->common.keep)
		tree_remove(dir);
	if (r)
		goto out;
	e = file_write_text(path, line);
	if (e) {
		errno = -e;
		log_warn("cannot write %s", path);
		r = EXIT_SOFTWARE;
	} else {
		fputs(line, out);
	}
out:
	free(line);
	free(path);
	free(dir);
	return r;
}

/* --- progress, in the parent --- */

static void progress(struct sweep_run *run)
{
	int64_t now = clock_now(), each = (now - run->began_ns) / (int64_t)run->ndone;
	int64_t left = each * (int64_t)(run->ntodo - run->ndone);
	char a[SPAN_LEN], b[SPAN_LEN], c[SPAN_LEN];

	/* On a terminal one line, rewritten; elsewhere one for each tenth. */
	if (!run->live && run->ndone != run->ntodo &&
	    run->ndone * 10 / run->ntodo == (run->ndone - 1) * 10 / run->ntodo)
		return;
	fprintf(stderr, "%s%zu of %zu trials, %s each, %s left, longest gap %s%s",
		run->live ? "\r\033[K" : "", run->ndone, run->ntodo,
		span_text(a, each / NS_PER_MS * NS_PER_MS),
		span_text(b, left / NS_PER_S * NS_PER_S), span_text(c, run->worst_ns),
		run->live ? "" : "\n");
	fflush(stderr);
}

static void done(size_t i, int status, const char *text, void *arg)
{
	struct sweep_run *run = arg;
	struct sweep_result r;

	if (status) {
		if (!run->broken)
			log_warnx("trial %zu did not come to a result; the others are kept",
				  run->todo[i]);
		/* What broke this one breaks the next. */
		pool_stop();
		run->broken = run->broken ? run->broken : status;
		return;
	}
	run->ndone++;
	if (!sweep_result_parse(&r, &run->s, text)) {
		if (r.measure[SWEEP_GAP] > run->worst_ns)
			run->worst_ns = r.measure[SWEEP_GAP];
		sweep_result_finish(&r);
	}
	if (!run->quiet)
		progress(run);
}

/* --- the folder --- */

enum { NEW_DIR = -1 };

/* What the folder has: 0 this very sweep, NEW_DIR nothing (any more), or an exit code. */
static int look_at_dir(const struct sweep_run *run)
{
	struct sweep old;
	int e = sweep_read(&old, run->dir);
	bool same;

	if (e)
		return e == -ENOENT ? NEW_DIR : EXIT_USAGE_ERROR;
	same = !strcmp(old.key, run->s.key);
	sweep_finish(&old);
	if (run->fresh) {
		tree_remove(run->dir);
		return NEW_DIR;
	}
	if (same)
		return 0;
	log_warnx("%s: holds another sweep (other case, options or build): give "
		  "another --out, or --fresh to remove it",
		  run->dir);
	return EXIT_USAGE_ERROR;
}

/* The definition and its input. Returns an exit code. */
static int fill_dir(const struct sweep_run *run)
{
	char *trials = path_join(run->dir, "trials");
	char *to_case = textf("%s/input/cases/%s", run->dir, run->s.folder);
	char *to_topo = textf("%s/input/topologies/%s", run->dir, path_base(run->topo_dir));
	int r = EXIT_SOFTWARE, e = trials && to_case && to_topo ? 0 : -ENOMEM;

	if (!e)
		e = tree_make(trials);
	if (!e)
		e = tree_make(to_case);
	if (!e)
		e = tree_make(to_topo);
	if (!e)
		e = tree_copy(run->case_dir, to_case);
	if (!e)
		e = tree_copy(run->topo_dir, to_topo);
	if (e) {
		errno = -e;
		log_warn("cannot write into %s", run->dir);
	} else if (!sweep_write(&run->s, run->dir)) {
		r = 0;
	}
	free(trials);
	free(to_case);
	free(to_topo);
	return r;
}

/* The trials of this shard that are not finished. */
static int find_todo(struct sweep_run *run, const struct sweep_results *have)
{
	size_t i, k = 0, n = sweep_count(&run->s);

	run->todo = calloc(n, sizeof(*run->todo));
	if (!run->todo)
		return EXIT_SOFTWARE;
	for (i = 0; i < n; i++) {
		while (k < have->n && have->v[k].at.trial < i)
			k++;
		if (i % run->shards != run->shard - 1 ||
		    (k < have->n && have->v[k].at.trial == i))
			continue;
		run->todo[run->ntodo++] = i;
	}
	return 0;
}

static int run_trials(struct sweep_run *run)
{
	struct guest_opts g = { .kernel = run->common.kernel,
				.modules = run->common.modules,
				.console_fd = -1 };
	char *scratch = path_join(run->dir, ".work");
	size_t i;
	int r;

	if (!run->ntodo || !scratch) {
		free(scratch);
		return run->ntodo ? EXIT_SOFTWARE : 0;
	}
	r = guest_prepare(&g);
	if (r) {
		free(scratch);
		return r == -ENOENT ? EXIT_SKIPPED : EXIT_SOFTWARE;
	}
	for (i = 0; i < run->s.nengine; i++)
		job_know_engine(run->s.engine[i]);
	run->live = isatty(STDERR_FILENO);
	run->began_ns = clock_now();
	r = pool_run(run->ntodo, run->jobs < run->ntodo ? run->jobs : run->ntodo, work, done,
		     run);
	if (run->live && !run->quiet && run->ndone)
		fputc('\n', stderr);
	tree_remove(scratch);
	free(scratch);
	if (r < 0) {
		errno = -r;
		log_warn("cannot run");
		return EXIT_SOFTWARE;
	}
	if (run->broken)
		return run->broken;
	if (r)
		log_warnx("stopped; %zu trials of this sweep are still to be run: the same "
			  "command goes on",
			  run->ntodo - run->ndone);
	return r;
}

/* --- what comes out --- */

struct worst_job {
	struct sweep_run *run;
	size_t trial;
	char *out;
	int status;
};

static int work_worst(size_t i, FILE *out, void *arg)
{
	struct worst_job *w = arg;
	char *line = NULL;
	int r;

	(void)i;
	(void)out;
	w->run->common.bare = false;
	r = sweep_trial(&w->run->s, w->run->dir, &w->run->common, w->trial, w->out, &line);
	free(line);
	return r;
}

static void done_worst(size_t i, int status, const char *text, void *arg)
{
	(void)i;
	(void)text;
	((struct worst_job *)arg)->status = status;
}

/* The worst trial once more, with all of its files. */
static int keep_worst(struct sweep_run *run, const struct sweep_results *r)
{
	const struct sweep_result *worst = sweep_worst(r);
	struct worst_job w = { .run = run };
	char *mark = textf("%s/worst/trial", run->dir), *want = NULL, *have = NULL;
	char *dir = path_join(run->dir, "worst");
	size_t len;
	int e = EXIT_SOFTWARE;

	if (!worst || !mark || !dir) {
		e = worst ? EXIT_SOFTWARE : 0;
		goto out;
	}
	want = textf("%zu\n", worst->at.trial);
	if (want && !file_read(mark, &have, &len) && !strcmp(want, have)) {
		e = 0;
		goto out;
	}
	tree_remove(dir);
	w.trial = worst->at.trial;
	w.out = dir;
	e = want ? pool_run(1, 1, work_worst, done_worst, &w) : EXIT_SOFTWARE;
	if (!e)
		e = w.status;
	if (!e && file_write_text(mark, want))
		e = EXIT_SOFTWARE;
out:
	free(mark);
	free(dir);
	free(want);
	free(have);
	return e;
}

static int results_exit(const struct sweep_results *r)
{
	size_t i;
	int e = 0;

	for (i = 0; i < r->n; i++)
		e = exit_worst(e, !strcmp(r->v[i].verdict, "held")   ? EXIT_HELD :
				  !strcmp(r->v[i].verdict, "failed") ? EXIT_FAILED :
								       EXIT_INCONCLUSIVE);
	return e;
}

/* Tables of what is there, also after an interruption. */
static int conclude(struct sweep_run *run, int status)
{
	struct style style = style_for(stdout);
	struct sweep_results r;
	int e;

	if (sweep_results_read(&r, &run->s, run->dir))
		return EXIT_SOFTWARE;
	e = sweep_tables(&run->s, &r, run->dir) ? EXIT_SOFTWARE : 0;
	if (!e && !status && run->shards == 1)
		e = keep_worst(run, &r);
	if (!e && !status && !run->quiet &&
	    sweep_text(stdout, &run->s, &r, run->dir, &style))
		e = EXIT_SOFTWARE;
	if (!e && !status)
		e = results_exit(&r);
	sweep_results_finish(&r);
	return status ? status : e;
}

int sweep_run(struct sweep_run *run)
{
	struct sweep_results have;
	int r = look_at_dir(run);

	if (r == NEW_DIR)
		r = fill_dir(run);
	if (r)
		return r;
	if (sweep_results_read(&have, &run->s, run->dir))
		return EXIT_USAGE_ERROR;
	r = find_todo(run, &have);
	if (!r && have.n && !run->quiet)
		fprintf(stderr, "%s: %zu trials are there already\n", run->dir, have.n);
	sweep_results_finish(&have);
	if (!r)
		r = run_trials(run);
	return conclude(run, r);
}
