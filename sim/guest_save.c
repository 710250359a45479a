#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "freeze.h"
#include "guest_save.h"
#include "fd.h"
#include "paths.h"

#define KEEP_GUESTS 4
#define PAGE	    4096

/* --- the folder --- */

static int make_dir(const char *path)
{
	char part[PATH_MAX], *slash;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (slash = part + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(part, 0755) < 0 && errno != EEXIST)
		return -errno;
	return access(part, W_OK | X_OK) < 0 ? -errno : 0;
}

/* build/guest when this program is in build/ and `make guest` made it. */
static int build_dir(char *dir, size_t size)
{
	char own[PATH_MAX];
	int r = path_own_dir(own, sizeof(own));

	if (r < 0)
		return r;
	if (snprintf(dir, size, "%s/guest", own) >= (int)size)
		return -ENAMETOOLONG;
	return access(dir, W_OK | X_OK) < 0 ? -errno : 0;
}

int guest_cache_dir(char *dir, size_t size)
{
	const char *v = getenv("HALBSIM_CACHE");
	int n;

	if (v && *v) {
		n = snprintf(dir, size, "%s", v);
	} else if (build_dir(dir, size) == 0) {
		return 0;
	} else if ((v = getenv("XDG_CACHE_HOME")) && *v == '/') {
		n = snprintf(dir, size, "%s/halbsim", v);
	} else if ((v = getenv("HOME")) && *v == '/') {
		n = snprintf(dir, size, "%s/.cache/halbsim", v);
	} else {
		return -ENOENT;
	}
	if (n >= (int)size)
		return -ENAMETOOLONG;
	return make_dir(dir);
}

int guest_branch_dir(char *dir, size_t size)
{
	char base[PATH_MAX];
	int r = guest_cache_dir(base, sizeof(base));

	if (r < 0)
		return r;
	if (snprintf(dir, size, "%s/branch", base) >= (int)size)
		return -ENAMETOOLONG;
	return make_dir(dir);
}

static int open_lock(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/lock", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

int guest_cache_lock(const char *dir)
{
	int fd = open_lock(dir);

	if (fd < 0)
		return fd;
	while (flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR) {
			int err = errno;

			close(fd);
			return -err;
		}
	}
	return fd;
}

/*
 * All of these locks are bytes of one file, which would never end if it had them:
 * nothing is left to be cleaned up.
 */
int guest_cache_lock_one(const char *dir, const char key[HASH_TEXT])
{
	struct flock byte = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	char digits[16];
	int fd = open_lock(dir);

	if (fd < 0)
		return fd;
	snprintf(digits, sizeof(digits), "%.15s", key); /* 60 bits */
	byte.l_start = (off_t)strtoull(digits, NULL, 16);
	if (fcntl(fd, F_OFD_SETLK, &byte) < 0) {
		int err = errno == EACCES ? EAGAIN : errno;

		close(fd);
		return -err;
	}
	return fd;
}

/* --- reading --- */

bool guest_freezes(void)
{
	const char *v = getenv("HALBSIM_FREEZE");

	return !v || strcmp(v, "no") != 0;
}

static int open_part(const char *dir, const char *key, const char *suffix, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s%s", dir, key, suffix) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

int guest_saved_open(struct guest_saved *s, const char *dir, const char key[HASH_TEXT])
{
	s->ram_fd = s->frozen_fd = -1;
	/* the state is written last: where it is, all is */
	s->state_fd = open_part(dir, key, ".state", O_RDONLY);
	if (s->state_fd < 0)
		return s->state_fd;
	/* QEMU opens it for writing even when it maps it privately */
	s->ram_fd = open_part(dir, key, ".ram", O_RDWR);
	if (s->ram_fd < 0) {
		int ret = s->ram_fd;

		guest_saved_close(s);
		return ret;
	}
	if (guest_freezes())
		s->frozen_fd = open_part(dir, key, ".frozen", O_RDONLY);
	if (s->frozen_fd >= 0 && !frozen_fits(s->frozen_fd)) {
		guest_saved_close(s);
		return -ESTALE;
	}
	/* its age is the time of its last use; who cannot set it does without */
	(void)!futimens(s->state_fd, NULL);
	return 0;
}

void guest_saved_close(struct guest_saved *s)
{
	fd_close(&s->ram_fd);
	fd_close(&s->state_fd);
	fd_close(&s->frozen_fd);
}

static void remove_part(const char *dir, const char *key, const char *suffix)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s%s", dir, key, suffix) < (int)sizeof(path))
		unlink(path);
}

/* The lock is held by the caller. */
static void remove_saved(const char *dir, const char key[HASH_TEXT])
{
	remove_part(dir, key, ".state");
	remove_part(dir, key, ".frozen");
	remove_part(dir, key, ".ram");
}

/* --- writing --- */

static bool is_zero(const char *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

static int write_at(int fd, const char *p, size_t len, off_t at)
{
	ssize_t n;

	while (len) {
		n = pwrite(fd, p, len, at);
		if (n < 0)
			return -errno;
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Copies from..end, but for pages of zeros. */
static int copy_pages(const char *map, off_t from, off_t end, int to)
{
	size_t len;
	int ret = 0;

	for (; ret == 0 && from < end; from += (off_t)len) {
		len = end - from < PAGE ? (size_t)(end - from) : PAGE;
		if (!is_zero(map + from, len))
			ret = write_at(to, map + from, len, from);
	}
	return ret;
}

int guest_copy_sparse(int from, int to)
{
	struct stat st;
	off_t at, end;
	char *map;
	int ret = 0;

	if (fstat(from, &st) < 0 || ftruncate(to, st.st_size) < 0)
		return -errno;
	if (st.st_size == 0)
		return 0;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, from, 0);
	if (map == MAP_FAILED)
		return -errno;
	for (end = 0; ret == 0; ret = copy_pages(map, at, end, to)) {
		at = lseek(from, end, SEEK_DATA);
		if (at < 0)
			break; /* only a hole is left */
		end = lseek(from, at, SEEK_HOLE);
		if (end < 0) {
			ret = -errno;
			break;
		}
	}
	munmap(map, (size_t)st.st_size);
	return ret;
}

/* Copies into KEY.new and renames it to KEY.SUFFIX. */
static int store_part(const char *dir, const char *key, const char *suffix, int from)
{
	char tmp[PATH_MAX], path[PATH_MAX];
	int fd, ret;

	if (snprintf(tmp, sizeof(tmp), "%s/%s.new", dir, key) >= (int)sizeof(tmp) ||
	    snprintf(path, sizeof(path), "%s/%s%s", dir, key, suffix) >=
		    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	ret = guest_copy_sparse(from, fd);
	if (close(fd) < 0 && ret == 0)
		ret = -errno;
	if (ret == 0 && rename(tmp, path) < 0)
		ret = -errno;
	if (ret < 0)
		unlink(tmp);
	return ret;
}

struct old {
	char key[HASH_TEXT];
	struct timespec used;
};

static int newest_first(const void *a, const void *b)
{
	const struct old *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? 1 : -1;
	if (x->used.tv_nsec != y->used.tv_nsec)
		return x->used.tv_nsec < y->used.tv_nsec ? 1 : -1;
	return strcmp(x->key, y->key);
}

static bool is_ours(const char *name, const char *suffix)
{
	size_t key = HASH_TEXT - 1;

	return strlen(name) == key + strlen(suffix) &&
	       strspn(name, "0123456789abcdef") == key &&
	       strcmp(name + key, suffix) == 0;
}

/*
 * Removes half-written files (we have the lock, so their writers are dead) and
 * all guests but the newest. Runs that have one open go on with it.
 */
static void clean(const char *dir)
{
	DIR *d = opendir(dir);
	struct old *v = NULL, *w;
	struct dirent *e;
	struct stat st;
	size_t n = 0, i;

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (is_ours(e->d_name, ".new"))
			unlinkat(dirfd(d), e->d_name, 0);
		if (!is_ours(e->d_name, ".state") ||
		    fstatat(dirfd(d), e->d_name, &st, 0) < 0)
			continue;
		w = realloc(v, (n + 1) * sizeof(*v));
		if (!w)
			break;
		v = w;
		snprintf(v[n].key, sizeof(v[n].key), "%.*s", HASH_TEXT - 1, e->d_name);
		v[n++].used = st.st_mtim;
	}
	if (n)
		qsort(v, n, sizeof(*v), newest_first);
	for (i = KEEP_GUESTS; i < n; i++)
		remove_saved(dir, v[i].key);
	free(v);
	closedir(d);
}

int guest_saved_store(const char *dir, const char key[HASH_TEXT], int mem_fd,
		      int state_fd, int frozen_fd)
{
	int ret = store_part(dir, key, ".ram", mem_fd);

	if (ret == 0 && frozen_fd >= 0)
		ret = store_part(dir, key, ".frozen", frozen_fd);
	else if (ret == 0)
		remove_part(dir, key, ".frozen");
	if (ret == 0)
		ret = store_part(dir, key, ".state", state_fd);
	clean(dir);
	return ret;
}
