/* QEMU frozen and thawed: the part of guest_vm.h that is about the process. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "guest.h"
#include "guest_cpu.h"
#include "guest_vm.h"
#include "unfreeze.h"

static int know(struct freeze_known *k, int fd)
{
	struct stat st;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	*k = (struct freeze_known){ st.st_dev, st.st_ino };
	return 0;
}

int guest_vm_know(struct guest_vm *vm, const struct guest_vm_opts *o, int control)
{
	const int fds[FROZEN_NROLES] = {
		[FROZEN_NONE] = -1,		  [FROZEN_NULL] = -1,
		[FROZEN_EVENT] = -1,		  [FROZEN_SIGNAL] = -1,
		[FROZEN_RAM] = o->ram_fd,	  [FROZEN_MAIL] = vm->mail_fd,
		[FROZEN_CONSOLE] = vm->console_fd, [FROZEN_SERIAL] = vm->serial_fd,
		[FROZEN_CONTROL] = control,	  [FROZEN_SPENT] = o->initrd_fd,
		[FROZEN_IMAGE] = o->frozen_fd,
	};
	int i, r = 0;

	memset(vm->known, 0, sizeof(vm->known));
	for (i = 0; r == 0 && i < FROZEN_NROLES; i++)
		r = know(&vm->known[i], fds[i]);
	return r;
}

int guest_vm_freeze(struct guest_vm *vm, int fd)
{
	return freeze(vm->pid, vm->known, fd);
}

static void child(const struct guest_vm *vm, const struct guest_vm_opts *o,
		  const char *program, int control) __attribute__((noreturn));
static void child(const struct guest_vm *vm, const struct guest_vm_opts *o,
		  const char *program, int control)
{
	const struct unfreeze u = {
		.program = program,
		.image_fd = o->frozen_fd,
		.role = { [FROZEN_RAM] = o->ram_fd, [FROZEN_MAIL] = vm->mail_fd,
			  [FROZEN_CONSOLE] = vm->console_fd,
			  [FROZEN_SERIAL] = vm->serial_fd, [FROZEN_CONTROL] = control,
			  [FROZEN_SPENT] = -1, [FROZEN_IMAGE] = -1 },
		.ram_shared = o->ram_keep,
		.keep_fd = o->save_fd,
	};
	int r = unfreeze(&u);

	dprintf(2, "%s: %s\n", program, strerror(-r));
	_exit(127);
}

int guest_vm_thaw(struct guest_vm *vm, const struct guest_vm_opts *o, int64_t deadline)
{
	char program[PATH_MAX];
	pid_t parent = getpid();
	int sv[2] = { -1, -1 }, r = guest_own_program("halbthaw", program, sizeof(program));

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	vm->qmp.fd = sv[0];
	r = fcntl(sv[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : guest_vm_know(vm, o, sv[1]);
	if (r < 0)
		goto out;
	vm->save_there = UNFREEZE_KEEP;
	vm->load_fd = -1;
	vm->cpu = guest_cpu_take(&vm->cpu_fd);
	vm->pid = fork();
	if (vm->pid == 0) {
		guest_vm_child(vm, parent);
		child(vm, o, program, sv[1]);
	}
	if (vm->pid < 0) {
		r = -errno;
		vm->pid = 0;
	}
	fd_close(&sv[1]); /* so that its end is seen */
	if (r == 0) /* whether it lives */
		r = guest_qmp_simple(&vm->qmp, "query-status", deadline);
out:
	fd_close(&sv[1]);
	if (r < 0)
		guest_vm_end(vm);
	return r;
}
