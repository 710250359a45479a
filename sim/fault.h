/*
 * Faults: a table of {name, arguments, check, apply}. fault_check() says before
 * anything runs whether a fault makes sense on this topology; fault_apply()
 * does it and proves its effect.
 *
 * A proof may take its time: a process that was asked to stop stops when it is
 * ready to. The harness must not wait for it (the client's next request is
 * due), so the result comes to a callback, at once or from the loop later.
 */
#ifndef HALBSIM_FAULT_H
#define HALBSIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology.h"

struct block_diag;
struct block_stmt;
struct fault_job;
struct site;

/*
 * What faults need to know of the run (run.c owns it; zero it first). The
 * processes of a node are called "engine" and "web" in site_spawn(); these
 * names are what faults look for.
 */
struct fault_env {
	struct site *site;
	/* Starts the node's usual program ("engine" or "web"). 0 or -errno. */
	int (*start)(const char *node, const char *what, void *arg);
	void *arg;
	/* fault.c's own: results still awaited; what filters have met. */
	struct fault_job *jobs;
	struct fault_held *held;
	uint64_t last_id;
};

/* Result of one application. */
struct fault_result {
	bool effective;
	int64_t at_ns;	 /* CLOCK_MONOTONIC: the instant when it took hold */
	char proof[160]; /* what was looked at: "links down, 3 processes gone" */
};

typedef void fault_done_cb(const struct fault_result *res, void *arg);

/* How long a fault may take to show its effect. */
#define FAULT_PATIENCE_NS (INT64_C(10) * 1000 * 1000 * 1000)

/*
 * Checks the words of a timeline statement against the topology; errors name
 * the word's place and the nearest right name. 0 or -1.
 */
int fault_check(const struct block_stmt *s, const struct topology *t,
		struct block_diag *d);
/* The same for words that stand for the statement's, one for one. */
int fault_check_words(const struct block_stmt *s, char *const *argv, size_t argc,
		      const struct topology *t, struct block_diag *d);

/*
 * Applies it. `done` is called exactly once: before this returns, or from the
 * site's loop as soon as the effect is seen, or after FAULT_PATIENCE_NS with
 * effective false. A fault without effect is not an error here; the caller
 * makes the run inconclusive. Returns 0, or -errno when the harness itself
 * failed (then `done` is not called). argv[argc] is NULL.
 */
int fault_apply(struct fault_env *env, char *const *argv, size_t argc,
		fault_done_cb *done, void *arg);

/*
 * Faults that hold frames back and have met none of them up to now: a cut between
 * two that say nothing to each other. `one` is called for each, with its words and
 * how many they are (valid during the call). Equal words are one fault.
 */
void fault_met_nothing(const struct fault_env *env,
		       void (*one)(char *const *argv, size_t argc, void *arg), void *arg);

/*
 * Ends the wait for results that have not come: their callbacks are called
 * with effective false. Call it before site_free().
 */
void fault_env_finish(struct fault_env *env);

/* Names of all faults, for messages and help; NULL-terminated, static. */
const char *const *fault_names(void);
/* How each is written: "crash NODE". */
const char *const *fault_usages(void);

#endif
