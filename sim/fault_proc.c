/* Faults: what is done to processes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fault_impl.h"
#include "proctree.h"

/* "engine", or "processes" when all are meant. */
static const char *whom(const struct fault_job *j)
{
	return j->call.what ? j->call.what : "processes";
}

static struct site_proc *find(const struct fault_job *j)
{
	struct site_proc *p;

	for (p = j->n->procs; p; p = p->next)
		if (j->call.what && !strcmp(p->what, j->call.what))
			return p;
	return NULL;
}

/* Ends the job when there is nobody to do it to. */
static bool nobody(struct fault_job *j)
{
	if (!site_node_is_up(j->n) || j->n->dying) {
		fault_done(j, false, "%s has no power", j->call.node->name);
		return true;
	}
	if (j->call.what && !find(j)) {
		fault_done(j, false, "%s does not run on %s", j->call.what,
			   j->call.node->name);
		return true;
	}
	return false;
}

/* The processes meant, as the node counts them, into j->pids. 0 or -errno. */
static int remember_pids(struct fault_job *j)
{
	struct site_proc *p = find(j);
	struct proctree t = { 0 };
	size_t i;
	int r = proctree_read(&t, j->n->init.pid);

	if (r == 0) {
		proctree_pick(&t, p ? p->inside : 0);
		j->pids = calloc(t.n + 1, sizeof(*j->pids));
		r = j->pids ? 0 : -ENOMEM;
	}
	for (i = 0; r == 0 && i < t.n; i++)
		if (t.proc[i].picked && t.proc[i].state != 'Z')
			j->pids[j->npids++] = t.proc[i].pid;
	proctree_finish(&t);
	return r;
}

/*
 * How many of the remembered processes are there still, and how many of these
 * are stopped. -errno when that cannot be said.
 */
static int still_there(struct fault_job *j, size_t *stopped)
{
	struct proctree t = { 0 };
	size_t i, k;
	int n = 0, r;

	*stopped = 0;
	if (j->n->init.pidfd < 0)
		return 0; /* the node lost its power meanwhile */
	r = proctree_read(&t, j->n->init.pid);
	for (i = 0; r == 0 && i < j->npids; i++)
		for (k = 0; k < t.n; k++)
			if (t.proc[k].pid == j->pids[i] && t.proc[k].state != 'Z') {
				n++;
				*stopped += t.proc[k].state == 'T';
			}
	proctree_finish(&t);
	return r < 0 ? r : n;
}

/* --- kill --- */

static void look_killed(struct fault_job *j)
{
	size_t stopped;

	if (!find(j) && still_there(j, &stopped) == 0)
		fault_done(j, true, "%zu processes gone", j->npids);
}

/* All at one instant: stopped first, so that none sees another die. */
int fault_kill(struct fault_job *j)
{
	int r;

	if (nobody(j))
		return 0;
	r = remember_pids(j);
	if (r < 0)
		return r;
	site_node_signal_all(j->n, j->call.what, SIGSTOP);
	j->look = look_killed;
	r = site_node_signal_all(j->n, j->call.what, SIGKILL);
	j->res.at_ns = clock_now();
	return r < 0 ? r : 0;
}

/* --- stop, and start again --- */

static void look_stopped(struct fault_job *j)
{
	if (j->ended && j->status >= 0)
		fault_done(j, true, "%s ended with status %d", j->call.what, j->status);
	else if (j->ended)
		fault_done(j, true, "%s was ended by signal %d", j->call.what,
			   -j->status);
}

int fault_stop(struct fault_job *j)
{
	struct site_proc *p;

	if (nobody(j))
		return 0;
	p = find(j);
	j->pid = p->pid;
	j->look = look_stopped;
	j->res.at_ns = clock_now();
	return site_node_signal(j->n, j->call.what, SIGTERM);
}

int fault_start(struct fault_job *j)
{
	int r;

	if (!site_node_is_up(j->n) || j->n->dying) {
		fault_done(j, false, "%s has no power", j->call.node->name);
		return 0;
	}
	if (find(j)) {
		fault_done(j, false, "%s runs on %s already", j->call.what,
			   j->call.node->name);
		return 0;
	}
	r = j->env->start(j->call.node->name, j->call.what, j->env->arg);
	if (r < 0)
		fault_done(j, false, "%s does not start: %s", j->call.what,
			   strerror(-r));
	else
		fault_done(j, true, "%s started", j->call.what);
	return 0;
}

/* --- pause, and resume --- */

static void look_paused(struct fault_job *j)
{
	size_t stopped;
	int n = still_there(j, &stopped);

	if (n == 0)
		fault_done(j, false, "%s ended instead", whom(j));
	else if (n > 0 && (size_t)n == stopped)
		fault_done(j, true, "%d processes stopped", n);
}

int fault_pause(struct fault_job *j)
{
	int r;

	if (nobody(j))
		return 0;
	r = remember_pids(j);
	if (r == 0 && j->npids == 0) {
		fault_done(j, false, "nothing runs on %s", j->call.node->name);
		return 0;
	}
	j->look = look_paused;
	if (r == 0)
		r = site_node_signal_all(j->n, j->call.what, SIGSTOP);
	j->res.at_ns = clock_now();
	return r < 0 ? r : 0;
}

static void look_resumed(struct fault_job *j)
{
	size_t stopped;
	int n = still_there(j, &stopped);

	if (n == 0)
		fault_done(j, false, "%s ended instead", whom(j));
	else if (n > 0 && stopped == 0)
		fault_done(j, true, "%d processes run again", n);
}

int fault_resume(struct fault_job *j)
{
	size_t stopped;
	int r;

	if (nobody(j))
		return 0;
	r = remember_pids(j);
	if (r == 0)
		r = still_there(j, &stopped);
	if (r < 0)
		return r;
	if (!stopped) {
		fault_done(j, false, "no %s on %s was paused",
			   j->call.what ? j->call.what : "process", j->call.node->name);
		return 0;
	}
	j->look = look_resumed;
	r = site_node_signal_all(j->n, j->call.what, SIGCONT);
	j->res.at_ns = clock_now();
	return r < 0 ? r : 0;
}

/* --- reload --- */

/* Whether a signal sent to a process still waits to be taken. */
static bool is_waiting(pid_t pid, int signo)
{
	unsigned long long pending = 0, bits;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "SigPnd: %llx", &bits) == 1 ||
		    sscanf(line, "ShdPnd: %llx", &bits) == 1)
			pending |= bits;
	if (f)
		fclose(f);
	return pending & (1ULL << (signo - 1));
}

static void look_reloaded(struct fault_job *j)
{
	if (j->ended)
		fault_done(j, false, "%s ended instead", j->call.what);
	else if (!is_waiting(j->pid, SIGHUP))
		fault_done(j, true, "%s took SIGHUP", j->call.what);
}

/* What is not taken as a wish to reload ends a process: seen in both looks. */
int fault_reload(struct fault_job *j)
{
	if (nobody(j))
		return 0;
	j->pid = find(j)->pid;
	j->look = look_reloaded;
	return site_node_signal(j->n, j->call.what, SIGHUP);
}

/* --- exec --- */

static void look_executed(struct fault_job *j)
{
	if (j->ended && j->status < 0)
		fault_done(j, false, "it was ended by signal %d", -j->status);
	else if (j->ended)
		fault_done(j, j->status == 0, "it ended with status %d", j->status);
}

int fault_exec(struct fault_job *j)
{
	pid_t pid;

	if (nobody(j))
		return 0;
	pid = site_spawn(j->n, "exec", j->call.argv);
	if (pid < 0) {
		fault_done(j, false, "cannot run '%s': %s", j->call.argv[0],
			   strerror((int)-pid));
		return 0;
	}
	j->pid = pid;
	j->look = look_executed;
	return 0;
}
