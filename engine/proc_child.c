/* A child of the parent: how it is started, what it writes and says, its end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "log.h"
#include "lvs.h"
#include "proc_priv.h"

const char *const proc_role_name[NROLES] = { [VRRP] = "VRRP", [CHECKERS] = "IPVS" };

/* --- what a child writes --- */

static void log_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct child *c = arg;
	char *end;
	ssize_t n = read(f->fd, c->log + c->nlog, sizeof(c->log) - 1 - c->nlog);

	(void)revents;
	if (n > 0)
		c->nlog += (size_t)n;
	while ((end = memchr(c->log, '\n', c->nlog))) {
		*end++ = '\0';
		log_relay(c->log);
		c->nlog -= (size_t)(end - c->log);
		memmove(c->log, end, c->nlog);
	}
	if (c->nlog == sizeof(c->log) - 1 || (n == 0 && c->nlog)) {
		c->log[c->nlog] = '\0';
		log_relay(c->log);
		c->nlog = 0;
	}
	if (n == 0)
		loop_fd_del(c->parent->loop, f);
}

/* --- what it says --- */

static void says_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct child *c = arg;
	union {
		struct vrrp_msg vrrp;
		struct ctl_msg ctl;
	} m;
	ssize_t n;

	(void)revents;
	while ((n = recv(f->fd, &m, sizeof(m), MSG_DONTWAIT)) > 0)
		if (c->role == VRRP && n == (ssize_t)sizeof(m.vrrp))
			proc_vrrp_says(c->parent, &m.vrrp);
	if (n == 0)
		loop_fd_del(c->parent->loop, f);
}

void proc_child_says(struct child *c)
{
	says_ready(&c->watch, 0, c);
}

/* --- its life --- */

/* In the child: nothing of the parent's but its log and its socket. */
static int child_main(struct parent *p, enum role r, int fd, int log_fd, pid_t parent)
{
	const char *pid_path = r == VRRP ? p->o->vrrp_pid_path : p->o->checkers_pid_path;
	int pid_fd;

	loop_child_signals();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* the parent says it in words */
	signal(SIGUSR1, SIG_IGN);
	signal(SIG_JSON, SIG_IGN);
	signal(SIG_CLEAR, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return 0;
	if (dup2(log_fd, STDERR_FILENO) < 0 || dup2(fd, 3) < 0 || close_range(4, ~0U, 0) < 0)
		return 1;
	log_init(NULL, LOG_LVL_INFO, 0);
	log_init(NULL, p->o->log_level, LOG_TO_STDERR | LOG_MARK | p->o->log_flags);
	prctl(PR_SET_NAME, r == VRRP ? "halbd_vrrp" : "halbd_ipvs");
	if (pid_path) {
		pid_fd = proc_pid_file(pid_path);
		if (pid_fd < 0) {
			errno = -pid_fd;
			log_warn("cannot write %s", pid_path);
		}
	}
	return r == VRRP ? vrrp_process(p->conf, 3) : lvs_process(p->conf, 3);
}

void proc_child_close(struct child *c)
{
	struct loop *l = c->parent->loop;

	loop_fd_del(l, &c->watch);
	if (c->log_fd >= 0)
		log_ready(&c->log_watch, 0, c); /* its last words */
	loop_fd_del(l, &c->log_watch);
	if (c->fd >= 0)
		close(c->fd);
	if (c->log_fd >= 0)
		close(c->log_fd);
	c->fd = c->log_fd = -1;
	c->pid = 0;
}

int proc_child_start(struct child *c)
{
	struct parent *p = c->parent;
	int pair[2] = { -1, -1 }, log[2] = { -1, -1 }, r = 0;
	pid_t self = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
	    pipe2(log, O_CLOEXEC | O_NONBLOCK) < 0)
		r = -errno;
	if (!r) {
		c->pid = fork();
		if (c->pid == 0)
			_exit(child_main(p, c->role, pair[1], log[1], self));
		if (c->pid < 0) {
			r = -errno;
			c->pid = 0;
		}
	}
	if (pair[1] >= 0)
		close(pair[1]);
	if (log[1] >= 0)
		close(log[1]);
	c->fd = pair[0];
	c->log_fd = log[0];
	c->nlog = 0;
	c->started_ns = clock_now();
	if (!r)
		r = loop_fd_add(p->loop, &c->watch, c->fd, EPOLLIN, says_ready, c);
	if (!r)
		r = loop_fd_add(p->loop, &c->log_watch, c->log_fd, EPOLLIN, log_ready, c);
	if (r < 0) {
		errno = -r;
		log_warn("cannot start the %s process", proc_role_name[c->role]);
	}
	return r;
}
