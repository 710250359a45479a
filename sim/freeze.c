/* Implementation for freezing a process: its parts, and the file that they make. */
#include "freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "freeze_impl.h"
#include "hash.h"

#define TRIES 1000

bool freeze_is_known(const struct freezing *f, uint32_t role, dev_t dev, ino_t ino)
{
	const struct freeze_known *k = &f->known[role];

	return ino && k->ino == ino && k->dev == dev;
}

int64_t freeze_add(struct freeze_table *t, const void *data, size_t len)
{
	size_t at = t->len, room = t->room ? t->room : 4096;
	char *v;

	while (room < t->len + len)
		room *= 2;
	if (room > t->room) {
		v = realloc(t->v, room);
		if (!v)
			return -ENOMEM;
		t->v = v;
		t->room = room;
	}
	if (len)
		memcpy(t->v + at, data, len);
	t->len += len;
	return (int64_t)at;
}

/* --- the processor --- */

/* Its name and what it can do: of that depends what is compiled, and how. */
uint64_t frozen_cpu(void)
{
	static const char *const lines[] = { "vendor_id", "model name", "flags" };
	char *line = NULL, text[HASH_TEXT], digits[17];
	size_t size = 0, i;
	unsigned int seen = 0;
	struct hash h;
	FILE *f = fopen("/proc/cpuinfo", "re");

	if (!f)
		return 0;
	hash_init(&h);
	while (seen != 7 && getline(&line, &size, f) > 0) {
		for (i = 0; i < 3; i++) {
			if (seen & 1u << i || strncmp(line, lines[i], strlen(lines[i])) != 0)
				continue;
			seen |= 1u << i;
			hash_add_text(&h, line);
		}
	}
	free(line);
	fclose(f);
	hash_text(&h, text);
	snprintf(digits, sizeof(digits), "%.16s", text);
	return strtoull(digits, NULL, 16);
}

/* --- the file --- */

static int put(int fd, uint64_t *at, const struct freeze_table *t, uint64_t *where)
{
	*where = *at;
	if (t->len && pwrite(fd, t->v, t->len, (off_t)*at) != (ssize_t)t->len)
		return errno ? -errno : -EIO;
	*at = (*at + t->len + 63) / 64 * 64;
	return 0;
}

/* Paths were noted by where they are among themselves. */
static void settle_paths(struct freezing *f, uint64_t at)
{
	struct frozen_file *v = (void *)f->files.v;
	size_t i;

	for (i = 0; i < f->files.len / sizeof(*v); i++)
		v[i].path += at;
}

static int write_table(struct freezing *f)
{
	struct frozen head = {
		.magic = FROZEN_MAGIC,
		.size = FREEZE_TABLES,
		.cpu = frozen_cpu(),
		.nthread = f->threads.len / sizeof(struct frozen_thread),
		.nmap = f->maps.len / sizeof(struct frozen_map),
		.nfile = f->files.len / sizeof(struct frozen_file),
		.nfd = f->fds.len / sizeof(struct frozen_fd),
		.heap = f->heap,
		.heap_end = f->heap_end,
	};
	uint64_t at = FROZEN_PAGE, where;
	int r = put(f->fd, &at, &f->texts, &where);

	settle_paths(f, where);
	if (r == 0)
		r = put(f->fd, &at, &f->maps, &head.map);
	if (r == 0)
		r = put(f->fd, &at, &f->files, &head.file);
	if (r == 0)
		r = put(f->fd, &at, &f->fds, &head.fd);
	if (r == 0)
		r = put(f->fd, &at, &f->threads, &head.thread);
	if (r == 0 && at > FREEZE_FRAMES)
		r = -E2BIG;
	at = FREEZE_FRAMES;
	if (r == 0)
		r = put(f->fd, &at, &f->frames, &where);
	if (r == 0 && at > FREEZE_TABLES)
		r = -E2BIG;
	if (r == 0 && pwrite(f->fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		r = errno ? -errno : -EIO;
	return r;
}

static int open_in(const struct freezing *f, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)f->pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void finish(struct freezing *f)
{
	freeze_let_go(f);
	fd_close(&f->mem_fd);
	fd_close(&f->pagemap_fd);
	free(f->stopped.v);
	free(f->threads.v);
	free(f->maps.v);
	free(f->files.v);
	free(f->fds.v);
	free(f->texts.v);
	free(f->frames.v);
}

static int attempt(pid_t pid, const struct freeze_known known[FROZEN_NROLES], int fd)
{
	struct freezing f = { .pid = pid, .known = known, .fd = fd, .mem_fd = -1,
			      .pagemap_fd = -1, .at = FREEZE_TABLES };
	int r = freeze_threads(&f);

	/* Threads first: of one that is at work nothing else need be looked at. */
	if (r == 0)
		r = freeze_frames(&f, FREEZE_FRAMES);
	if (r == 0)
		r = f.mem_fd = open_in(&f, "mem");
	if (r >= 0)
		r = f.pagemap_fd = open_in(&f, "pagemap");
	if (r >= 0)
		r = freeze_fds(&f);
	if (r >= 0)
		r = freeze_maps(&f);
	if (r >= 0)
		r = write_table(&f);
	if (r >= 0 && ftruncate(fd, (off_t)f.at) < 0)
		r = -errno;
	finish(&f);
	return r < 0 ? r : 0;
}

int freeze(pid_t pid, const struct freeze_known known[FROZEN_NROLES], int fd)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	int tries, r = -EAGAIN;

	/* It may still be about to fall asleep. */
	for (tries = 0; r == -EAGAIN && tries < TRIES; tries++) {
		nanosleep(&nap, NULL);
		r = attempt(pid, known, fd);
	}
	return r;
}

int freeze_possible(void)
{
	int r = 0;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		for (;;)
			pause();
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		r = -errno;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return r;
}

/* --- reading --- */

static bool same_file(const struct frozen_file *f, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == f->dev && st.st_ino == f->ino &&
	       (uint64_t)st.st_size == f->size && (uint64_t)st.st_mtim.tv_sec == f->mtime_s &&
	       (uint64_t)st.st_mtim.tv_nsec == f->mtime_ns;
}

bool frozen_fits(int fd)
{
	const struct frozen *h;
	const struct frozen_file *file;
	struct stat st;
	bool fits;
	uint64_t i;
	char *p;

	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size < FREEZE_TABLES)
		return false;
	p = mmap(NULL, FREEZE_TABLES, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	h = (const void *)p;
	fits = h->magic == FROZEN_MAGIC && h->size == FREEZE_TABLES && h->cpu == frozen_cpu();
	file = (const void *)(p + h->file);
	for (i = 0; fits && i < h->nfile; i++)
		fits = same_file(&file[i], p + file[i].path);
	munmap(p, FREEZE_TABLES);
	return fits;
}
