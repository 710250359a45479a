/* Implementation for a frozen process that goes on. */
#include "unfreeze.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "fd.h"

#define ABOVE (UNFREEZE_KEEP + 1)
#define FLAGS (O_ACCMODE | O_APPEND | O_NONBLOCK)

/* Out of the way of the numbers to come. */
static int move_up(int *fd, bool stays)
{
	if (*fd < 0)
		return 0;
	*fd = fcntl(*fd, stays ? F_DUPFD : F_DUPFD_CLOEXEC, ABOVE);
	return *fd < 0 ? -errno : 0;
}

static int signal_fd(uint64_t mask, uint32_t flags)
{
	sigset_t set;
	int i;

	sigemptyset(&set);
	for (i = 1; i <= 64; i++)
		if (mask & UINT64_C(1) << (i - 1))
			sigaddset(&set, i);
	return signalfd(-1, &set, flags & O_NONBLOCK ? SFD_NONBLOCK : 0);
}

/* Whether it waits belongs to the socket, and the caller's is a new one. */
static int socket_again(int fd, uint32_t flags)
{
	int r = dup(fd);

	if (r >= 0 && flags & O_NONBLOCK && fcntl(r, F_SETFL, O_NONBLOCK) < 0)
		fd_close(&r);
	return r;
}

static int make(const struct unfreeze *u, const struct frozen_fd *f)
{
	switch ((enum frozen_role)f->role) {
	case FROZEN_NULL:
		return open("/dev/null", (int)(f->flags & FLAGS));
	case FROZEN_EVENT:
		return eventfd((unsigned int)f->value,
			       f->flags & O_NONBLOCK ? EFD_NONBLOCK : 0);
	case FROZEN_SIGNAL:
		return signal_fd(f->value, f->flags);
	case FROZEN_CONTROL:
		return socket_again(u->role[FROZEN_CONTROL], f->flags);
	case FROZEN_RAM:
	case FROZEN_MAIL:
	case FROZEN_CONSOLE:
	case FROZEN_SERIAL:
		return fd_again(u->role[f->role], (int)(f->flags & FLAGS));
	case FROZEN_NONE:
	case FROZEN_SPENT:
	case FROZEN_IMAGE:
	case FROZEN_NROLES:
		break;
	}
	errno = EINVAL;
	return -1;
}

static int put(const struct unfreeze *u, const struct frozen_fd *f)
{
	int fd = make(u, f), r = 0;

	if (fd < 0)
		return -errno;
	if (fd != f->fd) {
		r = dup2(fd, f->fd) < 0 ? -errno : 0;
		close(fd);
	}
	return r;
}

static int put_all(const struct unfreeze *u)
{
	const struct frozen *head;
	const struct frozen_fd *v;
	int r = 0;
	uint64_t i;
	char *p = mmap(NULL, FROZEN_PAGE, PROT_READ, MAP_PRIVATE, u->image_fd, 0);
	size_t size;

	if (p == MAP_FAILED)
		return -errno;
	size = ((const struct frozen *)(const void *)p)->size;
	munmap(p, FROZEN_PAGE);
	p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, u->image_fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	head = (const void *)p;
	v = (const void *)(p + head->fd);
	for (i = 0; r == 0 && i < head->nfd; i++)
		r = put(u, &v[i]);
	munmap(p, size);
	return r;
}

int unfreeze(const struct unfreeze *given)
{
	struct unfreeze u = *given;
	char n[4][16];
	const char *argv[] = { u.program, n[0], n[1], n[2], n[3], NULL };
	int r = move_up(&u.image_fd, true), role;

	for (role = FROZEN_RAM; r == 0 && role < FROZEN_NROLES; role++)
		r = move_up(&u.role[role], role == FROZEN_RAM || role == FROZEN_MAIL);
	if (r == 0 && u.keep_fd >= 0)
		r = dup2(u.keep_fd, UNFREEZE_KEEP) < 0 ? -errno : 0;
	if (r == 0)
		r = put_all(&u);
	if (r < 0)
		return r;
	snprintf(n[0], sizeof(n[0]), "%d", u.image_fd);
	snprintf(n[1], sizeof(n[1]), "%d", u.role[FROZEN_RAM]);
	snprintf(n[2], sizeof(n[2]), "%d", u.ram_shared);
	snprintf(n[3], sizeof(n[3]), "%d", u.role[FROZEN_MAIL]);
	execve(u.program, (char *const *)(uintptr_t)argv, environ);
	return -errno;
}
