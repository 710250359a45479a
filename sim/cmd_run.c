/* halbsim run: cases, one by one or side by side. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "block.h"
#include "clock.h"
#include "cmd.h"
#include "engines_page.h"
#include "guest.h"
#include "job.h"
#include "keep.h"
#include "live_dir.h"
#include "log.h"
#include "paths.h"
#include "pool.h"
#include "progress_view.h"
#include "quantity.h"
#include "run.h"
#include "rundir.h"
#include "span.h"
#include "tree.h"

enum which { WHICH_CASE, WHICH_HALBD, WHICH_KEEPALIVED, WHICH_BOTH };

struct planned {
	char *path, *root;
	enum engine engine;
	uint64_t seed;
	char *dir; /* the run's folder; NULL: none came about */
	int64_t wall_ns;
	int status;
};

struct run_cmd {
	struct job common;
	uint64_t seed, jobs, repeat;
	struct opt_list set;
	char *setting[2 * OPT_LIST_MAX + 1]; /* NAME and VALUE in turn */
	int time, engine;
	bool quiet, stay, stay_on_error;
	const char *name; /* of the site that stays */
	struct planned *v;
	size_t n;
	/* as they end */
	size_t ndone;
	bool counted; /* drawn */
	int worst;
	size_t count[5]; /* held, failed, inconclusive, skipped, in error */
};

static const char *const times[] = { "virtual", "real", NULL };
static const char *const engines[] = { "case", "halbd", "keepalived", "both", NULL };

/* --- what is to be run --- */

static int plan_one(struct run_cmd *cmd, const char *path, const char *root,
		    enum engine engine)
{
	uint64_t i;

	for (i = 0; i < cmd->repeat; i++) {
		struct planned *v = realloc(cmd->v, (cmd->n + 1) * sizeof(*v));

		if (!v)
			return EXIT_SOFTWARE;
		cmd->v = v;
		v[cmd->n] = (struct planned){ .path = strdup(path),
					      .root = strdup(root),
					      .engine = engine,
					      .seed = cmd->seed + i };
		if (!v[cmd->n].path || !v[cmd->n].root)
			return EXIT_SOFTWARE;
		cmd->n++;
	}
	return 0;
}

/* NAME=VALUE of --set, cut in two. */
static int read_settings(const struct verb *v, struct run_cmd *cmd)
{
	size_t i, n = 0;
	char *eq;

	for (i = 0; i < cmd->set.n; i++) {
		eq = strchr(cmd->set.v[i], '=');
		if (!eq || eq == cmd->set.v[i] || !quantity_is(eq + 1, strlen(eq + 1)))
			return opts_usage_error(v, "--set takes NAME=VALUE, with a number in "
						"VALUE, got '%s'", cmd->set.v[i]);
		cmd->setting[n++] = strndup(cmd->set.v[i], (size_t)(eq - cmd->set.v[i]));
		cmd->setting[n++] = strdup(eq + 1);
		if (!cmd->setting[n - 2] || !cmd->setting[n - 1])
			return EXIT_SOFTWARE;
	}
	cmd->common.set = (const char *const *)cmd->setting;
	return 0;
}

/* Whether the case has all that is to be set. */
static int check_settings(const struct run_cmd *cmd, const struct case_ *c)
{
	struct quantity_files q = { c->dir, c->topo->dir };
	size_t i;

	for (i = 0; cmd->setting[i]; i += 2)
		if (quantity_set(&q, cmd->setting[i], NULL) < 0)
			return EXIT_USAGE_ERROR;
	return 0;
}

/*
 * Every case is read before anything is started: an error in the last one must
 * not cost the time of the first.
 */
static int plan(struct run_cmd *cmd, const char *arg)
{
	struct block_diag d = { .out = stderr };
	char *root = data_root_for(arg);
	struct case_ *c;
	int e = 0;

	if (!root) {
		log_warnx("no topologies/ here nor beside halbsim: run it where they are");
		return EXIT_USAGE_ERROR;
	}
	c = case_load(arg, root, &d);
	if (!c) {
		e = EXIT_USAGE_ERROR;
		goto out;
	}
	e = check_settings(cmd, c);
	if (e)
		goto out;
	switch ((enum which)cmd->engine) {
	case WHICH_CASE:
		e = plan_one(cmd, c->dir, root, c->engine_only ? c->engine : ENGINE_HALBD);
		break;
	case WHICH_HALBD:
		e = plan_one(cmd, c->dir, root, ENGINE_HALBD);
		break;
	case WHICH_KEEPALIVED:
		e = plan_one(cmd, c->dir, root, ENGINE_KEEPALIVED);
		break;
	case WHICH_BOTH:
		if (!c->engine_only || c->engine == ENGINE_HALBD)
			e = plan_one(cmd, c->dir, root, ENGINE_HALBD);
		if (!e && (!c->engine_only || c->engine == ENGINE_KEEPALIVED))
			e = plan_one(cmd, c->dir, root, ENGINE_KEEPALIVED);
		break;
	}
out:
	case_free(c);
	free(root);
	return e;
}

static int plan_all(struct run_cmd *cmd, int n, char **arg)
{
	int e = 0, i;

	for (i = 0; i < n; i++)
		e = exit_worst(e, plan(cmd, arg[i]));
	return e;
}

/* --- in the child --- */

/* The longest gap and the failed requests, of all traffic. */
static void headline(FILE *out, const struct report *r)
{
	char a[SPAN_LEN];
	int64_t longest;
	uint64_t failed;

	measures_totals(&r->m, &longest, &failed);
	if (r->m.ntraffic)
		fprintf(out, "longest gap %s ms, %ju failed", span_ms(a, longest),
			(uintmax_t)failed);
}

static void short_report(FILE *out, const struct report *r, const struct style *s)
{
	size_t i;

	headline(out, r);
	fputc('\n', out);
	for (i = 0; i < r->nreason; i++)
		fprintf(out, "      inconclusive: %s\n", r->reason[i]);
	for (i = 0; i < r->expect.n; i++) {
		const struct expect_result *x = &r->expect.v[i];

		if (x->outcome != EXPECT_HELD)
			fprintf(out, "      %s %s: %s\n", style_mark(s, x->outcome),
				expect_text(x->of), x->actual);
	}
	if (r->verdict != VERDICT_HELD)
		fprintf(out, "      halbsim report %s\n", r->dir);
}

struct showing {
	const struct run_cmd *cmd;
	FILE *out;
	int64_t began_ns;
};

static void show(const struct report *r, void *arg)
{
	const struct showing *sh = arg;
	struct style s = style_for(stdout);

	progress_over(sh->cmd->common.progress);
	/* For the parent alone. */
	fprintf(sh->out, "%jd %s\n", (intmax_t)(clock_now() - sh->began_ns), r->dir);
	if (sh->cmd->n == 1 && !sh->cmd->quiet)
		report_text(stdout, r, &s);
	else
		short_report(sh->out, r, &s);
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

static const char *word_of(int status)
{
	switch (status) {
	case EXIT_HELD:
		return "held";
	case EXIT_FAILED:
		return "failed";
	case EXIT_INCONCLUSIVE:
		return "inconclusive";
	case EXIT_SKIPPED:
		return "skipped";
	default:
		return status > 128 ? "killed" : "error";
	}
}

static size_t slot_of(int status)
{
	switch (status) {
	case EXIT_HELD:
		return 0;
	case EXIT_FAILED:
		return 1;
	case EXIT_INCONCLUSIVE:
		return 2;
	case EXIT_SKIPPED:
		return 3;
	default:
		return 4;
	}
}

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

/* On a terminal, one line under those that have ended. */
static void draw_count(void *arg)
{
	struct run_cmd *cmd = arg;
	size_t left = cmd->n - cmd->ndone;

	fprintf(stderr, "\r%zu of %zu done, %zu under way\033[K", cmd->ndone, cmd->n,
		left < cmd->jobs ? left : (size_t)cmd->jobs);
	fflush(stderr);
	cmd->counted = true;
}

static void wipe_count(struct run_cmd *cmd)
{
	if (cmd->counted)
		fputs("\r\033[K", stderr);
	cmd->counted = false;
}

static void look(void *arg)
{
	progress_view_look(arg);
}

static void done(size_t i, int status, const char *text, void *arg)
{
	struct run_cmd *cmd = arg;
	struct planned *p = &cmd->v[i];
	struct style s = style_for(stdout);
	enum expect_outcome o = status == EXIT_HELD   ? EXPECT_HELD :
				status == EXIT_FAILED ? EXPECT_NOT_HELD :
							EXPECT_UNDECIDED;

	text = take_dir(p, text);
	p->status = status;
	cmd->ndone++;
	wipe_count(cmd);
	cmd->worst = exit_worst(cmd->worst, status);
	cmd->count[slot_of(status)]++;
	if (cmd->n == 1 && !cmd->quiet)
		return;
	if (cmd->n == 1)
		printf("%s %s\n", path_base(p->path), word_of(status));
	else if (!*text || cmd->quiet)
		printf("%s %-22s %-11s seed %-4ju %s\n", style_mark(&s, o),
		       path_base(p->path), engine_name(p->engine), (uintmax_t)p->seed,
		       word_of(status));
	else
		printf("%s %-22s %-11s seed %-4ju %-13s %s", style_mark(&s, o),
		       path_base(p->path), engine_name(p->engine), (uintmax_t)p->seed,
		       word_of(status), text);
	fflush(stdout);
}

/* Those that took longest, and those that did not hold: who has many looks for these. */
static void name_some(const struct run_cmd *cmd)
{
	const struct planned *slow = NULL;
	char a[SPAN_LEN];
	size_t i;

	for (i = 0; i < cmd->n; i++)
		if (!slow || cmd->v[i].wall_ns > slow->wall_ns)
			slow = &cmd->v[i];
	if (slow && slow->wall_ns)
		printf("slowest: %s with %s, seed %ju, %s\n", path_base(slow->path),
		       engine_name(slow->engine), (uintmax_t)slow->seed,
		       span_text(a, slow->wall_ns / (100 * NS_PER_MS) * (100 * NS_PER_MS)));
	for (i = 0; i < cmd->n; i++)
		if (cmd->v[i].status != EXIT_HELD)
			printf("%s: %s with %s, seed %ju%s%s\n", word_of(cmd->v[i].status),
			       path_base(cmd->v[i].path), engine_name(cmd->v[i].engine),
			       (uintmax_t)cmd->v[i].seed, cmd->v[i].dir ? ", " : "",
			       cmd->v[i].dir ? cmd->v[i].dir : "");
}

static void summary(const struct run_cmd *cmd, int64_t wall_ns)
{
	static const char *const names[] = { "held", "failed", "inconclusive", "skipped",
					     "in error" };
	char a[SPAN_LEN];
	size_t i;

	printf("\n%zu runs: ", cmd->n);
	for (i = 0; i < 5; i++)
		if (cmd->count[i] || !i)
			printf("%s%zu %s", i ? ", " : "", cmd->count[i], names[i]);
	printf("; %s\n", span_text(a, wall_ns / (100 * NS_PER_MS) * (100 * NS_PER_MS)));
	if (!cmd->quiet)
		name_some(cmd);
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
		pool_tick(isatty(STDERR_FILENO) ? PROGRESS_MS : 0, draw_count, cmd);
		r = pool_run(cmd->n, jobs, work, done, cmd);
		wipe_count(cmd);
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
	size_t jobs = cmd->jobs < cmd->n ? cmd->jobs : cmd->n;
	int r;

	if (!cmd->common.real && cmd->n > 1) {
		struct guest_opts g = { .kernel = cmd->common.kernel,
					.modules = cmd->common.modules,
					.console_fd = -1 };

		/* Once for all, so that the workers do not each boot one. */
		r = cmd->common.cold ? 0 : guest_prepare(&g);
		if (r)
			return r == -ENOENT ? EXIT_SKIPPED : EXIT_SOFTWARE;
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
		summary(cmd, clock_now() - began);
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
	r = read_settings(v, &cmd);
	if (!r)
		r = plan_all(&cmd, argc, argv);
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
