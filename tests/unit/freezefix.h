/*
 * What test_freeze.c freezes: a process with something of everything, which sleeps
 * until it is asked. A question is a letter and a number; the answer is a number.
 */
#ifndef FREEZEFIX_H
#define FREEZEFIX_H

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SHARED_SIZE  (64 * 1024)
#define HEAP_SIZE    (48 * 1024) /* below what malloc() would map */
#define TOP_BLOCKS   16
#define DEEP	     (2 << 20) /* no stack is so large at the beginning */
#define HIDDEN_SIZE  (4 * 4096)
#define REGISTER_LEN 32
#define COUNT	     UINT64_C(0x1234567)
#define CONTROL	     3 /* descriptors of the child */
#define RAM_FD	     4
#define MAIL_FD	     5
#define CONSOLE_FD   6
#define MAPPED_FD    7

struct question {
	uint64_t what, value;
};

/* In static memory: that it is there again is part of what is tested. */
static struct {
	uint64_t data[1024];
	uint64_t *heap, *ram, *mail, *more;
	char *top[TOP_BLOCKS], *hidden;
	const char *mapped;
	volatile double number;
	int count_fd, poke_fd, register_fd, signal_fd, odd_fd;
	pthread_mutex_t lock;
	pthread_cond_t asked, back;
	uint64_t ask, poked, registers, answer;
	_Atomic bool spin, spins;
	_Atomic uint64_t signals;
} guest = { .lock = PTHREAD_MUTEX_INITIALIZER,
	    .asked = PTHREAD_COND_INITIALIZER,
	    .back = PTHREAD_COND_INITIALIZER,
	    .odd_fd = -1 };
static __thread uint64_t own_word;

static inline void fill_words(uint64_t *p, size_t size, uint64_t seed)
{
	for (size_t i = 0; i < size / sizeof(*p); i++)
		p[i] = seed =
			seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
}

static inline uint64_t sum(const void *p, size_t size)
{
	const unsigned char *b = p;
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < size; i++)
		h = (h ^ b[i]) * UINT64_C(1099511628211);
	return h;
}

/* --- threads: each says what it was asked in guest.answer --- */

static inline void say_back(uint64_t answer)
{
	pthread_mutex_lock(&guest.lock);
	guest.answer = answer;
	pthread_cond_signal(&guest.back);
	pthread_mutex_unlock(&guest.lock);
}

static inline void *cond_thread(void *arg)
{
	own_word = 101;
	pthread_mutex_lock(&guest.lock);
	for (;;) {
		while (!guest.ask)
			pthread_cond_wait(&guest.asked, &guest.lock);
		guest.answer = guest.ask * 3 + own_word;
		guest.ask = 0;
		pthread_cond_signal(&guest.back);
	}
	return arg;
}

static inline void *poll_thread(void *arg)
{
	struct pollfd p = { .fd = guest.poke_fd, .events = POLLIN };
	uint64_t n;

	own_word = 102;
	while (poll(&p, 1, -1) >= 0 || errno == EINTR)
		if (p.revents & POLLIN && read(p.fd, &n, sizeof(n)) == sizeof(n))
			say_back(n * 5 + own_word);
	return arg;
}

#if defined(__x86_64__)

/* Sleeps in read() with `in` in a register; `out` is what is there afterwards. */
static inline void sleep_with_register(int fd, const char *in, char *out)
{
	uint64_t n;
	long r = SYS_read;

	if (__builtin_cpu_supports("avx"))
		__asm__ volatile("vmovdqu (%[in]), %%ymm13\n\t"
				 "syscall\n\t"
				 "vmovdqu %%ymm13, (%[out])"
				 : "+a"(r)
				 : "D"((long)fd), "S"(&n),
				   "d"(sizeof(n)), [in] "r"(in), [out] "r"(out)
				 : "rcx", "r11", "xmm13", "memory");
	else
		__asm__ volatile("movdqu (%[in]), %%xmm13\n\t"
				 "syscall\n\t"
				 "movdqu %%xmm13, (%[out])"
				 : "+a"(r)
				 : "D"((long)fd), "S"(&n),
				   "d"(sizeof(n)), [in] "r"(in), [out] "r"(out)
				 : "rcx", "r11", "xmm13", "memory");
}

static inline size_t register_len(void)
{
	return __builtin_cpu_supports("avx") ? REGISTER_LEN : 16;
}

#else

static inline void sleep_with_register(int fd, const char *in, char *out)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) == sizeof(n))
		memcpy(out, in, REGISTER_LEN);
}

static inline size_t register_len(void)
{
	return REGISTER_LEN;
}

#endif

/* Rounding is in two more registers. */
static inline void *register_thread(void *arg)
{
	char in[REGISTER_LEN], out[REGISTER_LEN];

	fesetround(FE_UPWARD);
	fill_words((uint64_t *)(void *)in, sizeof(in), 77);
	for (;;) {
		memset(out, 0, sizeof(out));
		sleep_with_register(guest.register_fd, in, out);
		say_back(memcmp(in, out, register_len()) == 0 &&
					 fegetround() == FE_UPWARD
				 ? 1
				 : 2);
	}
	return arg;
}

static inline void *spin_thread(void *arg)
{
	guest.spins = true;
	while (guest.spin)
		;
	guest.spins = false;
	return arg;
}

/* Waits for what a thread answers to its being woken by a descriptor, or else by `ask`.
 */
static inline uint64_t ask_thread(int fd, uint64_t value)
{
	uint64_t answer;

	pthread_mutex_lock(&guest.lock);
	guest.answer = 0;
	if (fd < 0) {
		guest.ask = value;
		pthread_cond_signal(&guest.asked);
	} else if (write(fd, &value, sizeof(value)) != sizeof(value)) {
		_exit(21);
	}
	while (!guest.answer)
		pthread_cond_wait(&guest.back, &guest.lock);
	answer = guest.answer;
	pthread_mutex_unlock(&guest.lock);
	return answer;
}

/* --- questions --- */

static inline uint64_t swap_word(uint64_t *at, uint64_t value)
{
	uint64_t was = *at;

	*at = value;
	return was;
}

/* What is asked of the vDSO; 0 when one of them does not work. */
static inline uint64_t read_clocks(void)
{
	struct timespec mono, real, res;
	struct timeval tv;
	unsigned int cpu, node;

	if (clock_gettime(CLOCK_MONOTONIC, &mono) < 0 ||
	    clock_gettime(CLOCK_REALTIME, &real) < 0 || gettimeofday(&tv, NULL) < 0 ||
	    clock_getres(CLOCK_MONOTONIC, &res) < 0 || getcpu(&cpu, &node) < 0)
		return 0;
	if (tv.tv_sec < real.tv_sec || tv.tv_sec > real.tv_sec + 10 ||
	    time(NULL) < tv.tv_sec - 1)
		return 0;
	return (uint64_t)mono.tv_sec * 1000000000 + (uint64_t)mono.tv_nsec;
}

static inline uint64_t read_count(void)
{
	uint64_t n = 0;

	return read(guest.count_fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static inline uint64_t blocked_signals(void)
{
	uint64_t mask = 0;
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	for (int i = 1; i <= 64; i++)
		if (sigismember(&set, i) == 1)
			mask |= UINT64_C(1) << (i - 1);
	return mask;
}

/* The number of a signal that comes out of the signalfd when it is sent. */
static inline uint64_t signal_through_fd(uint64_t signo)
{
	struct signalfd_siginfo info;

	/* to the process: a thread's number is another one afterwards */
	if (kill(getpid(), (int)signo) < 0 ||
	    read(guest.signal_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return info.ssi_signo;
}

/* Of all sizes, from the heap and from maps of its own. */
static inline uint64_t allocate_and_free(uint64_t rounds)
{
	char *p[64];
	size_t size;

	for (uint64_t i = 0; i < rounds; i++) {
		for (size_t k = 0; k < 64; k++) {
			size = (size_t)1 << (4 + k % 15);
			p[k] = malloc(size);
			if (!p[k])
				return 0;
			memset(p[k], (int)k, size);
		}
		for (size_t k = 0; k < 64; k++) {
			if (p[k][0] != (int)k)
				return 0;
			free(p[k]);
		}
	}
	return 1;
}

/* One more page for the heap; no block of the C library's lies there. */
static inline uint64_t move_break(void)
{
	char *p = sbrk(4096);

	if ((intptr_t)p == -1)
		return 2;
	memset(p, 'b', 4096);
	return (char *)sbrk(0) == p + 4096 ? 1 : 3;
}

/* What lies at the end of the heap, so that the C library makes it shorter. */
static inline uint64_t free_top(void)
{
	for (size_t i = TOP_BLOCKS; i-- > 0;) {
		free(guest.top[i]);
		guest.top[i] = NULL;
	}
	return allocate_and_free(2);
}

/* A megabyte that stays, in blocks of the heap's. */
static inline uint64_t allocate_more(uint64_t seed)
{
	uint64_t *p, n;

	for (n = 0; n < 32; n++) {
		p = malloc(HEAP_SIZE);
		if (!p)
			return 0;
		fill_words(p, HEAP_SIZE, seed + n);
		p[0] = (uint64_t)(uintptr_t)guest.more;
		guest.more = p;
	}
	return 1;
}

static inline uint64_t sum_more(void)
{
	uint64_t h = 0, *p = guest.more;

	for (; p; p = (uint64_t *)(uintptr_t)p[0])
		h = h * 31 + sum(p + 1, HEAP_SIZE - sizeof(*p));
	return h;
}

static __attribute__((noinline)) uint64_t go_deep(size_t size)
{
	char *p = alloca(size);

	for (size_t i = 0; i < size; i += 512)
		p[size - 1 - i] = (char)i;
	return sum(p, size) ? 1 : 2;
}

static inline uint64_t sum_hidden(void)
{
	uint64_t h;

	if (mprotect(guest.hidden, HIDDEN_SIZE, PROT_READ) < 0)
		return 0;
	h = sum(guest.hidden, HIDDEN_SIZE);
	return mprotect(guest.hidden, HIDDEN_SIZE, PROT_NONE) == 0 ? h : 0;
}

/* What nobody can give back. */
static inline uint64_t have_odd(uint64_t kind)
{
	if (guest.odd_fd >= 0)
		close(guest.odd_fd);
	guest.odd_fd = kind == 1   ? epoll_create1(0)
		       : kind == 2 ? timerfd_create(CLOCK_MONOTONIC, 0)
		       : kind == 3 ? socket(AF_UNIX, SOCK_STREAM, 0)
				   : -1;
	return (guest.odd_fd >= 0) == (kind != 0);
}

static inline bool begin_thread(void *(*f)(void *))
{
	pthread_attr_t attr;
	pthread_t t;

	return pthread_attr_init(&attr) == 0 &&
	       pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
	       pthread_create(&t, &attr, f, NULL) == 0;
}

static inline uint64_t spin(uint64_t on)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	guest.spin = on;
	if (on && !begin_thread(spin_thread))
		return 0;
	while (guest.spins != (bool)on)
		nanosleep(&nap, NULL);
	return 1;
}

static inline void *joined_thread(void *arg)
{
	*(uint64_t *)arg = 7;
	return NULL;
}

static inline uint64_t make_thread(void)
{
	uint64_t answer = 0;
	pthread_t t;

	if (pthread_create(&t, NULL, joined_thread, &answer) != 0 ||
	    pthread_join(t, NULL) != 0)
		return 0;
	return answer;
}

static inline uint64_t console(uint64_t value)
{
	return write(CONSOLE_FD, &value, sizeof(value)) == sizeof(value);
}

static inline uint64_t nonblocking(uint64_t on)
{
	int flags = fcntl(CONTROL, F_GETFL);

	if (on && fcntl(CONTROL, F_SETFL, flags | O_NONBLOCK) < 0)
		return 2;
	return !!(fcntl(CONTROL, F_GETFL) & O_NONBLOCK);
}

/* Descriptors that are open below 32, a bit each. */
static inline uint64_t descriptors(void)
{
	uint64_t open_ones = 0;

	for (int i = 0; i < 1024; i++)
		if (fcntl(i, F_GETFD) >= 0)
			open_ones |= i < 32 ? UINT64_C(1) << i : UINT64_C(1) << 63;
	return open_ones;
}

static inline uint64_t double_bits(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

/* What it has. */
static inline uint64_t look(char what)
{
	switch (what) {
	case 'h':
		return sum(guest.heap, HEAP_SIZE);
	case 's':
		return sum(guest.data, sizeof(guest.data));
	case 'w':
		return own_word;
	case 'r':
		return sum(guest.ram, SHARED_SIZE);
	case 'm':
		return sum(guest.mail, SHARED_SIZE);
	case 'l':
		return sum(guest.mapped, 4096);
	case 'H':
		return sum_hidden();
	case 'b':
		return sum_more();
	case 'd':
		return double_bits(guest.number);
	case 't':
		return read_clocks();
	case 'i':
		return (uint64_t)getpid();
	case 'k':
		return blocked_signals();
	case 'u':
		return guest.signals;
	case 'f':
		return descriptors();
	}
	return UINT64_MAX;
}

/* What it can do; or else what it has. */
static inline uint64_t reply(char what, uint64_t value)
{
	switch (what) {
	case 'R':
		return swap_word(&guest.ram[1], value);
	case 'M':
		return swap_word(&guest.mail[1], value);
	case 'c':
		return ask_thread(-1, value);
	case 'p':
		return ask_thread(guest.poke_fd, value);
	case 'x':
		return ask_thread(guest.register_fd, 1);
	case 'e':
		return read_count();
	case 'S':
		return signal_through_fd(value);
	case 'a':
		return allocate_and_free(value);
	case 'B':
		return allocate_more(value);
	case 'F':
		return free_top();
	case 'A':
		return move_break();
	case 'g':
		return go_deep(DEEP);
	case 'E':
		return have_odd(value);
	case 'Z':
		return spin(value);
	case 'T':
		return make_thread();
	case 'C':
		return console(value);
	case 'n':
		return nonblocking(value);
	}
	return look(what);
}

static inline void answer_all(void) __attribute__((noreturn));
static inline void answer_all(void)
{
	struct pollfd p = { .fd = CONTROL, .events = POLLIN };
	struct question q;
	uint64_t a;
	ssize_t n;

	for (;;) {
		n = read(CONTROL, &q, sizeof(q));
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			poll(&p, 1, -1);
			continue;
		}
		if (n != sizeof(q) || q.what == 'q')
			_exit(n ? 0 : 22); /* nobody asks any more */
		a = reply((char)q.what, q.value);
		if (write(CONTROL, &a, sizeof(a)) != sizeof(a))
			_exit(23);
	}
}

/* --- its beginning --- */

/* What the test gives it, and what it maps of a file (-1: nothing). */
struct gifts {
	int control, ram, mail, console, mapped;
};

/* Nothing else of the test's stays open. */
static inline bool take_descriptors(const struct gifts *g)
{
	const int from[] = { g->control, g->ram, g->mail, g->console, g->mapped };
	int fd[5], null = open("/dev/null", O_RDWR), i;

	for (i = 0; i < 5; i++)
		fd[i] = from[i] < 0 ? -1 : fcntl(from[i], F_DUPFD, 64);
	for (i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			return false;
	for (i = 0; i < 5; i++)
		if (fd[i] >= 0 && dup2(fd[i], CONTROL + i) < 0)
			return false;
	return close_range(fd[4] < 0 ? MAPPED_FD : MAPPED_FD + 1, ~0u, 0) == 0;
}

static inline void *map_fd(int fd, int flags)
{
	void *p = mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static inline bool make_memory(void)
{
	guest.ram = map_fd(RAM_FD, MAP_SHARED);
	guest.mail = map_fd(MAIL_FD, MAP_SHARED);
	guest.heap = malloc(HEAP_SIZE);
	guest.hidden = map_fd(-1, MAP_PRIVATE | MAP_ANONYMOUS);
	if (!guest.ram || !guest.mail || !guest.heap || !guest.hidden)
		return false;
	fill_words(guest.data, sizeof(guest.data), 1);
	fill_words(guest.heap, HEAP_SIZE, 2);
	fill_words(guest.ram, SHARED_SIZE, 3);
	fill_words(guest.mail, SHARED_SIZE, 4);
	fill_words((uint64_t *)(void *)guest.hidden, HIDDEN_SIZE, 5);
	if (mprotect(guest.hidden, HIDDEN_SIZE, PROT_NONE) < 0)
		return false;
	if (fcntl(MAPPED_FD, F_GETFD) < 0)
		return true;
	guest.mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, MAPPED_FD, 0);
	close(MAPPED_FD);
	return guest.mapped != MAP_FAILED;
}

/* Behind what threads have on the heap, or it could not become shorter. */
static inline bool fill_top(void)
{
	for (size_t i = 0; i < TOP_BLOCKS; i++) {
		guest.top[i] = malloc(HEAP_SIZE);
		if (!guest.top[i])
			return false;
		memset(guest.top[i], 't', HEAP_SIZE);
	}
	return true;
}

static inline bool make_descriptors(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMAX);
	guest.signal_fd = signalfd(-1, &set, SFD_NONBLOCK);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_SETMASK, &set, NULL);
	guest.count_fd = eventfd(COUNT, EFD_NONBLOCK);
	guest.poke_fd = eventfd(0, 0);
	guest.register_fd = eventfd(0, 0);
	return guest.signal_fd >= 0 && guest.count_fd >= 0 && guest.poke_fd >= 0 &&
	       guest.register_fd >= 0;
}

static inline void count_signal(int signo)
{
	(void)signo;
	guest.signals++;
}

/* In a child of the test's. */
static inline void be_frozen(const struct gifts *g) __attribute__((noreturn));
static inline void be_frozen(const struct gifts *g)
{
	const struct sigaction count = { .sa_handler = count_signal,
					 .sa_flags = SA_RESTART };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGRTMIN, &count, NULL);
	if (!take_descriptors(g) || !make_memory() || !make_descriptors())
		_exit(24);
	guest.number = 1.0 / 3;
	own_word = 100;
	if (!begin_thread(cond_thread) || !begin_thread(poll_thread) ||
	    !begin_thread(register_thread) || !fill_top())
		_exit(25);
	answer_all();
}

#endif
