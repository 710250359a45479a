/* Processes of a node: starting, watching, signalling. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu_group.h"
#include "log.h"
#include "proctree.h"
#include "site_impl.h"

#define NODE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define IO_PATH	  NODE_PATH ":/usr/lib/busybox"
#define ENV_MAX	  16

/* --- starting --- */

/* Finds a program as execvp() would with that PATH. 0 or -ENOENT. */
static int find_program(const char *name, const char *dir, char path[PATH_MAX])
{
	size_t len;

	if (strchr(name, '/')) {
		if (!realpath(name, path))
			return -errno;
		return access(path, X_OK) < 0 ? -errno : 0;
	}
	for (; *dir; dir += len + (dir[len] == ':')) {
		len = strcspn(dir, ":");
		if (!len)
			continue;
		snprintf(path, PATH_MAX, "%.*s/%s", (int)len, dir, name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

static int open_log(struct site_node *n)
{
	char path[PATH_MAX];

	if (n->log_fd >= 0)
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s.log", n->site->log_dir,
		     n->topo->name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	n->log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return n->log_fd < 0 ? -errno : 0;
}

/* One line before a program's output: what was started. */
static void log_start(struct site_node *n, const char *what, char *const argv[])
{
	char line[1024];
	size_t len, i;

	len = (size_t)snprintf(line, sizeof(line), "== %s:", what);
	for (i = 0; argv[i] && len < sizeof(line) - 1; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s", argv[i]);
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(n->log_fd, line, len) < 0)
		log_warn("%s: log", n->topo->name);
}

/* Standard input, output and error. 0 or -errno. */
static int child_io(const struct site_node *n, const struct site_io *io)
{
	int in, out, err;

	/* Above those three, so that none is overwritten before it is used. */
	in = io ? fcntl(io->in, F_DUPFD, 3) : open("/dev/null", O_RDONLY);
	out = io ? fcntl(io->out, F_DUPFD, 3) : n->log_fd;
	err = io ? fcntl(io->err, F_DUPFD, 3) : n->log_fd;
	if (in < 0 || out < 0 || err < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		return -errno;
	if (io && io->tty && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		return -errno;
	return 0;
}

/* What a program is started with. */
struct birth {
	struct site_node *n;
	const char *path;
	int exe; /* names the program too */
	char *const *argv, *const *envp;
	const struct site_io *io;   /* NULL: the node's log */
	const struct beside *image; /* NULL: the program is executed */
	int report;
};

/* Into the node. 0 or -errno. */
static int child_enter(const struct birth *b)
{
	int r = cpu_group_join(b->n);

	if (r == 0)
		r = node_init_join(&b->n->init);
	if (r < 0)
		return r;
	setsid(); /* a terminal's Ctrl-C is for the harness alone */
	loop_child_signals();
	umask(022);
	r = chdir("/") < 0 ? -errno : child_io(b->n, b->io);
	if (r == 0 && close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		r = -errno;
	return r;
}

/* Becomes the program; returns when it cannot. */
static void child_become(const struct birth *b)
{
	const char *name = strrchr(b->path, '/');

	if (b->image) {
		prctl(PR_SET_NAME, name ? name + 1 : b->path);
		beside_enter(b->image);
	}
	/* A program under a folder that is private to the node (/tmp) is not to
	 * be seen in there; the descriptor still names it. */
	if (access(b->path, X_OK) == 0)
		execve(b->path, b->argv, b->envp);
	else
		execveat(b->exe, "", b->argv, b->envp, AT_EMPTY_PATH);
}

/*
 * The child, up to its exec. What it writes to `report`: its own pid, an errno.
 * (It may share our memory, and then runs this while start() waits for its report.)
 */
static int child(void *arg)
{
	const struct birth *b = arg;
	int says[2] = { (int)getpid(), 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	says[1] = child_enter(b);
	if (write(b->report, says, says[1] < 0 ? sizeof(says) : sizeof(says[0])) < 0 ||
	    says[1] < 0)
		_exit(127);
	child_become(b);
	says[1] = -errno;
	if (write(b->report, &says[1], sizeof(says[1])) < 0)
		_exit(127);
	_exit(127);
}

static ssize_t read_all(int fd, void *buf, size_t len)
{
	size_t got = 0;
	ssize_t n = 0;

	while (got < len) {
		n = read(fd, (char *)buf + got, len - got);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		if (n > 0)
			got += (size_t)n;
	}
	return n < 0 ? -errno : (ssize_t)got;
}

/* Forks, executes, and learns whether that worked. 0 or -errno. */
static int start(struct site_proc *p, struct birth *b)
{
	struct site_node *n = b->n;
	int report[2], hears[2] = { 0, 0 };
	pid_t pid;
	ssize_t got;

	if (pipe2(report, O_CLOEXEC) < 0)
		return -errno;
	b->report = report[1];
	if (b->image)
		pid = node_init_share(&n->init, n->site->home_pid, &p->pidfd, child,
				      beside_stack(b->image), b);
	else
		pid = node_init_fork(&n->init, n->site->home_pid, &p->pidfd);
	if (pid == 0)
		child(b);
	close(report[1]);
	if (pid < 0) {
		close(report[0]);
		p->pidfd = -1;
		return (int)pid;
	}
	/* Ends when exec, or what stands for it, closes the child's copy. */
	got = read_all(report[0], hears, sizeof(hears));
	close(report[0]);
	p->pid = pid;
	p->inside = hears[0];
	if (got == (ssize_t)sizeof(hears[0]))
		return 0;
	waitpid(pid, NULL, 0);
	close(p->pidfd);
	p->pidfd = -1;
	return got < 0 ? (int)got : hears[1] < 0 ? hears[1] : -ECHILD;
}

/* --- ending --- */

static void free_proc(struct site_proc *p)
{
	beside_free(&p->image);
	free(p->what);
	free(p);
}

/* Reaps one that has ended (`wait`: when it has) and reports it. */
static void reap_proc(struct site_proc *p, bool wait)
{
	struct site_node *n = p->node;
	struct site_proc **at;
	siginfo_t si = { 0 };
	pid_t pid = p->pid;
	int status;

	while (waitid(P_PIDFD, (id_t)p->pidfd, &si, WEXITED | (wait ? 0 : WNOHANG)) < 0)
		if (errno != EINTR)
			break;
	if (!wait && si.si_pid == 0)
		return;
	status = si.si_code == CLD_EXITED ? si.si_status : -si.si_status;
	loop_fd_del(n->site->o.loop, &p->watch);
	close(p->pidfd);
	for (at = &n->procs; *at && *at != p; at = &(*at)->next)
		;
	if (*at)
		*at = p->next;
	if (n->site->o.exit_cb)
		n->site->o.exit_cb(n->topo->name, p->what, status, n->site->o.arg);
	free_proc(p);
	if (n->site->ended_cb)
		n->site->ended_cb(n, pid, status, n->site->ended_arg);
}

static void proc_ended(struct loop_fd *f, uint32_t revents, void *arg)
{
	(void)f;
	(void)revents;
	reap_proc(arg, false);
}

void node_kill(struct site_node *n)
{
	struct site_proc *p;

	if (n->init.pidfd < 0)
		return;
	n->dying = true;
	node_init_end(&n->init);
	for (p = n->procs; p; p = p->next)
		syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
}

/*
 * Our own children first: the kernel lets an init end only when all of its
 * namespace is reaped.
 */
void node_reap(struct site_node *n)
{
	siginfo_t si;

	if (n->init.pidfd < 0)
		return;
	node_kill(n);
	while (n->procs)
		reap_proc(n->procs, true);
	loop_fd_del(n->site->o.loop, &n->init_watch);
	while (waitid(P_PIDFD, (id_t)n->init.pidfd, &si, WEXITED) < 0)
		if (errno != EINTR)
			break;
	node_init_finish(&n->init);
	cpu_group_finish(n);
	n->up = n->dying = false;
	if (n->site->ended_cb)
		n->site->ended_cb(n, 0, 0, n->site->ended_arg);
}

/* --- the interface --- */

static struct site_proc *find(const struct site_node *n, const char *what)
{
	struct site_proc *p;

	for (p = n->procs; p; p = p->next)
		if (!strcmp(p->what, what))
			return p;
	return NULL;
}

/* `beside`: in our memory, if the program can be. */
static pid_t spawn(struct site_node *n, const char *what, char *const argv[],
		   const struct site_io *io, bool beside)
{
	char path[PATH_MAX], env_run[160], env_node[160];
	char env_path[] = "PATH=" NODE_PATH, io_path[] = "PATH=" IO_PATH;
	char env_lang[] = "LANG=C";
	char *envp[ENV_MAX] = { io ? io_path : env_path, env_lang, env_run, env_node };
	struct birth b = { .n = n, .path = path, .argv = argv, .envp = envp, .io = io };
	struct site_proc *p;
	size_t i;
	int r;

	if (!n->up || n->dying)
		return -ENETDOWN;
	for (i = 0; io && io->env && io->env[i] && i + 5 < ENV_MAX; i++)
		envp[i + 4] = (char *)(uintptr_t)io->env[i];
	r = find_program(argv[0], io ? IO_PATH : NODE_PATH, path);
	if (r == 0 && !io)
		r = open_log(n);
	if (r < 0)
		return r;
	b.exe = open(path, O_PATH | O_CLOEXEC);
	if (b.exe < 0)
		return -errno;
	p = calloc(1, sizeof(*p));
	r = -ENOMEM;
	if (!p || !(p->what = strdup(what)))
		goto fail;
	snprintf(env_run, sizeof(env_run), "HALBSIM_RUN=%s", n->site->run_id);
	snprintf(env_node, sizeof(env_node), "HALBSIM_NODE=%s", n->topo->name);
	p->node = n;
	if (!io)
		log_start(n, what, argv);
	if (beside && beside_load(&p->image, path, argv, envp) == 0)
		b.image = &p->image;
	r = start(p, &b);
	if (r < 0)
		goto fail;
	p->next = n->procs;
	n->procs = p;
	r = loop_fd_add(n->site->o.loop, &p->watch, p->pidfd, EPOLLIN, proc_ended, p);
	close(b.exe);
	if (r < 0) {
		syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
		reap_proc(p, true);
		return r;
	}
	return p->pid;
fail:
	close(b.exe);
	if (p)
		free_proc(p);
	return r;
}

pid_t site_spawn(struct site_node *n, const char *what, char *const argv[])
{
	return spawn(n, what, argv, NULL, false);
}

pid_t site_spawn_beside(struct site_node *n, const char *what, char *const argv[])
{
	return spawn(n, what, argv, NULL, true);
}

pid_t site_spawn_io(struct site_node *n, const char *what, char *const argv[],
		    const struct site_io *io)
{
	return spawn(n, what, argv, io, false);
}

pid_t site_pid(const struct site_node *n, const char *what)
{
	struct site_proc *p = find(n, what);

	return p ? p->pid : -ESRCH;
}

int site_node_signal(struct site_node *n, const char *what, int signo)
{
	struct site_proc *p = find(n, what);

	if (!p)
		return -ESRCH;
	if (syscall(SYS_pidfd_send_signal, p->pidfd, signo, NULL, 0) < 0)
		return -errno;
	return 0;
}

int site_node_signal_all(struct site_node *n, const char *what, int signo)
{
	struct proctree t = { 0 };
	struct site_proc *p = what ? find(n, what) : NULL;
	pid_t *pid;
	size_t i;
	int r;

	if (!n->up || n->dying || (what && !p))
		return -ESRCH;
	r = proctree_read(&t, n->init.pid);
	if (r < 0)
		return r;
	pid = calloc(t.n + 1, sizeof(*pid));
	if (!pid) {
		proctree_finish(&t);
		return -ENOMEM;
	}
	proctree_pick(&t, p ? p->inside : 0);
	for (i = 0; i < t.n; i++)
		if (t.proc[i].picked)
			pid[r++] = t.proc[i].pid;
	i = (size_t)r;
	if (i == 0)
		r = -ESRCH;
	else if (what)
		r = node_init_kill(&n->init, signo, pid, i);
	else if ((r = node_init_kill(&n->init, signo, NULL, 0)) >= 0)
		r = (int)i;
	free(pid);
	proctree_finish(&t);
	return r;
}
