#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_elf.h"
#include "guest_image.h"
#include "log.h"

struct item {
	char *dst;
	mode_t mode;
	char *src; /* regular files: where the content is, or NULL: data */
	void *data; /* regular files: content; symlinks: the target */
	size_t len;
};

struct guest_image {
	struct item *v; /* in the order of dst */
	size_t n, cap;
	char *libdir; /* where the C library went; NULL: not yet seen */
};

struct guest_image *guest_image_new(void)
{
	return calloc(1, sizeof(struct guest_image));
}

static void item_finish(struct item *it)
{
	free(it->dst);
	free(it->src);
	free(it->data);
}

void guest_image_free(struct guest_image *img)
{
	size_t i;

	if (!img)
		return;
	for (i = 0; i < img->n; i++)
		item_finish(&img->v[i]);
	free(img->v);
	free(img->libdir);
	free(img);
}

/* Index of dst, or where it belongs; *found says which. */
static size_t find(const struct guest_image *img, const char *dst, int *found)
{
	size_t lo = 0, hi = img->n, mid;
	int c;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		c = strcmp(dst, img->v[mid].dst);
		if (c == 0) {
			*found = 1;
			return mid;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	*found = 0;
	return lo;
}

bool guest_image_has(const struct guest_image *img, const char *dst)
{
	int found;

	find(img, dst, &found);
	return found;
}

static int same_item(const struct item *a, const struct item *b)
{
	if (a->mode != b->mode || a->len != b->len || !a->src != !b->src)
		return 0;
	if (a->src)
		return strcmp(a->src, b->src) == 0;
	return a->len == 0 || memcmp(a->data, b->data, a->len) == 0;
}

/* Takes what `it` owns, whatever the result. */
static int insert(struct guest_image *img, struct item *it)
{
	struct item *v;
	size_t at, cap;
	int found, ret = -ENOMEM;

	if (!it->dst)
		goto fail;
	ret = -EINVAL;
	if (it->dst[0] != '/' || !it->dst[1])
		goto fail;
	at = find(img, it->dst, &found);
	if (found) {
		ret = same_item(&img->v[at], it) ? 0 : -EEXIST;
		goto fail;
	}
	if (img->n == img->cap) {
		cap = img->cap ? img->cap * 2 : 64;
		v = realloc(img->v, cap * sizeof(*v));
		ret = -ENOMEM;
		if (!v)
			goto fail;
		img->v = v;
		img->cap = cap;
	}
	memmove(&img->v[at + 1], &img->v[at], (img->n - at) * sizeof(*img->v));
	img->v[at] = *it;
	img->n++;
	return 0;
fail:
	item_finish(it);
	return ret;
}

static int add_parents(struct guest_image *img, const char *dst)
{
	const char *slash = dst;
	struct item it;
	int ret;

	while ((slash = strchr(slash + 1, '/'))) {
		it = (struct item){ .dst = strndup(dst, (size_t)(slash - dst)),
				    .mode = S_IFDIR | 0755 };
		ret = insert(img, &it);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int guest_image_add_dir(struct guest_image *img, const char *dst)
{
	struct item it = { .dst = strdup(dst), .mode = S_IFDIR | 0755 };
	int ret = insert(img, &it);

	return ret < 0 ? ret : add_parents(img, dst);
}

int guest_image_add_file(struct guest_image *img, const char *dst, const char *src)
{
	struct item it = { 0 };
	struct stat st;
	int ret;

	if (stat(src, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	it.mode = S_IFREG | (st.st_mode & 0111 ? 0755 : 0644);
	it.dst = strdup(dst);
	it.src = realpath(src, NULL);
	if (!it.src) {
		item_finish(&it);
		return -errno;
	}
	ret = insert(img, &it);
	return ret < 0 ? ret : add_parents(img, dst);
}

int guest_image_add_data(struct guest_image *img, const char *dst, const void *data,
			 size_t len, mode_t perm)
{
	struct item it = { .dst = strdup(dst), .mode = S_IFREG | perm, .len = len };
	int ret;

	it.data = malloc(len ? len : 1);
	if (!it.data) {
		item_finish(&it);
		return -ENOMEM;
	}
	if (len)
		memcpy(it.data, data, len);
	ret = insert(img, &it);
	return ret < 0 ? ret : add_parents(img, dst);
}

int guest_image_add_link(struct guest_image *img, const char *dst, const char *target)
{
	struct item it = { .dst = strdup(dst),
			   .mode = S_IFLNK | 0777,
			   .data = strdup(target),
			   .len = strlen(target) };
	int ret;

	if (!it.data) {
		item_finish(&it);
		return -ENOMEM;
	}
	ret = insert(img, &it);
	return ret < 0 ? ret : add_parents(img, dst);
}

/* --- programs --- */

static int is_libc(const char *base)
{
	return strcmp(base, "libc.so.6") == 0 || strncmp(base, "libc.musl", 9) == 0;
}

/*
 * A library keeps its path. The guest has no ld.so.cache, so one that is found
 * only through that also appears beside the C library, whose folder the loader
 * always searches.
 */
static int add_library(const char *path, void *arg)
{
	struct guest_image *img = arg;
	const char *base = strrchr(path, '/') + 1;
	char beside[PATH_MAX];
	int found, ret;

	find(img, path, &found);
	if (found)
		return 0;
	ret = guest_image_add_file(img, path, path);
	if (ret < 0)
		return ret;
	if (is_libc(base) && !img->libdir) {
		img->libdir = strndup(path, (size_t)(base - path));
		return img->libdir ? 0 : -ENOMEM;
	}
	if (!img->libdir)
		return 0;
	if (snprintf(beside, sizeof(beside), "%s%s", img->libdir, base) >=
	    (int)sizeof(beside))
		return -ENAMETOOLONG;
	find(img, beside, &found);
	return found ? 0 : guest_image_add_link(img, beside, path);
}

/* The C library comes late in a loader's list; its folder must be known first. */
static int find_libc(const char *path, void *arg)
{
	return is_libc(strrchr(path, '/') + 1) ? add_library(path, arg) : 0;
}

int guest_image_add_program(struct guest_image *img, const char *dst, const char *src)
{
	int ret = guest_image_add_file(img, dst, src);

	if (ret == 0 && !img->libdir)
		ret = guest_elf_needs(src, find_libc, img);
	if (ret == 0)
		ret = guest_elf_needs(src, add_library, img);
	if (ret < 0) {
		errno = -ret;
		log_warn("cannot put %s into the guest", src);
	}
	return ret;
}

/* --- out --- */

int guest_image_hash(struct guest_image *img, struct hash *h)
{
	size_t i;
	int ret;

	for (i = 0; i < img->n; i++) {
		const struct item *it = &img->v[i];

		hash_add_text(h, it->dst);
		hash_add(h, &it->mode, sizeof(it->mode));
		if (!it->src) {
			hash_add(h, it->data, it->len);
			continue;
		}
		ret = hash_add_file(h, it->src);
		if (ret < 0) {
			errno = -ret;
			log_warn("cannot read %s", it->src);
			return ret;
		}
	}
	return 0;
}

static int write_item(struct archive *a, const struct item *it, size_t no)
{
	struct archive_entry *e = NULL;
	struct stat st = { 0 };
	void *map = NULL;
	size_t len = it->len;
	int fd = -1, ret = 0;

	if (it->src) {
		fd = open(it->src, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) < 0) {
			ret = -errno;
			goto out;
		}
		len = (size_t)st.st_size;
		if (len) {
			map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
			if (map == MAP_FAILED) {
				map = NULL;
				ret = -errno;
				goto out;
			}
		}
	}
	e = archive_entry_new();
	if (!e) {
		ret = -ENOMEM;
		goto out;
	}
	archive_entry_set_pathname(e, it->dst + 1);
	archive_entry_set_mode(e, it->mode);
	archive_entry_set_ino(e, (la_int64_t)no + 1);
	archive_entry_set_nlink(e, S_ISDIR(it->mode) ? 2 : 1);
	if (S_ISLNK(it->mode))
		archive_entry_set_symlink(e, it->data);
	archive_entry_set_size(e, S_ISREG(it->mode) ? (la_int64_t)len : 0);
	if (archive_write_header(a, e) != ARCHIVE_OK)
		ret = -EIO;
	else if (S_ISREG(it->mode) && len &&
		 archive_write_data(a, it->src ? map : it->data, len) != (la_ssize_t)len)
		ret = -EIO;
out:
	if (ret < 0) {
		errno = -ret;
		log_warn("cannot write %s into the guest's root", it->dst);
	}
	archive_entry_free(e);
	if (map)
		munmap(map, len);
	if (fd >= 0)
		close(fd);
	return ret;
}

int guest_image_write(struct guest_image *img, int fd)
{
	struct archive *a = archive_write_new();
	size_t i;
	int ret = 0;

	if (!a)
		return -ENOMEM;
	if (archive_write_set_format_cpio_newc(a) != ARCHIVE_OK ||
	    archive_write_add_filter_none(a) != ARCHIVE_OK ||
	    archive_write_open_fd(a, fd) != ARCHIVE_OK) {
		ret = -EIO;
		log_warnx("cannot write the guest's root: %s", archive_error_string(a));
		goto out;
	}
	for (i = 0; ret == 0 && i < img->n; i++)
		ret = write_item(a, &img->v[i], i);
	if (archive_write_close(a) != ARCHIVE_OK && ret == 0) {
		ret = -EIO;
		log_warnx("cannot write the guest's root: %s", archive_error_string(a));
	}
out:
	archive_write_free(a);
	return ret;
}
