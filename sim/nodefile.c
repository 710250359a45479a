/*
 * Files inside a node. The node shares the host's file system but for /run,
 * /tmp and what is put here, so that two nodes can each have their own
 * /etc/keepalived/keepalived.conf and the host's stays as it is:
 *
 * - where the file exists, a private copy is mounted over it;
 * - where it does not, its folder is covered by a private one, in which links
 *   lead to everything that the covered folder has;
 * - where the folder does not exist either, the nearest one above that does is
 *   covered, and the rest is made in it.
 *
 * All of that happens in a short-lived child inside the node.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "log.h"
#include "site_impl.h"

/* Private to the node: on its /run. */
#define KEEP "/run/.halbsim"

/* --- in the child --- */

/* A folder is the node's own when its device was noted below KEEP, or is /run's. */
static bool is_private(const char *dir)
{
	struct stat st, run, tmp;
	char note[64];

	if (stat(dir, &st) < 0 || stat("/run", &run) < 0)
		return false;
	if (st.st_dev == run.st_dev ||
	    (stat("/tmp", &tmp) == 0 && st.st_dev == tmp.st_dev))
		return true;
	snprintf(note, sizeof(note), KEEP "/dev.%u.%u", major(st.st_dev),
		 minor(st.st_dev));
	return access(note, F_OK) == 0;
}

static int note_private(const char *dir)
{
	struct stat st;
	char note[64];
	int fd;

	if (stat(dir, &st) < 0)
		return -errno;
	snprintf(note, sizeof(note), KEEP "/dev.%u.%u", major(st.st_dev),
		 minor(st.st_dev));
	fd = open(note, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Links in `dir` to all that `old` has. */
static int link_all(const char *old, const char *dir)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(old);
	int r = 0;

	if (!d)
		return -errno;
	while (r == 0 && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (snprintf(from, sizeof(from), "%s/%s", old, e->d_name) >= PATH_MAX ||
		    snprintf(to, sizeof(to), "%s/%s", dir, e->d_name) >= PATH_MAX)
			r = -ENAMETOOLONG;
		else if (symlink(from, to) < 0)
			r = -errno;
	}
	closedir(d);
	return r;
}

static int cover(const char *dir)
{
	char old[] = KEEP "/old.XXXXXX";
	struct stat st;
	char opts[32];
	int r;

	if (is_private(dir))
		return 0;
	if (stat(dir, &st) < 0 || !mkdtemp(old) ||
	    mount(dir, old, NULL, MS_BIND | MS_REC, NULL) < 0)
		return -errno;
	snprintf(opts, sizeof(opts), "mode=%o", st.st_mode & 07777);
	if (mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, opts) < 0)
		return -errno;
	r = note_private(dir);
	return r < 0 ? r : link_all(old, dir);
}

/* Makes `dir` exist and private to the node; covers what it has to. */
static int own_dir(const char *dir)
{
	char up[PATH_MAX];
	struct stat st;
	int r;

	if (stat(dir, &st) == 0)
		return S_ISDIR(st.st_mode) ? cover(dir) : -ENOTDIR;
	snprintf(up, sizeof(up), "%s", dir);
	r = own_dir(dirname(up));
	if (r < 0)
		return r;
	return mkdir(dir, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int copy(int from, const char *to, mode_t mode)
{
	char buf[8192];
	ssize_t n;
	int fd, r = 0;

	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	if (lseek(from, 0, SEEK_SET) < 0)
		r = -errno;
	while (r == 0 && (n = read(from, buf, sizeof(buf))) != 0)
		if (n < 0 || write(fd, buf, (size_t)n) != n)
			r = n < 0 ? -errno : -EIO;
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int put(int from, const char *inside)
{
	char dir[PATH_MAX], kept[] = KEEP "/file.XXXXXX";
	struct stat st;
	int fd, r;

	if (fstat(from, &st) < 0 || (mkdir(KEEP, 0755) < 0 && errno != EEXIST))
		return -errno;
	snprintf(dir, sizeof(dir), "%s", inside);
	dirname(dir);
	if (access(inside, F_OK) < 0) {
		r = own_dir(dir);
		return r < 0 ? r : copy(from, inside, st.st_mode & 0777);
	}
	if (is_private(inside))
		return copy(from, inside, st.st_mode & 0777);
	fd = mkostemp(kept, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	r = copy(from, kept, st.st_mode & 0777);
	if (r == 0 && mount(kept, inside, NULL, MS_BIND, NULL) < 0)
		r = -errno;
	return r;
}

/* --- in the harness --- */

static int put_one(struct site_node *n, const struct site_file *f)
{
	int from, pidfd = -1, r;
	pid_t pid;

	from = open(f->host, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return -errno;
	pid = node_init_fork(&n->init, n->site->home_pid, &pidfd);
	if (pid == 0) {
		umask(022);
		r = node_init_join(&n->init);
		_exit(r < 0 ? -r : -put(from, f->inside));
	}
	close(from);
	if (pid < 0)
		return (int)pid;
	return node_init_reap(pidfd);
}

int node_put_files(struct site_node *n)
{
	struct site_file *f;
	int r = 0;

	for (f = n->files; f && r == 0; f = f->next) {
		r = put_one(n, f);
		if (r < 0)
			log_warnx("%s: cannot put '%s' at '%s': %s", n->topo->name,
				  f->host, f->inside, strerror(-r));
	}
	return r;
}

static void free_file(struct site_file *f)
{
	if (f) {
		free(f->host);
		free(f->inside);
		free(f);
	}
}

void node_free_files(struct site_node *n)
{
	struct site_file *f;

	while ((f = n->files)) {
		n->files = f->next;
		free_file(f);
	}
}

/* Remembers where it came from; a later one at the same path replaces it. */
static void remember(struct site_node *n, struct site_file *f)
{
	struct site_file **at;

	for (at = &n->files; *at; at = &(*at)->next) {
		if (strcmp((*at)->inside, f->inside) != 0)
			continue;
		f->next = (*at)->next;
		free_file(*at);
		break;
	}
	*at = f;
}

int site_node_put_file(struct site_node *n, const char *host_path, const char *inside)
{
	struct site_file *f;
	int r = -ENOMEM;

	if (inside[0] != '/' || strlen(inside) >= PATH_MAX)
		return -EINVAL;
	if (!n->up || n->dying)
		return -ENETDOWN;
	f = calloc(1, sizeof(*f));
	if (!f || !(f->host = strdup(host_path)) || !(f->inside = strdup(inside)))
		goto fail;
	r = put_one(n, f);
	if (r < 0)
		goto fail;
	remember(n, f);
	return 0;
fail:
	free_file(f);
	return r;
}
