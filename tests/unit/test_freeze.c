/* A process is frozen, and goes on in copies: all of freezefix.h must be there again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fd.h"
#include "freeze.h"
#include "freezefix.h"
#include "sanitized.h"
#include "unfreeze.h"

#define PATIENCE_MS 20000
#define AT_MOST_S   300
#define SIGNALS	    20000
#define CPU_AT	    offsetof(struct frozen, cpu)

/* A process of ours, and our ends of what it has. */
struct proc {
	pid_t pid;
	int fd, ram, mail, console;
	struct freeze_known known[FROZEN_NROLES];
};

struct fix {
	struct proc p;
	int image;
};

static const char *reason; /* why nothing can be tested here */

#define need_tracing()                                                                 \
	do {                                                                           \
		if (reason) {                                                          \
			print_message("skipped: %s\n", reason);                        \
			skip();                                                        \
		}                                                                      \
	} while (0)

/* --- processes --- */

static uint64_t ask(struct proc *p, char what, uint64_t value)
{
	struct question q = { (uint64_t)what, value };
	struct pollfd wait = { .fd = p->fd, .events = POLLIN };
	uint64_t a;

	if (send(p->fd, &q, sizeof(q), MSG_NOSIGNAL) != sizeof(q))
		fail_msg("'%c': nobody hears it", what);
	if (poll(&wait, 1, PATIENCE_MS) != 1)
		fail_msg("'%c': no answer", what);
	if (recv(p->fd, &a, sizeof(a), MSG_WAITALL) != sizeof(a))
		fail_msg("'%c': it has ended", what);
	return a;
}

static int file_of_size(off_t size)
{
	int fd = memfd_create("freeze-test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

/* Maps show a file on a disk. */
static int disk_file(void)
{
	char path[] = "/tmp/halbsim-freeze.XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

static void know(struct proc *p, enum frozen_role role, int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	p->known[role] = (struct freeze_known){ st.st_dev, st.st_ino };
}

/* Its files, and the socket: the other end is the result. */
static int prepare(struct proc *p, int ram)
{
	int sv[2];

	*p = (struct proc){ .ram = ram,
			    .mail = file_of_size(SHARED_SIZE),
			    .console = disk_file() };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	p->fd = sv[0];
	know(p, FROZEN_RAM, p->ram);
	know(p, FROZEN_MAIL, p->mail);
	know(p, FROZEN_CONSOLE, p->console);
	know(p, FROZEN_CONTROL, sv[1]);
	return sv[1];
}

static void start(struct proc *p, int mapped)
{
	int control = prepare(p, file_of_size(SHARED_SIZE));

	p->pid = fork();
	if (p->pid == 0)
		be_frozen(&(struct gifts){ control, p->ram, p->mail, p->console,
					   mapped });
	assert_true(p->pid > 0);
	close(control);
}

/* Its status. Waits, but not for ever: -1. */
static int reap(pid_t pid)
{
	int status, ms;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		usleep(1000);
	}
	return -1;
}

static void end(struct proc *p)
{
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		reap(p->pid);
	}
	fd_close(&p->fd);
	fd_close(&p->ram);
	fd_close(&p->mail);
	fd_close(&p->console);
	p->pid = 0;
}

/* What the build made beside us. */
static const char *program(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	char *slash = NULL;

	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 2; i++) {
		slash = strrchr(path, '/');
		assert_non_null(slash);
		*slash = '\0';
	}
	strcat(path, "/halbthaw");
	return path;
}

/* Where everything is at the same address in each run. */
static void fixed_addresses(void)
{
	int was = personality(0xffffffff);

	if (was >= 0)
		personality((unsigned long)was | ADDR_NO_RANDOMIZE);
}

static void thaw(struct proc *p, int image, int ram, bool shared)
{
	const char *name = program();
	int control = prepare(p, ram);
	const struct unfreeze u = {
		.program = name,
		.image_fd = image,
		.role = { [FROZEN_RAM] = p->ram,
			  [FROZEN_MAIL] = p->mail,
			  [FROZEN_CONSOLE] = p->console,
			  [FROZEN_SERIAL] = -1,
			  [FROZEN_CONTROL] = control,
			  [FROZEN_SPENT] = -1,
			  [FROZEN_IMAGE] = -1 },
		.ram_shared = shared,
		.keep_fd = -1,
	};

	know(p, FROZEN_IMAGE, image);
	p->pid = fork();
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fixed_addresses();
		unfreeze(&u);
		_exit(127);
	}
	assert_true(p->pid > 0);
	close(control);
}

/* The same file as another description. */
static int again(int fd)
{
	int other = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	assert_true(other >= 0);
	return other;
}

static uint64_t word(int fd, off_t at)
{
	uint64_t v;

	assert_int_equal(pread(fd, &v, sizeof(v), at), sizeof(v));
	return v;
}

static uint64_t pattern(size_t size, uint64_t seed)
{
	uint64_t *p = malloc(size), h;

	assert_non_null(p);
	fill_words(p, size, seed);
	h = sum(p, size);
	free(p);
	return h;
}

/* What each of them answers to, the original too. */
static void goes_on(struct proc *p)
{
	uint64_t then;

	assert_int_equal(ask(p, 'i', 0), p->pid);
	assert_int_equal(ask(p, 'h', 0), pattern(HEAP_SIZE, 2));
	assert_int_equal(ask(p, 's', 0), pattern(sizeof(guest.data), 1));
	assert_int_equal(ask(p, 'r', 0), pattern(SHARED_SIZE, 3));
	assert_int_equal(ask(p, 'd', 0), double_bits(1.0 / 3));
	assert_int_equal(ask(p, 'w', 0), 100);
	assert_int_equal(ask(p, 'c', 5), 5 * 3 + 101);
	assert_int_equal(ask(p, 'p', 7), 7 * 5 + 102);
	assert_int_equal(ask(p, 'x', 0), 1);
	assert_int_equal(ask(p, 'x', 0), 1);
	then = ask(p, 't', 0);
	assert_true(then > 0);
	assert_true(ask(p, 't', 0) > then);
}

/* --- fixture: one that is frozen, and still there --- */

static void freeze_it(struct proc *p, int image)
{
	int r = freeze(p->pid, p->known, image);

	if (r < 0)
		fail_msg("freeze: %s", strerror(-r));
}

static int set_up(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->image = -1;
	f->p = (struct proc){ .fd = -1, .ram = -1, .mail = -1, .console = -1 };
	*state = f;
	if (reason)
		return 0;
	f->image = disk_file();
	start(&f->p, -1);
	ask(&f->p, 'i', 0);
	return 0;
}

static int tear_down(void **state)
{
	struct fix *f = *state;

	end(&f->p);
	fd_close(&f->image);
	free(f);
	return 0;
}

/* A copy of it; the original and its files are gone. */
static void become(struct fix *f, bool shared)
{
	int ram = again(f->p.ram);

	end(&f->p);
	thaw(&f->p, f->image, ram, shared);
}

/* --- what is the same afterwards --- */

static void freeze__original_goes_on(void **state)
{
	struct fix *f = *state;
	uint64_t open_ones;

	need_tracing();
	goes_on(&f->p);
	open_ones = ask(&f->p, 'f', 0);
	freeze_it(&f->p, f->image);
	goes_on(&f->p);
	assert_int_equal(ask(&f->p, 'e', 0), COUNT);
	assert_int_equal(ask(&f->p, 'm', 0), pattern(SHARED_SIZE, 4));
	assert_int_equal(ask(&f->p, 'f', 0), open_ones);
	ask(&f->p, 'R', 11);
	assert_int_equal(word(f->p.ram, 8), 11);
	assert_int_equal(ask(&f->p, 'T', 0), 7);
}

static void freeze__copy_goes_on(void **state)
{
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	goes_on(&f->p);
}

static void freeze__counts_and_signals(void **state)
{
	const uint64_t usr1 = 1u << (SIGUSR1 - 1), winch = 1u << (SIGWINCH - 1);
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'e', 0), COUNT);
	assert_int_equal(ask(&f->p, 'e', 0), 0);
	assert_int_equal(ask(&f->p, 'k', 0),
			 usr1 | winch | UINT64_C(1) << (SIGRTMAX - 1));
	assert_int_equal(ask(&f->p, 'S', SIGUSR1), SIGUSR1);
	assert_int_equal(ask(&f->p, 'S', (uint64_t)SIGRTMAX), SIGRTMAX);
}

/* On one processor the first thread is at work before the others have gone on. */
static void freeze__signal_at_once(void **state)
{
	struct fix *f = *state;
	cpu_set_t all, one;

	need_tracing();
	freeze_it(&f->p, f->image);
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
		become(f, false);
		assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
		assert_int_equal(ask(&f->p, 'S', SIGUSR1), SIGUSR1);
	}
}

static void freeze__descriptors_are_those_that_it_had(void **state)
{
	struct fix *f = *state;
	uint64_t had;
	struct stat st;

	need_tracing();
	had = ask(&f->p, 'f', 0);
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'f', 0), had);
	assert_int_equal(ask(&f->p, 'C', 99), 1);
	assert_int_equal(fstat(f->p.console, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(word(f->p.console, 0), 99);
}

static void freeze__socket_stays_nonblocking(void **state)
{
	struct fix *f = *state;

	need_tracing();
	assert_int_equal(ask(&f->p, 'n', 1), 1);
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'n', 0), 1);
}

static void freeze__heap_grows_and_shrinks(void **state)
{
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'a', 20), 1);
	assert_int_equal(ask(&f->p, 'B', 1), 1);
	assert_int_equal(ask(&f->p, 'a', 20), 1);
	assert_int_equal(ask(&f->p, 'h', 0), pattern(HEAP_SIZE, 2));
	assert_int_equal(ask(&f->p, 'A', 0), 1);
}

/* The C library gives the end of its heap back where the kernel says that it is. */
static void freeze__end_of_heap_is_given_back(void **state)
{
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'F', 0), 1);
	assert_int_equal(ask(&f->p, 'B', 1), 1);
	assert_int_equal(ask(&f->p, 'a', 20), 1);
	goes_on(&f->p);
}

static void freeze__stack_grows(void **state)
{
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'g', 0), 1);
}

static void freeze__hidden_pages_are_not_lost(void **state)
{
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'H', 0), pattern(HIDDEN_SIZE, 5));
}

static void freeze__threads_can_be_made(void **state)
{
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'T', 0), 7);
}

/* --- several --- */

/* Neither sees the other's memory; one of them shares it with the file. */
static void freeze__private_and_shared_at_once(void **state)
{
	struct fix *f = *state;
	struct proc own, shared;

	need_tracing();
	freeze_it(&f->p, f->image);
	thaw(&own, f->image, again(f->p.ram), false);
	thaw(&shared, f->image, again(f->p.ram), true);
	end(&f->p);
	goes_on(&own);
	goes_on(&shared);
	ask(&own, 'R', 1111);
	ask(&own, 'M', 2222);
	assert_int_not_equal(word(own.ram, 8), 1111);
	assert_int_equal(word(own.mail, 8), 2222);
	assert_int_not_equal(ask(&shared, 'R', 3333), 1111);
	assert_int_equal(word(shared.ram, 8), 3333);
	assert_int_equal(ask(&own, 'R', 4444), 1111);
	assert_int_equal(word(shared.ram, 8), 3333);
	assert_int_not_equal(word(shared.mail, 8), 2222);
	end(&own);
	end(&shared);
}

static void freeze__thawed_one_again(void **state)
{
	int second = -1;
	struct fix *f = *state;
	uint64_t more;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, true);
	assert_int_equal(ask(&f->p, 'B', 9), 1);
	more = ask(&f->p, 'b', 0);
	second = disk_file();
	freeze_it(&f->p, second);
	assert_int_equal(ask(&f->p, 'b', 0), more);
	/* of the first nothing is needed */
	assert_int_equal(ftruncate(f->image, 0), 0);
	close(f->image);
	f->image = second;
	become(f, true);
	assert_int_equal(ask(&f->p, 'b', 0), more);
	goes_on(&f->p);
	assert_int_equal(ask(&f->p, 'e', 0), COUNT);
	assert_int_equal(ask(&f->p, 'F', 0), 1);
	assert_int_equal(ask(&f->p, 'B', 10), 1);
	assert_int_equal(ask(&f->p, 'a', 20), 1);
	assert_int_equal(ask(&f->p, 'g', 0), 1);
	assert_int_equal(ask(&f->p, 'H', 0), pattern(HIDDEN_SIZE, 5));
	assert_int_equal(ask(&f->p, 'A', 0), 1);
}

/* --- what cannot be frozen --- */

static void freeze__private_memory_of_the_callers(void **state)
{
	struct fix *f = *state;
	int second;

	need_tracing();
	freeze_it(&f->p, f->image);
	become(f, false);
	ask(&f->p, 'i', 0);
	second = disk_file();
	assert_int_equal(freeze(f->p.pid, f->p.known, second), -ENOTSUP);
	close(second);
	goes_on(&f->p);
}

static void freeze__descriptors_of_no_known_kind(void **state)
{
	struct fix *f = *state;

	need_tracing();
	for (uint64_t kind = 1; kind <= 3; kind++) {
		assert_int_equal(ask(&f->p, 'E', kind), 1);
		assert_int_equal(freeze(f->p.pid, f->p.known, f->image), -ENOTSUP);
	}
	assert_int_equal(ask(&f->p, 'E', 0), 1);
	freeze_it(&f->p, f->image);
	goes_on(&f->p);
}

static void freeze__shared_memory_of_nobodys(void **state)
{
	struct fix *f = *state;

	need_tracing();
	f->p.known[FROZEN_MAIL].ino = 0;
	assert_int_equal(freeze(f->p.pid, f->p.known, f->image), -ENOTSUP);
	goes_on(&f->p);
}

static void freeze__busy_one(void **state)
{
	struct fix *f = *state;

	need_tracing();
	assert_int_equal(ask(&f->p, 'Z', 1), 1);
	assert_int_equal(freeze(f->p.pid, f->p.known, f->image), -EAGAIN);
	assert_int_equal(ask(&f->p, 'Z', 0), 1);
	freeze_it(&f->p, f->image);
	goes_on(&f->p);
}

/* Signals that wait for each other, at no moment that it could prepare for. */
static void send_signals(pid_t to) __attribute__((noreturn));
static void send_signals(pid_t to)
{
	const union sigval none = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < SIGNALS; i++) {
		if (sigqueue(to, SIGRTMIN, none) < 0)
			_exit(1);
		usleep((useconds_t)(i % 7) * 10);
	}
	_exit(0);
}

static void freeze__signals_meanwhile_are_not_lost(void **state)
{
	struct fix *f = *state;
	int status, r;
	pid_t pid;

	need_tracing();
	pid = fork();
	if (pid == 0)
		send_signals(f->p.pid);
	assert_true(pid > 0);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		r = freeze(f->p.pid, f->p.known, f->image);
		assert_true(r == 0 || r == -EAGAIN);
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(ask(&f->p, 'u', 0), SIGNALS);
	goes_on(&f->p);
}

static void freeze__nobody(void **state)
{
	struct fix *f = *state;

	need_tracing();
	assert_true(freeze(getpid(), f->p.known, f->image) < 0);
	kill(f->p.pid, SIGKILL);
	usleep(100000);
	assert_true(freeze(f->p.pid, f->p.known, f->image) < 0);
	/* it is still the caller's to wait for */
	assert_int_not_equal(reap(f->p.pid), -1);
	assert_true(freeze(f->p.pid, f->p.known, f->image) < 0);
	f->p.pid = 0;
}

/* --- reading --- */

static void fits__only_what_was_frozen_here(void **state)
{
	struct fix *f = *state;
	uint64_t cpu = frozen_cpu() + 1;
	int empty;

	need_tracing();
	empty = disk_file();
	assert_false(frozen_fits(empty));
	assert_int_equal(ftruncate(empty, 4 << 20), 0);
	assert_false(frozen_fits(empty));
	close(empty);
	freeze_it(&f->p, f->image);
	assert_true(frozen_fits(f->image));
	assert_int_equal(pwrite(f->image, &cpu, sizeof(cpu), CPU_AT), sizeof(cpu));
	assert_false(frozen_fits(f->image));
	cpu--;
	assert_int_equal(pwrite(f->image, &cpu, sizeof(cpu), CPU_AT), sizeof(cpu));
	assert_true(frozen_fits(f->image));
}

/* A file that another process maps, which is what is changed about it. */
struct mapped {
	char path[64];
	int fd;
};

static void map_file(struct fix *f, struct mapped *m)
{
	snprintf(m->path, sizeof(m->path), "/tmp/halbsim-mapped.XXXXXX");
	m->fd = mkostemp(m->path, O_CLOEXEC);
	assert_true(m->fd >= 0);
	assert_int_equal(ftruncate(m->fd, 8192), 0);
	assert_int_equal(pwrite(m->fd, "x", 1, 0), 1);
	end(&f->p);
	start(&f->p, m->fd);
	ask(&f->p, 'i', 0);
}

static void fits__not_with_other_files(void **state)
{
	struct fix *f = *state;
	struct timespec t[2];
	struct mapped m;
	struct stat st;

	need_tracing();
	map_file(f, &m);
	freeze_it(&f->p, f->image);
	assert_true(frozen_fits(f->image));
	assert_int_equal(fstat(m.fd, &st), 0);
	t[0] = t[1] = st.st_mtim;
	t[1].tv_sec++;
	assert_int_equal(futimens(m.fd, t), 0);
	assert_false(frozen_fits(f->image));
	t[1] = st.st_mtim;
	t[1].tv_nsec ^= 1;
	assert_int_equal(futimens(m.fd, t), 0);
	assert_false(frozen_fits(f->image));
	t[1] = st.st_mtim;
	assert_int_equal(futimens(m.fd, t), 0);
	assert_true(frozen_fits(f->image));
	assert_int_equal(ftruncate(m.fd, 4096), 0);
	assert_int_equal(futimens(m.fd, t), 0);
	assert_false(frozen_fits(f->image)); /* its size */
	unlink(m.path);
	assert_false(frozen_fits(f->image));
	close(m.fd);
}

static void freeze__file_is_mapped_again(void **state)
{
	struct fix *f = *state;
	struct mapped m;
	uint64_t was;

	need_tracing();
	map_file(f, &m);
	was = ask(&f->p, 'l', 0);
	freeze_it(&f->p, f->image);
	become(f, false);
	assert_int_equal(ask(&f->p, 'l', 0), was);
	unlink(m.path);
	assert_int_equal(freeze(f->p.pid, f->p.known, f->image) < 0, true);
	close(m.fd);
}

/* It has read that and needs no more; the pages are empty then. */
static void freeze__spent_file(void **state)
{
	struct fix *f = *state;
	struct mapped m;

	need_tracing();
	map_file(f, &m);
	know(&f->p, FROZEN_SPENT, m.fd);
	unlink(m.path);
	freeze_it(&f->p, f->image);
	assert_true(frozen_fits(f->image));
	become(f, false);
	goes_on(&f->p);
	assert_int_equal(ask(&f->p, 'l', 0), sum((char[4096]){ 0 }, 4096));
	close(m.fd);
}

/* --- what cannot be thawed --- */

static void failed(int status)
{
	assert_int_not_equal(status, -1);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

static void thaw__damaged(void **state)
{
	struct fix *f = *state;

	need_tracing();
	freeze_it(&f->p, f->image);
	assert_int_equal(ftruncate(f->image, 2 << 20), 0);
	become(f, false);
	failed(reap(f->p.pid));
	f->p.pid = 0;
}

static void thaw__file_is_gone(void **state)
{
	struct fix *f = *state;
	struct mapped m;
	int status;

	need_tracing();
	map_file(f, &m);
	freeze_it(&f->p, f->image);
	unlink(m.path);
	close(m.fd);
	become(f, false);
	status = reap(f->p.pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 125);
	f->p.pid = 0;
}

static int run(const char *a, const char *b, const char *c, const char *d)
{
	const char *path = program();
	pid_t pid = fork();

	if (pid == 0) {
		execl(path, "halbthaw", a, b, c, d, NULL);
		_exit(127);
	}
	return reap(pid);
}

static void thaw__wrong_arguments(void **state)
{
	(void)state;
	need_tracing();
	assert_int_equal(WEXITSTATUS(run(NULL, NULL, NULL, NULL)), 125);
	assert_int_equal(WEXITSTATUS(run("3", "4", "0", NULL)), 125);
	assert_int_equal(WEXITSTATUS(run("x", "4", "0", "5")), 125);
	assert_int_equal(WEXITSTATUS(run("900", "901", "0", "902")), 125);
}

/* A caller that lacks what the process had. */
static void thaw__nothing_to_give(void **state)
{
	struct fix *f = *state;
	struct unfreeze u = { .program = "/nowhere", .keep_fd = -1 };
	int status;
	pid_t pid;

	need_tracing();
	freeze_it(&f->p, f->image);
	u.image_fd = f->image;
	memset(u.role, 0xff, sizeof(u.role));
	pid = fork();
	if (pid == 0)
		_exit(-unfreeze(&u));
	status = reap(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EBADF);
}

/* --- all --- */

static unsigned int descriptors_here(void)
{
	unsigned int n = 0;
	DIR *d = opendir("/proc/self/fd");

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static unsigned int had;

static void leaks__nothing(void **state)
{
	(void)state;
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(descriptors_here(), had);
}

static const char *why_not(void)
{
	pid_t pid;
	bool may;

	if (SANITIZED)
		return "instrumented programs have memory everywhere";
#if !defined(__x86_64__)
	return "not this processor";
#endif
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	may = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 || errno != EPERM;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return may ? NULL : "tracing is not permitted";
}

#define frozen(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		frozen(freeze__original_goes_on),
		frozen(freeze__copy_goes_on),
		frozen(freeze__counts_and_signals),
		frozen(freeze__signal_at_once),
		frozen(freeze__descriptors_are_those_that_it_had),
		frozen(freeze__socket_stays_nonblocking),
		frozen(freeze__heap_grows_and_shrinks),
		frozen(freeze__end_of_heap_is_given_back),
		frozen(freeze__stack_grows),
		frozen(freeze__hidden_pages_are_not_lost),
		frozen(freeze__threads_can_be_made),
		frozen(freeze__private_and_shared_at_once),
		frozen(freeze__thawed_one_again),
		frozen(freeze__private_memory_of_the_callers),
		frozen(freeze__descriptors_of_no_known_kind),
		frozen(freeze__shared_memory_of_nobodys),
		frozen(freeze__busy_one),
		frozen(freeze__signals_meanwhile_are_not_lost),
		frozen(freeze__nobody),
		frozen(fits__only_what_was_frozen_here),
		frozen(fits__not_with_other_files),
		frozen(freeze__file_is_mapped_again),
		frozen(freeze__spent_file),
		frozen(thaw__damaged),
		frozen(thaw__file_is_gone),
		frozen(thaw__wrong_arguments),
		frozen(thaw__nothing_to_give),
		cmocka_unit_test(leaks__nothing),
	};

	alarm(AT_MOST_S);
	/* what whoever runs us has left open is not to be the copies' */
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	reason = why_not();
	had = descriptors_here();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
