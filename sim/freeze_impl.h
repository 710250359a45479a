/* Between the parts of freezing. */
#ifndef HALBSIM_FREEZE_IMPL_H
#define HALBSIM_FREEZE_IMPL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "freeze.h"

/* A table that grows. */
struct freeze_table {
	char *v;
	size_t len, room;
};

/* Appends; its offset there, or -ENOMEM. */
int64_t freeze_add(struct freeze_table *t, const void *data, size_t len);

struct freezing {
	pid_t pid;
	const struct freeze_known *known;
	int fd, mem_fd; /* what is written; the process's memory */
	int pagemap_fd;
	struct freeze_table stopped; /* its threads */
	/* What the file's table is made of. */
	struct freeze_table threads, maps, files, fds, texts, frames;
	uint64_t heap, heap_end; /* what brk() is about, in whole pages */
	uint64_t at; /* where the next pages go: behind the table */
};

/* Whether that file is the caller's in this role. */
bool freeze_is_known(const struct freezing *f, uint32_t role, dev_t dev, ino_t ino);

/* Room for the table at the beginning of the file. */
#define FREEZE_TABLES UINT64_C(0x200000)
#define FREEZE_FRAMES UINT64_C(0x100000) /* of that, for the threads' frames */

/* All threads stand still, or none: 0 or -errno. freeze_let_go() in either case. */
int freeze_threads(struct freezing *f);
void freeze_let_go(struct freezing *f);
/*
 * What each of them goes on with; f->frames will be at `at` in the file. -EAGAIN: one of
 * them is at work.
 */
int freeze_frames(struct freezing *f, uint64_t at);

int freeze_maps(struct freezing *f);
int freeze_fds(struct freezing *f);

/*
 * `page` (len bytes of a vDSO): its functions become plain system calls, as the next
 * kernel has it elsewhere. 0 or -errno.
 */
int freeze_vdso(char *page, size_t len);

#endif
