/* One run inside the guest: input, command, output. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest_mail.h"
#include "guest_pack.h"
#include "guest_late.h"
#include "guest_serve.h"
#include "loop.h"

#define ARGC_MAX 128

static void console(const char *data, size_t len)
{
	__asm__ volatile("rep outsb"
			 : "+S"(data), "+c"(len)
			 : "d"((unsigned short)PORT_CONSOLE)
			 : "memory");
}

void guest_say(const char *fmt, ...)
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
void guest_die(const char *what)
{
	guest_say("guest: %s: %s\n", what, strerror(errno));
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

void *guest_map_mail(size_t at, size_t len)
{
	static int fd = -1;
	void *p;

	if (fd < 0)
		fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		guest_die("/dev/mem");
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		 (off_t)(MAIL_PHYS + at));
	if (p == MAP_FAILED)
		guest_die("mailbox");
	return p;
}

/* A site to walk around in shows the date of the day. */
static void set_date(int64_t real_ns)
{
	struct timespec ts = { .tv_sec = real_ns / 1000000000,
			       .tv_nsec = real_ns % 1000000000 };

	if (real_ns && clock_settime(CLOCK_REALTIME, &ts) < 0)
		guest_say("guest: date: %s\n", strerror(errno));
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
	/* PID 1's permissions would cost something at each switch of all that runs. */
	ioperm(PORT_CONSOLE, 1, 0);
	ioperm(PORT_STOP, 1, 0);
	ioperm(PORT_WATCHDOG, 1, 0);
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
		guest_die("SIGCHLD");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		guest_die("SIGCHLD");
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
		guest_die("pipe");
	p[1].fd = fds[0];
	pid = fork();
	if (pid < 0)
		guest_die("fork");
	if (pid == 0)
		child(h, fds[1]);
	close(fds[1]);
	while (!ended) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			guest_die("poll");
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

/* Packs /out into the mailbox and says so there. */
static void pack_out(struct mail_head *h)
{
	size_t room, used;
	void *out;

	if (guest_pack_room("/out", &room) < 0)
		guest_die("/out");
	if (room > MAIL_WATCH - h->out_at) {
		h->state = MAIL_NO_ROOM;
		return;
	}
	out = guest_map_mail(h->out_at, room);
	if (guest_pack("/out", out, room, &used) < 0)
		guest_die("/out");
	h->out_len = used;
	h->state = MAIL_DONE;
}

void guest_port_write(unsigned short port, unsigned char value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

void guest_stop(void)
{
	for (;;)
		guest_port_write(PORT_STOP, PORT_STOP_NOW);
}

int guest_hand_over(int status)
{
	struct mail_head *h;

	if (ioperm(PORT_CONSOLE, 1, 1) < 0 || ioperm(PORT_STOP, 1, 1) < 0)
		return -errno;
	h = guest_map_mail(0, MAIL_ALIGN);
	h->status = status;
	pack_out(h);
	guest_port_write(PORT_STOP, PORT_STOP_NOW);
	return 0;
}

void guest_serve(struct mail_head *h)
{
	void *in;

	/* Boot itself was the same for all runs. */
	if (guest_reseed(h->seed) < 0)
		guest_die("reseed");
	set_date(h->real_ns);
	if (h->in_len) {
		in = guest_map_mail(h->in_at, h->in_len);
		if (guest_unpack(in, h->in_len, "/in") < 0)
			guest_die("/in");
		munmap(in, h->in_len);
	}
	h->status = run(h);
	pack_out(h);
}
