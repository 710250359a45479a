#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "span.h"

int tree_make(const char *path)
{
	char *copy = strdup(path), *p;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	for (p = copy + (*copy == '/'); !r; p++) {
		p += strcspn(p, "/");
		if (*p) {
			*p = '\0';
			if (mkdir(copy, 0755) && errno != EEXIST)
				r = -errno;
			*p = '/';
		} else {
			if (mkdir(copy, 0755) && errno != EEXIST)
				r = -errno;
			break;
		}
	}
	free(copy);
	return r;
}

static int copy_file(const char *from, const char *to, mode_t mode)
{
	char buf[65536];
	int in, out = -1, r = 0;
	ssize_t n, w, done;

	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return -errno;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
	if (out < 0)
		goto err;
	while ((n = read(in, buf, sizeof(buf))) > 0) {
		for (done = 0; done < n; done += w) {
			w = write(out, buf + done, (size_t)(n - done));
			if (w < 0)
				goto err;
		}
	}
	if (n < 0)
		goto err;
	goto out;
err:
	r = -errno;
out:
	if (out >= 0 && close(out) && !r)
		r = -errno;
	close(in);
	return r;
}

static int copy_entry(const FTSENT *e, size_t skip, const char *to)
{
	char *path = textf("%s%s", to, e->fts_path + skip);
	int r = 0;

	if (!path)
		return -ENOMEM;
	switch (e->fts_info) {
	case FTS_D:
		r = tree_make(path);
		break;
	case FTS_F:
		r = copy_file(e->fts_accpath, path, e->fts_statp->st_mode);
		break;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		r = -e->fts_errno;
		break;
	default: /* folders left again, sockets, pipes, dead links */
		break;
	}
	free(path);
	return r;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int tree_copy(const char *from, const char *to)
{
	char *arg = strdup(from);
	char *list[] = { arg, NULL };
	size_t len;
	FTS *fts;
	FTSENT *e;
	int r = 0;

	if (!arg)
		return -ENOMEM;
	for (len = strlen(arg); len > 1 && arg[len - 1] == '/'; len--)
		arg[len - 1] = '\0';
	fts = fts_open(list, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	if (!fts) {
		r = -errno;
		goto out;
	}
	while (!r && (e = fts_read(fts)))
		r = copy_entry(e, len, to);
	fts_close(fts);
out:
	free(arg);
	return r;
}

int tree_remove(const char *path)
{
	char *arg = strdup(path);
	char *list[] = { arg, NULL };
	FTS *fts;
	FTSENT *e;
	int r = 0;

	if (!arg)
		return -ENOMEM;
	fts = fts_open(list, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!fts) {
		r = -errno;
		goto out;
	}
	while ((e = fts_read(fts))) {
		int bad = 0;

		if (e->fts_info == FTS_D)
			continue;
		if (e->fts_info == FTS_DP)
			bad = rmdir(e->fts_accpath);
		else if (e->fts_info != FTS_NS || e->fts_errno != ENOENT)
			bad = unlink(e->fts_accpath);
		if (bad && errno != ENOENT && !r)
			r = -errno;
	}
	fts_close(fts);
out:
	free(arg);
	return r;
}

int file_write(const char *path, int (*write_)(FILE *f, const void *arg), const void *arg)
{
	char *tmp = textf("%s.%d.tmp", path, (int)getpid());
	FILE *f;
	int r;

	if (!tmp)
		return -ENOMEM;
	f = fopen(tmp, "we");
	if (!f) {
		r = -errno;
		free(tmp);
		return r;
	}
	errno = 0;
	r = write_(f, arg);
	if (r == -EIO && ferror(f) && errno)
		r = -errno; /* it says what */
	if (!r && (ferror(f) || fflush(f) || fsync(fileno(f))))
		r = errno ? -errno : -EIO;
	if (fclose(f) && !r)
		r = -errno;
	if (!r && rename(tmp, path))
		r = -errno;
	if (r)
		unlink(tmp);
	free(tmp);
	return r;
}

static int put_text(FILE *f, const void *text)
{
	return fputs(text, f) == EOF ? -EIO : 0;
}

int file_write_text(const char *path, const char *text)
{
	return file_write(path, put_text, text);
}

int file_read(const char *path, char **text, size_t *len)
{
	FILE *f = fopen(path, "re");
	size_t cap = 0, n;
	char *buf = NULL, *more;
	int r = 0;

	if (!f)
		return -errno;
	*len = 0;
	do {
		if (*len + 4096 > cap) {
			cap = cap ? 2 * cap : 16384;
			more = realloc(buf, cap);
			if (!more) {
				r = -ENOMEM;
				break;
			}
			buf = more;
		}
		n = fread(buf + *len, 1, cap - *len - 1, f);
		*len += n;
	} while (n > 0);
	if (!r && ferror(f))
		r = -EIO;
	fclose(f);
	if (r) {
		free(buf);
		return r;
	}
	buf[*len] = '\0';
	*text = buf;
	return 0;
}
