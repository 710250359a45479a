/* Implementation for a node's init. */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop.h"

#define MAX_REQUEST (sizeof(struct init_request) + 4096 * sizeof(int32_t))

static const char *const step_names[INIT_NSTEPS] = {
	[INIT_READY] = "ready",
	[INIT_PRIVATE] = "make mounts private",
	[INIT_PROC] = "mount /proc",
	[INIT_SYS] = "mount /sys",
	[INIT_RUN] = "mount /run",
	[INIT_TMP] = "mount /tmp",
	[INIT_NAME] = "set the host name",
};

const char *init_step_name(int step)
{
	return step >= 0 && step < INIT_NSTEPS ? step_names[step] : "start";
}

static unsigned long env_start, env_end;

void init_mark_prepare(void)
{
	char stat[1024], *p;
	ssize_t n;
	int fd, field;

	if (env_end)
		return;
	fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	stat[n] = '\0';
	/* proc(5): fields 50 and 51 are env_start and env_end; ')' ends field 2. */
	p = strrchr(stat, ')');
	for (field = 2; p && field < 50; field++)
		p = strchr(p + 1, ' ');
	if (!p || sscanf(p, " %lu %lu", &env_start, &env_end) != 2)
		env_start = env_end = 0;
}

void init_mark(const char *run_id, const char *node)
{
	char mark[256];
	int len;

	init_mark_prepare();
	if (env_start >= env_end)
		return;
	len = snprintf(mark, sizeof(mark), "HALBSIM_RUN=%s%cHALBSIM_NODE=%s", run_id, 0,
		       node);
	if (len < 0 || (size_t)len >= sizeof(mark))
		return;
	clearenv();
	memset((void *)env_start, 0, env_end - env_start);
	memcpy((void *)env_start, mark,
	       (size_t)len < env_end - env_start ? (size_t)len : env_end - env_start);
}

static int mount_tmpfs(const char *at)
{
	struct stat st;

	/* A link (/var/run) or nothing at all: there is nothing to hide. */
	if (lstat(at, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return mount("tmpfs", at, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

static int set_up(const char *node, enum init_step *step)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	*step = INIT_PRIVATE;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	*step = INIT_PROC;
	if (mount("proc", "/proc", "proc", flags, NULL) < 0)
		return -errno;
	*step = INIT_SYS; /* a new one shows this network namespace's devices */
	if (mount("sysfs", "/sys", "sysfs", flags, NULL) < 0)
		return -errno;
	*step = INIT_RUN;
	if (mount_tmpfs("/run") < 0 || mount_tmpfs("/var/run") < 0)
		return -errno;
	*step = INIT_TMP;
	if (mount_tmpfs("/tmp") < 0)
		return -errno;
	*step = INIT_NAME;
	if (sethostname(node, strlen(node)) < 0)
		return -errno;
	*step = INIT_READY;
	return 0;
}

static int send_signals(const struct init_request *req)
{
	int32_t i;
	int sent = 0;

	if (req->n == 0) /* all but us, in one go of the kernel */
		return kill(-1, req->signo) < 0 && errno != ESRCH ? -errno : 0;
	for (i = 0; i < req->n; i++)
		if (req->pid[i] > 1 && kill(req->pid[i], req->signo) == 0)
			sent++;
	return sent;
}

/* Once: nothing of the harness's is kept open afterwards. */
static int configure(const struct init_node *node)
{
	int r = node->configure(node->arg);

	return dup2(0, 2) < 0 ? -errno : r;
}

void init_main(int ctl, const struct init_node *node)
{
	_Alignas(struct init_request) static char buf[MAX_REQUEST];
	const struct init_request *req = (const void *)buf;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct init_reply rep = { 0 };
	enum init_step step;
	char name[16];
	ssize_t n;
	int null;

	/* Should the harness have died already: its end of the socket is closed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	loop_child_signals();
	sigaction(SIGCHLD, &ignore, NULL); /* orphans are reaped by the kernel */
	init_mark(node->run_id, node->name);
	snprintf(name, sizeof(name), "hs:%s", node->name);
	prctl(PR_SET_NAME, name);
	/* Nothing of the harness's may be kept open in here, but for stderr at first. */
	null = open("/dev/null", O_RDWR);
	if (dup2(ctl, 3) < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    close_range(4, ~0U, 0) < 0)
		_exit(1);
	rep.result = set_up(node->name, &step);
	rep.step = (int32_t)step;
	if (chdir("/") < 0 || send(3, &rep, sizeof(rep), MSG_NOSIGNAL) < 0 ||
	    rep.result < 0)
		_exit(1);
	while ((n = recv(3, buf, sizeof(buf), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < (ssize_t)sizeof(*req) || req->n < 0 ||
		    (size_t)n != sizeof(*req) + (size_t)req->n * sizeof(int32_t))
			_exit(1);
		rep.result = req->signo == INIT_CONFIGURE ? configure(node) :
							    send_signals(req);
		if (send(3, &rep, sizeof(rep), MSG_NOSIGNAL) < 0)
			_exit(1);
	}
	_exit(0);
}
