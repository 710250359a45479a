#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block.h"
#include "span.h"

char *path_join(const char *dir, const char *name)
{
	return textf("%s/%s", dir, name);
}

bool path_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

bool path_is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int path_own_dir(char *dir, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", dir, size - 1);
	char *slash;

	if (n < 0)
		return -errno;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return -ENOENT;
	*slash = '\0';
	return 0;
}

/* DIR/NAME when it can be run, as an absolute path without links in DIR. */
static char *runnable(const char *dir, size_t len, const char *name)
{
	char *path = textf("%.*s/%s", (int)len, dir, name), *real = NULL;

	if (path && path_is_file(path) && !access(path, X_OK))
		real = realpath(path, NULL);
	free(path);
	return real;
}

static char *beside(const char *below, const char *name)
{
	char own[PATH_MAX], *dir, *found;

	if (path_own_dir(own, sizeof(own)) < 0)
		return NULL;
	dir = textf("%s%s", own, below);
	found = dir ? runnable(dir, strlen(dir), name) : NULL;
	free(dir);
	return found;
}

char *find_program(const char *name)
{
	static const char *const below[] = { "", "/../libexec/halbsim", "/../sbin" };
	static const char *const system[] = { "/usr/local/sbin", "/usr/sbin", "/sbin" };
	const char *p = getenv("PATH");
	char *found = NULL;
	size_t i;

	for (i = 0; i < 3 && !found; i++)
		found = beside(below[i], name);
	for (; p && *p && !found; p += *p == ':') {
		size_t len = strcspn(p, ":");

		if (len)
			found = runnable(p, len, name);
		p += len;
	}
	for (i = 0; i < 3 && !found; i++)
		found = runnable(system[i], strlen(system[i]), name);
	return found;
}

static bool has_topologies(const char *dir)
{
	char *path = path_join(dir, "topologies");
	bool yes = path && path_is_dir(path);

	free(path);
	return yes;
}

char *data_root(void)
{
	static const char *const below[] = { "/..", "", "/../share/halbsim" };
	char own[PATH_MAX], *dir, *real;
	size_t i;

	if (has_topologies("."))
		return strdup(".");
	if (path_own_dir(own, sizeof(own)) < 0)
		return NULL;
	for (i = 0; i < 3; i++) {
		dir = textf("%s%s", own, below[i]);
		real = dir && has_topologies(dir) ? realpath(dir, NULL) : NULL;
		free(dir);
		if (real)
			return real;
	}
	return NULL;
}

/* Messages are shorter with a path from here. */
static char *from_here(char *dir)
{
	char *here = realpath(".", NULL);

	if (here && !strcmp(here, dir))
		strcpy(dir, ".");
	free(here);
	return dir;
}

char *data_root_for(const char *case_path)
{
	char *real = realpath(case_path, NULL);
	int up;

	/* CASE/../.. for a folder, one more for the file in it. */
	for (up = 0; real && up < 3; up++) {
		char *slash = strrchr(real, '/');

		if (!slash || slash == real)
			break;
		*slash = '\0';
		if (up && has_topologies(real))
			return from_here(real);
	}
	free(real);
	return data_root();
}

static int is_shown(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

char *path_nearest_in(const char *dir, const char *name)
{
	struct dirent **v = NULL;
	const char **names = NULL, *near;
	char *found = NULL;
	int n = scandir(dir, &v, is_shown, alphasort), i;

	if (n > 0)
		names = calloc((size_t)n, sizeof(*names));
	for (i = 0; i < n && names; i++)
		names[i] = v[i]->d_name;
	near = names ? block_nearest(name, names, (size_t)n) : NULL;
	if (near)
		found = strdup(near);
	for (i = 0; i < n; i++)
		free(v[i]);
	free(v);
	free(names);
	return found;
}

char *path_nearest(const char *path, const char *dir)
{
	const char *slash = strrchr(path, '/');
	char *in, *near, *found = NULL;

	if (!slash)
		return path_nearest_in(dir, path);
	in = strndup(path, (size_t)(slash - path));
	near = in ? path_nearest_in(*in ? in : "/", slash + 1) : NULL;
	if (near)
		found = path_join(in, near);
	free(near);
	free(in);
	return found;
}
