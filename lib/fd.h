/* Descriptors that are -1 while there is none. */
#ifndef HALB_FD_H
#define HALB_FD_H

#include <unistd.h>

/* Closes *fd, if it is one, and sets it to -1; errno may change. */
static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * Opens what fd is once more: the same file, with an offset and flags of its own. A
 * descriptor; -1 with errno.
 */
int fd_again(int fd, int flags);

#endif
