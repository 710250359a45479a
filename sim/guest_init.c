/*
 * PID 1 of the guest.
 *
 * Until it is ready nothing depends on the run; then it stops the machine, and
 * that is the moment which is saved. From there on the run's input decides
 * everything: reseed, unpack, run the command, pack, stop again. Host and guest
 * share code for the mailbox (guest_mail.h) and nothing else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "guest_mail.h"
#include "guest_pack.h"
#include "loop.h"

#define MODULES_DIR "/lib/halbsim"
#define ARGC_MAX    128

static const struct {
	const char *type, *where, *data;
} mounts[] = {
	{ "proc", "/proc", NULL },
	{ "sysfs", "/sys", NULL },
	{ "devtmpfs", "/dev", NULL },
	{ "devpts", "/dev/pts", "mode=0620,ptmxmode=0666" },
	{ "tmpfs", "/dev/shm", NULL },
	{ "tmpfs", "/run", "mode=0755" },
	{ "tmpfs", "/tmp", "mode=1777" },
	{ "tmpfs", "/in", "mode=0755" },
	{ "tmpfs", "/out", "mode=0755" },
	{ "cgroup2", "/sys/fs/cgroup", NULL },
};

static void console(const char *data, size_t len)
{
	__asm__ volatile("rep outsb"
			 : "+S"(data), "+c"(len)
			 : "d"((unsigned short)PORT_CONSOLE)
			 : "memory");
}

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	console(line, (size_t)n);
}

/* There is nobody to return to: the host sees the end of the console. */
static void die(const char *what) __attribute__((noreturn));
static void die(const char *what)
{
	say("guest: %s: %s\n", what, strerror(errno));
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void mount_all(void)
{
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (mkdir(mounts[i].where, 0755) < 0 && errno != EEXIST)
			die(mounts[i].where);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, MS_NOSUID,
			  mounts[i].data) < 0 &&
		    errno != EBUSY)
			die(mounts[i].where);
	}
}

/* The kernel found no console in the root; PID 1's own messages need one. */
static void open_std(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		die("console");
	if (fd > 2)
		close(fd);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_module(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* In the order of names, which the host chose. */
static void load_modules(void)
{
	struct dirent **list;
	char path[512];
	int i, n, fd;

	n = scandir(MODULES_DIR, &list, is_module, by_name);
	if (n < 0)
		return; /* a kernel with everything built in */
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), MODULES_DIR "/%s", list[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die(path);
		if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)
			say("guest: module %s: %s\n", list[i]->d_name, strerror(errno));
		close(fd);
		unlink(path); /* its memory is better used elsewhere */
		free(list[i]);
	}
	free(list);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		say("guest: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void set_up(void)
{
	static const char *const busybox[] = { "/usr/bin/busybox", "--install", "-s",
					 "/usr/lib/busybox", NULL };
	struct rlimit files = { 65536, 65536 };
	struct ifreq lo = { .ifr_name = "lo" };
	int fd;
	pid_t pid;

	if (sethostname("halbsim", 7) < 0 || setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("set-up");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo) < 0)
		die("lo");
	lo.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		die("lo");
	close(fd);
	/* what a site needs is set in its own namespaces; this is the machine's */
	write_file("/proc/sys/kernel/printk", "4 4 1 4");
	write_file("/proc/sys/vm/overcommit_memory", "1");
	/* Else each namespace gets tunl0, sit0, gre0 …, which nobody asked for. */
	write_file("/proc/sys/net/core/fb_tunnels_only_for_init_net", "1");
	if (access(busybox[0], X_OK) < 0)
		return;
	mkdir("/usr/lib/busybox", 0755);
	pid = fork();
	if (pid == 0) {
		execv(busybox[0], (char *const *)(uintptr_t)busybox);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/*
 * What boot has used and freed is made zero, so that the saved memory has holes
 * there: it is half as large then.
 */
static void clear_free_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t n = (size_t)sysconf(_SC_AVPHYS_PAGES), spare = (16u << 20) / page;
	void *p;

	if (n <= spare)
		return;
	n = (n - spare) * page;
	p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		 -1, 0);
	if (p != MAP_FAILED)
		munmap(p, n);
}

static struct mail_head *map_mail(size_t at, size_t len)
{
	static int fd = -1;
	void *p;

	if (fd < 0)
		fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("/dev/mem");
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		 (off_t)(MAIL_PHYS + at));
	if (p == MAP_FAILED)
		die("mailbox");
	return p;
}

static void port_write(unsigned short port, unsigned char value)
{
	/* the host looks at memory then: nothing may be written later */
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* Sleeps; the machine stops on the way, and input is there when it goes on. */
static void stop_for_input(void)
{
	struct timespec span = { .tv_sec = 3 };

	port_write(PORT_WATCHDOG, PORT_WATCHDOG_2S);
	while (nanosleep(&span, &span) < 0 && errno == EINTR)
		continue;
}

/*
 * Everything random in this kernel comes from the seed from here on. (Boot
 * itself was the same for all runs.)
 */
static void reseed(uint64_t seed)
{
	struct {
		int entropy_count, buf_size;
		uint64_t buf[8];
	} pool = { .entropy_count = 256, .buf_size = sizeof(pool.buf) };
	uint64_t x = seed;
	size_t i;
	int fd;

	for (i = 0; i < 8; i++) {
		/* splitmix64: neighbouring seeds must not look alike */
		uint64_t z = (x += UINT64_C(0x9e3779b97f4a7c15));

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		pool.buf[i] = z ^ z >> 31;
	}
	fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0 ||
	    ioctl(fd, RNDRESEEDCRNG) < 0)
		die("reseed");
	close(fd);
}

/* --- the command --- */

static void child(struct mail_head *h, int console_fd) __attribute__((noreturn));
static void child(struct mail_head *h, int console_fd)
{
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
		":/usr/lib/busybox",
		"HOME=/root", "TERM=dumb", "LANG=C.UTF-8", "TZ=UTC0", NULL
	};
	const char *argv[ARGC_MAX + 2] = { "/usr/bin/halbsim" };
	const char *p = h->argv;
	uint32_t i;
	int null = open("/dev/null", O_RDONLY);

	for (i = 0; i < h->argc && i < ARGC_MAX; i++, p += strlen(p) + 1)
		argv[i + 1] = p;
	loop_child_signals();
	setsid();
	if (null < 0 || dup2(null, 0) < 0 || dup2(console_fd, 1) < 0 ||
	    dup2(console_fd, 2) < 0 || chdir("/") < 0)
		_exit(127);
	if (null > 2)
		close(null);
	execve(argv[0], (char *const *)(uintptr_t)argv,
	       (char *const *)(uintptr_t)env);
	dprintf(2, "guest: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Reaps everything; returns true when `pid` was among it. */
static bool reap(pid_t pid, int *status)
{
	bool mine = false;
	pid_t got;
	int st;

	while ((got = waitpid(-1, &st, WNOHANG)) > 0) {
		if (got == pid) {
			*status = st;
			mine = true;
		}
	}
	return mine;
}

static int sigchld_fd(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		die("SIGCHLD");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die("SIGCHLD");
	return fd;
}

/* Moves what is in the pipe to the console; false at its end. */
static bool copy_console(int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		console(buf, (size_t)n);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/*
 * Runs the command; what it says goes to the console. Over when it has ended:
 * what others that hold the pipe say later is nobody's business any more.
 */
static int run(struct mail_head *h)
{
	struct signalfd_siginfo info;
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int fds[2], status = 0;
	bool ended = false;
	pid_t pid;

	p[0].fd = sigchld_fd();
	if (pipe2(fds, O_CLOEXEC) < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0)
		die("pipe");
	p[1].fd = fds[0];
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		child(h, fds[1]);
	close(fds[1]);
	while (!ended) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (p[1].revents && !copy_console(fds[0]))
			p[1].fd = -1;
		if (p[0].revents && read(p[0].fd, &info, sizeof(info)) > 0)
			ended = reap(pid, &status);
	}
	copy_console(fds[0]);
	close(fds[0]);
	close(p[0].fd);
	return status;
}

static void hand_over(struct mail_head *h)
{
	size_t room, used;
	void *out;

	if (guest_pack_room("/out", &room) < 0)
		die("/out");
	if (room > MAIL_SIZE - h->out_at) {
		h->state = MAIL_NO_ROOM;
		return;
	}
	out = map_mail(h->out_at, room);
	if (guest_pack("/out", out, room, &used) < 0)
		die("/out");
	h->out_len = used;
	h->state = MAIL_DONE;
}

bool guest_is_init(void)
{
	return getpid() == 1 && getenv("HALBSIM_GUEST");
}

void guest_init(void)
{
	struct mail_head *h;
	void *in;

	if (ioperm(PORT_CONSOLE, 1, 1) < 0 || ioperm(PORT_STOP, 1, 1) < 0 ||
	    ioperm(PORT_WATCHDOG, 1, 1) < 0)
		_exit(1); /* the kernel panics and the host hears of that */
	mount_all();
	open_std();
	load_modules();
	set_up();
	clear_free_memory();
	h = map_mail(0, MAIL_ALIGN);
	stop_for_input();
	if (h->magic != MAIL_MAGIC || h->state != MAIL_INPUT) {
		errno = EPROTO;
		die("mailbox");
	}
	reseed(h->seed);
	if (h->in_len) {
		in = map_mail(h->in_at, h->in_len);
		if (guest_unpack(in, h->in_len, "/in") < 0)
			die("/in");
		munmap(in, h->in_len);
	}
	h->status = run(h);
	hand_over(h);
	for (;;)
		port_write(PORT_STOP, PORT_STOP_NOW);
}
