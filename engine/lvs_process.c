/*
 * The process that owns the IPVS table.
 *
 *	parent --- ctl.h ---> this process --- fork ---> check worker
 *	                          |   <--- check_report ---
 *	                          +--- fork ---> MISC_CHECK and notify scripts
 *
 * It never reads a byte from the network: the worker, which does, has no
 * privileges, and its reports are numbers that are checked here. A worker that
 * dies is started again and goes on from the shared check states.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "log.h"
#include "lvs_caps.h"
#include "lvs_proc_priv.h"
#include "script.h"

#define STOP_PATIENCE_NS (1 * NS_PER_S) /* for scripts that are still running */

/* --- the parent --- */

static void ready(struct lvs_proc *p)
{
	struct ctl_msg m = { .type = CTL_READY };

	if (p->parent.added && send(p->parent.fd, &m, sizeof(m), MSG_NOSIGNAL) < 0)
		log_warn("parent");
}

static void begin_stop(struct lvs_proc *p);

static void parent_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct lvs_proc *p = arg;
	struct ctl_msg m;
	ssize_t n;

	(void)revents;
	n = recv(f->fd, &m, sizeof(m), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		loop_fd_del(p->loop, f);
		begin_stop(p);
		return;
	}
	if (n != (ssize_t)sizeof(m) || p->stopping)
		return;
	m.text[sizeof(m.text) - 1] = '\0';
	if (m.type == CTL_RELOAD) {
		lvs_proc_reload(p, m.text);
		ready(p);
	} else if (m.type == CTL_INSTANCE) {
		lvs_sync_instance(&p->sync, m.text, m.state == CTL_STATE_MASTER);
	}
}

/* --- the end --- */

static void stop_cb(struct loop_timer *t, void *arg)
{
	struct lvs_proc *p = arg;

	(void)t;
	loop_stop(p->loop, 0);
}

/* The table first; then scripts that were started have a second to end. */
static void begin_stop(struct lvs_proc *p)
{
	int r;

	if (p->stopping)
		return;
	p->stopping = true;
	lvs_proc_stop_checks(p);
	r = lvs_stop(p->lvs);
	if (r < 0)
		log_warnx("taking down the IPVS table: %s", strerror(-r));
	lvs_sync_stop(&p->sync);
	if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
		loop_stop(p->loop, 0);
	else
		loop_timer_must(p->loop, &p->stop_timer, clock_now() + STOP_PATIENCE_NS);
}

static void reap(struct lvs_proc *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!lvs_worker_reaped(&p->worker, pid, status))
			script_reaped(pid, status);
	}
	if (p->stopping && pid < 0 && errno == ECHILD)
		loop_stop(p->loop, 0);
}

static void signal_cb(int signo, void *arg)
{
	struct lvs_proc *p = arg;

	switch (signo) {
	case SIGCHLD:
		reap(p);
		break;
	case SIGTERM:
	case SIGINT:
		begin_stop(p);
		break;
	}
}

/* --- the beginning --- */

static int watch(struct lvs_proc *p, int parent_fd)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP); /* comes as CTL_RELOAD, with the path */
	r = loop_signals(p->loop, &set, signal_cb, p);
	if (!r && parent_fd >= 0)
		r = loop_fd_add(p->loop, &p->parent, parent_fd, EPOLLIN, parent_ready, p);
	return r;
}

static int set_up(struct lvs_proc *p, int parent_fd)
{
	struct lvs_hooks hooks = { lvs_notify_real, lvs_notify_quorum, &p->notify };
	uint32_t i;
	int r;

	lvs_worker_init(&p->worker);
	loop_timer_init(&p->stop_timer, stop_cb, p);
	p->loop = loop_new();
	if (!p->loop)
		return -errno;
	script_forked();
	lvs_notify_open(&p->notify, &p->conf->global);
	lvs_caps_priority(&p->conf->global);
	auto_rt_watch(&p->urgency, p->loop, p->conf->global.checker_rt_priority,
		      &p->conf->global);
	r = lvs_caps_owner();
	if (!r)
		r = watch(p, parent_fd);
	if (r < 0)
		return r;
	p->lvs = lvs_new(p->conf, &p->ipvs, &hooks);
	if (p->lvs)
		p->state = lvs_proc_new_states(lvs_nchecker(p->lvs), &p->state_len);
	if (!p->state)
		return -ENOMEM;
	for (i = 0; i < lvs_nchecker(p->lvs); i++)
		check_state_init(&p->state[i], lvs_checker_conf(p->lvs, i));
	return 0;
}

static int start(struct lvs_proc *p)
{
	int r;

	lvs_sync_init(&p->sync, &p->ipvs, &p->conf->global);
	lvs_sync_start(&p->sync);
	r = lvs_start(p->lvs);
	if (r < 0)
		return r;
	ready(p);
	return lvs_proc_start_checks(p);
}

static void finish(struct lvs_proc *p)
{
	if (p->loop)
		lvs_proc_stop_checks(p);
	lvs_notify_close(&p->notify);
	lvs_free(p->lvs);
	if (p->state)
		munmap(p->state, p->state_len);
	ipvs_close(&p->ipvs);
	conf_free(p->own_conf);
	loop_free(p->loop);
}

int lvs_process(const struct conf *c, int parent_fd)
{
	struct lvs_proc p = { .conf = c };
	int r = ipvs_nl_open(&p.ipvs);

	if (r < 0) {
		log_warnx(r == -ENOENT ? "the kernel has no IPVS (modprobe ip_vs): %s" :
					 "IPVS: %s",
			  strerror(-r));
		return LVS_EXIT_FATAL;
	}
	r = set_up(&p, parent_fd);
	if (!r)
		r = start(&p);
	if (r < 0)
		log_warnx("virtual servers: %s", strerror(-r));
	else
		r = loop_run(p.loop);
	finish(&p);
	return r < 0 ? 1 : r;
}
