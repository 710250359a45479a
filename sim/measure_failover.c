/*
 * The failover budget. A failover is a claim (claims.h) by another node than
 * the one that had the virtual router before; each step of its budget is the
 * first observation that fits. A master lost for good is one too, with nobody
 * to take over.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "measure.h"
#include "span.h"

int64_t vrrp_skew_ns(int version, int priority, int64_t interval_ns)
{
	if (version == 3)
		return (256 - priority) * interval_ns / 256;
	return (256 - priority) * NS_PER_S / 256;
}

/* The last effective fault at or before t, or NULL. */
static const struct event *fault_before(const struct event_log *log, int64_t t)
{
	const struct event *f = NULL;
	size_t i;

	for (i = 0; i < log->n && log->v[i].t <= t; i++)
		if (log->v[i].type == EV_FAULT && log->v[i].fault.effective)
			f = &log->v[i];
	return f;
}

/* The claim of the same router that began last before claim number `at`. */
static const struct claim *holder_before(const struct claims *cl, size_t at)
{
	size_t i = at;

	while (i-- > 0)
		if (claim_same_router(&cl->v[i], &cl->v[at]))
			return &cl->v[i];
	return NULL;
}

static bool advert_of(const struct event *e, const struct claim *c)
{
	return e->type == EV_VRRP && e->vrrp.vrid == c->vrid &&
	       text_same(e->vrrp.link, c->link) && text_same(e->vrrp.src, c->src);
}

/*
 * The old master's last advertisement that the new one heard: when it was sent.
 * Sets *priority to what it said.
 */
static int64_t last_heard(const struct event_log *log, const struct claim *old,
			  const struct claim *new_, int *priority)
{
	int64_t sent = NS_NONE, heard = NS_NONE;
	int sent_priority = 0;
	bool any_delivery = false;
	size_t i;

	for (i = 0; i < log->n && log->v[i].t <= new_->start_ns; i++) {
		const struct event *e = &log->v[i];

		if (e->t < old->start_ns || !advert_of(e, old))
			continue;
		if (!e->vrrp.delivered) {
			sent = e->t;
			sent_priority = e->vrrp.priority;
		} else if (text_same(e->node, new_->node)) {
			any_delivery = true;
			heard = sent != NS_NONE ? sent : e->t;
			*priority = e->vrrp.priority;
		}
	}
	if (any_delivery)
		return heard;
	*priority = sent_priority;
	return sent;
}

static int64_t first_priority0(const struct event_log *log, const struct claim *old,
			       int64_t from, int64_t to)
{
	size_t i;

	for (i = 0; i < log->n && log->v[i].t <= to; i++)
		if (log->v[i].t >= from && advert_of(&log->v[i], old) &&
		    !log->v[i].vrrp.delivered && !log->v[i].vrrp.priority)
			return log->v[i].t;
	return NS_NONE;
}

static bool is_director(const struct case_ *c, const char *node)
{
	size_t i;

	for (i = 0; c->topo && i < c->topo->nnode; i++)
		if (text_same(c->topo->node[i].name, node))
			return c->topo->node[i].role == ROLE_DIRECTOR;
	return true;
}

/* When the engine of a node was last started in [from, to]. */
static int64_t engine_start(const struct event_log *log, const struct case_ *c,
			    const char *node, int64_t from, int64_t to)
{
	int64_t t = NS_NONE;
	size_t i;

	if (!is_director(c, node))
		return NS_NONE;
	for (i = 0; i < log->n && log->v[i].t <= to; i++)
		if (log->v[i].type == EV_START && log->v[i].t >= from &&
		    text_same(log->v[i].node, node))
			t = log->v[i].t;
	return t;
}

static void set_bound(struct failover *f, const struct case_ *c,
		      const struct event_log *log, const struct claim *old,
		      const struct claim *new_, int heard_priority)
{
	int64_t skew = vrrp_skew_ns(new_->version, new_->priority, old->interval_ns);
	int64_t start;

	f->bound_ns = NS_NONE;
	if (f->preempt) {
		start = engine_start(log, c, f->to, f->fault_ns, f->first_advert_ns);
		skew = vrrp_skew_ns(new_->version, new_->priority, new_->interval_ns);
		if (start != NS_NONE)
			f->bound_ns = start + 3 * new_->interval_ns + skew;
	} else if (f->last_advert_ns != NS_NONE) {
		f->bound_ns = f->last_advert_ns + skew;
		if (heard_priority)
			f->bound_ns += 3 * old->interval_ns;
	}
}

/* The link address that neighbours shall have: what the GARP said, or its port's. */
static bool is_mac_of(const struct event_log *log, const struct claim *c,
		      const char *garp_mac, const char *mac)
{
	size_t i;

	if (text_same(garp_mac, mac))
		return true;
	for (i = 0; i < log->n; i++)
		if (log->v[i].type == EV_PORT && text_same(log->v[i].node, c->node) &&
		    text_same(log->v[i].port.mac, mac))
			return true;
	return false;
}

static bool is_client(const struct case_ *c, const char *node)
{
	size_t i;

	for (i = 0; i < c->ntraffic; i++)
		if (traffic_conf_sends(&c->traffic[i], node))
			return true;
	return false;
}

/* VIP added, gratuitous ARP, neighbour entry: the steps after `from` on node `to`. */
static void find_steps(struct failover *f, const struct case_ *c,
		       const struct event_log *log, const struct claim *new_,
		       int64_t from)
{
	const char *garp_mac = NULL;
	int64_t other = NS_NONE;
	size_t i;

	for (i = 0; i < log->n; i++) {
		const struct event *e = &log->v[i];

		if (e->t < from)
			continue;
		if (e->type == EV_ADDR && f->vip_ns == NS_NONE && e->addr.added &&
		    text_same(e->node, f->to) && vips_contain(new_->vips, e->addr.addr))
			f->vip_ns = e->t;
		if (e->type == EV_ARP && f->garp_ns == NS_NONE && e->arp.gratuitous &&
		    !e->arp.delivered && text_same(e->node, f->to) &&
		    vips_contain(new_->vips, e->arp.sender_ip)) {
			f->garp_ns = e->t;
			garp_mac = e->arp.sender_mac;
		}
		if (e->type != EV_NEIGH || !vips_contain(new_->vips, e->neigh.ip) ||
		    !e->neigh.mac || !is_mac_of(log, new_, garp_mac, e->neigh.mac))
			continue;
		if (is_client(c, e->node) && f->arp_ns == NS_NONE)
			f->arp_ns = e->t;
		else if (!is_client(c, e->node) && other == NS_NONE)
			other = e->t;
	}
	if (f->arp_ns == NS_NONE)
		f->arp_ns = other;
}

/* True when this traffic goes to one of the addresses, or none of the case's does. */
static bool traffic_counts(const struct case_ *c, const char *name, const char *vips)
{
	char ip[64];
	bool hit = false, any = false;
	size_t i;

	for (i = 0; i < c->ntraffic; i++) {
		const char *t = c->traffic[i].target;
		const char *end;

		if (!t)
			continue;
		if (*t == '[') {
			end = strchr(++t, ']');
		} else {
			end = strrchr(t, ':');
		}
		snprintf(ip, sizeof(ip), "%.*s", (int)(end ? end - t : (int)strlen(t)), t);
		if (vips_contain(vips, ip)) {
			any = true;
			hit |= text_same(c->traffic[i].name, name);
		}
	}
	return hit || !any;
}

static int64_t first_good(const struct case_ *c, const struct event_log *log,
			  const char *vips, int64_t from)
{
	size_t i;

	for (i = 0; i < log->n; i++)
		if (log->v[i].type == EV_REQUEST && log->v[i].t >= from &&
		    log->v[i].request.result == REQ_OK &&
		    traffic_counts(c, log->v[i].request.traffic, vips))
			return log->v[i].t;
	return NS_NONE;
}

static struct failover *add(struct measures *m)
{
	struct failover *v = realloc(m->failover, (m->nfailover + 1) * sizeof(*v));

	if (!v)
		return NULL;
	m->failover = v;
	v = &v[m->nfailover++];
	*v = (struct failover){ .fault_ns = NS_NONE,
				.last_advert_ns = NS_NONE,
				.prio0_ns = NS_NONE,
				.first_advert_ns = NS_NONE,
				.vip_ns = NS_NONE,
				.garp_ns = NS_NONE,
				.arp_ns = NS_NONE,
				.first_ok_ns = NS_NONE,
				.bound_ns = NS_NONE };
	return v;
}

static void set_fault(struct failover *f, const struct event *fault)
{
	if (!fault)
		return;
	f->fault_ns = fault->t;
	f->fault = fault->text;
}

static int add_takeover(struct measures *m, const struct case_ *c,
			const struct event_log *log, const struct claim *old,
			const struct claim *new_)
{
	struct failover *f = add(m);
	int64_t from;
	int priority = 0;

	if (!f)
		return -ENOMEM;
	set_fault(f, fault_before(log, new_->start_ns));
	f->vrid = new_->vrid;
	f->link = new_->link;
	f->from = old->node;
	f->to = new_->node;
	f->first_advert_ns = new_->start_ns;
	f->last_advert_ns = last_heard(log, old, new_, &priority);
	from = f->fault_ns > old->start_ns ? f->fault_ns : old->start_ns;
	f->prio0_ns = first_priority0(log, old, from, new_->start_ns);
	f->preempt = f->last_advert_ns != NS_NONE && priority > 0 &&
		     new_->priority >= priority &&
		     new_->start_ns - f->last_advert_ns <=
			     old->interval_ns + old->interval_ns / 20;
	set_bound(f, c, log, old, new_, priority);
	find_steps(f, c, log, new_, from);
	from = f->vip_ns > f->first_advert_ns ? f->vip_ns : f->first_advert_ns;
	f->first_ok_ns = first_good(c, log, new_->vips, from);
	return 0;
}

/* A master that went and was never replaced. */
static int add_loss(struct measures *m, const struct event_log *log,
		    const struct claim *old)
{
	const struct event *fault = fault_before(log, old->end_ns);
	struct failover *f;

	if (!fault || fault->t < old->start_ns)
		return 0;
	f = add(m);
	if (!f)
		return -ENOMEM;
	set_fault(f, fault);
	f->vrid = old->vrid;
	f->link = old->link;
	f->from = old->node;
	f->last_advert_ns = old->last_advert_ns;
	f->prio0_ns = first_priority0(log, old, old->start_ns, m->end_ns);
	if (f->prio0_ns != NS_NONE)
		f->last_advert_ns = f->prio0_ns;
	return 0;
}

static bool is_last_of_router(const struct claims *cl, size_t at)
{
	size_t i;

	for (i = 0; i < cl->n; i++)
		if (i != at && claim_same_router(&cl->v[i], &cl->v[at]) &&
		    (i > at || cl->v[i].end_ns > cl->v[at].end_ns))
			return false;
	return true;
}

int measure_failovers(struct measures *m, const struct case_ *c,
		      const struct event_log *log)
{
	const struct claims *cl = &m->claims;
	const struct claim *old;
	size_t i;
	int r = 0;

	for (i = 0; i < cl->n && !r && m->settled; i++) {
		old = holder_before(cl, i);
		if (cl->v[i].start_ns > m->settled_ns && old &&
		    !text_same(old->node, cl->v[i].node))
			r = add_takeover(m, c, log, old, &cl->v[i]);
		if (!r && cl->v[i].end != CLAIM_OPEN &&
		    cl->v[i].end_ns > m->settled_ns && is_last_of_router(cl, i))
			r = add_loss(m, log, &cl->v[i]);
	}
	return r;
}
