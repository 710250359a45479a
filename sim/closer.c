/* Implementation for closing descriptors without waiting. */
#include "closer.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"
#include "loop.h"

static struct {
	pid_t pid;
	int sk;
} closer = { .sk = -1 };

/*
 * Without room for them in the receiver's message, descriptors that come along
 * are closed as it is received: all there is to do.
 */
static void child(int sk, const char *run_id) __attribute__((noreturn));
static void child(int sk, const char *run_id)
{
	char byte;
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	loop_child_signals();
	init_mark(run_id, "");
	prctl(PR_SET_NAME, "hs:closer");
	/* The harness's other descriptors are not kept open in here. */
	if (dup2(sk, 3) < 0 || close_range(4, ~0U, 0) < 0)
		_exit(1);
	close_range(0, 2, 0);
	do {
		n = recv(3, &byte, 1, 0);
	} while (n > 0 || (n < 0 && errno == EINTR));
	_exit(0);
}

int closer_start(const char *run_id)
{
	int sk[2], r;

	if (closer.sk >= 0)
		return -EBUSY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sk) < 0)
		return -errno;
	closer.pid = fork();
	if (closer.pid == 0)
		child(sk[1], run_id);
	r = -errno;
	close(sk[1]);
	if (closer.pid < 0) {
		close(sk[0]);
		return r;
	}
	closer.sk = sk[0];
	return 0;
}

void closer_stop(void)
{
	if (closer.sk < 0)
		return;
	close(closer.sk);
	closer.sk = -1;
	while (waitpid(closer.pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void closer_close(int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	/* When it is busy or gone, this close is the last one after all. */
	if (closer.sk >= 0)
		sendmsg(closer.sk, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}
