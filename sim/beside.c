/* Implementation for programs in our own memory: what the kernel's execve() does. */
#include "beside.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE	   ((size_t)4096)
#define PHDRS_MAX  16
#define STACK_SIZE ((size_t)1 << 20)
#define WORDS_MAX  4096
#define RANDOM_LEN 16
#define RED_ZONE   256 /* and some: below what the program finds on its stack */

static size_t page_down(size_t n)
{
	return n & ~(PAGE - 1);
}

static size_t page_up(size_t n)
{
	return page_down(n + PAGE - 1);
}

struct program {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[PHDRS_MAX];
};

static int read_at(int fd, void *buf, size_t len, size_t at)
{
	ssize_t n = pread(fd, buf, len, (off_t)at);

	return n < 0 ? -errno : (size_t)n == len ? 0 : -ENOEXEC;
}

/* Reads its headers. Bytes that it spans in memory, or -errno. */
static ssize_t read_program(int fd, struct program *p)
{
	size_t i, end = 0;
	int r = read_at(fd, &p->eh, sizeof(p->eh), 0);

	if (r < 0)
		return r;
	if (memcmp(p->eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    p->eh.e_ident[EI_CLASS] != ELFCLASS64 || p->eh.e_machine != EM_X86_64 ||
	    p->eh.e_type != ET_DYN || p->eh.e_phentsize != sizeof(p->ph[0]) ||
	    p->eh.e_phnum > PHDRS_MAX)
		return -ENOEXEC;
	r = read_at(fd, p->ph, p->eh.e_phnum * sizeof(p->ph[0]), p->eh.e_phoff);
	for (i = 0; r == 0 && i < p->eh.e_phnum; i++) {
		if (p->ph[i].p_type == PT_INTERP)
			return -ENOEXEC;
		if (p->ph[i].p_type != PT_LOAD)
			continue;
		if (!end && (p->ph[i].p_vaddr || p->ph[i].p_offset))
			return -ENOEXEC; /* its headers are not where we say they are */
		end = page_up(p->ph[i].p_vaddr + p->ph[i].p_memsz);
	}
	return r < 0 ? r : end ? (ssize_t)end : -ENOEXEC;
}

static int protection(const Elf64_Phdr *ph)
{
	return (ph->p_flags & PF_R ? PROT_READ : 0) |
	       (ph->p_flags & PF_W ? PROT_WRITE : 0) |
	       (ph->p_flags & PF_X ? PROT_EXEC : 0);
}

/* What is in the file, then zeros. 0 or -errno. */
static int map_segment(char *base, int fd, const Elf64_Phdr *ph)
{
	size_t from = page_down(ph->p_vaddr), file = ph->p_vaddr + ph->p_filesz;
	size_t mapped = page_up(file), end = page_up(ph->p_vaddr + ph->p_memsz);

	if (ph->p_filesz &&
	    mmap(base + from, file - from, protection(ph), MAP_PRIVATE | MAP_FIXED, fd,
		 (off_t)page_down(ph->p_offset)) == MAP_FAILED)
		return -errno;
	if (ph->p_memsz > ph->p_filesz && ph->p_filesz)
		memset(base + file, 0, mapped - file);
	if (end > mapped && mprotect(base + mapped, end - mapped, protection(ph)) < 0)
		return -errno;
	return 0;
}

/*
 * Pages come when they are touched, as after execve(), also where all of our own memory
 * is locked (run_stage.h): first nothing is accessible, so that locking gets none.
 */
static int map_program(struct beside *b, int fd, const struct program *p, size_t span)
{
	size_t i;
	int r = 0;

	/* (The page between them catches overflows.) */
	b->len = span + PAGE + STACK_SIZE;
	b->base = mmap(NULL, b->len, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b->base == MAP_FAILED) {
		b->base = NULL;
		return -errno;
	}
	munlock(b->base, b->len);
	for (i = 0; r == 0 && i < p->eh.e_phnum; i++)
		if (p->ph[i].p_type == PT_LOAD)
			r = map_segment(b->base, fd, &p->ph[i]);
	if (r == 0 &&
	    mprotect(b->base + span + PAGE, STACK_SIZE, PROT_READ | PROT_WRITE) < 0)
		r = -errno;
	munlock(b->base, b->len);
	/* Our forks need none of it, and would have both copy what they write to. */
	madvise(b->base, b->len, MADV_DONTFORK);
	return r;
}

/* --- what a program finds on its stack --- */

struct words {
	uint64_t v[WORDS_MAX];
	size_t n;
	char *at;    /* texts lie from here on, up to the end of the stack */
	char *limit; /* and not below this */
	int error;
};

static void put_word(struct words *w, uint64_t v)
{
	if (w->n == WORDS_MAX)
		w->error = -E2BIG;
	else
		w->v[w->n++] = v;
}

static uint64_t put_bytes(struct words *w, const void *data, size_t len)
{
	if ((size_t)(w->at - w->limit) < len) {
		w->error = -E2BIG;
		return 0;
	}
	w->at -= len;
	memcpy(w->at, data, len);
	return (uint64_t)(uintptr_t)w->at;
}

static void put_texts(struct words *w, char *const text[])
{
	for (; *text; text++)
		put_word(w, put_bytes(w, *text, strlen(*text) + 1));
	put_word(w, 0);
}

static void put_aux(struct words *w, uint64_t type, uint64_t value)
{
	put_word(w, type);
	put_word(w, value);
}

/* What the kernel has told us holds for it too, but for what is the program's own. */
static void put_auxv(struct words *w, const struct beside *b, const struct program *p)
{
	static const uint64_t same[] = {
		AT_SYSINFO_EHDR, AT_HWCAP, AT_HWCAP2, AT_PAGESZ, AT_CLKTCK,
		AT_UID,		 AT_EUID,  AT_GID,    AT_EGID,	 AT_MINSIGSTKSZ,
	};
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		put_aux(w, same[i], getauxval(same[i]));
	put_aux(w, AT_PHDR, (uint64_t)(uintptr_t)b->base + p->eh.e_phoff);
	put_aux(w, AT_PHENT, p->eh.e_phentsize);
	put_aux(w, AT_PHNUM, p->eh.e_phnum);
	put_aux(w, AT_ENTRY, (uint64_t)(uintptr_t)b->entry);
	if (random)
		put_aux(w, AT_RANDOM, put_bytes(w, random, RANDOM_LEN));
	put_aux(w, AT_NULL, 0);
}

static int put_stack(struct beside *b, const struct program *p, char *const argv[],
		     char *const envp[])
{
	char *top = b->base + b->len;
	struct words w = { .at = top, .limit = top - STACK_SIZE / 4 };
	size_t argc = 0;

	while (argv[argc])
		argc++;
	put_word(&w, argc);
	put_texts(&w, argv);
	put_texts(&w, envp);
	put_auxv(&w, b, p);
	if (w.error)
		return w.error;
	/* System V ABI, AMD64 3.4.1: on a multiple of 16. */
	w.at -= (uintptr_t)w.at % 16 + (w.n + w.n % 2) * sizeof(w.v[0]);
	memcpy(w.at, w.v, w.n * sizeof(w.v[0]));
	b->sp = w.at;
	return 0;
}

/* --- the interface --- */

int beside_load(struct beside *b, const char *path, char *const argv[],
		char *const envp[])
{
	struct program p;
	ssize_t span;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	span = read_program(fd, &p);
	r = span < 0 ? (int)span : map_program(b, fd, &p, (size_t)span);
	close(fd);
	if (r == 0) {
		b->entry = b->base + p.eh.e_entry;
		r = put_stack(b, &p, argv, envp);
	}
	if (r < 0)
		beside_free(b);
	return r;
}

void *beside_stack(const struct beside *b)
{
	return (char *)b->sp - RED_ZONE;
}

void beside_enter(const struct beside *b)
{
#ifdef __x86_64__
	const struct rlimit none = { 0, 0 };
	void *sp = b->sp, *entry = b->entry;

	/* It has what it needs: no break that is moved, no mapping that outlives it. */
	if (setrlimit(RLIMIT_DATA, &none) < 0)
		_exit(127);
	close_range(3, ~0U, 0);
	/* (rdx: no function to be called at exit) */
	__asm__ volatile("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\txor %%edx, %%edx\n\tjmp *%1"
			 :
			 : "a"(sp), "c"(entry)
			 : "memory");
	__builtin_unreachable();
#else
	(void)b;
	_exit(127); /* read_program() has refused it */
#endif
}

void beside_free(struct beside *b)
{
	if (b->base)
		munmap(b->base, b->len);
	memset(b, 0, sizeof(*b));
}
