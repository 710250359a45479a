/* halbsim sweep: one case many times over, and how the figures are spread. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "guest.h"
#include "job.h"
#include "log.h"
#include "paths.h"
#include "pool.h"
#include "quantity.h"
#include "run.h"
#include "span.h"
#include "sweep.h"
#include "tree.h"

struct sweep_cmd {
	struct sweep s;
	struct job common;
	char *case_dir, *topo_dir, *dir;
	uint64_t jobs, seed;
	uint64_t shard, shards; /* this one, of so many */
	bool quiet, fresh;
	size_t *todo; /* trials */
	size_t ntodo, ndone;
	int64_t began_ns, worst_ns;
	int broken; /* the exit code of the trial that stopped it all */
	bool live;  /* progress on a terminal */
};

/* --- trials, in children --- */

/* Where trial `i` works, below OUT. */
static char *work_dir(const struct sweep_cmd *cmd, size_t trial)
{
	return textf("%s/%s/%zu", cmd->dir, cmd->common.keep ? "runs" : ".work", trial);
}

static int work(size_t i, FILE *out, void *arg)
{
	struct sweep_cmd *cmd = arg;
	size_t trial = cmd->todo[i];
	char *dir = work_dir(cmd, trial), *line = NULL;
	char *path = sweep_trial_path(cmd->dir, trial);
	int r = EXIT_SOFTWARE, e;

	if (!dir || !path)
		goto out;
	/* What a trial that was stopped has left. */
	tree_remove(dir);
	r = sweep_trial(&cmd->s, cmd->dir, &cmd->common, trial, dir, &line);
	if (!cmd->common.keep)
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

static void progress(struct sweep_cmd *cmd)
{
	int64_t now = clock_now(), each = (now - cmd->began_ns) / (int64_t)cmd->ndone;
	int64_t left = each * (int64_t)(cmd->ntodo - cmd->ndone);
	char a[SPAN_LEN], b[SPAN_LEN], c[SPAN_LEN];

	/* On a terminal one line, rewritten; elsewhere one for each tenth. */
	if (!cmd->live && cmd->ndone != cmd->ntodo &&
	    cmd->ndone * 10 / cmd->ntodo == (cmd->ndone - 1) * 10 / cmd->ntodo)
		return;
	fprintf(stderr, "%s%zu of %zu trials, %s each, %s left, longest gap %s%s",
		cmd->live ? "\r\033[K" : "", cmd->ndone, cmd->ntodo,
		span_text(a, each / NS_PER_MS * NS_PER_MS),
		span_text(b, left / NS_PER_S * NS_PER_S), span_text(c, cmd->worst_ns),
		cmd->live ? "" : "\n");
	fflush(stderr);
}

static void done(size_t i, int status, const char *text, void *arg)
{
	struct sweep_cmd *cmd = arg;
	struct sweep_result r;

	if (status) {
		if (!cmd->broken)
			log_warnx("trial %zu did not come to a result; the others are kept",
				  cmd->todo[i]);
		/* What broke this one breaks the next. */
		pool_stop();
		cmd->broken = cmd->broken ? cmd->broken : status;
		return;
	}
	cmd->ndone++;
	if (!sweep_result_parse(&r, &cmd->s, text)) {
		if (r.measure[SWEEP_GAP] > cmd->worst_ns)
			cmd->worst_ns = r.measure[SWEEP_GAP];
		sweep_result_finish(&r);
	}
	if (!cmd->quiet)
		progress(cmd);
}

/* --- the folder --- */

/* A new folder with the definition and its input; or the one of the same sweep. */
static int open_dir(struct sweep_cmd *cmd)
{
	char *input = path_join(cmd->dir, "input"), *trials = path_join(cmd->dir, "trials");
	char *to_case = NULL, *to_topo = NULL;
	struct sweep old;
	int r = EXIT_SOFTWARE, e = sweep_read(&old, cmd->dir);

	if (!e) {
		bool same = !strcmp(old.key, cmd->s.key);

		sweep_finish(&old);
		if (same && !cmd->fresh) {
			r = 0;
			goto out;
		}
		if (!cmd->fresh) {
			log_warnx("%s: holds another sweep (other case, options or build): give "
				  "another --out, or --fresh to remove it",
				  cmd->dir);
			r = EXIT_USAGE_ERROR;
			goto out;
		}
		tree_remove(cmd->dir);
	} else if (e != -ENOENT) {
		r = EXIT_USAGE_ERROR;
		goto out;
	}
	if (input && trials) {
		to_case = textf("%s/cases/%s", input, cmd->s.folder);
		to_topo = textf("%s/topologies/%s", input, path_base(cmd->topo_dir));
	}
	if (!to_case || !to_topo)
		goto out;
	e = tree_make(trials);
	if (!e)
		e = tree_make(to_case);
	if (!e)
		e = tree_make(to_topo);
	if (!e)
		e = tree_copy(cmd->case_dir, to_case);
	if (!e)
		e = tree_copy(cmd->topo_dir, to_topo);
	if (e) {
		errno = -e;
		log_warn("cannot write into %s", cmd->dir);
	} else if (!sweep_write(&cmd->s, cmd->dir)) {
		r = 0;
	}
out:
	free(input);
	free(trials);
	free(to_case);
	free(to_topo);
	return r;
}

/* The trials of this shard that are not finished. */
static int find_todo(struct sweep_cmd *cmd, const struct sweep_results *have)
{
	size_t i, k = 0, n = sweep_count(&cmd->s);

	cmd->todo = calloc(n, sizeof(*cmd->todo));
	if (!cmd->todo)
		return EXIT_SOFTWARE;
	for (i = 0; i < n; i++) {
		while (k < have->n && have->v[k].at.trial < i)
			k++;
		if (i % cmd->shards != cmd->shard - 1 ||
		    (k < have->n && have->v[k].at.trial == i))
			continue;
		cmd->todo[cmd->ntodo++] = i;
	}
	return 0;
}

static int run_trials(struct sweep_cmd *cmd)
{
	struct guest_opts g = { .kernel = cmd->common.kernel,
				.modules = cmd->common.modules,
				.console_fd = -1 };
	char *scratch = path_join(cmd->dir, ".work");
	size_t i;
	int r;

	if (!cmd->ntodo || !scratch) {
		free(scratch);
		return cmd->ntodo ? EXIT_SOFTWARE : 0;
	}
	r = guest_prepare(&g);
	if (r) {
		free(scratch);
		return r == -ENOENT ? EXIT_SKIPPED : EXIT_SOFTWARE;
	}
	for (i = 0; i < cmd->s.nengine; i++)
		job_know_engine(cmd->s.engine[i]);
	cmd->live = isatty(STDERR_FILENO);
	cmd->began_ns = clock_now();
	r = pool_run(cmd->ntodo, cmd->jobs < cmd->ntodo ? cmd->jobs : cmd->ntodo, work, done,
		     cmd);
	if (cmd->live && !cmd->quiet && cmd->ndone)
		fputc('\n', stderr);
	tree_remove(scratch);
	free(scratch);
	if (r < 0) {
		errno = -r;
		log_warn("cannot run");
		return EXIT_SOFTWARE;
	}
	if (cmd->broken)
		return cmd->broken;
	if (r)
		log_warnx("stopped; %zu trials of this sweep are still to be run: the same "
			  "command goes on",
			  cmd->ntodo - cmd->ndone);
	return r;
}

/* --- what comes out --- */

struct worst_job {
	struct sweep_cmd *cmd;
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
	w->cmd->common.bare = false;
	r = sweep_trial(&w->cmd->s, w->cmd->dir, &w->cmd->common, w->trial, w->out, &line);
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
static int keep_worst(struct sweep_cmd *cmd, const struct sweep_results *r)
{
	const struct sweep_result *worst = sweep_worst(r);
	struct worst_job w = { .cmd = cmd };
	char *mark = textf("%s/worst/trial", cmd->dir), *want = NULL, *have = NULL;
	char *dir = path_join(cmd->dir, "worst");
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
static int conclude(struct sweep_cmd *cmd, int status)
{
	struct style style = style_for(stdout);
	struct sweep_results r;
	int e;

	if (sweep_results_read(&r, &cmd->s, cmd->dir))
		return EXIT_SOFTWARE;
	e = sweep_tables(&cmd->s, &r, cmd->dir) ? EXIT_SOFTWARE : 0;
	if (!e && !status && cmd->shards == 1)
		e = keep_worst(cmd, &r);
	if (!e && !status && !cmd->quiet &&
	    sweep_text(stdout, &cmd->s, &r, cmd->dir, &style))
		e = EXIT_SOFTWARE;
	if (!e && !status)
		e = results_exit(&r);
	sweep_results_finish(&r);
	return status ? status : e;
}

static int sweep(struct sweep_cmd *cmd)
{
	struct sweep_results have;
	int r = open_dir(cmd);

	if (r)
		return r;
	if (sweep_results_read(&have, &cmd->s, cmd->dir))
		return EXIT_USAGE_ERROR;
	r = find_todo(cmd, &have);
	if (!r && have.n && !cmd->quiet)
		fprintf(stderr, "%s: %zu trials are there already\n", cmd->dir, have.n);
	sweep_results_finish(&have);
	if (!r)
		r = run_trials(cmd);
	return conclude(cmd, r);
}

/* --- options --- */

static int read_shard(const struct verb *v, const char *text, struct sweep_cmd *cmd)
{
	char *slash, *end;

	cmd->shard = cmd->shards = 1;
	if (!text)
		return 0;
	cmd->shard = strtoul(text, &slash, 10);
	if (*slash == '/' && text[0] != '-' && slash[1] != '-') {
		cmd->shards = strtoul(slash + 1, &end, 10);
		if (!*end && cmd->shard >= 1 && cmd->shard <= cmd->shards)
			return 0;
	}
	return opts_usage_error(v, "--shard is I/N with I from 1 to N, got '%s'", text);
}

/* `--phase 100 random 0s..2s` is one thing to a person, and three words to us. */
static char *join_phase(const char *phase, int argc, char **argv)
{
	char *text = phase ? strdup(phase) : NULL, *more;
	int i;

	for (i = 1; text && i < argc; i++) {
		more = textf("%s %s", text, argv[i]);
		free(text);
		text = more;
	}
	return text;
}

static const char about[] =
	"Runs CASE with its first fault at every phase: so much later than the timeline\n"
	"says (steps that count from it move along). With --set and --engine, all of that\n"
	"for each combination.\n"
	"\n"
	"  --phase 0ms..1s/10ms   a grid; --phase 100 random: drawn from one advert interval\n"
	"                         (--phase 100 random 0s..2s: from there)\n"
	"  --set advert_int=1,0.1 any number of the case or of the directors' configuration,\n"
	"                         by the word before it; loss=0%..10%/1% is a range.\n"
	"                         case.NAME and conf.NAME say where, if both have it\n"
	"\n"
	"The same command goes on where it was stopped. DIR has sweep.html, table.csv,\n"
	"table.jsonl, a line for each trial in trials/N.json, and the worst trial's run\n"
	"folder; `halbsim replay DIR/trials/N.json` runs one trial again and compares.\n"
	"\n"
	"Exit: the worst of its trials, as for `run`.";

static int main_(const struct verb *v, int argc, char **argv)
{
	struct sweep_cmd cmd = { .jobs = 1, .seed = 1 };
	const char *phase = NULL, *engine = NULL, *out = NULL, *shard = NULL;
	struct sweep_wish w;
	struct opt_list set = { .n = 0 };
	char *words = NULL, *root = NULL;
	const struct opt opt[] = {
		{ "phase", 'p', OPT_TEXT, &phase, "PHASES",
		  "FROM..TO/STEP or 'N random': how much later the first fault comes", 0, 0,
		  NULL },
		{ "set", 'S', OPT_LIST, &set, "NAME=V,V",
		  "a quantity's values; several times for several quantities", 0, 0, NULL },
		{ "engine", 'e', OPT_TEXT, &engine, "NAME,NAME",
		  "halbd, keepalived; by default what the case says, else halbd", 0, 0, NULL },
		{ "seed", 's', OPT_NUMBER, &cmd.seed, "N",
		  "of the first phase, the others count up; random phases too (1)", 0,
		  INT32_MAX, NULL },
		{ "jobs", 'j', OPT_NUMBER, &cmd.jobs, "N", "so many trials at a time (1)", 1,
		  512, NULL },
		{ "out", 'o', OPT_TEXT, &out, "DIR", "the sweep's folder (reports/sweep-CASE)",
		  0, 0, NULL },
		{ "shard", 0, OPT_TEXT, &shard, "I/N",
		  "every Nth trial, from the Ith on; then `halbsim merge`", 0, 0, NULL },
		{ "fresh", 0, OPT_FLAG, &cmd.fresh, NULL,
		  "remove the sweep that DIR holds first", 0, 0, NULL },
		{ "keep", 'k', OPT_FLAG, &cmd.common.keep, NULL,
		  "keep every trial's run folder, in DIR/runs/N", 0, 0, NULL },
		{ "quiet", 'q', OPT_FLAG, &cmd.quiet, NULL, "only the files", 0, 0, NULL },
		{ "kernel", 0, OPT_TEXT, &cmd.common.kernel, "VMLINUZ",
		  "the guest's kernel (what `make guest` fetched)", 0, 0, NULL },
		{ "modules", 0, OPT_TEXT, &cmd.common.modules, "DIR",
		  "its modules (beside it)", 0, 0, NULL },
		{ "limit", 0, OPT_NUMBER, &cmd.common.limit_s, "SECONDS",
		  "of wall time for a trial, then it is killed (600)", 1, 1000000, NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (!argc)
		return opts_usage_error(v, "which case? (halbsim list)");
	if (argc > 1 && (!phase || strcmp(argv[1], "random") != 0 || argc > 3))
		return opts_usage_error(v, "one case, got also '%s'", argv[1]);
	r = read_shard(v, shard, &cmd);
	if (r)
		return r;
	cmd.common.bare = !cmd.common.keep;
	cmd.common.share = true;
	root = data_root_for(argv[0]);
	if (!root) {
		log_warnx("no topologies/ here nor beside halbsim: run it where they are");
		return EXIT_USAGE_ERROR;
	}
	words = join_phase(phase, argc, argv);
	w = (struct sweep_wish){ .case_path = argv[0], .root = root, .phase = words,
				 .engine = engine, .set = set.v, .nset = set.n,
				 .seed = cmd.seed, .kernel = cmd.common.kernel };
	r = sweep_plan(&cmd.s, &w, &cmd.case_dir, &cmd.topo_dir);
	if (!r) {
		cmd.dir = out ? strdup(out) : textf("reports/sweep-%s", cmd.s.case_name);
		r = cmd.dir ? sweep(&cmd) : EXIT_SOFTWARE;
	}
	sweep_finish(&cmd.s);
	free(cmd.todo);
	free(cmd.case_dir);
	free(cmd.topo_dir);
	free(cmd.dir);
	free(words);
	free(root);
	return r;
}

const struct verb verb_sweep = {
	.name = "sweep",
	.args = "CASE",
	.summary = "the same fault at many phases: the distribution",
	.about = about,
	.run = main_,
};
