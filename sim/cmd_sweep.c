/* halbsim sweep: one case many times over, and how the figures are spread. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "log.h"
#include "paths.h"
#include "quantity.h"
#include "run.h"
#include "span.h"
#include "sweep_run.h"

static int read_shard(const struct verb *v, const char *text, struct sweep_run *cmd)
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
	struct sweep_run cmd = { .jobs = 1, .seed = 1 };
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
		r = cmd.dir ? sweep_run(&cmd) : EXIT_SOFTWARE;
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
