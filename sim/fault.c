/* Implementation for faults: the table, dispatch, and waiting for effects. */
#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "block.h"
#include "clock.h"
#include "fault_impl.h"

/* How often an effect is looked for: soon at first, then ever less often. */
#define FIRST_LOOK_NS (200 * NS_PER_US)
#define LAST_LOOK_NS  (50 * NS_PER_MS)

const struct fault_type fault_types[] = {
	{ "crash", "crash NODE", fault_words_node, fault_crash },
	{ "boot", "boot NODE", fault_words_node, fault_boot },
	{ "kill", "kill NODE [engine|web]", fault_words_node_what, fault_kill },
	{ "stop", "stop NODE [engine|web]", fault_words_node_what, fault_stop },
	{ "start", "start NODE [engine|web]", fault_words_node_what, fault_start },
	{ "reload", "reload NODE [engine|web]", fault_words_node_what, fault_reload },
	{ "pause", "pause NODE [engine|web]", fault_words_node_any, fault_pause },
	{ "resume", "resume NODE [engine|web]", fault_words_node_any, fault_resume },
	{ "link_down", "link_down NODE[:IF] [node|switch|cable]", fault_words_link,
	  fault_link_down },
	{ "link_up", "link_up NODE[:IF] [node|switch|cable]", fault_words_link,
	  fault_link_up },
	{ "cut", "cut NODE NODE [one-way|both] [PROTOCOL]", fault_words_cut, fault_cut },
	{ "drop", "drop NODE[:IF]|LINK [in|out] [PROTOCOL]", fault_words_drop, fault_drop },
	{ "loss", "loss NODE[:IF]|LINK SHARE [in|out] [PROTOCOL]", fault_words_share,
	  fault_loss },
	{ "duplicate", "duplicate NODE[:IF]|LINK SHARE [in|out] [PROTOCOL]", fault_words_share,
	  fault_impair },
	{ "reorder", "reorder NODE[:IF]|LINK SHARE [in|out] [PROTOCOL]", fault_words_share,
	  fault_impair },
	{ "delay", "delay NODE[:IF]|LINK SPAN [in|out] [PROTOCOL]", fault_words_span,
	  fault_impair },
	{ "jitter", "jitter NODE[:IF]|LINK SPAN [in|out] [PROTOCOL]", fault_words_span,
	  fault_impair },
	{ "rate", "rate NODE[:IF]|LINK BITS [in|out] [PROTOCOL]", fault_words_bits, fault_impair },
	{ "arp_freeze", "arp_freeze NODE[:IF]|LINK", fault_words_target,
	  fault_arp_freeze },
	{ "heal", "heal NODE[:IF]|LINK, or heal NODE NODE", fault_words_heal,
	  fault_heal },
	{ "backend", "backend dead|hang|slow SPAN|error STATUS|heal NODE",
	  fault_words_backend, fault_backend },
	{ "cpu", "cpu NODE SHARE", fault_words_cpu, fault_cpu },
	{ "exec", "exec NODE -- COMMAND...", fault_words_exec, fault_exec },
	{ 0 },
};

#define NTYPES (sizeof(fault_types) / sizeof(fault_types[0]) - 1)

const char *const *fault_names(void)
{
	static const char *names[NTYPES + 1];
	size_t i;

	for (i = 0; i < NTYPES; i++)
		names[i] = fault_types[i].name;
	return names;
}

int fault_check_words(const struct block_stmt *s, char *const *argv, size_t argc,
		      const struct topology *t, struct block_diag *d)
{
	struct fault_words w = { .topo = t, .argv = argv, .argc = argc };
	struct fault_call c;
	int r = fault_read(&c, &w);

	if (r < 0)
		block_error_at(d, s, w.at, "%s", w.error);
	return r;
}

const char *const *fault_usages(void)
{
	static const char *usages[NTYPES + 1];
	size_t i;

	for (i = 0; i < NTYPES; i++)
		usages[i] = fault_types[i].usage;
	return usages;
}

int fault_check(const struct block_stmt *s, const struct topology *t,
		struct block_diag *d)
{
	char **argv = calloc(s->nword + 1, sizeof(*argv));
	size_t i;
	int r;

	if (!argv) {
		block_error_at(d, s, 0, "out of memory");
		return -1;
	}
	for (i = 0; i < s->nword; i++)
		argv[i] = s->word[i].text;
	r = fault_check_words(s, argv, s->nword, t, d);
	free(argv);
	return r;
}

static void free_job(struct fault_job *j)
{
	struct fault_job **at;

	for (at = &j->env->jobs; *at && *at != j; at = &(*at)->next)
		;
	if (*at)
		*at = j->next;
	loop_timer_cancel(j->env->site->o.loop, &j->timer);
	loop_fd_del(j->env->site->o.loop, &j->watch);
	if (j->fd >= 0)
		close(j->fd);
	free(j->pids);
	free(j);
}

void fault_done(struct fault_job *j, bool effective, const char *fmt, ...)
{
	struct fault_result res = j->res;
	fault_done_cb *done = j->done;
	void *arg = j->arg;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(res.proof, sizeof(res.proof), fmt, ap);
	va_end(ap);
	res.effective = effective;
	free_job(j);
	done(&res, arg);
}

/* The first job after this id: callbacks may have changed the list meanwhile. */
static struct fault_job *job_after(const struct fault_env *env, uint64_t id)
{
	struct fault_job *j;

	for (j = env->jobs; j && j->id <= id; j = j->next)
		;
	return j;
}

static bool is_pending(const struct fault_env *env, uint64_t id)
{
	const struct fault_job *j = job_after(env, id - 1);

	return j && j->id == id;
}

static void look_again(struct loop_timer *t, void *arg)
{
	struct fault_job *j = arg;
	struct loop *l = j->env->site->o.loop;
	struct fault_env *env = j->env;
	uint64_t id = j->id;

	(void)t;
	if (clock_now() - j->started_ns >= FAULT_PATIENCE_NS) {
		fault_done(j, false, "no effect seen within %d s",
			   (int)(FAULT_PATIENCE_NS / NS_PER_S));
		return;
	}
	if (j->look)
		j->look(j);
	if (!is_pending(env, id))
		return;
	j->wait_ns = j->wait_ns * 2 < LAST_LOOK_NS ? j->wait_ns * 2 : LAST_LOOK_NS;
	loop_timer_set(l, &j->timer, clock_now() + j->wait_ns);
}

/* Something ended in the site: whoever waits for that looks at once. */
static void ended(struct site_node *n, pid_t pid, int status, void *arg)
{
	struct fault_env *env = arg;
	struct fault_job *j;
	uint64_t id;

	for (j = env->jobs; j; j = job_after(env, id)) {
		id = j->id;
		if (j->n != n)
			continue;
		if (pid && j->pid == pid) {
			j->ended = true;
			j->status = status;
		}
		if (j->look)
			j->look(j);
	}
}

static struct fault_job *job_new(struct fault_env *env, fault_done_cb *done, void *arg)
{
	struct fault_job *j = calloc(1, sizeof(*j)), **at;

	if (!j)
		return NULL;
	j->id = ++env->last_id;
	j->env = env;
	j->done = done;
	j->arg = arg;
	j->fd = -1;
	j->started_ns = j->res.at_ns = clock_now();
	j->wait_ns = FIRST_LOOK_NS;
	loop_timer_init(&j->timer, look_again, j);
	for (at = &env->jobs; *at; at = &(*at)->next)
		;
	*at = j; /* in the order in which they were applied */
	return j;
}

int fault_apply(struct fault_env *env, char *const *argv, size_t argc,
		fault_done_cb *done, void *arg)
{
	struct fault_words w = { .argv = argv,
				 .argc = argc,
				 .topo = env->site->o.topo };
	struct fault_job *j = job_new(env, done, arg);
	uint64_t id = env->last_id;
	int r;

	if (!j)
		return -ENOMEM;
	r = fault_read(&j->call, &w) < 0 ? -EINVAL : 0;
	if (r == 0 && j->call.node)
		j->n = site_node(env->site, j->call.node->name);
	j->argv = argv;
	j->argc = argc;
	env->site->ended_cb = ended;
	env->site->ended_arg = env;
	if (r == 0)
		r = j->call.type->apply(j);
	if (r < 0) {
		if (is_pending(env, id))
			free_job(j);
		return r;
	}
	if (is_pending(env, id) && j->look)
		j->look(j);
	if (is_pending(env, id))
		r = loop_timer_set(env->site->o.loop, &j->timer,
				   clock_now() + j->wait_ns);
	return r;
}

void fault_env_finish(struct fault_env *env)
{
	while (env->jobs)
		fault_done(env->jobs, false, "the run ended first");
	fault_held_finish(env);
	if (env->site)
		env->site->ended_cb = NULL;
}
