#include "hold.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "run.h"

#define PATIENCE_MS 10000

/* Ours are all close-on-exec; the others came from whoever started us. */
static void close_inherited(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	int fd, flags;

	while (d && (e = readdir(d))) {
		fd = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : -1;
		flags = fd > 2 && fd != dirfd(d) ? fcntl(fd, F_GETFD) : -1;
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
	if (d)
		closedir(d);
}

int hold_log(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

int hold_leave(int log_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), r = 0;

	fflush(NULL);
	prctl(PR_SET_PDEATHSIG, 0UL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(log_fd, STDERR_FILENO) < 0)
		r = -errno;
	if (null > 2)
		close(null);
	close_inherited();
	return r;
}

pid_t hold_fork(int log_fd)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0)
		return pid;
	setsid();
	loop_child_signals();
	if (hold_leave(log_fd) < 0)
		_exit(EXIT_SOFTWARE);
	return 0;
}

void hold_show_log(int log_fd)
{
	char buf[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(log_fd, buf, sizeof(buf), at)) > 0) {
		fwrite(buf, 1, (size_t)n, stderr);
		at += n;
	}
}

int hold_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_SOFTWARE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void hold_end(pid_t pid)
{
	/* by descriptor: the number may become somebody else's meanwhile */
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return;
	syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
	if (poll(&p, 1, PATIENCE_MS) == 0) {
		syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		poll(&p, 1, PATIENCE_MS);
	}
	close(fd);
	waitpid(pid, NULL, WNOHANG);
}
