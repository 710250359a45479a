/* What `halbsim run` is to run: cases, engines, seeds, quantities. */
#include "cmd_run.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "log.h"
#include "paths.h"
#include "quantity.h"
#include "run.h"

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
int run_plan_settings(const struct verb *v, struct run_cmd *cmd)
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

int run_plan_all(struct run_cmd *cmd, int n, char **arg)
{
	int e = 0, i;

	for (i = 0; i < n; i++)
		e = exit_worst(e, plan(cmd, arg[i]));
	return e;
}
