#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_pack.h"
#include "log.h"

#define CHUNK (1 << 16)

static const char *why(struct archive *a)
{
	const char *text = archive_error_string(a);

	return text ? text : "damaged";
}

static int pack_content(struct archive *a, int fd, off_t size)
{
	static char buf[CHUNK];
	size_t want;
	ssize_t n;

	while (size > 0) {
		want = size < CHUNK ? (size_t)size : CHUNK;
		n = read(fd, buf, want);
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO; /* it shrank meanwhile */
		if (archive_write_data(a, buf, (size_t)n) != n)
			return -ENOSPC;
		size -= n;
	}
	return 0;
}

static int pack_tree(struct archive *a, int dfd, const char *prefix);

/* Below a folder: opens it and packs what is in it. */
static int pack_below(struct archive *a, int dfd, const char *name, const char *path)
{
	int fd = openat(dfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = pack_tree(a, fd, path);
	close(fd);
	return ret;
}

static int pack_one(struct archive *a, int dfd, const char *name, const char *path)
{
	struct archive_entry *e = NULL;
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int fd = -1, ret = -ENOMEM;

	if (fstatat(dfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	e = archive_entry_new();
	if (!e)
		return -ENOMEM;
	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, st.st_mode & (S_IFMT | 0777));
	archive_entry_set_nlink(e, 1);
	archive_entry_set_size(e, 0);
	if (S_ISREG(st.st_mode)) {
		fd = openat(dfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		/* its size may have changed since */
		if (fd < 0 || fstat(fd, &st) < 0) {
			ret = -errno;
			goto out;
		}
		archive_entry_set_size(e, st.st_size);
	} else if (S_ISLNK(st.st_mode)) {
		n = readlinkat(dfd, name, target, sizeof(target) - 1);
		if (n < 0) {
			ret = -errno;
			goto out;
		}
		target[n] = '\0';
		archive_entry_set_symlink(e, target);
	} else if (!S_ISDIR(st.st_mode)) {
		ret = S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode) ? 0 : -EPERM;
		goto out;
	}
	ret = archive_write_header(a, e) == ARCHIVE_OK ? 0 : -ENOSPC;
	if (ret == 0 && fd >= 0)
		ret = pack_content(a, fd, st.st_size);
	if (ret == 0 && S_ISDIR(st.st_mode))
		ret = pack_below(a, dfd, name, path);
out:
	if (fd >= 0)
		close(fd);
	archive_entry_free(e);
	return ret;
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int pack_tree(struct archive *a, int dfd, const char *prefix)
{
	char path[PATH_MAX];
	struct dirent **list;
	int i, n, ret = 0;

	n = scandirat(dfd, ".", &list, not_dots, by_name);
	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		if (ret == 0) {
			if (snprintf(path, sizeof(path), "%s%s%s", prefix,
				     *prefix ? "/" : "",
				     list[i]->d_name) >= (int)sizeof(path))
				ret = -ENAMETOOLONG;
			else
				ret = pack_one(a, dfd, list[i]->d_name, path);
			if (ret < 0 && ret != -ENOSPC) {
				errno = -ret;
				log_warn("cannot pack %s", path);
			}
		}
		free(list[i]);
	}
	free(list);
	return ret;
}

int guest_pack(const char *dir, void *buf, size_t size, size_t *used)
{
	struct archive *a = archive_write_new();
	int ret;

	*used = 0;
	if (!a)
		return -ENOMEM;
	if (archive_write_set_format_cpio_newc(a) != ARCHIVE_OK ||
	    archive_write_add_filter_none(a) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open_memory(a, buf, size, used) != ARCHIVE_OK) {
		log_warnx("cannot pack %s: %s", dir, why(a));
		archive_write_free(a);
		return -EIO;
	}
	ret = pack_below(a, AT_FDCWD, dir, "");
	if (archive_write_close(a) != ARCHIVE_OK && ret == 0)
		ret = -ENOSPC;
	if (ret == -ENOSPC)
		log_warnx("%s is larger than the %zu MiB that fit", dir, size >> 20);
	archive_write_free(a);
	return ret;
}

static size_t walk_room; /* nftw() hands nothing through */

static int add_room(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	/* a header, the name (twice its length covers a symlink's target too) */
	walk_room += 256 + 2 * strlen(path);
	if (type == FTW_F || type == FTW_SL)
		walk_room += (size_t)st->st_size + 8;
	return 0;
}

int guest_pack_room(const char *dir, size_t *room)
{
	walk_room = 4096; /* the trailer, and what writing in blocks rounds up to */
	if (nftw(dir, add_room, 16, FTW_PHYS) < 0)
		return -errno;
	*room = (walk_room + 4095) & ~(size_t)4095;
	return 0;
}

/* A full disk, most likely. */
static int cannot_write(struct archive *to, const char *path)
{
	int err = archive_errno(to) > 0 ? archive_errno(to) : EIO;

	errno = err;
	log_warn("cannot write %s", path);
	return -err;
}

static int copy_content(struct archive *from, struct archive *to, const char *path)
{
	const void *p;
	size_t n;
	la_int64_t at;
	int r;

	while ((r = archive_read_data_block(from, &p, &n, &at)) == ARCHIVE_OK) {
		if (archive_write_data_block(to, p, n, at) != ARCHIVE_OK)
			return cannot_write(to, path);
	}
	if (r != ARCHIVE_EOF) {
		log_warnx("cannot unpack: %s", why(from));
		return -EIO;
	}
	return 0;
}

static int unpack_one(struct archive *from, struct archive *to, struct archive_entry *e,
		      const char *dir)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, archive_entry_pathname(e)) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	archive_entry_set_pathname(e, path);
	if (archive_write_header(to, e) != ARCHIVE_OK)
		return cannot_write(to, path);
	return archive_entry_size(e) > 0 ? copy_content(from, to, path) : 0;
}

int guest_unpack(const void *buf, size_t len, const char *dir)
{
	struct archive *from = archive_read_new(), *to = archive_write_disk_new();
	struct archive_entry *e;
	char *real = realpath(dir, NULL);
	int r, ret = 0;

	if (!from || !to || !real) {
		ret = real ? -ENOMEM : -errno;
		goto out;
	}
	archive_read_support_format_cpio(from);
	archive_write_disk_set_options(to, ARCHIVE_EXTRACT_PERM |
						   ARCHIVE_EXTRACT_SECURE_NODOTDOT |
						   ARCHIVE_EXTRACT_SECURE_SYMLINKS);
	if (archive_read_open_memory(from, buf, len) != ARCHIVE_OK) {
		ret = -EIO;
		goto out;
	}
	while (ret == 0 && (r = archive_read_next_header(from, &e)) != ARCHIVE_EOF) {
		if (r != ARCHIVE_OK) {
			log_warnx("cannot unpack: %s", why(from));
			ret = -EIO;
		} else {
			ret = unpack_one(from, to, e, real);
		}
	}
	if (ret == 0 && archive_write_close(to) != ARCHIVE_OK) {
		log_warnx("cannot unpack into %s: %s", dir, why(to));
		ret = -EIO;
	}
out:
	if (from)
		archive_read_free(from);
	if (to)
		archive_write_free(to);
	free(real);
	return ret;
}
