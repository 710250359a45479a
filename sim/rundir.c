#include "rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "paths.h"
#include "span.h"
#include "tree.h"

static int lock(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -1;
	}
	return fd;
}

static char *stamp(const char *engine, uint64_t seed)
{
	time_t now = time(NULL);
	struct tm tm;
	char buf[32];

	if (!localtime_r(&now, &tm))
		return NULL;
	strftime(buf, sizeof(buf), "%Y%m%d-%H%M%S", &tm);
	return textf("%s-seed%ju-%s", buf, (uintmax_t)seed, engine);
}

/* Takes the name if nobody has it. 0, -EEXIST, or another -errno. */
static int try_name(struct rundir *d)
{
	free(d->work);
	free(d->path);
	d->work = textf("%s/.%s.part", d->case_dir, d->name);
	d->path = path_join(d->case_dir, d->name);
	if (!d->work || !d->path)
		return -ENOMEM;
	if (!access(d->path, F_OK))
		return -EEXIST;
	if (mkdir(d->work, 0755))
		return -errno;
	d->lock_fd = lock(d->work);
	return d->lock_fd < 0 ? -errno : 0;
}

int rundir_create(struct rundir *d, const char *out, const char *case_name,
		  const char *engine, uint64_t seed)
{
	char *first = stamp(engine, seed);
	int r, n;

	*d = (struct rundir){ .lock_fd = -1 };
	d->case_dir = path_join(out, case_name);
	r = first && d->case_dir ? tree_make(d->case_dir) : -ENOMEM;
	if (r)
		goto out;
	r = -EEXIST;
	for (n = 1; n < 1000 && r == -EEXIST; n++) {
		free(d->name);
		d->name = n == 1 ? strdup(first) : textf("%s-%d", first, n);
		r = d->name ? try_name(d) : -ENOMEM;
	}
out:
	free(first);
	if (r) {
		errno = -r;
		log_warn("cannot make a folder for the run in %s",
			 d->case_dir ? d->case_dir : out);
		free(d->work); /* not ours to remove */
		d->work = NULL;
		rundir_finish(d);
	}
	return r;
}

static int point_latest(const struct rundir *d)
{
	char *link = path_join(d->case_dir, "latest");
	char *tmp = textf("%s/.latest.%d", d->case_dir, (int)getpid());
	int r = 0;

	if (!link || !tmp) {
		r = -ENOMEM;
		goto out;
	}
	unlink(tmp);
	if (symlink(d->name, tmp) || rename(tmp, link)) {
		r = -errno;
		unlink(tmp);
	}
out:
	free(link);
	free(tmp);
	return r;
}

int rundir_commit(struct rundir *d)
{
	int r = rename(d->work, d->path) ? -errno : 0;

	if (r) {
		errno = -r;
		log_warn("cannot put the run into place as %s", d->path);
		return r;
	}
	free(d->work);
	d->work = NULL;
	r = point_latest(d);
	if (r) {
		errno = -r;
		log_warn("cannot point %s/latest at the run", d->case_dir);
	}
	return r;
}

void rundir_finish(struct rundir *d)
{
	if (d->work)
		tree_remove(d->work);
	if (d->lock_fd >= 0)
		close(d->lock_fd);
	free(d->case_dir);
	free(d->name);
	free(d->work);
	free(d->path);
	*d = (struct rundir){ .lock_fd = -1 };
}

static bool is_run(const char *dir)
{
	char *path = path_join(dir, "run.json");
	bool yes = path && path_is_file(path);

	free(path);
	return yes;
}

/* dir itself, or dir/latest */
static char *run_in(const char *dir)
{
	char *latest;

	if (is_run(dir))
		return strdup(dir);
	latest = path_join(dir, "latest");
	if (latest && is_run(latest)) {
		char target[256];
		ssize_t n = readlink(latest, target, sizeof(target) - 1);

		/* By its own name, so that a later run does not change the meaning. */
		if (n > 0) {
			target[n] = '\0';
			free(latest);
			return path_join(dir, target);
		}
		return latest;
	}
	free(latest);
	return NULL;
}

char *rundir_resolve(const char *arg, const char *out)
{
	char *copy = strdup(arg), *found = NULL, *dir;
	size_t n = strlen(arg);

	if (!copy)
		return NULL;
	for (; n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	if (!strcmp(path_base(copy), "report.json") && path_is_file(copy)) {
		dir = strrchr(copy, '/');
		if (dir)
			*dir = '\0';
		found = run_in(dir ? copy : ".");
	} else {
		found = run_in(copy);
	}
	if (!found) {
		dir = path_join(out, path_base(copy));
		found = dir && !strchr(copy, '/') ? run_in(dir) : NULL;
		free(dir);
	}
	if (!found && path_is_dir(copy))
		log_warnx("%s: not a run's folder: it has no run.json", arg);
	else if (!found)
		log_warnx("%s: no such run (they are under %s/CASE/)", arg, out);
	free(copy);
	return found;
}

static bool is_part(const char *name)
{
	size_t n = strlen(name);

	return n > 6 && name[0] == '.' && !strcmp(name + n - 5, ".part") &&
	       strstr(name, "-seed");
}

static int stale_in(const char *case_dir, void (*cb)(const char *, void *), void *arg)
{
	DIR *dir = opendir(case_dir);
	struct dirent *e;
	int n = 0;

	if (!dir)
		return 0;
	while ((e = readdir(dir))) {
		char *path;
		int fd;

		if (!is_part(e->d_name))
			continue;
		path = path_join(case_dir, e->d_name);
		fd = path ? lock(path) : -1;
		if (fd >= 0) {
			cb(path, arg);
			close(fd);
			n++;
		}
		free(path);
	}
	closedir(dir);
	return n;
}

int rundir_stale(const char *out, void (*cb)(const char *path, void *arg), void *arg)
{
	DIR *dir = opendir(out);
	struct dirent *e;
	int n = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(dir))) {
		char *path;

		if (e->d_name[0] == '.')
			continue;
		path = path_join(out, e->d_name);
		if (path)
			n += stale_in(path, cb, arg);
		free(path);
	}
	closedir(dir);
	return n;
}
