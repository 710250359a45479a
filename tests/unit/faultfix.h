/* A site with faults applied to it, each awaited. */
#ifndef FAULTFIX_H
#define FAULTFIX_H

#include "sitefix.h"

#include "fault.h"

struct faultfix {
	struct sitefix s;
	struct fault_env env;
	struct fault_result res;
	int ndone, nstarted;
	const char *program; /* what start() runs as "engine" */
};

static struct faultfix *fix; /* sitefix_wait() knows only its own struct */

static inline int start_cb(const char *node, const char *what, void *arg)
{
	struct faultfix *f = arg;
	char *web[] = { (char *)sitefix_program("halbweb"), (char *)"-p", (char *)"80",
			(char *)"-b", (char *)"hello", NULL };
	char *engine[] = { (char *)"sh", (char *)"-c", (char *)f->program, NULL };
	pid_t pid;

	pid = site_spawn(site_node(f->s.site, node), what,
			 !strcmp(what, "web") ? web : engine);
	f->nstarted++;
	return pid < 0 ? (int)pid : 0;
}

static inline void done_cb(const struct fault_result *res, void *arg)
{
	struct faultfix *f = arg;

	f->res = *res;
	f->ndone++;
}

static inline bool is_done(struct sitefix *s)
{
	(void)s;
	return fix->ndone > 0;
}

static inline void fix_build_with(struct faultfix *f, const char *conf)
{
	memset(f, 0, sizeof(*f));
	sitefix_build(&f->s, conf);
	f->env.site = f->s.site;
	f->env.start = start_cb;
	f->env.arg = f;
	f->program = "trap 'exit 7' TERM; trap : HUP; sleep 1000 & while :; do wait; done";
	fix = f;
}

static inline void fix_free(struct faultfix *f)
{
	fault_env_finish(&f->env);
	sitefix_free(&f->s);
}

/* Applies a fault and waits for its result. */
static inline bool apply(struct faultfix *f, const char *statement)
{
	char text[128], *argv[16], *save = NULL;
	size_t argc = 0;

	snprintf(text, sizeof(text), "%s", statement);
	for (argv[0] = strtok_r(text, " ", &save); argv[argc];)
		argv[++argc] = strtok_r(NULL, " ", &save);
	f->ndone = 0;
	assert_int_equal(fault_apply(&f->env, argv, argc, done_cb, f), 0);
	sitefix_wait(&f->s, is_done, statement);
	assert_int_equal(f->ndone, 1);
	assert_null(f->env.jobs);
	return f->res.effective;
}

static inline void works(struct faultfix *f, const char *statement, const char *proof)
{
	if (!apply(f, statement) || !strstr(f->res.proof, proof))
		fail_msg("'%s': wanted '%s', got %s: %s", statement, proof,
			 f->res.effective ? "effect" : "no effect", f->res.proof);
	assert_true(f->res.at_ns <= clock_now());
}

static inline void vain(struct faultfix *f, const char *statement, const char *proof)
{
	if (apply(f, statement) || !strstr(f->res.proof, proof))
		fail_msg("'%s': wanted '%s', got %s: %s", statement, proof,
			 f->res.effective ? "effect" : "no effect", f->res.proof);
}

#endif
