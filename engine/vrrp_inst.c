/* Setting an instance up, and what its state machine asks for: addresses, timers. */
#include "vrrp_inst_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "if_sysctl.h"
#include "log.h"
#include "vmac.h"

/* --- the operations --- */

/* Not an owner's: RFC 5798, section 6.1. */
bool vrrp_inst_refuses(const struct vrrp_inst *i)
{
	return i->env->drop && !i->v.conf->accept && i->v.conf->priority != VRRP_PRIO_OWNER;
}

void vrrp_inst_drop(struct vrrp_inst *i, const struct vip *v, bool on)
{
	int r = vip_drop_set(i->env->drop, &v->conf->addr, on);

	if (r < 0) {
		errno = -r;
		log_warn("%s: packets to an address cannot be %s", i->v.conf->name,
			 on ? "dropped" : "let in again");
	}
}

void vrrp_inst_addresses(struct vrrp *v, bool add)
{
	struct vrrp_inst *i = vrrp_inst_of(v);
	size_t n;
	int r;

	/* No packet gets in between. */
	for (n = 0; add && vrrp_inst_refuses(i) && n < i->vips.n; n++)
		vrrp_inst_drop(i, &i->vips.v[n], true);
	r = vips_apply(i->env->nl, &i->vips, add);
	if (r < 0) { /* no master without addresses, no addresses without a master */
		errno = -r;
		log_warn("%s: addresses cannot be %s; starting again", v->conf->name,
			 add ? "added" : "removed");
		loop_stop(i->env->loop, 1);
	}
	for (n = 0; !add && vrrp_inst_refuses(i) && n < i->vips.n; n++)
		vrrp_inst_drop(i, &i->vips.v[n], false);
}

void vrrp_inst_garp(struct vrrp *v, int rounds)
{
	vrrp_garp_send(&vrrp_inst_of(v)->queue, rounds, clock_now());
}

void vrrp_inst_garp_stop(struct vrrp *v)
{
	vrrp_garp_stop(&vrrp_inst_of(v)->queue);
}

/* This late, adverts may have come in before the timer ended and wait to be read:
 * the machine, or this process, has stood still. They come first. */
#define STALL_NS NS_PER_MS
/* A master's advert may go out so much earlier, in one call with another that is due
 * (and so each at its own pace: the next one is due an interval after this one was). */
#define EARLY_NS (NS_PER_MS / 2)

static void timer_cb(struct loop_timer *t, void *arg)
{
	struct vrrp_inst *i = arg;
	int64_t now = clock_now();

	if (now < t->due_ns)
		now = t->due_ns;
	if (i->v.state == VRRP_BACKUP && i->sock && i->v.due_ns && now - i->v.due_ns > STALL_NS)
		vrrp_sock_read(i->sock);
	i->regular = i->v.state == VRRP_MASTER;
	vrrp_run(&i->v, now);
	i->regular = false;
}

void vrrp_inst_rearm(struct vrrp *v)
{
	struct vrrp_inst *i = vrrp_inst_of(v);
	int64_t next = vrrp_next(v);

	i->timer.early_ns = v->state == VRRP_MASTER && next == v->due_ns ? EARLY_NS : 0;
	if (!next)
		loop_timer_cancel(i->env->loop, &i->timer);
	else if (!loop_timer_is_set(&i->timer) || i->timer.due_ns != next)
		loop_timer_must(i->env->loop, &i->timer, next);
}

/* --- setting up --- */

static int track(struct vrrp_inst *i, const char *name, const struct conf_track *from)
{
	struct vrrp_inst_if *t;

	t = realloc(i->track_if, (i->ntrack_if + 1) * sizeof(*t));
	if (!t)
		return -ENOMEM;
	i->track_if = t;
	t += i->ntrack_if;
	memset(t, 0, sizeof(*t));
	t->ifp = vrrp_if_get(i->env->ifs, name);
	if (!t->ifp)
		return -ENOMEM;
	t->t.why = VRRP_WHY_INTERFACE;
	if (from) {
		t->t.weight = from->weight;
		t->t.reverse = from->reverse;
	}
	i->ntrack_if++;
	return 0;
}

int vrrp_inst_trackers(struct vrrp_inst *i, const struct vrrp_conf *c,
		       const struct conf *all)
{
	size_t n, s;
	int r = 0;

	if (!c->dont_track_primary)
		r = track(i, i->base->name, NULL);
	if (!r && !c->dont_track_primary && i->ifp != i->base)
		r = track(i, i->ifp->name, NULL);
	for (n = 0; !r && n < c->ntrack_if; n++)
		r = track(i, c->track_if[n].name, &c->track_if[n]);
	if (r < 0 || !c->ntrack_script)
		return r;
	i->track_script = calloc(c->ntrack_script, sizeof(*i->track_script));
	if (!i->track_script)
		return -ENOMEM;
	for (n = 0; n < c->ntrack_script; n++)
		for (s = 0; s < all->nscript; s++) {
			struct vrrp_inst_script *t = &i->track_script[i->ntrack_script];

			if (strcmp(all->script[s].name, c->track_script[n].name) != 0)
				continue;
			t->script = s;
			t->t.weight = c->track_script[n].weight;
			t->t.reverse = c->track_script[n].reverse;
			t->t.why = VRRP_WHY_SCRIPT;
			i->ntrack_script++;
			break;
		}
	return 0;
}

/* The VMAC becomes i->ifp; or what was made of it goes, and i->ifp stays the base. */
static int make_first_vmac(struct vrrp_inst *i)
{
	struct vrrp_if *ifp = NULL;
	char name[IFNAMSIZ];
	int r = vmac_make(i->v.conf, name, &i->made_vmac);

	if (!r)
		ifp = vrrp_if_get(i->env->ifs, name);
	if (ifp) {
		i->ifp = ifp;
		return 0;
	}
	if (i->made_vmac)
		vmac_remove(name);
	i->made_vmac = false;
	return r ? r : -ENOMEM;
}

int vrrp_inst_init(struct vrrp_inst *i, const struct vrrp_conf *c, const struct conf *all,
		   const struct vrrp_env *env)
{
	size_t n;
	int r;

	memset(i, 0, sizeof(*i));
	vrrp_init(&i->v, c, env->ops, i);
	i->env = env;
	i->address.why = VRRP_WHY_NO_ADDRESS;
	loop_timer_init(&i->timer, timer_cb, i);
	i->base = i->ifp = vrrp_if_get(env->ifs, c->ifname);
	if (!i->base)
		return -ENOMEM;
	for (n = 0; n < c->nvip; n++)
		if (c->vip[n].dev && !vrrp_if_get(env->ifs, c->vip[n].dev))
			return -ENOMEM;
	if (c->use_vmac) {
		r = make_first_vmac(i);
		if (r < 0)
			return r;
	}
	i->xmit = c->vmac_xmit_base ? i->base : i->ifp;
	return vrrp_inst_trackers(i, c, all);
}

int vrrp_inst_open(struct vrrp_inst *i)
{
	const struct vrrp_conf *c = i->v.conf;
	int r = vrrp_inst_share_link_local(i);

	if (r < 0)
		return r;
	if (c->promote_secondaries && !c->use_vmac)
		if_sysctl_set("ipv4", i->ifp->name, "promote_secondaries", 1);
	i->v.src = vrrp_inst_source(i);
	i->tx.buf = malloc(vrrp_tx_size(c));
	if (!i->tx.buf)
		return -ENOMEM;
	r = vips_init(&i->vips, c, i->ifp, i->env->ifs);
	if (r < 0)
		return r;
	vrrp_garp_queue_init(&i->queue, i->env->garp, &i->vips, c);
	vrrp_inst_build(i);
	return vrrp_inst_sockets(i);
}

void vrrp_inst_preset(struct vrrp_inst *i, const struct vrrp_script_count *scripts)
{
	const struct vrrp_conf *c = i->v.conf;
	size_t n;

	vrrp_tracker_preset(&i->address, &i->v, vrrp_inst_has_source(i) ? VRRP_GOOD : VRRP_BAD);
	if (c->config_fault || (c->fault_no_peer && !c->npeer))
		vrrp_preset_fault(&i->v, VRRP_WHY_CONFIG); /* it never ends */
	for (n = 0; n < i->ntrack_if; n++)
		vrrp_tracker_preset(&i->track_if[n].t, &i->v,
				    vrrp_if_up(i->track_if[n].ifp) ? VRRP_GOOD : VRRP_BAD);
	for (n = 0; n < i->ntrack_script; n++)
		vrrp_tracker_preset(&i->track_script[n].t, &i->v,
				    vrrp_script_health(&scripts[i->track_script[n].script]));
}

void vrrp_inst_finish(struct vrrp_inst *i)
{
	if (!i->env)
		return;
	vrrp_garp_stop(&i->queue);
	loop_timer_cancel(i->env->loop, &i->timer);
	vrrp_sock_put(i->env->socks, i->sock, i->v.conf->vrid, i);
	vips_finish(&i->vips);
	if (i->made_vmac)
		vmac_remove(i->ifp->name);
	free(i->tx.buf);
	free(i->track_if);
	free(i->track_script);
	memset(i, 0, sizeof(*i));
}
