#include "live_clean.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hold.h"
#include "live_dir.h"
#include "log.h"
#include "tree.h"

#define GONE " (deleted)"

static void end_living(struct live_clean *lc, const char *name)
{
	struct live_dir d;
	pid_t holder;
	int fd;

	if (lc->dry_run || live_dir_find(&d, name)) {
		printf("would end site %s\n", name);
		return;
	}
	fd = live_dir_connect(&d, &holder);
	if (fd >= 0) {
		close(fd);
		hold_end(holder);
		printf("ended site %s\n", name);
	} else {
		lc->failed++;
	}
	live_dir_finish(&d);
}

static void one(const char *name, const char *path, bool alive, void *arg)
{
	struct live_clean *lc = arg;
	int r;

	if (alive && !lc->all) {
		printf("site %s is up and stays (halbsim down %s)\n", name, name);
		return;
	}
	lc->found++;
	if (alive) {
		end_living(lc, name);
		return;
	}
	r = lc->dry_run ? 0 : tree_remove(path);
	if (r < 0) {
		errno = -r;
		log_warn("cannot remove %s", path);
		lc->failed++;
		return;
	}
	printf("%s %s (a site whose holder was killed)\n",
	       lc->dry_run ? "would remove" : "removed", path);
}

/* Whether it is halbsim, at work in a site's folder that is no more. */
static bool is_lost(const char *pid, const char *base)
{
	char file[64], text[PATH_MAX];
	size_t blen = strlen(base), glen = strlen(GONE);
	ssize_t n;
	int fd;

	snprintf(file, sizeof(file), "/proc/%.16s/comm", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	if (n < 7 || strncmp(text, "halbsim", 7) != 0)
		return false;
	snprintf(file, sizeof(file), "/proc/%.16s/cwd", pid);
	n = readlink(file, text, sizeof(text) - 1);
	if (n < 0 || (size_t)n <= blen + glen)
		return false;
	text[n] = '\0';
	return strncmp(text, base, blen) == 0 && text[blen] == '/' &&
	       strcmp(text + (size_t)n - glen, GONE) == 0;
}

static void lost_holders(struct live_clean *lc, const char *base)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (!isdigit((unsigned char)e->d_name[0]) || !is_lost(e->d_name, base))
			continue;
		lc->found++;
		if (!lc->dry_run)
			hold_end(atoi(e->d_name));
		printf("%s process %s, which held a site whose folder is gone\n",
		       lc->dry_run ? "would end" : "ended", e->d_name);
	}
	if (d)
		closedir(d);
}

int live_clean(struct live_clean *lc)
{
	char *base = live_dir_base();
	int r = live_dir_each(one, lc);

	if (base)
		lost_holders(lc, base);
	free(base);
	return r < 0 ? r : 0;
}
