/*
 * One QEMU process: start, talk to (QMP), stop, save, restore, kill. It dies
 * with its parent, owns no file on disk, and its output is in unnamed memory.
 */
#ifndef HALBSIM_GUEST_VM_H
#define HALBSIM_GUEST_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "freeze.h"
#include "guest_qmp.h"

struct mail_head;

struct guest_vm_opts {
	const char *qemu;
	const char *kernel;
	int initrd_fd; /* -1: none, when it does not boot */
	unsigned int memory_mib;
	int ram_fd;    /* file or memfd with the guest's RAM */
	bool ram_keep; /* writes go to ram_fd (to save it); else they stay private */
	int save_fd;   /* for guest_vm_save(); -1: not to be saved */
	int load_fd;   /* do not boot: guest_vm_load() follows; -1: boot */
	int frozen_fd; /* guest_vm_thaw() goes on from there */
	/* An idle guest waits for the wall clock instead of jumping to its next
	 * timer: for people, who live by it. */
	bool wall_pace;
};

struct guest_vm {
	pid_t pid; /* 0: none */
	struct guest_qmp qmp;
	int mail_fd, console_fd, serial_fd;
	struct mail_head *mail; /* MAIL_SIZE bytes, shared with the guest */
	int load_fd; /* (borrowed) as it was started with */
	int cpu, cpu_fd;      /* where it runs (guest_cpu.h) */
	int save_there;	      /* where its devices can be saved to, as QEMU has it */
	/* What is shared with it, for guest_vm_freeze(). */
	struct freeze_known known[FROZEN_NROLES];
};

/* The options that decide what the guest computes, for fingerprints. */
const char *guest_vm_cmdline(void);

/* Makes the mailbox (empty) and the files for output. 0 or -errno. */
int guest_vm_init(struct guest_vm *vm);
/* Starts QEMU. 0 or -errno. */
int guest_vm_start(struct guest_vm *vm, const struct guest_vm_opts *o);
/*
 * Instead: a QEMU that was frozen when its guest stood still goes on, with all that it
 * has translated. 0 or -errno; then guest_vm_start() and guest_vm_load() remain.
 */
int guest_vm_thaw(struct guest_vm *vm, const struct guest_vm_opts *o, int64_t deadline_ns);
/* Kills it if it lives; what it shares with us stays, for another start. */
void guest_vm_end(struct guest_vm *vm);
/* Kills it if it lives; frees everything. Harmless after a failed init. */
void guest_vm_finish(struct guest_vm *vm);

/*
 * All of these wait until CLOCK_MONOTONIC deadline_ns at most and return 0 or
 * -errno: -ETIMEDOUT; -EIO QEMU has ended; -EPROTO it refused.
 */
int guest_vm_wait_stop(struct guest_vm *vm, int64_t deadline_ns);
int guest_vm_cont(struct guest_vm *vm, int64_t deadline_ns);
/*
 * Writes everything but RAM to the save_fd that it was started with, or reads it
 * from its load_fd. The guest is stopped and stays so.
 */
int guest_vm_save(struct guest_vm *vm, int64_t deadline_ns);
int guest_vm_load(struct guest_vm *vm, int64_t deadline_ns);
/*
 * Freezes QEMU itself into fd, without the guest's RAM, which ram_fd has. The guest is
 * stopped and stays so. 0 or -errno as freeze().
 */
int guest_vm_freeze(struct guest_vm *vm, int fd);

/* For both ways to start: in the child, before anything else; exits when it cannot. */
void guest_vm_child(const struct guest_vm *vm, pid_t parent);
/* Notes what is shared with it; `control` is QEMU's end of the socket. 0 or -errno. */
int guest_vm_know(struct guest_vm *vm, const struct guest_vm_opts *o, int control);

/* Copies all that the command in the guest said to fd. 0 or -errno. */
int guest_vm_copy_console(struct guest_vm *vm, int fd);

/* Copies the last `lines` lines of the guest's consoles to f. */
void guest_vm_show_end(struct guest_vm *vm, FILE *f, unsigned int lines);

#endif
