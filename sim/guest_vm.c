#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "guest_cpu.h"
#include "guest_mail.h"
#include "guest_vm.h"
#include "log.h"
#include "loop.h"

#define ARGS_MAX 64
#define TAIL_MAX 16384

/*
 * One instruction is one nanosecond (shift=0) and an idle guest jumps to its
 * next timer (sleep=off).
 *
 * rr=record is not for the recording, which nobody keeps. QEMU's main thread
 * makes the jump, by a clock to which the CPU's thread adds what it has executed
 * only after it has gone idle; in between a busy host sees jumps that are too
 * long (213 ns as a rule, some in 10,000). When recording, QEMU locks the two
 * threads out of each other, and the same seed gives the same bytes on any host.
 *
 * The clock chip follows the guest's clock, not the host's, and the boot's seed is
 * always the same: a run's own seed reaches the kernel with its input, so that a
 * saved guest serves all seeds.
 */
#define VIRTUAL_PACE "shift=0,sleep=off,rr=record,rrfile=/dev/null"
/*
 * The same guest for somebody who walks around in it: idle time passes as it does
 * on the wall, so it never runs ahead; when nodes have work it falls behind, as
 * an instruction is still a nanosecond however long it takes here. So a slow or
 * busy host makes no timer of the site expire early. (Without instruction
 * counting it would: adverts would be late by the host's doing, and the time
 * stamp counter that the saved guest has measured would be another machine's.)
 */
#define WALL_PACE "shift=0,sleep=on,rr=record,rrfile=/dev/null"

static const char *const fixed_args[] = {
	"-nodefaults", "-no-user-config",
	"-display", "none",
	"-no-reboot",
	"-accel", "tcg,tb-size=256",
	"-icount", VIRTUAL_PACE,
	"-cpu", "qemu64",
	"-smp", "1",
	"-seed", "1",
	"-rtc", "base=2026-01-01T00:00:00,clock=vm",
	"-global", "migration.send-configuration=off",
	"-device", "pvpanic",
	"-device", "ib700",
	"-action", "panic=pause,watchdog=pause",
};

/*
 * What only defends or only accounts costs instructions and is off (5 % of a run);
 * what decides about packets and time is as the distribution has it.
 * With norandmaps programs lie where they lay before, so that what QEMU has translated
 * of them is of use (frozen.h). RCU looks for the end of a grace period at once: there is
 * one processor, and waiting for a tick keeps the tick on.
 * no_timer_check saves a fifth of the boot: it waits in a loop that emulation
 * leaves at each turn. acpi_no_memhotplug keeps the kernel off the mailbox.
 */
static const char kernel_args[] =
	"console=ttyS0 quiet panic=-1 nokaslr mitigations=off no_timer_check "
	"init_on_alloc=0 hardened_usercopy=off randomize_kstack_offset=off norandmaps "
	"rcutree.jiffies_till_first_fqs=0 rcutree.jiffies_till_next_fqs=0 "
	"audit=0 lsm=yama psi=0 cgroup_disable=memory acpi_no_memhotplug "
	"rdinit=/usr/bin/halbsim HALBSIM_GUEST=1";

const char *guest_vm_cmdline(void)
{
	static char text[2048];
	size_t i, at = 0;

	for (i = 0; i < sizeof(fixed_args) / sizeof(fixed_args[0]); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s ",
				       fixed_args[i]);
	snprintf(text + at, sizeof(text) - at, "%s", kernel_args);
	return text;
}

/* --- life --- */

int guest_vm_init(struct guest_vm *vm)
{
	void *p;

	memset(vm, 0, sizeof(*vm));
	vm->qmp.fd = vm->mail_fd = vm->console_fd = vm->serial_fd = vm->cpu_fd = -1;
	vm->mail_fd = memfd_create("halbsim-mail", MFD_CLOEXEC);
	vm->console_fd = memfd_create("halbsim-console", MFD_CLOEXEC);
	vm->serial_fd = memfd_create("halbsim-serial", MFD_CLOEXEC);
	if (vm->mail_fd < 0 || vm->console_fd < 0 || vm->serial_fd < 0 ||
	    ftruncate(vm->mail_fd, MAIL_SIZE) < 0)
		return -errno;
	p = mmap(NULL, MAIL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vm->mail_fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	vm->mail = p;
	return 0;
}

void guest_vm_end(struct guest_vm *vm)
{
	if (vm->pid > 0) {
		kill(vm->pid, SIGKILL);
		while (waitpid(vm->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		vm->pid = 0;
	}
	fd_close(&vm->cpu_fd);
	fd_close(&vm->qmp.fd);
	vm->qmp.nline = 0;
	vm->qmp.stopped = vm->qmp.ended = false;
}

void guest_vm_finish(struct guest_vm *vm)
{
	guest_vm_end(vm);
	if (vm->mail)
		munmap(vm->mail, MAIL_SIZE);
	vm->mail = NULL;
	fd_close(&vm->mail_fd);
	fd_close(&vm->console_fd);
	fd_close(&vm->serial_fd);
}

struct args {
	char *v[ARGS_MAX];
	size_t n;
	bool failed;
};

static void arg(struct args *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void arg(struct args *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (a->n + 1 >= ARGS_MAX || vasprintf(&a->v[a->n], fmt, ap) < 0)
		a->failed = true;
	else
		a->v[++a->n] = NULL;
	va_end(ap);
}

static void args_build(struct args *a, const struct guest_vm *vm,
		       const struct guest_vm_opts *o, int qmp_fd)
{
	size_t i;

	arg(a, "%s", o->qemu);
	for (i = 0; i < sizeof(fixed_args) / sizeof(fixed_args[0]); i++)
		arg(a, "%s", o->wall_pace && !strcmp(fixed_args[i], VIRTUAL_PACE) ?
				     WALL_PACE : fixed_args[i]);
	arg(a, "-machine");
	arg(a, "pc,memory-backend=ram,suppress-vmdesc=on");
	arg(a, "-m");
	arg(a, "size=%uM,slots=1,maxmem=%" PRIu64 "M", o->memory_mib,
	    o->memory_mib + (MAIL_SIZE >> 20));
	arg(a, "-object");
	arg(a, "memory-backend-file,id=ram,mem-path=/proc/self/fd/%d,size=%uM,share=%s",
	    o->ram_fd, o->memory_mib, o->ram_keep ? "on" : "off");
	arg(a, "-object");
	arg(a,
	    "memory-backend-file,id=mail,mem-path=/proc/self/fd/%d,size=%" PRIu64
	    "M,share=on",
	    vm->mail_fd, MAIL_SIZE >> 20);
	arg(a, "-device");
	arg(a, "pc-dimm,memdev=mail,addr=%#" PRIx64, MAIL_PHYS);
	arg(a, "-chardev");
	arg(a, "file,id=console,append=on,path=/proc/self/fd/%d", vm->console_fd);
	arg(a, "-device");
	arg(a, "isa-debugcon,iobase=%#x,chardev=console", PORT_CONSOLE);
	arg(a, "-chardev");
	arg(a, "file,id=serial,append=on,path=/proc/self/fd/%d", vm->serial_fd);
	arg(a, "-device");
	arg(a, "isa-serial,chardev=serial");
	arg(a, "-chardev");
	arg(a, "socket,id=qmp,fd=%d", qmp_fd);
	arg(a, "-mon");
	arg(a, "chardev=qmp,mode=control");
	arg(a, "-kernel");
	arg(a, "%s", o->kernel);
	if (o->initrd_fd >= 0) {
		arg(a, "-initrd");
		arg(a, "/proc/self/fd/%d", o->initrd_fd);
	}
	arg(a, "-append");
	arg(a, "%s", kernel_args);
	if (o->load_fd >= 0) {
		arg(a, "-S"); /* it was saved as running; input comes first */
		arg(a, "-incoming");
		arg(a, "defer");
	}
}

/* Everything is close-on-exec; this child takes some of it along. */
static bool keep_fds(const int *fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (fds[i] >= 0 && fcntl(fds[i], F_SETFD, 0) < 0)
			return false;
	}
	return true;
}

void guest_vm_child(const struct guest_vm *vm, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);

	guest_cpu_stay(vm->cpu);
	loop_child_signals();
	/* a group of its own: Ctrl-C is for us, and we take it along */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
	    setpgid(0, 0) < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(vm->serial_fd, 2) < 0)
		_exit(126);
}

static void vm_child(struct guest_vm *vm, const struct guest_vm_opts *o, char **argv,
		     int qmp_fd) __attribute__((noreturn));
static void vm_child(struct guest_vm *vm, const struct guest_vm_opts *o, char **argv,
		     int qmp_fd)
{
	const int fds[] = { qmp_fd,	  vm->mail_fd, vm->console_fd, vm->serial_fd,
			    o->initrd_fd, o->ram_fd,   o->save_fd,     o->load_fd };

	if (!keep_fds(fds, sizeof(fds) / sizeof(fds[0])))
		_exit(126);
	execv(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int guest_vm_start(struct guest_vm *vm, const struct guest_vm_opts *o)
{
	struct args a = { 0 };
	int64_t deadline = clock_now() + 30 * NS_PER_S;
	pid_t parent = getpid();
	int sv[2] = { -1, -1 }, ret = 0;
	size_t i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	vm->qmp.fd = sv[0];
	if (fcntl(sv[0], F_SETFL, O_NONBLOCK) < 0) {
		ret = -errno;
		goto out;
	}
	args_build(&a, vm, o, sv[1]);
	if (a.failed) {
		ret = -ENOMEM;
		goto out;
	}
	vm->save_there = o->save_fd;
	vm->load_fd = o->load_fd;
	ret = guest_vm_know(vm, o, sv[1]);
	if (ret < 0)
		goto out;
	/* At the wall's pace it is idle most of the time, and there may be many. */
	vm->cpu = o->wall_pace ? -1 : guest_cpu_take(&vm->cpu_fd);
	vm->pid = fork();
	if (vm->pid == 0) {
		guest_vm_child(vm, parent);
		vm_child(vm, o, a.v, sv[1]);
	}
	if (vm->pid < 0) {
		ret = -errno;
		vm->pid = 0;
		goto out;
	}
	fd_close(&sv[1]); /* so that its end is seen */
	ret = guest_qmp_greeting(&vm->qmp, deadline);
	if (ret == 0)
		ret = guest_qmp_simple(&vm->qmp, "qmp_capabilities", deadline);
out:
	fd_close(&sv[1]);
	for (i = 0; i < a.n; i++)
		free(a.v[i]);
	return ret;
}

/* --- control --- */

int guest_vm_wait_stop(struct guest_vm *vm, int64_t deadline)
{
	return guest_qmp_wait_stop(&vm->qmp, deadline);
}

int guest_vm_cont(struct guest_vm *vm, int64_t deadline)
{
	vm->qmp.stopped = false;
	return guest_qmp_simple(&vm->qmp, "cont", deadline);
}

/*
 * All devices and not the memory, which is a file already: what Xen's tools use.
 * (A migration would do the same with x-ignore-shared, but its thread cannot
 * work under rr=record. Loading by a migration can. Neither sends or expects a
 * configuration section, see the -global above.)
 */
int guest_vm_save(struct guest_vm *vm, int64_t deadline)
{
	char text[160];

	snprintf(text, sizeof(text),
		 "{\"execute\":\"xen-save-devices-state\",\"arguments\":"
		 "{\"filename\":\"/proc/self/fd/%d\"}}\n",
		 vm->save_there);
	return guest_qmp_command(&vm->qmp, text, deadline, NULL);
}

/* Waits for the end of a migration. */
static int wait_migrated(struct guest_vm *vm, int64_t deadline)
{
	struct timespec nap = { .tv_nsec = NS_PER_MS };
	const char *status;
	json_t *res;
	int ret;

	for (;;) {
		ret = guest_qmp_command(&vm->qmp, "{\"execute\":\"query-migrate\"}\n", deadline, &res);
		if (ret < 0)
			return ret;
		status = json_string_value(json_object_get(res, "status"));
		if (status && strcmp(status, "completed") == 0)
			ret = 1;
		else if (status && strcmp(status, "failed") == 0)
			ret = -EPROTO;
		json_decref(res);
		if (ret)
			return ret < 0 ? ret : 0;
		nanosleep(&nap, NULL);
	}
}

int guest_vm_load(struct guest_vm *vm, int64_t deadline)
{
	char text[128];
	int ret;

	snprintf(text, sizeof(text),
		 "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"fd:%d\"}}\n",
		 vm->load_fd);
	ret = guest_qmp_command(&vm->qmp, text, deadline, NULL);
	return ret == 0 ? wait_migrated(vm, deadline) : ret;
}

/* --- consoles --- */

static void show_end(int fd, FILE *f, unsigned int lines)
{
	static char buf[TAIL_MAX];
	struct stat st;
	ssize_t n;
	off_t at;
	char *p;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
		return;
	at = st.st_size > TAIL_MAX ? st.st_size - TAIL_MAX : 0;
	n = pread(fd, buf, sizeof(buf), at);
	if (n <= 0)
		return;
	for (p = buf + n - 1; p > buf; p--) {
		if (p[-1] == '\n' && lines-- == 1)
			break;
	}
	fwrite(p, 1, (size_t)(buf + n - p), f);
	if (buf[n - 1] != '\n')
		fputc('\n', f);
}

void guest_vm_show_end(struct guest_vm *vm, FILE *f, unsigned int lines)
{
	show_end(vm->serial_fd, f, lines);
	show_end(vm->console_fd, f, lines);
}

int guest_vm_copy_console(struct guest_vm *vm, int fd)
{
	char buf[8192], *p;
	off_t at = 0;
	ssize_t n, w;

	while ((n = pread(vm->console_fd, buf, sizeof(buf), at)) > 0) {
		at += n;
		for (p = buf; n > 0; p += w, n -= w) {
			w = write(fd, p, (size_t)n);
			if (w < 0)
				return -errno;
		}
	}
	return n < 0 ? -errno : 0;
}
