/*
 * The VRRP process: its start and end, and what its instances and the network tell it.
 * The parent: vrrp_proc_parent.c.
 */
#include "vrrp_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "auto_rt.h"
#include "clock.h"
#include "log.h"
#include "priv.h"
#include "vrrp_proc_priv.h"

/* How often the log repeats that an instance's packets are refused. */
#define SAY_AGAIN_NS (60 * NS_PER_S)

/* (The state machine's operations have no argument but the instance.) */
static struct vrrp_proc *proc;

/* --- from the state machine --- */

static void changed(struct vrrp *v, enum vrrp_state old)
{
	char why[160];

	vrrp_proc_tell_state(proc, vrrp_inst_of(v));
	log_info("%s: %s -> %s (%s)", v->conf->name, vrrp_state_text(old),
		 vrrp_state_text(v->state), vrrp_reason_text(v, why, sizeof(why)));
}

static void group_changed(struct vrrp_group *g, struct vrrp *cause)
{
	vrrp_proc_tell(proc, VRRP_MSG_GROUP, (size_t)(g - proc->group), g->state, 0);
	log_info("sync group %s: %s (%s)", g->conf->name, vrrp_state_text(g->state),
		 cause->conf->name);
}

static void tell_of(struct vrrp *v, uint32_t type)
{
	vrrp_proc_tell(proc, type, vrrp_proc_index(proc, vrrp_inst_of(v)), v->state,
		       v->priority);
}

static void event(struct vrrp *v, enum vrrp_event e)
{
	switch (e) {
	case VRRP_EVENT_RX_LOWER:
		tell_of(v, VRRP_MSG_RX_LOWER);
		log_info("%s: heard a master of lower priority; told it and the network again",
			 v->conf->name);
		break;
	case VRRP_EVENT_PRIORITY:
		if (v->conf->notify_priority_changes)
			tell_of(v, VRRP_MSG_PRIORITY);
		log_info("%s: priority is %u now", v->conf->name, v->priority);
		break;
	case VRRP_EVENT_CONFLICT:
		log_warnx("%s: another router owns the addresses too; priority 254 from now",
			  v->conf->name);
		break;
	case VRRP_EVENT_SAME_ADDRESS:
		log_warnx("%s: another router sends from our address", v->conf->name);
		break;
	case VRRP_EVENT_OLD_CHECKSUM:
		vrrp_inst_old_checksum(vrrp_inst_of(v));
		log_info("%s: the peer uses the unicast checksum of old; so do we now",
			 v->conf->name);
		break;
	}
}

static const struct vrrp_ops ops = {
	.advert = vrrp_inst_advert,
	.addresses = vrrp_inst_addresses,
	.garp = vrrp_inst_garp,
	.garp_stop = vrrp_inst_garp_stop,
	.changed = changed,
	.group_changed = group_changed,
	.event = event,
	.rearm = vrrp_inst_rearm,
};

/* --- from the network --- */

static void refused(struct vrrp_inst *i, enum vrrp_verdict r, int64_t now)
{
	if (r == i->said && now - i->said_ns < SAY_AGAIN_NS)
		return;
	i->said = r;
	i->said_ns = now;
	log_info("%s: ignored an advert: %s", i->v.conf->name, vrrp_verdict_text(r));
}

static void received(void *user, const struct vrrp_rx *rx, void *arg)
{
	struct vrrp_inst *i = user;
	int64_t now = rx->at_ns ? rx->at_ns : clock_now();
	enum vrrp_verdict r = vrrp_receive(&i->v, rx, now);

	(void)arg;
	if (r != VRRP_OK)
		refused(i, r, now);
}

static void if_changed(const struct vrrp_if *ifp, const struct vrrp_if *old, void *arg)
{
	struct vrrp_proc *p = arg;
	int64_t now = clock_now();
	size_t n;

	if (vrrp_if_up(ifp) != vrrp_if_up(old))
		log_info("interface %s is %s", ifp->name, vrrp_if_up(ifp) ? "up" : "down");
	for (n = 0; n < p->ninst; n++)
		vrrp_inst_interface(p->inst[n], ifp, now);
}

static void address_removed(const struct vrrp_if *ifp, const struct conf_addr *a, void *arg)
{
	struct vrrp_proc *p = arg;
	int64_t now = clock_now();
	size_t n;

	for (n = 0; n < p->ninst; n++)
		if (p->inst[n]->v.addresses_set && vrrp_inst_has_on(p->inst[n], ifp, a))
			vrrp_address_gone(&p->inst[n]->v, now);
}

static void addresses_changed(void *arg)
{
	struct vrrp_proc *p = arg;
	int64_t now = clock_now();
	size_t n;

	for (n = 0; n < p->ninst; n++)
		vrrp_inst_addresses_changed(p->inst[n], now);
}

static bool is_virtual(const struct conf_addr *a, void *arg)
{
	struct vrrp_proc *p = arg;
	size_t n;

	for (n = 0; n < p->ninst; n++)
		if (vrrp_inst_has(p->inst[n], a))
			return true;
	return false;
}

static void signalled(int signo, void *arg)
{
	struct vrrp_proc *p = arg;

	if (signo == SIGTERM || signo == SIGINT)
		loop_stop(p->env.loop, 0);
}

/* --- start and end --- */

void vrrp_proc_drop(struct vrrp_proc *p)
{
	const struct conf *c = p->conf;
	size_t n;

	for (n = 0; n < c->nvrrp; n++)
		if (!c->vrrp[n].accept && c->vrrp[n].priority != VRRP_PRIO_OWNER)
			break;
	if (n == c->nvrrp || p->env.drop)
		return;
	p->env.drop = vip_drop_new();
	if (!p->env.drop)
		log_warn("no_accept and strict need nf_tables; packets to the addresses are "
			 "accepted");
}

static int open_env(struct vrrp_proc *p)
{
	const struct vrrp_if_ops if_ops = { .changed = if_changed, .is_virtual = is_virtual,
					    .removed = address_removed,
					    .addresses = addresses_changed, .arg = p };
	struct vrrp_env *e = &p->env;

	e->ops = &ops;
	e->loop = loop_new();
	if (!e->loop)
		return -errno;
	e->ifs = vrrp_ifs_new(e->loop, &if_ops);
	if (!e->ifs)
		return -errno;
	e->socks = vrrp_socks_new(e->loop, received, p);
	if (!e->socks)
		return -ENOMEM;
	e->nl = vip_nl_new(e->loop);
	if (!e->nl)
		return -errno;
	e->garp = vrrp_garp_new(e->loop);
	if (!e->garp)
		return -errno;
	vrrp_proc_drop(p);
	return 0;
}

static int make_instances(struct vrrp_proc *p)
{
	const struct conf *c = p->conf;
	size_t n;
	int r;

	p->inst = calloc(c->nvrrp ? c->nvrrp : 1, sizeof(*p->inst));
	p->script = calloc(c->nscript ? c->nscript : 1, sizeof(*p->script));
	if (!p->inst || !p->script)
		return -ENOMEM;
	for (n = 0; n < c->nscript; n++)
		vrrp_script_count_init(&p->script[n], c->script[n].rise, c->script[n].fall,
				       c->script[n].init_fail);
	for (n = 0; n < c->nvrrp; n++) {
		p->inst[n] = calloc(1, sizeof(**p->inst));
		if (!p->inst[n])
			return -ENOMEM;
		p->ninst++;
		r = vrrp_inst_init(p->inst[n], &c->vrrp[n], c, &p->env);
		if (r < 0)
			return r;
	}
	r = vrrp_ifs_read(p->env.ifs);
	for (n = 0; !r && n < p->ninst; n++) {
		if (!p->inst[n]->base->index && !c->global.dynamic_interfaces) {
			log_warnx("%s: there is no interface %s", c->vrrp[n].name,
				  c->vrrp[n].ifname);
			return VRRP_EXIT_CONFIG;
		}
		r = vrrp_inst_open(p->inst[n]);
	}
	return r < 0 ? r : vrrp_proc_groups(p);
}

int vrrp_proc_open(struct vrrp_proc *p)
{
	int r;

	proc = p;
	r = open_env(p);
	return r ? r : make_instances(p);
}

static void start(struct vrrp_proc *p)
{
	int64_t now;
	size_t n;

	for (n = 0; n < p->ninst; n++)
		vrrp_inst_preset(p->inst[n], p->script);
	for (n = 0; n < p->ngroup; n++) {
		vrrp_group_start(&p->group[n]);
		if (p->group[n].state == VRRP_BACKUP || p->group[n].state == VRRP_FAULT)
			vrrp_proc_tell(p, VRRP_MSG_GROUP, n, p->group[n].state, 0);
	}
	now = clock_now();
	for (n = 0; n < p->ninst; n++)
		vrrp_start(&p->inst[n]->v, now);
}

static void start_cb(struct loop_timer *t, void *arg)
{
	(void)t;
	start(arg);
}

void vrrp_proc_start(struct vrrp_proc *p)
{
	int64_t delay = p->conf->global.vrrp_startup_delay_ns;
	size_t n;

	for (n = 0; n < p->ninst; n++)
		vips_apply(p->env.nl, &p->inst[n]->vips, false);
	loop_timer_init(&p->start, start_cb, p);
	if (delay > 0)
		loop_timer_must(p->env.loop, &p->start, clock_now() + delay);
	else
		start(p);
}

void vrrp_proc_close(struct vrrp_proc *p)
{
	size_t n;

	for (n = 0; n < p->ninst; n++) {
		vrrp_inst_finish(p->inst[n]);
		free(p->inst[n]);
	}
	free(p->inst);
	free(p->script);
	vrrp_proc_groups_free(p);
	if (p->env.loop)
		loop_fd_del(p->env.loop, &p->parent_watch);
	vrrp_garp_free(p->env.garp);
	vip_drop_free(p->env.drop);
	vip_nl_free(p->env.nl);
	vrrp_socks_free(p->env.socks);
	vrrp_ifs_free(p->env.ifs);
	loop_free(p->env.loop);
	conf_free(p->owned);
	conf_free(p->before);
	proc = NULL;
}

static int run(struct vrrp_proc *p)
{
	int64_t now;
	sigset_t set;
	size_t n;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	r = loop_signals(p->env.loop, &set, signalled, p);
	if (!r && p->parent_fd >= 0)
		r = loop_fd_add(p->env.loop, &p->parent_watch, p->parent_fd, EPOLLIN,
				vrrp_proc_parent_ready, p);
	if (!r)
		r = priv_vrrp();
	if (r < 0)
		return r;
	vrrp_proc_start(p);
	r = loop_run(p->env.loop);
	now = clock_now();
	for (n = 0; n < p->ninst; n++)
		vrrp_stop(&p->inst[n]->v, now);
	for (n = 0; n < p->ngroup; n++)
		vrrp_proc_tell(p, VRRP_MSG_GROUP, n, VRRP_STOPPED, 0);
	return r;
}

int vrrp_process(const struct conf *c, int parent_fd)
{
	struct vrrp_proc p = { .conf = c, .parent_fd = parent_fd };
	int r;

	r = priv_urgency(c->global.vrrp_rt_priority, c->global.vrrp_nice,
			 c->global.vrrp_no_swap);
	if (r < 0) {
		errno = -r;
		log_warn("cannot have the priority that is configured");
	}
	auto_rt_allow(&c->global);
	r = vrrp_proc_open(&p);
	if (!r) {
		auto_rt_watch(&p.urgency, p.env.loop, c->global.vrrp_rt_priority, &c->global);
		r = run(&p);
	}
	if (r < 0) {
		errno = -r;
		log_warn("VRRP cannot work");
		r = 1;
	}
	vrrp_proc_close(&p);
	return r;
}
