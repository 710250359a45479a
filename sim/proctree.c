/* Implementation for looking at the processes of a node. */
#include "proctree.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add(struct proctree *t, const struct proctree_proc *p)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 16;
		struct proctree_proc *proc = realloc(t->proc, cap * sizeof(*proc));

		if (!proc)
			return -ENOMEM;
		t->proc = proc;
		t->cap = cap;
	}
	t->proc[t->n++] = *p;
	return 0;
}

/* Reads one stat file. 0, or -ESRCH when the process has just gone. */
static int read_stat(int dir, const char *pid, struct proctree_proc *p)
{
	char path[300], buf[512], *after;
	int fd, ppid;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/stat", pid);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ESRCH;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return -ESRCH;
	buf[n] = '\0';
	after = strrchr(buf, ')'); /* a name may have blanks and brackets */
	if (!after || sscanf(after + 1, " %c %d", &p->state, &ppid) != 2)
		return -ESRCH;
	p->pid = (pid_t)strtol(pid, NULL, 10);
	p->ppid = ppid;
	p->picked = false;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct proctree_proc *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int proctree_read(struct proctree *t, pid_t init)
{
	struct proctree_proc p;
	struct dirent *e;
	char path[64];
	DIR *d;
	int r = 0;

	t->n = 0;
	snprintf(path, sizeof(path), "/proc/%d/root/proc", (int)init);
	d = opendir(path);
	if (!d)
		return -errno;
	while (r == 0 && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    strcmp(e->d_name, "1") != 0 &&
		    read_stat(dirfd(d), e->d_name, &p) == 0)
			r = add(t, &p);
	closedir(d);
	if (t->n)
		qsort(t->proc, t->n, sizeof(*t->proc), by_pid);
	return r;
}

void proctree_finish(struct proctree *t)
{
	free(t->proc);
	memset(t, 0, sizeof(*t));
}

static bool is_picked(const struct proctree *t, pid_t pid)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->proc[i].pid == pid)
			return t->proc[i].picked;
	return false;
}

size_t proctree_pick(struct proctree *t, pid_t root)
{
	size_t i, n = 0;
	bool more = true;

	for (i = 0; i < t->n; i++)
		t->proc[i].picked = !root || t->proc[i].pid == root;
	/* Pids wrap around: a child may come before its parent. */
	while (more) {
		more = false;
		for (i = 0; i < t->n; i++)
			if (!t->proc[i].picked && is_picked(t, t->proc[i].ppid))
				t->proc[i].picked = more = true;
	}
	for (i = 0; i < t->n; i++)
		n += t->proc[i].picked;
	return n;
}
