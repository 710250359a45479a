/*
 * The mailbox: memory that host and guest share, at a fixed physical address in
 * the guest. The host puts the run's input there before the guest goes on; the
 * guest puts its output there and stops. Nothing moves while the guest's clock
 * runs, and nothing costs more than a copy.
 *
 *	0            struct mail_head
 *	in_at        input: an archive, the tree of /in
 *	out_at       output: an archive, the tree of /out
 *	MAIL_WATCH   what whoever watches the run is told (progress.h): the guest
 *	             writes, the host looks now and then, nobody waits
 *	MAIL_LIVE    two rings (ring.h) between a live site and its holder
 */
#ifndef HALBSIM_GUEST_MAIL_H
#define HALBSIM_GUEST_MAIL_H

#include <stdint.h>

#define MAIL_PHYS  UINT64_C(0x100000000) /* above RAM and the PCI hole */
#define MAIL_SIZE  UINT64_C(0x20000000)	 /* sparse; only what is used takes memory */
#define MAIL_MAGIC UINT64_C(0x68616c626d61696c)
#define MAIL_ALIGN UINT64_C(4096)
#define MAIL_WATCH (MAIL_SIZE - UINT64_C(0x400000))
#define MAIL_LIVE  (MAIL_SIZE - UINT64_C(0x200000))

/*
 * The stop before input: a watchdog (QEMU's ib700) that stops the machine while
 * it sleeps. Its timer belongs to QEMU's main thread, which alone is at work
 * then, so the stop is at the same nanosecond each time. (A stop at an
 * instruction, as below, races with the main thread: it may or may not let the
 * idle clock jump to the next timer before the stop takes effect.)
 */
#define PORT_WATCHDOG	 0x443
#define PORT_WATCHDOG_2S 0x0e
/*
 * At once. The machine stops before the second time that it is idle, at the latest, as
 * the main thread, which carries stops out, is also who makes idle time pass.
 */
#define PORT_WATCHDOG_0S 0x0f
/*
 * The stop after output (QEMU's pvpanic): the CPU stops at this instruction. What
 * the clock does then does not matter any more.
 */
#define PORT_STOP     0x505
#define PORT_STOP_NOW 1
/* QEMU's debugcon: a byte written here leaves the guest at once. */
#define PORT_CONSOLE 0xe9

enum mail_state {
	MAIL_EMPTY,
	MAIL_READY,   /* guest: booted, waiting for input */
	MAIL_INPUT,   /* host: input is there */
	MAIL_ASKED,   /* guest: asks to be stopped before the branch (guest_late.h) */
	MAIL_TAKEN,   /* guest: has read what holds from the branch on */
	MAIL_DONE,    /* guest: status and output are there */
	MAIL_NO_ROOM, /* guest: status is there, the output was too large */
};

struct mail_head {
	uint64_t magic;
	uint32_t state;
	int32_t status; /* wait status of the command */
	uint64_t seed;
	uint64_t late_seed; /* from the branch on */
	int64_t late_phase_ns;
	int64_t real_ns; /* the date the guest's clock is set to; 0: as it is */
	uint64_t in_at, in_len;
	uint64_t out_at, out_len;
	uint32_t argc;
	char argv[3072]; /* argc strings, each with its NUL */
};

#endif
