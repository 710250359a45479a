#include "conf_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

int conf_make_dirs(const char *path)
{
	char part[PATH_MAX];
	size_t i;

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	for (i = 1;; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			return -errno;
		if (!path[i])
			return 0;
	}
}

/* One folder of conf_each_file(); `base` is where relative paths begin in `dir`. */
static int walk(const char *dir, size_t base,
		int (*fn)(const char *, const char *, void *), void *arg)
{
	struct dirent **list = NULL;
	int n = scandir(dir, &list, NULL, alphasort), i, r = 0;
	char path[PATH_MAX];
	struct stat st;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (i = 0; i < n; i++) {
		if (!r && list[i]->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name) <
			    (int)sizeof(path) &&
		    stat(path, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				r = walk(path, base, fn, arg);
			else if (S_ISREG(st.st_mode))
				r = fn(path, path + base, arg);
		}
		free(list[i]);
	}
	free(list);
	return r;
}

int conf_each_file(const char *dir, int (*fn)(const char *, const char *, void *),
		   void *arg)
{
	return walk(dir, strlen(dir) + 1, fn, arg);
}

static int copy_bytes(int in, int out)
{
	char buf[16384];
	ssize_t n, done, m;

	while ((n = read(in, buf, sizeof(buf))) > 0) {
		for (done = 0; done < n; done += m) {
			m = write(out, buf + done, (size_t)(n - done));
			if (m < 0)
				return -errno;
		}
	}
	return n < 0 ? -errno : 0;
}

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, r;

	if (in < 0)
		return -errno;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	r = out < 0 ? -errno : copy_bytes(in, out);
	if (out >= 0 && close(out) < 0 && !r)
		r = -errno;
	close(in);
	return r;
}

static int copy_one(const char *path, const char *rel, void *arg)
{
	char to[PATH_MAX], *slash;
	int r;

	if (snprintf(to, sizeof(to), "%s/%s", (const char *)arg, rel) >= (int)sizeof(to))
		return -ENAMETOOLONG;
	slash = strrchr(to, '/');
	*slash = '\0';
	r = conf_make_dirs(to);
	*slash = '/';
	if (!r)
		r = copy_file(path, to);
	if (r < 0) {
		errno = -r;
		log_warn("cannot copy %s to %s", path, to);
	}
	return r;
}

int conf_copy_tree(const char *from, const char *to)
{
	char *arg = strdup(to);
	int r = arg ? conf_each_file(from, copy_one, arg) : -ENOMEM;

	free(arg);
	return r;
}
