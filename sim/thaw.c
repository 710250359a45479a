/*
 * halbthaw: becomes the process that a file holds (frozen.h).
 *
 *	halbthaw FILE RAM RAM-SHARED MAIL
 *
 * All four are numbers: descriptors, but for the third, which is 1 where what the
 * process writes to its memory goes to RAM and 0 where it stays its own. Every other
 * descriptor is as the process wants it (unfreeze.c).
 *
 * It has no C library, as it takes its own address space away: everything but itself,
 * which lies where no program does. Then come the maps, then the threads, each of which
 * goes on by returning from a signal that never was. It exits with THAW_FAILED when a
 * call fails.
 */
#include <asm/prctl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "frozen.h"

#define THAW_FAILED 125
#define ARGS	    4
#define O_RDONLY    0
#define SIGPIPE	    13
#define SIG_SIZE    8
#define SIG_SETMASK 2
#define STACK	    65536

typedef long word;

static word call(word nr, word a, word b, word c, word d, word e, word f)
{
	register word r10 __asm__("r10") = d;
	register word r8 __asm__("r8") = e;
	register word r9 __asm__("r9") = f;
	word r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

static void give_up(word nr, word err) __attribute__((noreturn));
static void give_up(word nr, word err)
{
	(void)nr;
	(void)err;
	for (;;)
		call(SYS_exit_group, THAW_FAILED, 0, 0, 0, 0, 0);
}

static word must(word nr, word a, word b, word c, word d, word e, word f)
{
	word r = call(nr, a, b, c, d, e, f);

	if (r < 0 && r > -4096)
		give_up(nr, r);
	return r;
}

static void map(uint64_t start, uint64_t end, word prot, word flags, word fd, uint64_t at)
{
	must(SYS_mmap, (word)start, (word)(end - start), prot, MAP_FIXED | flags, fd,
	     (word)at);
}

static void unmap(uint64_t start, uint64_t end)
{
	if (start < end)
		must(SYS_munmap, (word)start, (word)(end - start), 0, 0, 0, 0);
}

struct gift {
	word file, ram, ram_shared, mail;
};

/* Maps of one file come one after the other. */
static word file_of(const struct frozen *f, uint32_t what, word fd, uint32_t *have)
{
	const struct frozen_file *v = (const void *)(FROZEN_AT + f->file);

	if (fd >= 0 && *have == what)
		return fd;
	if (fd >= 0)
		call(SYS_close, fd, 0, 0, 0, 0, 0);
	*have = what;
	return must(SYS_open, (word)(FROZEN_AT + v[what].path), O_RDONLY, 0, 0, 0, 0);
}

static void make_maps(const struct frozen *f, const struct gift *g)
{
	const struct frozen_map *m = (const void *)(FROZEN_AT + f->map);
	uint32_t have = 0;
	word fd = -1;
	uint64_t i;

	for (i = 0; i < f->nmap; i++, m++) {
		switch ((enum frozen_kind)m->kind) {
		case FROZEN_EMPTY:
			map(m->start, m->end, m->prot,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
			break;
		case FROZEN_PAGES:
			map(m->start, m->end, m->prot, MAP_PRIVATE | MAP_NORESERVE, g->file,
			    m->at);
			break;
		case FROZEN_FILE:
			fd = file_of(f, m->what, fd, &have);
			map(m->start, m->end, m->prot, MAP_PRIVATE, fd, m->at);
			break;
		case FROZEN_SHARED:
			if (m->what == FROZEN_MAIL)
				map(m->start, m->end, m->prot, MAP_SHARED, g->mail, m->at);
			else
				map(m->start, m->end, m->prot,
				    (g->ram_shared ? MAP_SHARED : MAP_PRIVATE) |
					    MAP_NORESERVE,
				    g->ram, m->at);
			break;
		}
	}
	if (fd >= 0)
		call(SYS_close, fd, 0, 0, 0, 0, 0);
}

/*
 * The kernel would go on with our heap. The C library asks it where the heap ends,
 * believes the answer and cuts off what is beyond.
 */
static void set_heap(const struct frozen *f)
{
	const struct prctl_mm_map m = {
		/* nobody asks for these, but they must be before it */
		.start_code = f->heap - 2,
		.end_code = f->heap - 1,
		.start_data = f->heap - 1,
		.end_data = f->heap - 1,
		.start_brk = f->heap,
		.brk = f->heap_end,
		.start_stack = FROZEN_SELF,
		.arg_start = FROZEN_SELF,
		.arg_end = FROZEN_SELF,
		.env_start = FROZEN_SELF,
		.env_end = FROZEN_SELF,
		.exe_fd = ~0u,
	};

	must(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, (word)&m, sizeof(m), 0, 0);
}

/* The rest of a thread's state is in its frame. */
static void go_on(uint64_t frame) __attribute__((noreturn));
static void go_on(uint64_t frame)
{
	/* the kernel looks for it eight bytes above, where a handler has returned from */
	__asm__ volatile("mov %0, %%rsp\n\t"
			 "mov %1, %%eax\n\t"
			 "syscall\n\t"
			 "hlt"
			 :
			 : "r"(frame + 8), "i"(SYS_rt_sigreturn)
			 : "memory");
	__builtin_unreachable();
}

/* A new thread has no stack but its frame. */
static void start_thread(const struct frozen_thread *t)
{
	const word flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			   CLONE_SYSVSEM | CLONE_SETTLS;
	register word r10 __asm__("r10") = 0;
	register word r8 __asm__("r8") = (word)t->tls;
	word r = SYS_clone;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov %[nr], %%eax\n\t"
			 "syscall\n\t"
			 "hlt\n"
			 "1:"
			 : "+a"(r)
			 : "D"(flags), "S"(t->frame + 8), "d"(0), "r"(r10), "r"(r8),
			   [nr] "i"(SYS_rt_sigreturn)
			 : "rcx", "r11", "memory");
	if (r < 0)
		give_up(SYS_clone, r);
}

static void thaw(const struct gift *g) __attribute__((noreturn));
static void thaw(const struct gift *g)
{
	const struct frozen *f = (const void *)FROZEN_AT;
	const struct frozen_thread *t;
	struct {
		uint64_t handler, flags, restorer, mask;
	} ignore = { 1, 0, 0, 0 };
	const uint64_t all = ~UINT64_C(0);
	uint64_t i;

	map(FROZEN_AT, FROZEN_AT + FROZEN_PAGE, PROT_READ, MAP_PRIVATE, g->file, 0);
	map(FROZEN_AT, FROZEN_AT + f->size, PROT_READ, MAP_PRIVATE, g->file, 0);
	unmap(0, FROZEN_AT);
	unmap(FROZEN_AT + f->size, FROZEN_SELF);
	unmap(FROZEN_SELF + FROZEN_SELF_SIZE, FROZEN_TOP);
	make_maps(f, g);
	set_heap(f);
	call(SYS_close, g->file, 0, 0, 0, 0, 0);
	call(SYS_close, g->ram, 0, 0, 0, 0, 0);
	call(SYS_close, g->mail, 0, 0, 0, 0, 0);
	must(SYS_rt_sigaction, SIGPIPE, (word)&ignore, 0, SIG_SIZE, 0, 0);
	/* until each thread has its own mask: what the process blocks would end it */
	must(SYS_rt_sigprocmask, SIG_SETMASK, (word)&all, 0, SIG_SIZE, 0, 0);
	call(SYS_prctl, PR_SET_NAME, (word) "qemu-thawed", 0, 0, 0, 0);
	t = (const void *)(FROZEN_AT + f->thread);
	for (i = 1; i < f->nthread; i++)
		start_thread(&t[i]);
	must(SYS_arch_prctl, ARCH_SET_FS, (word)t[0].tls, 0, 0, 0, 0);
	go_on(t[0].frame);
}

static word number(const char *text)
{
	word n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (*text - '0');
	if (*text)
		give_up(SYS_execve, 0);
	return n;
}

/* On the stack that the kernel made, which goes away. */
void begin(const word *stack) __attribute__((noreturn, used));
static struct gift given;
static _Alignas(64) char own_stack[STACK];

static void on_own_stack(void) __attribute__((noreturn, used));
static void on_own_stack(void)
{
	thaw(&given);
}

void begin(const word *stack)
{
	const char *const *argv = (const char *const *)(stack + 1);

	if (stack[0] != ARGS + 1)
		give_up(SYS_execve, 0);
	given.file = number(argv[1]);
	given.ram = number(argv[2]);
	given.ram_shared = number(argv[3]);
	given.mail = number(argv[4]);
	__asm__ volatile("mov %0, %%rsp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "call %P1\n\t"
			 "hlt"
			 :
			 : "r"(own_stack + STACK - 64), "i"(on_own_stack)
			 : "memory");
	__builtin_unreachable();
}

__asm__(".globl _start\n"
	"_start:\n\t"
	"xor %ebp, %ebp\n\t"
	"mov %rsp, %rdi\n\t"
	"and $-16, %rsp\n\t"
	"call begin\n\t"
	"hlt\n");
