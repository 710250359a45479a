/* The threads of a process that is frozen: stopped, and what each goes on with. */
#include <errno.h>
#include <dirent.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "freeze_impl.h"

#define SIG_SET_SIZE 8
#define XSTATE_MAX   12288
#define FRAME_ALIGN  64

/* What the kernel has put on the stack before a signal handler (asm/sigcontext.h). */
struct frame {
	uint64_t returns_to;
	uint64_t flags, link;
	uint64_t alt_stack, alt_flags, alt_size;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2;
	uint64_t fpstate; /* an address */
	uint64_t reserved[8];
	uint64_t mask;
	uint8_t info[128];
};
#define UC_XSTATE    1
#define UC_SS	     2
#define UC_STRICT_SS 4
#define SS_OFF	     2

/* How it says how large the extended state is. */
struct xstate_says {
	uint32_t magic1, extended_size;
	uint64_t features;
	uint32_t size, padding[7];
};
#define XSTATE_SAYS_AT 464
#define XSTATE_USED_AT 512
#define XSTATE_BASIC   576
/* Tiles, which a process must ask for. */
#define XSTATE_ON_DEMAND (UINT64_C(1) << 18)
#define XSTATE_MAGIC1  0x46505853u
#define XSTATE_MAGIC2  0x46505845u

struct stopped {
	pid_t tid;
	int sig; /* that it was about to get, or 0 */
};

static bool is_seized(const struct freezing *f, pid_t tid)
{
	const struct stopped *s = (const void *)f->stopped.v;
	size_t i;

	for (i = 0; i < f->stopped.len / sizeof(*s); i++)
		if (s[i].tid == tid)
			return true;
	return false;
}

static struct stopped *last_stopped(const struct freezing *f)
{
	return (struct stopped *)(void *)(f->stopped.v + f->stopped.len) - 1;
}

static int seize(struct freezing *f, pid_t tid)
{
	struct stopped s = { .tid = tid };
	int status;

	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return -errno;
	if (freeze_add(&f->stopped, &s, sizeof(s)) < 0)
		return -ENOMEM;
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
		return -errno;
	while (waitpid(tid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_STOP)
		return 0;
	if (!WIFSTOPPED(status))
		return -ESRCH;
	last_stopped(f)->sig = WSTOPSIG(status);
	return -EAGAIN;
}

/* The process's own thread comes first. */
int freeze_threads(struct freezing *f)
{
	struct dirent *e;
	char path[64];
	int r = seize(f, f->pid);
	bool more = true;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)f->pid);
	/* One that is not stopped yet may make another. */
	while (more && r == 0) {
		more = false;
		d = opendir(path);
		if (!d)
			return -errno;
		while (r == 0 && (e = readdir(d))) {
			pid_t tid = (pid_t)strtol(e->d_name, NULL, 10);

			if (tid <= 0 || is_seized(f, tid))
				continue;
			more = true;
			r = seize(f, tid);
		}
		closedir(d);
	}
	return r;
}

void freeze_let_go(struct freezing *f)
{
	const struct stopped *s = (const void *)f->stopped.v;
	size_t i;

	for (i = 0; i < f->stopped.len / sizeof(*s); i++)
		ptrace(PTRACE_DETACH, s[i].tid, NULL, (void *)(intptr_t)s[i].sig);
}

#if defined(__x86_64__)

#include <cpuid.h>

/*
 * A sleeping thread is in the middle of a system call, which the kernel would have begun
 * again; so does ours, with all the time that it was given.
 */
static int begin_again(struct user_regs_struct *r)
{
	long long was = (long long)r->rax;

	if ((long long)r->orig_rax < 0)
		return -EAGAIN; /* it computes */
	/* ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK */
	if ((was <= -512 && was >= -514) || was == -516) {
		r->rax = r->orig_rax;
		r->rip -= 2;
		return 0;
	}
	return was == -EINTR ? 0 : -EAGAIN;
}

static void fill(struct frame *to, const struct user_regs_struct *r, uint64_t mask)
{
	*to = (struct frame){
		.flags = UC_XSTATE | UC_SS | UC_STRICT_SS, .alt_flags = SS_OFF,
		.r8 = r->r8, .r9 = r->r9, .r10 = r->r10, .r11 = r->r11, .r12 = r->r12,
		.r13 = r->r13, .r14 = r->r14, .r15 = r->r15, .rdi = r->rdi, .rsi = r->rsi,
		.rbp = r->rbp, .rbx = r->rbx, .rdx = r->rdx, .rax = r->rax, .rcx = r->rcx,
		.rsp = r->rsp, .rip = r->rip, .eflags = r->eflags,
		.cs = (uint16_t)r->cs, .ss = (uint16_t)r->ss, .mask = mask,
	};
}

/*
 * A tracer is shown room for all that the processor has. The kernel restores what a
 * process has that did not ask for more, looks for the closing word right behind that,
 * and where it is not there takes the oldest registers only.
 */
static uint32_t restored_size(uint64_t features)
{
	unsigned int i, size, at, c, d;
	uint32_t end = XSTATE_BASIC;

	for (i = 2; i < 63; i++) {
		if (!(features >> i & 1) || !__get_cpuid_count(0xd, i, &size, &at, &c, &d))
			continue;
		if (at + size > end)
			end = at + size;
	}
	return end;
}

/* The extended state as it is in a frame. Its size there, or -errno. */
static int64_t xstate(pid_t tid, char x[XSTATE_MAX + 8])
{
	struct iovec io = { x, XSTATE_MAX }; /* the kernel wants a multiple of 8 */
	const uint32_t end = XSTATE_MAGIC2;
	struct xstate_says says = { .magic1 = XSTATE_MAGIC1 };
	uint64_t used;

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_X86_XSTATE, &io) < 0)
		return -errno;
	/* here the kernel tells a tracer which features are on, there which are in use */
	memcpy(&says.features, x + XSTATE_SAYS_AT, sizeof(says.features));
	memcpy(&used, x + XSTATE_USED_AT, sizeof(used));
	if (used & XSTATE_ON_DEMAND)
		return -ENOTSUP;
	says.features &= ~XSTATE_ON_DEMAND;
	says.size = restored_size(says.features);
	if (says.size > io.iov_len)
		return -ENOTSUP;
	says.extended_size = says.size + (uint32_t)sizeof(end);
	memcpy(x + XSTATE_SAYS_AT, &says, sizeof(says));
	memcpy(x + says.size, &end, sizeof(end));
	return says.extended_size;
}

static int64_t add_aligned(struct freeze_table *t, const void *data, size_t len)
{
	static const char zero[FRAME_ALIGN];
	size_t pad = -t->len % FRAME_ALIGN;

	return freeze_add(t, zero, pad) < 0 ? -ENOMEM : freeze_add(t, data, len);
}

static int one_frame(struct freezing *f, pid_t tid, uint64_t at, struct frozen_thread *out)
{
	static char x[XSTATE_MAX + 8];
	struct user_regs_struct regs;
	struct frame frame;
	uint64_t mask;
	int64_t len, x_at, frame_at;
	int r;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs) < 0 ||
	    ptrace(PTRACE_GETSIGMASK, tid, (void *)SIG_SET_SIZE, &mask) < 0)
		return -errno;
	r = begin_again(&regs);
	if (r < 0)
		return r;
	len = xstate(tid, x);
	if (len < 0)
		return (int)len;
	x_at = add_aligned(&f->frames, x, (size_t)len);
	fill(&frame, &regs, mask);
	frame.fpstate = FROZEN_AT + at + (uint64_t)x_at;
	frame_at = x_at < 0 ? x_at : add_aligned(&f->frames, &frame, sizeof(frame));
	*out = (struct frozen_thread){ regs.fs_base, FROZEN_AT + at + (uint64_t)frame_at };
	return frame_at < 0 ? -ENOMEM : 0;
}

#else

static int one_frame(struct freezing *f, pid_t tid, uint64_t at, struct frozen_thread *out)
{
	return -ENOTSUP;
}

#endif

int freeze_frames(struct freezing *f, uint64_t at)
{
	const struct stopped *s = (const void *)f->stopped.v;
	struct frozen_thread t;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < f->stopped.len / sizeof(*s); i++) {
		r = one_frame(f, s[i].tid, at, &t);
		if (r == 0 && freeze_add(&f->threads, &t, sizeof(t)) < 0)
			r = -ENOMEM;
	}
	return r;
}
