/* Implementation for finding what a dead run has left. */
#include "clean.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A harness is a process of this name; site_build() sees to it. */
#define HARNESS "halbsim"

/* Reads /proc/PID/NAME; its length, at least 0, with a NUL behind it. */
static size_t read_proc(pid_t pid, const char *name, char *buf, size_t size)
{
	size_t len = 0;
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && len < size - 1 &&
	       (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	if (fd >= 0)
		close(fd);
	buf[len] = '\0';
	return len;
}

/* Name and parent of a process. False when it is gone. */
static bool read_stat(pid_t pid, char name[20], pid_t *parent)
{
	char buf[512], *open, *close;
	int ppid;
	char state;

	if (!read_proc(pid, "stat", buf, sizeof(buf)))
		return false;
	open = strchr(buf, '(');
	close = strrchr(buf, ')');
	if (!open || !close || sscanf(close + 1, " %c %d", &state, &ppid) != 2 ||
	    state == 'Z')
		return false;
	*close = '\0';
	snprintf(name, 20, "%.19s", open + 1);
	*parent = ppid;
	return true;
}

/* The value of a variable in an environment of `len` bytes; NULL: not in it. */
static const char *variable(const char *env, size_t len, const char *name)
{
	size_t want = strlen(name);
	const char *p;

	for (p = env; p < env + len; p += strlen(p) + 1)
		if (!strncmp(p, name, want) && p[want] == '=')
			return p + want + 1;
	return NULL;
}

/* Whether a living harness is above it; the kernel moves orphans to others. */
static bool has_harness(pid_t parent)
{
	char name[20];

	while (parent > 1) {
		if (!read_stat(parent, name, &parent))
			return false;
		if (!strcmp(name, HARNESS))
			return true;
	}
	return false;
}

/* Fills in *p when the process is a leftover. */
static bool is_leftover(pid_t pid, struct clean_proc *p)
{
	static char env[65536];
	const char *run, *node;
	pid_t parent;
	size_t len;

	len = read_proc(pid, "environ", env, sizeof(env));
	run = variable(env, len, "HALBSIM_RUN");
	if (!run || pid == getpid() || !read_stat(pid, p->name, &parent) ||
	    !strcmp(p->name, HARNESS) || has_harness(parent))
		return false;
	node = variable(env, len, "HALBSIM_NODE");
	p->pid = pid;
	snprintf(p->run_id, sizeof(p->run_id), "%.79s", run);
	snprintf(p->node, sizeof(p->node), "%.39s", node ? node : "");
	return true;
}

/*
 * The descriptor is opened before the last look, so that it cannot come to
 * stand for a new process of the same number.
 */
static bool kill_leftover(pid_t pid, struct clean_proc *p)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool killed;

	if (fd < 0)
		return false;
	killed = is_leftover(pid, p) &&
		 syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0;
	close(fd);
	return killed;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* All pids, in order; malloc'd, their number in *n. NULL with errno. */
static pid_t *list_pids(size_t *n)
{
	size_t cap = 0;
	pid_t *pid = NULL, *more;
	struct dirent *e;
	DIR *d = opendir("/proc");

	*n = 0;
	while (d && (e = readdir(d))) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		if (*n == cap) {
			cap = cap ? cap * 2 : 256;
			more = reallocarray(pid, cap, sizeof(*pid));
			if (!more) {
				free(pid);
				closedir(d);
				errno = ENOMEM;
				return NULL;
			}
			pid = more;
		}
		pid[(*n)++] = (pid_t)strtol(e->d_name, NULL, 10);
	}
	if (d)
		closedir(d);
	if (pid)
		qsort(pid, *n, sizeof(*pid), by_pid);
	return pid;
}

int clean_processes(bool dry_run, void (*one)(const struct clean_proc *p, void *arg),
		    void *arg)
{
	struct clean_proc p;
	size_t i, n;
	pid_t *pid = list_pids(&n);
	int found = 0;

	if (!pid)
		return errno ? -errno : -ENOENT;
	for (i = 0; i < n; i++)
		if (dry_run ? is_leftover(pid[i], &p) : kill_leftover(pid[i], &p)) {
			found++;
			one(&p, arg);
		}
	free(pid);
	return found;
}
