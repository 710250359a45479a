/* What a process that is frozen has in memory, page by page where it is its own. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "freeze_impl.h"

#define PRESENT	   (UINT64_C(1) << 63)
#define SWAPPED	   (UINT64_C(1) << 62)
#define OF_FILE	   (UINT64_C(1) << 61) /* not its own (yet) */
#define LOOK_AT	   512		       /* pages at a time */
#define GAP_PAGES  256		       /* a hole that is worth a map of its own */
#define START_BRK  47		       /* a field of /proc/PID/stat */
#define STACK_ROOM (UINT64_C(8) << 20) /* the usual limit */

/* A line of /proc/PID/maps. */
struct vma {
	uint64_t start, end, offset;
	dev_t dev;
	ino_t ino;
	uint32_t prot;
	bool shared;
	char path[4096];
};

static bool read_vma(const char *line, struct vma *v)
{
	unsigned int major, minor;
	uint64_t ino;
	char perm[5];
	int at = 0;

	if (sscanf(line,
		   "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n",
		   &v->start, &v->end, perm, &v->offset, &major, &minor, &ino, &at) < 7)
		return false;
	v->dev = makedev(major, minor);
	v->ino = (ino_t)ino;
	v->prot = (perm[0] == 'r' ? PROT_READ : 0u) | (perm[1] == 'w' ? PROT_WRITE : 0u) |
		  (perm[2] == 'x' ? PROT_EXEC : 0u);
	v->shared = perm[3] == 's';
	snprintf(v->path, sizeof(v->path), "%s", line + at);
	v->path[strcspn(v->path, "\n")] = '\0';
	return true;
}

static int add_map(struct freezing *f, struct frozen_map m)
{
	return freeze_add(&f->maps, &m, sizeof(m)) < 0 ? -ENOMEM : 0;
}

/* --- pages --- */

static int write_all(int fd, const char *p, size_t len, uint64_t at)
{
	ssize_t n;

	for (; len; p += n, len -= (size_t)n, at += (uint64_t)n) {
		n = pwrite(fd, p, len, (off_t)at);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* One run of pages, with holes where they are zero. */
static int copy_run(struct freezing *f, uint64_t from, uint64_t end)
{
	static const char zero[FROZEN_PAGE];
	static char buf[LOOK_AT * FROZEN_PAGE];
	uint64_t n, i;
	int r = 0;

	for (; r == 0 && from < end; from += n) {
		n = end - from < sizeof(buf) ? end - from : sizeof(buf);
		if (pread(f->mem_fd, buf, n, (off_t)from) != (ssize_t)n)
			return -EIO;
		for (i = 0; r == 0 && i < n; i += FROZEN_PAGE)
			if (memcmp(buf + i, zero, FROZEN_PAGE) != 0)
				r = write_all(f->fd, buf + i, FROZEN_PAGE, f->at + i);
		f->at += n;
	}
	return r;
}

static int add_run(struct freezing *f, const struct vma *v, uint64_t from, uint64_t end)
{
	struct frozen_map m = { .start = from, .end = end, .at = f->at,
				.kind = FROZEN_PAGES, .prot = v->prot };
	int r = add_map(f, m);

	return r == 0 ? copy_run(f, from, end) : r;
}

/* Lays the pages that are the process's own over what is mapped there. */
static int own_pages(struct freezing *f, const struct vma *v, uint64_t gap)
{
	uint64_t page[LOOK_AT], addr, from = 0, last = 0, n, i;
	bool run = false;
	int r = 0;

	for (addr = v->start; r == 0 && addr < v->end; addr += n * FROZEN_PAGE) {
		n = (v->end - addr) / FROZEN_PAGE;
		n = n < LOOK_AT ? n : LOOK_AT;
		if (pread(f->pagemap_fd, page, n * 8, (off_t)(addr / FROZEN_PAGE * 8)) !=
		    (ssize_t)(n * 8))
			return -EIO;
		for (i = 0; r == 0 && i < n; i++) {
			if (!(page[i] & (PRESENT | SWAPPED)) || page[i] & OF_FILE)
				continue;
			if (run && addr + i * FROZEN_PAGE - last > gap * FROZEN_PAGE) {
				r = add_run(f, v, from, last);
				run = false;
			}
			if (!run)
				from = addr + i * FROZEN_PAGE;
			run = true;
			last = addr + (i + 1) * FROZEN_PAGE;
		}
	}
	return r == 0 && run ? add_run(f, v, from, last) : r;
}

/* --- kinds of maps --- */

static bool is_known(const struct freezing *f, const struct vma *v, uint32_t role)
{
	return freeze_is_known(f, role, v->dev, v->ino);
}

static int shared_map(struct freezing *f, const struct vma *v)
{
	static const uint32_t roles[] = { FROZEN_RAM, FROZEN_MAIL };
	size_t i;

	for (i = 0; i < 2; i++)
		if (is_known(f, v, roles[i]))
			return add_map(f, (struct frozen_map){ v->start, v->end, v->offset,
							       FROZEN_SHARED, v->prot,
							       roles[i], 0 });
	return -ENOTSUP;
}

/* Its number in the table of files. */
static int64_t file_number(struct freezing *f, const struct vma *v)
{
	const struct frozen_file *have = (const void *)f->files.v;
	size_t i, n = f->files.len / sizeof(*have);
	struct frozen_file file;
	struct stat st;

	for (i = 0; i < n; i++)
		if (have[i].dev == v->dev && have[i].ino == v->ino)
			return (int64_t)i;
	if (stat(v->path, &st) < 0)
		return -errno;
	if (st.st_ino != v->ino || st.st_dev != v->dev)
		return -ENOTSUP; /* replaced since */
	file = (struct frozen_file){ st.st_dev, st.st_ino, (uint64_t)st.st_size,
				     (uint64_t)st.st_mtim.tv_sec,
				     (uint64_t)st.st_mtim.tv_nsec, f->texts.len };
	if (freeze_add(&f->texts, v->path, strlen(v->path) + 1) < 0 ||
	    freeze_add(&f->files, &file, sizeof(file)) < 0)
		return -ENOMEM;
	return (int64_t)n;
}

static int file_map(struct freezing *f, const struct vma *v)
{
	int64_t n = file_number(f, v);
	int r;

	if (n < 0)
		return (int)n;
	r = add_map(f, (struct frozen_map){ v->start, v->end, v->offset, FROZEN_FILE,
					    v->prot, (uint32_t)n, 0 });
	return r == 0 ? own_pages(f, v, 0) : r;
}

static int empty_map(struct freezing *f, const struct vma *v)
{
	int r = add_map(f, (struct frozen_map){ v->start, v->end, 0, FROZEN_EMPTY, v->prot,
						0, 0 });

	return r == 0 ? own_pages(f, v, GAP_PAGES) : r;
}

/* It may grow, which is over when it is an ordinary map; so it has all its room now. */
static int stack_map(struct freezing *f, const struct vma *v, uint64_t below)
{
	uint64_t start = below + FROZEN_PAGE;
	int r;

	if (v->end > STACK_ROOM && start < v->end - STACK_ROOM)
		start = v->end - STACK_ROOM;
	if (start > v->start)
		start = v->start;
	r = add_map(f, (struct frozen_map){ start, v->end, 0, FROZEN_EMPTY, v->prot, 0, 0 });
	return r == 0 ? own_pages(f, v, GAP_PAGES) : r;
}

static int vdso_map(struct freezing *f, const struct vma *v)
{
	size_t len = v->end - v->start;
	char *p = malloc(len);
	int r = -ENOMEM;

	if (p)
		r = pread(f->mem_fd, p, len, (off_t)v->start) == (ssize_t)len ? 0 : -EIO;
	if (r == 0)
		r = freeze_vdso(p, len);
	if (r == 0)
		r = add_map(f, (struct frozen_map){ v->start, v->end, f->at, FROZEN_PAGES,
						    v->prot, 0, 0 });
	if (r == 0)
		r = write_all(f->fd, p, len, f->at);
	f->at += len;
	free(p);
	return r;
}

/* The map before it has its end at `below`. */
static int one_map(struct freezing *f, const struct vma *v, uint64_t below)
{
	if (v->start >= FROZEN_TOP || !strncmp(v->path, "[vvar", 5))
		return 0; /* the kernel's own */
	if (v->start < FROZEN_SELF + FROZEN_SELF_SIZE && v->end > FROZEN_AT)
		/* that of a process that was thawed itself goes with it */
		return v->start >= FROZEN_AT ? 0 : -ENOTSUP;
	if (!strcmp(v->path, "[vdso]"))
		return vdso_map(f, v);
	if (!strcmp(v->path, "[stack]"))
		return stack_map(f, v, below);
	if (v->shared)
		return shared_map(f, v);
	if (is_known(f, v, FROZEN_RAM) || is_known(f, v, FROZEN_MAIL))
		return -ENOTSUP; /* what it has changed there would be lost */
	if (is_known(f, v, FROZEN_SPENT))
		return add_map(f, (struct frozen_map){ v->start, v->end, 0, FROZEN_EMPTY,
						       v->prot, 0, 0 });
	if (is_known(f, v, FROZEN_IMAGE))
		return add_run(f, v, v->start, v->end);
	return v->ino ? file_map(f, v) : empty_map(f, v);
}

/* --- heap --- */

/* Where it begins says only this (proc(5): start_brk); where it ends, the maps. */
static int find_heap(struct freezing *f)
{
	char path[64], text[2048], *p;
	FILE *in;
	size_t n;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)f->pid);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	n = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	text[n] = '\0';
	p = strrchr(text, ')'); /* the second field, which may have anything in it */
	for (i = 2; p && i < START_BRK; i++)
		p = strchr(p + 1, ' ');
	f->heap = p ? strtoull(p, NULL, 10) : 0;
	if (!f->heap)
		return -ENOTSUP;
	f->heap = (f->heap + FROZEN_PAGE - 1) / FROZEN_PAGE * FROZEN_PAGE;
	f->heap_end = f->heap;
	return 0;
}

/* That of a process that was thawed itself is partly of its file. */
static void note_heap(struct freezing *f, const struct vma *v)
{
	if (v->start == f->heap_end && !v->shared &&
	    (!strcmp(v->path, "[heap]") || is_known(f, v, FROZEN_IMAGE)))
		f->heap_end = v->end;
}

int freeze_maps(struct freezing *f)
{
	static struct vma v;
	char path[64], *line = NULL;
	uint64_t below = 0;
	size_t size = 0;
	FILE *in;
	int r = find_heap(f);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)f->pid);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	while (r == 0 && getline(&line, &size, in) > 0) {
		r = read_vma(line, &v) ? one_map(f, &v, below) : -ENOTSUP;
		note_heap(f, &v);
		below = v.end;
	}
	free(line);
	fclose(in);
	return r;
}

/* --- vDSO --- */

#if defined(__x86_64__)

#include <sys/syscall.h>

static int stub(char *at, const char *name)
{
	static const struct {
		const char *name;
		int nr;
	} calls[] = {
		{ "clock_gettime", SYS_clock_gettime }, { "gettimeofday", SYS_gettimeofday },
		{ "clock_getres", SYS_clock_getres },	{ "time", SYS_time },
		{ "getcpu", SYS_getcpu },		{ "getrandom", SYS_getrandom },
	};
	size_t i;

	if (!strncmp(name, "__vdso_", 7))
		name += 7;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(name, calls[i].name) != 0)
			continue;
		at[0] = (char)0xb8; /* mov $nr, %eax */
		memcpy(at + 1, &calls[i].nr, 4);
		memcpy(at + 5, "\x0f\x05\xc3", 3); /* syscall; ret */
	}
	return 0;
}

int freeze_vdso(char *page, size_t len)
{
	const Elf64_Ehdr *e = (const void *)page;
	const Elf64_Shdr *s, *str;
	const Elf64_Sym *sym;
	uint64_t i, k;

	if (len < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) != 0 ||
	    e->e_shoff > len || (len - e->e_shoff) / sizeof(*s) < e->e_shnum)
		return -ENOTSUP;
	s = (const void *)(page + e->e_shoff);
	for (i = 0; i < e->e_shnum; i++) {
		if (s[i].sh_type != SHT_DYNSYM || s[i].sh_link >= e->e_shnum)
			continue;
		str = &s[s[i].sh_link];
		sym = (const void *)(page + s[i].sh_offset);
		if (s[i].sh_offset > len || s[i].sh_size > len - s[i].sh_offset ||
		    str->sh_offset > len || str->sh_size > len - str->sh_offset)
			return -ENOTSUP;
		for (k = 0; k < s[i].sh_size / sizeof(*sym); k++)
			if (sym[k].st_value && sym[k].st_value + 8 <= len &&
			    sym[k].st_name < str->sh_size)
				stub(page + sym[k].st_value, page + str->sh_offset + sym[k].st_name);
		return 0;
	}
	return -ENOTSUP;
}

#else

int freeze_vdso(char *page, size_t len)
{
	return -ENOTSUP;
}

#endif
