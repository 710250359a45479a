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
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "log.h"
#include "loop.h"
#include "lvs.h"
#include "lvs_caps.h"
#include "lvs_notify.h"
#include "lvs_suspend.h"
#include "lvs_sync.h"
#include "lvs_worker.h"
#include "script.h"

#define STOP_PATIENCE_NS (1 * NS_PER_S) /* for scripts that are still running */
#define SPARE_FDS	 32

struct process {
	struct loop *loop;
	struct ipvs ipvs;
	const struct conf *conf;
	struct conf *own_conf; /* the same, when it came from a reload (owned) */
	struct lvs *lvs;
	struct lvs_sync sync;
	struct lvs_notify notify;
	struct check_state *state; /* shared with the worker */
	size_t state_len;
	struct checks *scripts; /* MISC_CHECKs; NULL: none */
	struct lvs_worker worker;
	struct lvs_suspend *suspend; /* NULL: no service asks for it */
	struct loop_fd parent;
	struct loop_timer stop_timer;
	bool stopping;
};

/* --- results of checks --- */

/* The kernel refused: the checker is what it was, and will say so again. */
static void correct(struct process *p, uint32_t checker, bool up)
{
	if (lvs_checker_conf(p->lvs, checker)->type != CHECK_MISC)
		lvs_worker_correct(&p->worker, checker, up);
	else if (p->scripts)
		checks_correct(p->scripts, checker, up);
}

static void take_report(struct process *p, const struct check_report *r)
{
	if (r->has_weight)
		lvs_check_weight(p->lvs, r->checker, r->weight, r->weight_quiet);
	if (!r->weight_only && !lvs_check_state(p->lvs, r->checker, r->up))
		correct(p, r->checker, !r->up);
}

/* From our own scripts. */
static void script_report(void *arg, const struct check_report *r)
{
	take_report(arg, r);
}

static void worker_report(void *arg, uint32_t checker, bool up)
{
	struct check_report r = { .checker = checker, .up = up };
	struct process *p = arg;

	if (lvs_checker_conf(p->lvs, checker)->type != CHECK_MISC)
		take_report(p, &r);
}

/* The states as we know them; what the worker wrote of up and down is not asked. */
static void restore_states(void *arg)
{
	struct process *p = arg;
	uint32_t i;

	for (i = 0; i < lvs_nchecker(p->lvs); i++) {
		p->state[i].is_up = lvs_checker(p->lvs, i)->is_up;
		p->state[i].has_run = lvs_checker(p->lvs, i)->has_run;
	}
}

/* --- ha_suspend --- */

/* The worker reads what is written here: the states are shared. */
static void address_changed(void *arg, size_t service, bool here)
{
	struct process *p = arg;
	uint32_t i;

	log_info("%s: %s the checks", lvs_service_text(lvs_service(p->lvs, service)),
		 here ? "resuming" : "suspending");
	for (i = 0; i < lvs_nchecker(p->lvs); i++)
		if (lvs_checker(p->lvs, i)->service == lvs_service(p->lvs, service))
			p->state[i].disabled = !here;
}

static void start_suspend(struct process *p)
{
	if (!lvs_suspend_needed(p->conf))
		return;
	p->suspend = lvs_suspend_new(p->loop, p->conf, address_changed, p);
	if (!p->suspend)
		log_warn("ha_suspend: checks are not suspended");
}

/* --- checks as a whole --- */

static size_t count_type(struct lvs *l, bool misc)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < lvs_nchecker(l); i++)
		n += (lvs_checker_conf(l, i)->type == CHECK_MISC) == misc;
	return n;
}

static struct check_state *new_states(size_t n, size_t *len)
{
	void *m;

	*len = (n + 1) * sizeof(struct check_state);
	m = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return m == MAP_FAILED ? NULL : m;
}

/* Every check may have a socket open at the same time. */
static void allow_fds(size_t n)
{
	struct rlimit now, want;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0 || now.rlim_cur >= n + SPARE_FDS)
		return;
	want.rlim_cur = n + SPARE_FDS;
	want.rlim_max = now.rlim_max > want.rlim_cur ? now.rlim_max : want.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &want) < 0)
		log_warn("%zu checks need as many descriptors, the limit is %llu", n,
			 (unsigned long long)now.rlim_cur);
}

static int start_checks(struct process *p)
{
	struct checks_opts o = {
		.loop = p->loop,
		.conf = p->conf,
		.state = p->state,
		.scripts = true,
		.report = script_report,
		.arg = p,
	};

	size_t network = count_type(p->lvs, false);

	allow_fds(network);
	start_suspend(p);
	if (count_type(p->lvs, true)) {
		p->scripts = checks_new(&o);
		if (!p->scripts)
			return -ENOMEM;
	}
	if (!network)
		return 0;
	p->worker.loop = p->loop;
	p->worker.conf = p->conf;
	p->worker.state = p->state;
	p->worker.nchecker = lvs_nchecker(p->lvs);
	p->worker.report = worker_report;
	p->worker.died = restore_states;
	p->worker.arg = p;
	lvs_worker_start(&p->worker);
	return 0;
}

static void stop_checks(struct process *p)
{
	lvs_worker_stop(&p->worker);
	lvs_suspend_free(p->suspend);
	p->suspend = NULL;
	checks_free(p->scripts);
	p->scripts = NULL;
}

/* --- reload --- */

static int reload_with(struct process *p, struct conf *c)
{
	struct lvs_hooks hooks = { lvs_notify_real, lvs_notify_quorum, &p->notify };
	struct lvs *new = lvs_new(c, &p->ipvs, &hooks);
	struct lvs_plan *plan = new ? lvs_plan_new(new, p->lvs) : NULL;
	struct check_state *state = NULL;
	size_t len = 0;
	int r;

	/* What could be short is had before anything is touched. */
	if (plan)
		state = new_states(lvs_nchecker(new), &len);
	if (!state) {
		lvs_plan_free(plan);
		lvs_free(new);
		return -ENOMEM;
	}
	stop_checks(p);
	lvs_notify_close(&p->notify);
	lvs_notify_open(&p->notify, &c->global);
	lvs_sync_reload(&p->sync, &c->global);
	r = lvs_reload(plan, p->state, state);
	if (r < 0)
		log_warnx("reload: IPVS: %s", strerror(-r));
	p->lvs = new;
	munmap(p->state, p->state_len);
	p->state = state;
	p->state_len = len;
	conf_free(p->own_conf);
	p->conf = p->own_conf = c;
	return start_checks(p);
}

static void reload(struct process *p, const char *path)
{
	enum conf_status status;
	struct conf *c = conf_reload(path, stderr, &status, p->conf);
	int r;

	if (!c) {
		log_warnx("reload: %s cannot be used: nothing is changed", path);
		return;
	}
	r = reload_with(p, c);
	if (r < 0 && p->conf == c) {
		/* A table that nobody checks is worse than one that is made anew. */
		log_warnx("reload: the checks do not start: %s; starting again",
			  strerror(-r));
		loop_stop(p->loop, 1);
	} else if (r < 0) {
		log_warnx("reload: %s: nothing is changed", strerror(-r));
		conf_free(c);
	}
}

/* --- the parent --- */

static void ready(struct process *p)
{
	struct ctl_msg m = { .type = CTL_READY };

	if (p->parent.added && send(p->parent.fd, &m, sizeof(m), MSG_NOSIGNAL) < 0)
		log_warn("parent");
}

static void begin_stop(struct process *p);

static void parent_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct process *p = arg;
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
		reload(p, m.text);
		ready(p);
	} else if (m.type == CTL_INSTANCE) {
		lvs_sync_instance(&p->sync, m.text, m.state == CTL_STATE_MASTER);
	}
}

/* --- the end --- */

static void stop_cb(struct loop_timer *t, void *arg)
{
	struct process *p = arg;

	(void)t;
	loop_stop(p->loop, 0);
}

/* The table first; then scripts that were started have a second to end. */
static void begin_stop(struct process *p)
{
	int r;

	if (p->stopping)
		return;
	p->stopping = true;
	stop_checks(p);
	r = lvs_stop(p->lvs);
	if (r < 0)
		log_warnx("taking down the IPVS table: %s", strerror(-r));
	lvs_sync_stop(&p->sync);
	if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
		loop_stop(p->loop, 0);
	else
		loop_timer_must(p->loop, &p->stop_timer, clock_now() + STOP_PATIENCE_NS);
}

static void reap(struct process *p)
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
	struct process *p = arg;

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

static int watch(struct process *p, int parent_fd)
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

static int set_up(struct process *p, int parent_fd)
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
	r = lvs_caps_owner();
	if (!r)
		r = watch(p, parent_fd);
	if (r < 0)
		return r;
	p->lvs = lvs_new(p->conf, &p->ipvs, &hooks);
	if (p->lvs)
		p->state = new_states(lvs_nchecker(p->lvs), &p->state_len);
	if (!p->state)
		return -ENOMEM;
	for (i = 0; i < lvs_nchecker(p->lvs); i++)
		check_state_init(&p->state[i], lvs_checker_conf(p->lvs, i));
	return 0;
}

static int start(struct process *p)
{
	int r;

	lvs_sync_init(&p->sync, &p->ipvs, &p->conf->global);
	lvs_sync_start(&p->sync);
	r = lvs_start(p->lvs);
	if (r < 0)
		return r;
	ready(p);
	return start_checks(p);
}

static void finish(struct process *p)
{
	if (p->loop)
		stop_checks(p);
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
	struct process p = { .conf = c };
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
