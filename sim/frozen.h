/*
 * A frozen program: a process as it stands still, in a file, to go on later and in as
 * many copies as anybody wants. What QEMU has translated is in it; a machine's state as
 * QEMU itself saves it is without, and translating costs more than a short run.
 *
 *	freeze.c   makes the file of a process that sleeps in all of its threads
 *	thaw.c     the program that becomes that process again (halbthaw)
 *	unfreeze.c what has to be there when it does: descriptors, above all
 *
 * The file begins with struct frozen and all that thaw.c wants to know, which it maps at
 * FROZEN_AT as it is; pages follow, with holes where they are zero. It serves this kind
 * of processor and these versions of all mapped files; frozen_fits() says whether they
 * are still the same.
 */
#ifndef HALBSIM_FROZEN_H
#define HALBSIM_FROZEN_H

#include <stdint.h>

#define FROZEN_MAGIC UINT64_C(0x326e657a6f726668)
#define FROZEN_PAGE  UINT64_C(4096)
/* Where its table is mapped and where halbthaw is linked (Makefile): nobody else is there. */
#define FROZEN_AT    UINT64_C(0x3e0000000000)
#define FROZEN_SELF  UINT64_C(0x3f0000000000)
#define FROZEN_SELF_SIZE UINT64_C(0x100000)
/* Processes have addresses up to here. */
#define FROZEN_TOP   UINT64_C(0x7ffffffff000)

/* What maps the process had, in the order in which they are to be made. */
enum frozen_kind {
	FROZEN_EMPTY,  /* zero pages */
	FROZEN_PAGES,  /* from this file, when they are looked at */
	FROZEN_FILE,   /* from the file `what` */
	FROZEN_SHARED, /* what the one who thaws gives: enum frozen_role `what` */
};

struct frozen_map {
	uint64_t start, end, at; /* addresses; where in the file */
	uint32_t kind, prot, what;
	uint32_t unused;
};

struct frozen_file {
	uint64_t dev, ino, size, mtime_s, mtime_ns;
	uint64_t path; /* its offset in this file: text with a NUL */
};

struct frozen_thread {
	uint64_t tls;	/* its FS register */
	uint64_t frame; /* address of what rt_sigreturn() makes of it */
};

/* What a descriptor is, and who gives it. */
enum frozen_role {
	FROZEN_NONE,
	FROZEN_NULL,  /* /dev/null */
	FROZEN_EVENT, /* eventfd with `value` */
	FROZEN_SIGNAL, /* signalfd for the signals of `value` */
	/* The caller's: memory, a mailbox, files for output, a socket. */
	FROZEN_RAM,
	FROZEN_MAIL,
	FROZEN_CONSOLE,
	FROZEN_SERIAL,
	FROZEN_CONTROL,
	FROZEN_SPENT, /* a file that it has read and needs no more */
	FROZEN_IMAGE, /* the file that it was thawed from, of which nothing stays */
	FROZEN_NROLES
};

struct frozen_fd {
	int32_t fd;
	uint32_t role, flags, unused;
	uint64_t value;
};

struct frozen {
	uint64_t magic;
	uint64_t size; /* of all this, in whole pages */
	uint64_t cpu;  /* a fingerprint of the processor */
	uint64_t nthread, thread; /* how many, and where in this file they begin: */
	uint64_t nmap, map;
	uint64_t nfile, file;
	uint64_t nfd, fd;
	uint64_t heap, heap_end; /* what brk() is about */
};

#endif
