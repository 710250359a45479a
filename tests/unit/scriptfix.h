/* For tests whose code starts processes. */
#ifndef SCRIPTFIX_H
#define SCRIPTFIX_H

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "loop.h"
#include "script.h"

static inline void scripts_reap(int signo, void *arg)
{
	int status;
	pid_t pid;

	(void)signo;
	(void)arg;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		script_reaped(pid, status);
}

/* Scripts are told of their end from now on. 0 or -errno. */
static inline int scripts_watch(struct loop *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return loop_signals(l, &set, scripts_reap, NULL);
}

/* Waits for the end of all children; how many there were. */
static inline int reap_all(void)
{
	int n = 0;

	for (;;) {
		if (waitpid(-1, NULL, 0) > 0)
			n++;
		else if (errno != EINTR)
			return n;
	}
}

#endif
