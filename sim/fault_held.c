/*
 * Whether faults that hold frames back have met any. A filter that is in place is
 * no effect yet: one that nothing ever comes to has broken nothing, and the run
 * that has it says nothing about what it was meant to break.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault_impl.h"

/* One fault; those of equal words share it, and so do all of its filters. */
struct fault_held {
	char **argv; /* (owned) */
	size_t argc;
	int counter;
	struct fault_held *next;
};

static bool same_words(const struct fault_held *h, char *const *argv, size_t argc)
{
	size_t i;

	if (h->argc != argc)
		return false;
	for (i = 0; i < argc; i++)
		if (strcmp(h->argv[i], argv[i]) != 0)
			return false;
	return true;
}

static void held_free(struct fault_held *h)
{
	size_t i;

	for (i = 0; h->argv && i < h->argc; i++)
		free(h->argv[i]);
	free(h->argv);
	if (h->counter >= 0)
		close(h->counter);
	free(h);
}

static struct fault_held *held_new(char *const *argv, size_t argc)
{
	struct fault_held *h = calloc(1, sizeof(*h));
	size_t i;

	if (!h)
		return NULL;
	h->argv = calloc(argc + 1, sizeof(*h->argv));
	h->argc = argc;
	h->counter = filter_counter_new();
	for (i = 0; h->argv && h->counter >= 0 && i < argc; i++) {
		h->argv[i] = strdup(argv[i]);
		if (!h->argv[i])
			break;
	}
	if (h->argv && h->counter >= 0 && i == argc)
		return h;
	held_free(h);
	return NULL;
}

int fault_counter(struct fault_job *j)
{
	struct fault_held **at;

	for (at = &j->env->held; *at; at = &(*at)->next)
		if (same_words(*at, j->argv, j->argc))
			return (*at)->counter;
	*at = held_new(j->argv, j->argc);
	return *at ? (*at)->counter : -1;
}

void fault_met_nothing(const struct fault_env *env,
		       void (*one)(char *const *argv, size_t argc, void *arg), void *arg)
{
	const struct fault_held *h;

	for (h = env->held; h; h = h->next)
		if (filter_counted(h->counter) == 0)
			one(h->argv, h->argc, arg);
}

void fault_held_finish(struct fault_env *env)
{
	struct fault_held *h;

	while ((h = env->held)) {
		env->held = h->next;
		held_free(h);
	}
}
