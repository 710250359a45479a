/* Implementation for namespaces, as the harness sees them. */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

int netns_own(const char *type)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", type);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int netns_enter(int fd)
{
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

int netns_new(int home)
{
	int fd, r;

	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	fd = netns_own("net");
	r = netns_enter(home);
	if (r < 0 && fd >= 0) {
		close(fd);
		fd = r;
	}
	return fd;
}

/* clone3() as a fork: no shared memory, no new stack. */
static pid_t fork_with(uint64_t flags, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	return pid < 0 ? -errno : (pid_t)pid;
}

int node_init_start(struct node_init *in, const struct init_node *node)
{
	int sk[2], r;
	pid_t pid;

	init_mark_prepare();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sk) < 0)
		return -errno;
	pid = fork_with(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS |
				CLONE_NEWIPC,
			&in->pidfd);
	if (pid == 0)
		init_main(sk[1], node);
	close(sk[1]);
	if (pid < 0) {
		r = (int)pid;
		close(sk[0]);
		in->pidfd = -1;
		return r;
	}
	in->pid = pid;
	in->ctl = sk[0];
	return 0;
}

/* One answer. */
static int hear(struct node_init *in, struct init_reply *rep)
{
	ssize_t n;

	do {
		n = recv(in->ctl, rep, sizeof(*rep), 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(*rep) ? 0 : -ESRCH; /* it has ended */
}

int node_init_wait(struct node_init *in, const char **step)
{
	struct init_reply rep;
	int r = hear(in, &rep);

	*step = r < 0 ? "start" : init_step_name(rep.step);
	return r < 0 ? r : rep.result;
}

int node_init_configure(struct node_init *in)
{
	const struct init_request req = { .signo = INIT_CONFIGURE };
	struct init_reply rep;
	int r;

	if (send(in->ctl, &req, sizeof(req), MSG_NOSIGNAL) < 0)
		return errno == EPIPE ? -ESRCH : -errno;
	r = hear(in, &rep);
	return r < 0 ? r : rep.result;
}

int node_init_kill(struct node_init *in, int signo, const pid_t *pid, size_t n)
{
	size_t len = sizeof(struct init_request) + n * sizeof(int32_t), i;
	struct init_request *req;
	struct init_reply rep;
	int r = 0;

	if (in->ctl < 0)
		return -ESRCH;
	req = malloc(len);
	if (!req)
		return -ENOMEM;
	req->signo = signo;
	req->n = (int32_t)n;
	for (i = 0; i < n; i++)
		req->pid[i] = pid[i];
	if (send(in->ctl, req, len, MSG_NOSIGNAL) < 0)
		r = errno == EPIPE ? -ESRCH : -errno;
	free(req);
	if (r == 0)
		r = hear(in, &rep);
	return r < 0 ? r : rep.result;
}

void node_init_end(struct node_init *in)
{
	if (in->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, in->pidfd, SIGKILL, NULL, 0);
}

void node_init_finish(struct node_init *in)
{
	if (in->pidfd >= 0)
		close(in->pidfd);
	if (in->ctl >= 0)
		close(in->ctl);
	in->pidfd = in->ctl = -1;
	in->pid = 0;
}

/* `fn`: the child shares our memory, and runs that. */
static pid_t fork_inside(const struct node_init *in, int home_pid, int *pidfd,
			 int (*fn)(void *), void *stack, void *arg)
{
	pid_t pid;

	if (in->pidfd < 0)
		return -ENETDOWN;
	if (setns(in->pidfd, CLONE_NEWPID) < 0)
		return -errno;
	pid = fn ? clone(fn, stack, CLONE_VM | CLONE_PIDFD | SIGCHLD, arg, pidfd) :
		   fork_with(0, pidfd);
	if (pid < 0 && fn)
		pid = -errno;
	if (pid != 0 && setns(home_pid, CLONE_NEWPID) < 0 && pid > 0) {
		/* Every later child would be born in there: give up at once. */
		int r = -errno;

		syscall(SYS_pidfd_send_signal, *pidfd, SIGKILL, NULL, 0);
		return r;
	}
	return pid;
}

pid_t node_init_fork(const struct node_init *in, int home_pid, int *pidfd)
{
	return fork_inside(in, home_pid, pidfd, NULL, NULL, NULL);
}

pid_t node_init_share(const struct node_init *in, int home_pid, int *pidfd,
		      int (*fn)(void *), void *stack, void *arg)
{
	return fork_inside(in, home_pid, pidfd, fn, stack, arg);
}

int node_init_reap(int pidfd)
{
	siginfo_t si = { 0 };

	while (waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED) < 0)
		if (errno != EINTR)
			break;
	close(pidfd);
	return si.si_code == CLD_EXITED ? -si.si_status : -EIO;
}

int node_init_join(const struct node_init *in)
{
	int types = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;

	return setns(in->pidfd, types) < 0 ? -errno : 0;
}
