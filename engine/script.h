/*
 * Scripts: MISC_CHECK, notify scripts. Each runs as its own user, in a process
 * group of its own, with standard input and output on /dev/null, and gets SIGTERM
 * when the process that started it dies.
 */
#ifndef HALBD_SCRIPT_H
#define HALBD_SCRIPT_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf.h"

/* A script under way; embedded in its user's struct. */
struct script_run {
	pid_t pid; /* 0: none */
	/* Called once, from script_reaped(); the status is waitpid's. */
	void (*done)(struct script_run *, int status);
	struct script_run *next;
};

/*
 * Starts it, with up to four words more after its own (NULL-terminated; NULL:
 * none). Returns the pid, or -errno. A script that cannot be executed exits with
 * 0, as keepalived's does.
 */
pid_t script_start(const struct conf_script *s, const char *const *more);
/* The same, and remembers whom to tell. 0 or -errno. */
int script_run(struct script_run *run, const struct conf_script *s);
/* A child was reaped. True when it was one of script_run()'s. */
bool script_reaped(pid_t pid, int status);
/* Signals its whole group, and forgets it: done() is not called any more. */
void script_abandon(struct script_run *run, int signo);
/* Any of script_run()'s left? */
bool script_any(void);
/* In a fork of a process that runs scripts: they are not this one's. */
void script_forked(void);

#endif
