/* halbsim clean: what a dead run left behind, and only that. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "cmd.h"
#include "cpu_group.h"
#include "live_clean.h"
#include "log.h"
#include "run.h"
#include "rundir.h"
#include "tree.h"

struct cleaning {
	bool dry_run;
	size_t found, failed;
};

static void one(const char *path, void *arg)
{
	struct cleaning *c = arg;
	int r = 0;

	c->found++;
	if (!c->dry_run)
		r = tree_remove(path);
	if (r) {
		errno = -r;
		log_warn("cannot remove %s", path);
		c->failed++;
		return;
	}
	printf("%s %s (a run that never ended)\n", c->dry_run ? "would remove" : "removed",
	       path);
}

static void one_process(const struct clean_proc *p, void *arg)
{
	struct cleaning *c = arg;

	c->found++;
	printf("%s process %d, %s%s%s (of run %s)\n",
	       c->dry_run ? "would kill" : "killed", (int)p->pid, p->name,
	       *p->node ? " in " : "", p->node, p->run_id);
}

static void one_group(const char *path, void *arg)
{
	struct cleaning *c = arg;

	c->found++;
	printf("%s %s (nobody is in it)\n", c->dry_run ? "would remove" : "removed", path);
}

static int main_(const struct verb *v, int argc, char **argv)
{
	struct cleaning c = { 0 };
	struct live_clean live = { 0 };
	const char *out = "reports";
	const struct opt opt[] = {
		{ "dry-run", 'n', OPT_FLAG, &c.dry_run, NULL, "only say what would go", 0, 0,
		  NULL },
		{ "all", 'a', OPT_FLAG, &live.all, NULL, "end sites that are up, too", 0, 0,
		  NULL },
		{ "out", 'o', OPT_TEXT, &out, "DIR", "where run folders are (reports)", 0, 0,
		  NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc)
		return opts_usage_error(v, "takes no words, got '%s'", argv[0]);
	live.dry_run = c.dry_run;
	r = live_clean(&live);
	if (r < 0) {
		errno = -r;
		log_warn("cannot look for sites");
		return EXIT_SOFTWARE;
	}
	c.found += live.found;
	c.failed += live.failed;
	r = clean_processes(c.dry_run, one_process, &c);
	if (r < 0) {
		errno = -r;
		log_warn("cannot look through the processes");
		return EXIT_SOFTWARE;
	}
	r = cpu_group_clean(c.dry_run, one_group, &c);
	if (r < 0) {
		errno = -r;
		log_warn("cannot look through the control groups");
		return EXIT_SOFTWARE;
	}
	r = rundir_stale(out, one, &c);
	if (r < 0) {
		errno = -r;
		log_warn("cannot look through %s", out);
		return EXIT_SOFTWARE;
	}
	if (!c.found)
		puts("nothing to clean");
	return c.failed ? EXIT_SOFTWARE : EXIT_HELD;
}

const struct verb verb_clean = {
	.name = "clean",
	.args = "",
	.summary = "what a dead run left behind, and only that",
	.about = "Removes what carries halbsim's own mark and belongs to no living run:\n"
		 "processes, with the namespaces that live by them, control groups of slow\n"
		 "nodes, unfinished run folders, sites whose holder was killed. Nothing\n"
		 "without the mark is touched; a site that is up is only named, unless --all.",
	.run = main_,
};
