/* The side that asks a live site (talk.h): for the verbs. */
#ifndef HALBSIM_LIVE_CLIENT_H
#define HALBSIM_LIVE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "talk.h"

/* Sends the question; frees it. 0 or -errno. */
int live_ask(int fd, json_t *ask);

/*
 * Reads what comes until TALK_DONE and returns its number; TALK_SAY goes to
 * stderr, the rest to `got` (may be NULL). -EIO when the site ends first.
 */
int live_hear(int fd, void (*got)(const struct talk *t, void *arg), void *arg);

/*
 * For a verb that asks one question of the site of that name (NULL: the only
 * one): finds it, asks, hears. Frees `ask`. Returns an exit code.
 */
int live_verb(const char *name, json_t *ask, void (*got)(const struct talk *t, void *arg),
	      void *arg);

/*
 * The same for a program in a node: our input and output are its own, signals go
 * to it, and when `tty` ours is a terminal in raw mode. Returns its exit status.
 */
int live_run(const char *name, const char *node, char *const argv[], bool tty);

/* TALK_LINE to stdout, a line each. */
void live_print_line(const struct talk *t, void *arg);

#endif
