/* halbsim run: cases, one by one or side by side. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "cmd_run.h"
#include "engines_page.h"
#include "guest.h"
#include "keep.h"
#include "live_dir.h"
#include "log.h"
#include "paths.h"
#include "pool.h"
#include "progress_view.h"
#include "run.h"
#include "span.h"
#include "tree.h"

static const char *const times[] = { "virtual", "real", NULL };
static const char *const engines[] = { "case", "halbd", "keepalived", "both", NULL };

/* --- in the child --- */

struct showing {
	const struct run_cmd *cmd;
	FILE *out;
	int64_t began_ns;
};

static void show(const struct report *r, void *arg)
{
	const struct showing *sh = arg;

	progress_over(sh->cmd->common.progress);
	/* For the parent alone. */
	fprintf(sh->out, "%jd %s\n", (intmax_t)(clock_now() - sh->began_ns), r->dir);
	run_show_report(sh->out, r, sh->cmd);
	fflush(sh->out);
}

static int work(size_t i, FILE *out, void *arg)
{
	struct run_cmd *cmd = arg;
	struct showing sh = { cmd, out, clock_now() };
	const struct keep keep = { cmd->stay, cmd->name, show, &sh };
	struct job j = cmd->common;
	struct report r;
	bool ran;
	int e;

	j.case_path = cmd->v[i].path;
	j.root = cmd->v[i].root;
	j.engine = cmd->v[i].engine;
	j.seed = cmd->v[i].seed;
	if (cmd->stay || cmd->stay_on_error)
		return keep_run(&j, &keep);
	e = job_run(&j, &r, &ran);
	if (!ran)
		return e;
	show(&r, &sh);
	report_finish(&r);
	return e;
}

/* --- in the parent --- */

/* Takes the run's folder off the first line of what its child said. */
static const char *take_dir(struct planned *p, const char *text)
{
	const char *end = strchr(text, '\n');
	char *dir;

	if (!end)
		return text;
	p->wall_ns = strtoll(text, &dir, 10);
	p->dir = strndup(dir + 1, (size_t)(end - dir - 1));
	return end + 1;
}

static void look(void *arg)
{
	progress_view_look(arg);
}

static void done(size_t i, int status, const char *text, void *arg)
{
	struct run_cmd *cmd = arg;
	struct planned *p = &cmd->v[i];

	text = take_dir(p, text);
	p->status = status;
	cmd->ndone++;
	run_show_no_count(cmd);
	cmd->worst = exit_worst(cmd->worst, status);
	cmd->count[run_show_slot(status)]++;
	run_show_end(cmd, p, text);
}

/* The same case and seed with either engine. */
static bool is_pair(const struct planned *a, const struct planned *b)
{
	return a->dir && b->dir && a->engine != b->engine && a->seed == b->seed &&
	       !strcmp(a->path, b->path);
}

static void write_pairs(struct run_cmd *cmd)
{
	size_t i, k;

	for (i = 0; i < cmd->n; i++)
		for (k = i + 1; k < cmd->n; k++) {
			const char *dirs[] = { cmd->v[i].dir, cmd->v[k].dir };
			char *path;

			if (!is_pair(&cmd->v[i], &cmd->v[k]))
				continue;
			if (engines_page_write(&path, dirs, 2, cmd->v[i].seed))
				cmd->worst = EXIT_SOFTWARE;
			else if (!cmd->quiet)
				printf("both engines of %s: %s\n",
				       path_base(cmd->v[i].path), path);
			free(path);
		}
}

static void remove_stale(const char *path, void *arg)
{
	(void)arg;
	tree_remove(path);
}

/* One run is shown as it goes, of several how many are done. */
static int run_pool(struct run_cmd *cmd, size_t jobs)
{
	struct progress_view view;
	char *title = NULL;
	int r;

	if (cmd->quiet)
		return pool_run(cmd->n, jobs, work, done, cmd);
	if (cmd->n > 1) {
		pool_tick(isatty(STDERR_FILENO) ? PROGRESS_MS : 0, run_show_count, cmd);
		r = pool_run(cmd->n, jobs, work, done, cmd);
		run_show_no_count(cmd);
		pool_tick(0, NULL, NULL);
		return r;
	}
	title = textf("%s  %s, %s time", path_base(cmd->v[0].path),
		      engine_name(cmd->v[0].engine), times[cmd->time]);
	cmd->common.progress = title ? progress_shared() : NULL;
	if (!cmd->common.progress || progress_view_init(&view, cmd->common.progress, title)) {
		free(title);
		return -ENOMEM;
	}
	pool_tick(PROGRESS_MS, look, &view);
	r = pool_run(cmd->n, jobs, work, done, cmd);
	progress_view_look(&view);
	progress_view_finish(&view);
	pool_tick(0, NULL, NULL);
	free(title);
	return r;
}

static int run_all(struct run_cmd *cmd)
{
	int64_t began = clock_now();
	size_t jobs = cmd->jobs < cmd->n ? cmd->jobs : cmd->n, i;
	int r;

	if (!cmd->common.real && cmd->n > 1) {
		struct guest_opts g = { .kernel = cmd->common.kernel,
					.modules = cmd->common.modules,
					.console_fd = -1 };

		/* Once for all, so that the workers do not each boot one. */
		r = cmd->common.cold ? 0 : guest_prepare(&g);
		if (r)
			return r == -ENOENT ? EXIT_SKIPPED : EXIT_SOFTWARE;
		for (i = 0; i < cmd->n; i++)
			job_know_engine(cmd->v[i].engine);
	}
	r = run_pool(cmd, jobs);
	if (r) {
		rundir_stale(cmd->common.out, remove_stale, NULL);
		if (r < 0) {
			errno = -r;
			log_warn("cannot run");
			return EXIT_SOFTWARE;
		}
		return r;
	}
	if (cmd->n > 1)
		run_show_summary(cmd, clock_now() - began);
	write_pairs(cmd);
	return cmd->worst;
}

static const char about[] =
	"CASE is a folder with a case.conf, the file itself, or a name under cases/.\n"
	"Each run lands in reports/CASE/RUN/: report.json, report.txt, events.jsonl,\n"
	"logs/NODE.log, the configuration it ran with; reports/CASE/latest is the last.\n"
	"With both engines reports/CASE/engines-seedN.html shows them side by side.\n"
	"\n"
	"Virtual time needs no root: the case runs in a small guest, in which one\n"
	"instruction is one nanosecond and the same seed gives the same bytes. Real time\n"
	"runs it in this machine's own kernel.\n"
	"\n"
	"Exit: 0 every expectation held, 1 one did not, 2 inconclusive, 4 something\n"
	"needed is missing, 64 wrong usage or a file in error, 70 halbsim itself failed.\n"
	"Of several runs the worst counts, in the order 70, 64, 1, 2, 4, 0.";

static int main_(const struct verb *v, int argc, char **argv)
{
	struct run_cmd cmd = { .common = { .out = "reports" },
			       .seed = 1,
			       .jobs = 1,
			       .repeat = 1 };
	const struct opt opt[] = {
		{ "seed", 's', OPT_NUMBER, &cmd.seed, "N",
		  "everything random in the run comes from it (1)", 0, INT32_MAX, NULL },
		{ "time", 't', OPT_CHOICE, &cmd.time, "KIND", "virtual (default) or real", 0,
		  0, times },
		{ "engine", 'e', OPT_CHOICE, &cmd.engine, "NAME",
		  "halbd, keepalived or both; by default what the case says, else halbd", 0,
		  0, engines },
		{ "jobs", 'j', OPT_NUMBER, &cmd.jobs, "N", "so many runs at a time (1)", 1,
		  512, NULL },
		{ "repeat", 'r', OPT_NUMBER, &cmd.repeat, "N",
		  "each case so often, with seeds counting up from --seed (1)", 1, 100000,
		  NULL },
		{ "set", 'S', OPT_LIST, &cmd.set, "NAME=VALUE",
		  "any number of the case or of the directors' configuration, otherwise: "
		  "rate=500/s, advert_int=0.1; web=500 of a topology's many servers",
		  0, 0, NULL },
		{ "out", 'o', OPT_TEXT, &cmd.common.out, "DIR",
		  "where run folders go (reports)", 0, 0, NULL },
		{ "pcap", 'p', OPT_FLAG, &cmd.common.pcap, NULL,
		  "keep every frame in captures/LINK.pcapng (costs time at each frame)", 0,
		  0, NULL },
		{ "quiet", 'q', OPT_FLAG, &cmd.quiet, NULL, "verdicts only", 0, 0, NULL },
		{ "keep", 'k', OPT_FLAG, &cmd.stay, NULL,
		  "leave the site up when its case is over, to walk around in (halbsim status); "
		  "keep the folder of a run in which halbsim itself failed", 0, 0, NULL },
		{ "pause-on-error", 0, OPT_FLAG, &cmd.stay_on_error, NULL,
		  "the same, when the verdict is not 'held'", 0, 0, NULL },
		{ "name", 'n', OPT_TEXT, &cmd.name, "NAME",
		  "what a site that stays is called (as its case)", 0, 0, NULL },
		{ "kernel", 0, OPT_TEXT, &cmd.common.kernel, "VMLINUZ",
		  "the guest's kernel (what `make guest` fetched)", 0, 0, NULL },
		{ "modules", 0, OPT_TEXT, &cmd.common.modules, "DIR",
		  "its modules (beside it)", 0, 0, NULL },
		{ "cold", 0, OPT_FLAG, &cmd.common.cold, NULL,
		  "boot the guest instead of restoring a saved one", 0, 0, NULL },
		{ "limit", 0, OPT_NUMBER, &cmd.common.limit_s, "SECONDS",
		  "of wall time for a guest, then it is killed (600)", 1, 1000000, NULL },
	};
	size_t k;
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (!argc)
		return opts_usage_error(v, "which case? (halbsim list)");
	cmd.common.real = cmd.time == 1;
	cmd.common.keep = cmd.stay;
	if (cmd.name && !live_name_ok(cmd.name))
		return opts_usage_error(v, "a name has letters, digits, '.', '_' and '-', at "
					   "most %d of them; got '%s'", LIVE_NAME_MAX, cmd.name);
	r = run_plan_settings(v, &cmd);
	if (!r)
		r = run_plan_all(&cmd, argc, argv);
	if (!r)
		r = run_all(&cmd);
	for (k = 0; k < cmd.n; k++) {
		free(cmd.v[k].path);
		free(cmd.v[k].root);
		free(cmd.v[k].dir);
	}
	free(cmd.v);
	for (k = 0; k < 2 * OPT_LIST_MAX; k++)
		free(cmd.setting[k]);
	return r;
}

const struct verb verb_run = {
	.name = "run",
	.args = "CASE…",
	.summary = "run cases and report what the clients saw",
	.about = about,
	.run = main_,
};
