/*
 * PID 1 of the guest.
 *
 * Until it is ready nothing depends on the run; then it stops the machine a second
 * time, and that is the moment which is saved. From there on the run's input decides
 * everything: reseed, unpack, run the command, pack, stop again. Host and guest
 * share code for the mailbox (guest_mail.h) and nothing else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "guest_mail.h"
#include "guest_rehearsal.h"
#include "guest_serve.h"

#define MODULES_DIR "/lib/halbsim"
#define NEIGHBOURS  "65536"
#define BACKLOG	    "100000"
#define CLEAR_SPARE (32u << 20) /* free memory that is left alone */
#define CLEAR_STEP  (4u << 20)

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

static void mount_all(void)
{
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (mkdir(mounts[i].where, 0755) < 0 && errno != EEXIST)
			guest_die(mounts[i].where);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, MS_NOSUID,
			  mounts[i].data) < 0 &&
		    errno != EBUSY)
			guest_die(mounts[i].where);
	}
}

/* The kernel found no console in the root; PID 1's own messages need one. */
static void open_std(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		guest_die("console");
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
			guest_die(path);
		if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)
			guest_say("guest: module %s: %s\n", list[i]->d_name, strerror(errno));
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
		guest_say("guest: %s: %s\n", path, strerror(errno));
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
		guest_die("set-up");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo) < 0)
		guest_die("lo");
	lo.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		guest_die("lo");
	close(fd);
	/* what a site needs is set in its own namespaces; this is the machine's */
	write_file("/proc/sys/kernel/printk", "4 4 1 4");
	write_file("/proc/sys/vm/overcommit_memory", "1");
	/* Else each namespace gets tunl0, sit0, gre0 …, which nobody asked for. */
	write_file("/proc/sys/net/core/fb_tunnels_only_for_init_net", "1");
	/*
	 * Every machine has neighbour entries and a backlog of its own; one kernel has one
	 * of each for all nodes, and its limits are made for one. A broadcast among a
	 * thousand nodes is a thousand frames in the backlog.
	 */
	write_file("/proc/sys/net/ipv4/neigh/default/gc_thresh3", NEIGHBOURS);
	write_file("/proc/sys/net/ipv4/neigh/default/gc_thresh2", NEIGHBOURS);
	write_file("/proc/sys/net/ipv4/neigh/default/gc_thresh1", NEIGHBOURS);
	write_file("/proc/sys/net/ipv6/neigh/default/gc_thresh3", NEIGHBOURS);
	write_file("/proc/sys/net/ipv6/neigh/default/gc_thresh2", NEIGHBOURS);
	write_file("/proc/sys/net/ipv6/neigh/default/gc_thresh1", NEIGHBOURS);
	write_file("/proc/sys/net/core/netdev_max_backlog", BACKLOG);
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

/* Bytes that can be used before the kernel has to reclaim; 0 when it is unknown. */
static size_t available_memory(void)
{
	char buf[4096], *p;
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	p = strstr(buf, "MemAvailable:");
	return p ? strtoul(p + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

/*
 * What boot has used and freed is made zero, so that the saved memory has holes
 * there: it is half as large then.
 */
static void clear_free_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i, n = available_memory();
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	/* the kernel makes a page zero when it is first written to */
	for (i = 0; i < n; i += page) {
		if (i % CLEAR_STEP == 0 && available_memory() < CLEAR_SPARE)
			break;
		p[i] = 0;
	}
	munmap(p, n);
}

/* Sleeps; the machine stops on the way. */
static void stop_machine(void)
{
	struct timespec span = { .tv_sec = 3 };

	guest_port_write(PORT_WATCHDOG, PORT_WATCHDOG_2S);
	while (nanosleep(&span, &span) < 0 && errno == EINTR)
		continue;
}

bool guest_is_init(void)
{
	return getpid() == 1 && getenv("HALBSIM_GUEST");
}

void guest_init(void)
{
	struct mail_head *h;

	if (ioperm(PORT_CONSOLE, 1, 1) < 0 || ioperm(PORT_STOP, 1, 1) < 0 ||
	    ioperm(PORT_WATCHDOG, 1, 1) < 0)
		_exit(1); /* the kernel panics and the host hears of that */
	mount_all();
	open_std();
	load_modules();
	set_up();
	stop_machine(); /* in another QEMU when it goes on (guest_boot.h) */
	guest_rehearse();
	clear_free_memory();
	h = guest_map_mail(0, MAIL_ALIGN);
	stop_machine(); /* input is there when it goes on */
	if (h->magic != MAIL_MAGIC || h->state != MAIL_INPUT) {
		errno = EPROTO;
		guest_die("mailbox");
	}
	guest_serve(h);
	guest_stop();
}
