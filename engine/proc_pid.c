/* Pid files that say whether their owner lives: a record lock dies with it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

int proc_pid_file(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644), err;
	char text[24];

	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (fcntl(fd, F_SETLK, &lock) < 0) {
		err = errno == EACCES || errno == EAGAIN ? EWOULDBLOCK : errno;
	} else if (ftruncate(fd, 0) < 0 || write(fd, text, strlen(text)) < 0) {
		err = errno;
	} else {
		return fd;
	}
	close(fd);
	return -err;
}
