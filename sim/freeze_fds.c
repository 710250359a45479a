/* What descriptors a process that is frozen has, and what is to be there instead. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "freeze_impl.h"

/* The value of a line `name:` in /proc/PID/fdinfo/FD, or 0. */
static uint64_t info(const char *text, const char *name, int base)
{
	const char *p = strstr(text, name);

	return p ? strtoull(p + strlen(name), NULL, base) : 0;
}

static int read_info(const struct freezing *f, int fd, char *buf, size_t size)
{
	char path[64];
	int in;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)f->pid, fd);
	in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return -errno;
	n = read(in, buf, size - 1);
	close(in);
	if (n < 0)
		return -EIO;
	buf[n] = '\0';
	return 0;
}

static uint32_t known_role(const struct freezing *f, const struct stat *st)
{
	uint32_t role;

	for (role = FROZEN_RAM; role < FROZEN_NROLES; role++)
		if (freeze_is_known(f, role, st->st_dev, st->st_ino))
			return role;
	return FROZEN_NONE;
}

/* What only we have given it may be missing afterwards; what it made itself may not. */
static int classify(const struct freezing *f, const char *path, const char *text,
		    struct frozen_fd *out)
{
	struct stat st, null;
	char link[64];
	ssize_t n = readlink(path, link, sizeof(link) - 1);

	if (n < 0 || stat(path, &st) < 0 || stat("/dev/null", &null) < 0)
		return -errno;
	link[n] = '\0';
	out->role = known_role(f, &st);
	if (S_ISCHR(st.st_mode) && st.st_rdev == null.st_rdev)
		out->role = FROZEN_NULL;
	if (!strcmp(link, "anon_inode:[eventfd]")) {
		out->role = FROZEN_EVENT;
		out->value = info(text, "eventfd-count:", 16);
	} else if (!strcmp(link, "anon_inode:[signalfd]")) {
		out->role = FROZEN_SIGNAL;
		out->value = info(text, "sigmask:", 16);
	} else if (!strncmp(link, "anon_inode:", 11) || S_ISSOCK(st.st_mode)) {
		return out->role ? 0 : -ENOTSUP;
	}
	return 0;
}

static int one_fd(struct freezing *f, int fd)
{
	struct frozen_fd out = { .fd = fd };
	char path[64], text[1024];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)f->pid, fd);
	r = read_info(f, fd, text, sizeof(text));
	if (r < 0)
		return r;
	out.flags = (uint32_t)info(text, "flags:", 8);
	r = classify(f, path, text, &out);
	if (r < 0 || out.role == FROZEN_NONE || out.role >= FROZEN_SPENT)
		return r;
	return freeze_add(&f->fds, &out, sizeof(out)) < 0 ? -ENOMEM : 0;
}

int freeze_fds(struct freezing *f)
{
	char path[64], *end;
	struct dirent *e;
	int r = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)f->pid);
	d = opendir(path);
	if (!d)
		return -errno;
	while (r == 0 && (e = readdir(d))) {
		long fd = strtol(e->d_name, &end, 10);

		if (end != e->d_name)
			r = one_fd(f, (int)fd);
	}
	closedir(d);
	return r;
}
