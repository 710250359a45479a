#include "proc_priv.h"

#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "log.h"
#include "lvs.h"
#include "script.h"
#include "vrrp.h"

/* A child that dies again within a second is given one to wait. */
#define RESPAWN_NS NS_PER_S
/* After SIGTERM a child gets so long; then SIGKILL. keepalived's is 5 s. */
#define STOP_NS	   (5 * NS_PER_S)

static bool is_needed(const struct parent *p, enum role r)
{
	if (r == VRRP)
		return p->conf->nvrrp && !p->o->no_vrrp;
	return lvs_needed(p->conf) && !p->o->no_checkers;
}

/* --- messages --- */

static void send_ctl(struct parent *p, enum ctl_type type, uint32_t state, const char *text)
{
	struct ctl_msg m = { .type = type, .state = state };

	if (p->child[CHECKERS].fd < 0)
		return;
	snprintf(m.text, sizeof(m.text), "%s", text);
	if (send(p->child[CHECKERS].fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_warn("cannot tell the %s process", proc_role_name[CHECKERS]);
}

static void send_vrrp(struct parent *p, enum vrrp_msg_type type, uint32_t index,
		      uint32_t state, const char *text)
{
	struct vrrp_msg m = { .type = type, .generation = p->generation, .index = index,
			      .state = state };

	if (p->child[VRRP].fd < 0)
		return;
	snprintf(m.text, sizeof(m.text), "%s", text);
	if (send(p->child[VRRP].fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_warn("cannot tell the %s process", proc_role_name[VRRP]);
}

void proc_vrrp_says(struct parent *p, const struct vrrp_msg *m)
{
	if (m->generation != p->generation)
		return; /* the configuration it speaks of is gone */
	if (m->type == VRRP_MSG_INSTANCE && m->index < p->conf->nvrrp)
		send_ctl(p, CTL_INSTANCE,
			 m->state == VRRP_MASTER ? CTL_STATE_MASTER : CTL_STATE_BACKUP,
			 p->conf->vrrp[m->index].name);
	p->nscripts += notify_vrrp(p->conf, &p->fifos, m);
}

static void script_ended(size_t script, bool good, void *arg)
{
	send_vrrp(arg, VRRP_MSG_SCRIPT, (uint32_t)script, good, "");
}

/* --- children --- */

/* Scripts die with this process: those that are told of the stop may finish. */
static void stop_if_done(struct parent *p)
{
	if (p->stopping && !p->child[VRRP].pid && !p->child[CHECKERS].pid &&
	    (!p->nscripts || p->out_of_time))
		loop_stop(p->loop, p->status);
}

static void stop(struct parent *p, int status)
{
	int r;

	if (!p->stopping) {
		p->stopping = true;
		p->status = status;
		trackers_free(p->trackers);
		p->trackers = NULL;
		loop_timer_must(p->loop, &p->stop_limit, clock_now() + STOP_NS);
	}
	for (r = 0; r < NROLES; r++) {
		loop_timer_cancel(p->loop, &p->child[r].respawn);
		if (p->child[r].pid)
			kill(p->child[r].pid, SIGTERM);
	}
	stop_if_done(p);
}

static void stop_limit_cb(struct loop_timer *t, void *arg)
{
	struct parent *p = arg;
	int r;

	(void)t;
	for (r = 0; r < NROLES; r++)
		if (p->child[r].pid) {
			log_warnx("the %s process does not stop; killed", proc_role_name[r]);
			kill(p->child[r].pid, SIGKILL);
		}
	p->out_of_time = true;
	stop_if_done(p);
}

static void respawn_cb(struct loop_timer *t, void *arg)
{
	struct child *c = arg;

	(void)t;
	if (!c->pid && is_needed(c->parent, c->role) && proc_child_start(c) < 0)
		stop(c->parent, 1);
}

static void child_ended(struct child *c, int status)
{
	struct parent *p = c->parent;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	int64_t now = clock_now();
	bool quick = now - c->started_ns < RESPAWN_NS;

	proc_child_says(c); /* what it said last, a stop to notify of */
	proc_child_close(c);
	if (p->stopping)
		return;
	if (!is_needed(p, c->role))
		return; /* a reload did away with it */
	if (WIFSIGNALED(status))
		log_warnx("the %s process died of signal %d", proc_role_name[c->role],
			  WTERMSIG(status));
	else
		log_warnx("the %s process ended with status %d", proc_role_name[c->role], code);
	if (code == VRRP_EXIT_CONFIG || !p->o->respawn) {
		stop(p, code);
		return;
	}
	loop_timer_must(p->loop, &c->respawn, quick ? now + RESPAWN_NS : now);
}

static void reap(struct parent *p)
{
	int status, r;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (r = 0; r < NROLES; r++)
			if (p->child[r].pid == pid)
				break;
		if (r < NROLES)
			child_ended(&p->child[r], status);
		else if (!script_reaped(pid, status) && p->nscripts)
			p->nscripts--;
	}
	stop_if_done(p);
}

/* --- reload --- */

/* A file that would end the engine at its start must not end it now. */
static bool is_usable(const struct parent *p, const struct conf *c)
{
	size_t i;

	if (!c)
		return false;
	for (i = 0; i < c->nvrrp && !p->o->no_vrrp && !c->global.dynamic_interfaces; i++)
		if (!if_nametoindex(c->vrrp[i].ifname)) {
			log_warnx("%s: there is no interface %s", c->vrrp[i].name,
				  c->vrrp[i].ifname);
			return false;
		}
	return true;
}

static void tell_deleted(struct parent *p, const struct conf *new)
{
	size_t i, j;

	for (i = 0; i < p->conf->nvrrp; i++) {
		for (j = 0; j < new->nvrrp; j++)
			if (!strcmp(p->conf->vrrp[i].name, new->vrrp[j].name))
				break;
		if (j == new->nvrrp)
			p->nscripts += notify_deleted(&p->conf->vrrp[i], &p->fifos);
	}
}

static void reload(struct parent *p)
{
	struct trackers *trackers = NULL;
	enum conf_status status;
	struct conf *new;
	int r;

	if (p->stopping)
		return;
	log_info("reading %s again", p->o->conf_path);
	new = conf_reload(p->o->conf_path, stderr, &status, p->conf);
	if (is_usable(p, new))
		trackers = trackers_new(p->loop, new, script_ended, p);
	if (!trackers) { /* (for want of memory too: an instance would wait for ever) */
		log_warnx("%s cannot be used; going on as before", p->o->conf_path);
		conf_free(new);
		return;
	}
	trackers_free(p->trackers);
	p->trackers = trackers;
	notify_fifos_open(&p->fifos, &new->global);
	tell_deleted(p, new);
	conf_free(p->conf);
	p->conf = new;
	p->generation++;
	send_vrrp(p, VRRP_MSG_RELOAD, 0, 0, p->o->conf_path);
	send_ctl(p, CTL_RELOAD, 0, p->o->conf_path);
	for (r = 0; r < NROLES; r++) {
		if (!is_needed(p, r) && p->child[r].pid)
			kill(p->child[r].pid, SIGTERM);
		else if (is_needed(p, r) && !p->child[r].pid)
			loop_timer_must(p->loop, &p->child[r].respawn, clock_now());
	}
}

int proc_signal(const char *what)
{
	const struct {
		const char *name;
		int signo;
	} signals[] = {
		{ "STOP", SIGTERM },   { "RELOAD", SIGHUP },	    { "DATA", SIGUSR1 },
		{ "STATS", SIGUSR2 }, { "STATS_CLEAR", SIG_CLEAR }, { "JSON", SIG_JSON },
	};
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!strcmp(signals[i].name, what))
			return signals[i].signo;
	return 0;
}

/* The pid file's path without ".pid", for the dump. */
static void dump(struct parent *p, bool clear)
{
	char base[200];
	size_t n = strlen(p->o->pid_path);

	if (n > 4 && !strcmp(p->o->pid_path + n - 4, ".pid"))
		n -= 4;
	snprintf(base, sizeof(base), "%.*s", (int)n, p->o->pid_path);
	send_vrrp(p, VRRP_MSG_DUMP, 0, clear, base);
}

static void signalled(int signo, void *arg)
{
	struct parent *p = arg;

	switch (signo) {
	case SIGCHLD:
		reap(p);
		break;
	case SIGHUP:
		reload(p);
		break;
	case SIGUSR1:
	case SIGUSR2:
		dump(p, false);
		break;
	default:
		if (signo == SIG_JSON || signo == SIG_CLEAR) { /* (no constants) */
			dump(p, signo == SIG_CLEAR);
			break;
		}
		if (!p->stopping)
			log_info("stopping");
		stop(p, 0);
	}
}

static int start(struct parent *p)
{
	const int signals[] = { SIGCHLD, SIGHUP,  SIGTERM,  SIGINT,
				SIGUSR1, SIGUSR2, SIG_JSON, SIG_CLEAR };
	sigset_t set;
	size_t i;
	int r;

	p->loop = loop_new();
	if (!p->loop)
		return -errno;
	sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	r = loop_signals(p->loop, &set, signalled, p);
	if (r < 0)
		return r;
	loop_timer_init(&p->stop_limit, stop_limit_cb, p);
	for (i = 0; i < NROLES; i++)
		loop_timer_init(&p->child[i].respawn, respawn_cb, &p->child[i]);
	notify_fifos_open(&p->fifos, &p->conf->global);
	for (i = NROLES; i-- > 0;) { /* IPVS first, as in keepalived */
		if (!is_needed(p, (enum role)i))
			continue;
		r = proc_child_start(&p->child[i]);
		if (r < 0)
			return r;
	}
	p->trackers = trackers_new(p->loop, p->conf, script_ended, p);
	return p->trackers ? 0 : -ENOMEM;
}

int proc_run(struct conf *c, const struct proc_opts *o)
{
	struct parent p = { .conf = c, .o = o };
	int i, r;

	for (i = 0; i < NROLES; i++)
		p.child[i] = (struct child){ .parent = &p, .role = (enum role)i, .fd = -1,
					     .log_fd = -1 };
	signal(SIGPIPE, SIG_IGN);
	r = start(&p);
	if (r < 0) {
		errno = -r;
		log_warn("cannot start");
		if (p.loop)
			stop(&p, 1);
	}
	if (r >= 0 || p.child[VRRP].pid || p.child[CHECKERS].pid)
		r = loop_run(p.loop);
	trackers_free(p.trackers);
	for (i = 0; i < NROLES; i++)
		if (p.loop)
			proc_child_close(&p.child[i]);
	notify_fifos_close(&p.fifos);
	loop_free(p.loop);
	conf_free(p.conf);
	return r < 0 ? 1 : r;
}
