#include "cpu_group.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site_impl.h"

#define ROOT   "/sys/fs/cgroup"
#define PREFIX "halbsim."

static int write_at(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd, r = 0;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		r = -errno;
	close(fd);
	return r;
}

static void group_path(const struct site_node *n, char *path, size_t size)
{
	snprintf(path, size, ROOT "/" PREFIX "%s.%s", n->site->run_id, n->topo->name);
}

/* Makes the group and opens its list of processes. 0 or -errno. */
static int make(struct site_node *n)
{
	char path[PATH_MAX], procs[PATH_MAX + 16];
	int r;

	if (n->cpu_fd >= 0)
		return 0;
	if (access(ROOT "/cgroup.controllers", F_OK) < 0)
		return -EOPNOTSUPP;
	r = write_at(ROOT, "cgroup.subtree_control", "+cpu");
	if (r < 0)
		return r == -EINVAL ? -EOPNOTSUPP : r;
	group_path(n, path, sizeof(path));
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	n->cpu_fd = open(procs, O_WRONLY | O_CLOEXEC);
	return n->cpu_fd < 0 ? -errno : 0;
}

/* In a child inside the node, where /proc counts as the kernel will: all of them. */
static int move_all(int fd)
{
	struct dirent *e;
	DIR *d = opendir("/proc");

	if (!d)
		return -errno;
	while ((e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    write(fd, e->d_name, strlen(e->d_name)) < 0 && errno != ESRCH) {
			closedir(d);
			return -errno;
		}
	closedir(d);
	return 0;
}

/* Twice: what was forked by one that had not been moved yet is caught then. */
static int move_in(struct site_node *n)
{
	int pidfd = -1, r;
	pid_t pid;

	pid = node_init_fork(&n->init, n->site->home_pid, &pidfd);
	if (pid == 0) {
		r = node_init_join(&n->init);
		if (r == 0)
			r = move_all(n->cpu_fd);
		if (r == 0)
			r = move_all(n->cpu_fd);
		_exit(-r);
	}
	if (pid < 0)
		return (int)pid;
	return node_init_reap(pidfd);
}

int cpu_group_limit(struct site_node *n, double share)
{
	char path[PATH_MAX], text[64];
	bool fresh = n->cpu_fd < 0;
	int r;

	r = make(n);
	if (r < 0)
		return r;
	if (share < 1)
		snprintf(text, sizeof(text), "%lld %lld",
			 (long long)(share * CPU_PERIOD_NS / 1000),
			 (long long)(CPU_PERIOD_NS / 1000));
	else
		snprintf(text, sizeof(text), "max %lld", (long long)(CPU_PERIOD_NS / 1000));
	group_path(n, path, sizeof(path));
	r = write_at(path, "cpu.max", text);
	if (r == 0 && fresh)
		r = move_in(n);
	if (r == 0)
		n->cpu_share = share;
	return r;
}

double cpu_group_share(const struct site_node *n)
{
	return n->cpu_fd < 0 ? 1 : n->cpu_share;
}

int cpu_group_join(const struct site_node *n)
{
	return n->cpu_fd >= 0 && write(n->cpu_fd, "0", 1) < 0 ? -errno : 0;
}

void cpu_group_finish(struct site_node *n)
{
	char path[PATH_MAX];

	if (n->cpu_fd < 0)
		return;
	close(n->cpu_fd);
	n->cpu_fd = -1;
	group_path(n, path, sizeof(path));
	rmdir(path); /* `halbsim clean` finds what this does not get */
}

/* Nobody is in it, and nothing below it. */
static bool is_empty(const char *path)
{
	char procs[PATH_MAX], c;
	ssize_t n = 1;
	int fd;

	if (snprintf(procs, sizeof(procs), "%s/cgroup.procs", path) >= PATH_MAX)
		return false;
	fd = open(procs, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, &c, 1);
		close(fd);
	}
	return n == 0;
}

int cpu_group_clean(bool dry_run, void (*one)(const char *path, void *arg), void *arg)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(ROOT);
	int found = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		snprintf(path, sizeof(path), ROOT "/%s", e->d_name);
		if (!is_empty(path) || (!dry_run && rmdir(path) < 0))
			continue;
		found++;
		one(path, arg);
	}
	closedir(d);
	return found;
}
