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
	/* An idle guest waits for the wall clock instead of jumping to its next
	 * timer: for people, who live by it. */
	bool wall_pace;
};

struct guest_vm {
	pid_t pid; /* 0: none */
	struct guest_qmp qmp;
	int mail_fd, console_fd, serial_fd;
	struct mail_head *mail; /* MAIL_SIZE bytes, shared with the guest */
	int save_fd, load_fd; /* (borrowed) as it was started with */
};

/* The options that decide what the guest computes, for fingerprints. */
const char *guest_vm_cmdline(void);

/* Makes the mailbox (empty) and the files for output. 0 or -errno. */
int guest_vm_init(struct guest_vm *vm);
/* Starts QEMU. 0 or -errno. */
int guest_vm_start(struct guest_vm *vm, const struct guest_vm_opts *o);
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

/* Copies all that the command in the guest said to fd. 0 or -errno. */
int guest_vm_copy_console(struct guest_vm *vm, int fd);

/* Copies the last `lines` lines of the guest's consoles to f. */
void guest_vm_show_end(struct guest_vm *vm, FILE *f, unsigned int lines);

#endif
