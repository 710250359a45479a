#include "sitestate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "intern.h"

#define FAULTS_MAX 1000

int sitestate_init(struct sitestate *s)
{
	*s = (struct sitestate){ .texts = intern_new() };
	return s->texts ? 0 : -ENOMEM;
}

void sitestate_finish(struct sitestate *s)
{
	size_t i;

	for (i = 0; i < s->nrouter; i++)
		free(s->router[i].claim);
	for (i = 0; i < s->nnode; i++) {
		free(s->node[i].addr);
		free(s->node[i].port);
		free(s->node[i].entry);
		free(s->node[i].prog);
	}
	free(s->router);
	free(s->node);
	free(s->traffic);
	free(s->fault);
	intern_free(s->texts);
	*s = (struct sitestate){ 0 };
}

const char *site_phase_name(enum site_phase p)
{
	static const char *const names[] = {
		[PHASE_BUILDING] = "building", [PHASE_SETTLING] = "settling",
		[PHASE_SETTLED] = "settled",   [PHASE_UNSETTLED] = "unsettled",
		[PHASE_ENDED] = "ended",
	};

	return names[p];
}

/* One more zeroed element at the end; NULL without memory. */
static void *append(struct sitestate *s, void *array, size_t *n, size_t size)
{
	char **a = array, *p = reallocarray(*a, *n + 1, size);

	if (!p) {
		s->no_memory = true;
		return NULL;
	}
	*a = p;
	return memset(p + size * (*n)++, 0, size);
}

static void drop(void *array, size_t *n, size_t size, size_t i)
{
	char *p = array;

	memmove(p + i * size, p + (i + 1) * size, (*n - i - 1) * size);
	(*n)--;
}

static const char *own(struct sitestate *s, const char *text)
{
	return intern_get(s->texts, text);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const struct st_node *sitestate_node(const struct sitestate *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nnode; i++)
		if (same(s->node[i].name, name))
			return &s->node[i];
	return NULL;
}

static struct st_node *node_of(struct sitestate *s, const char *name)
{
	struct st_node *n = (struct st_node *)(uintptr_t)sitestate_node(s, name);

	if (n || !name)
		return n;
	n = append(s, &s->node, &s->nnode, sizeof(*n));
	if (n)
		n->name = own(s, name);
	return n;
}

/* --- the wire --- */

static struct st_router *router_of(struct sitestate *s, const struct event *e)
{
	bool ipv6 = e->vrrp.src && strchr(e->vrrp.src, ':');
	struct st_router *r;
	size_t i;

	for (i = 0; i < s->nrouter; i++) {
		r = &s->router[i];
		if (r->vrid == e->vrrp.vrid && r->ipv6 == ipv6 && same(r->link, e->vrrp.link))
			return r;
	}
	r = append(s, &s->router, &s->nrouter, sizeof(*r));
	if (r)
		*r = (struct st_router){ .link = own(s, e->vrrp.link), .vrid = e->vrrp.vrid,
					 .ipv6 = ipv6 };
	return r;
}

bool st_claim_stands(const struct sitestate *s, const struct st_claim *c, int64_t now_ns)
{
	const struct st_node *n = sitestate_node(s, c->node);

	return c->priority && (!n || !n->down) &&
	       now_ns - c->last_ns <= c->interval_ns + c->interval_ns / 2;
}

static void saw_advert(struct sitestate *s, const struct event *e)
{
	struct st_router *r = router_of(s, e);
	struct st_claim *c = NULL;
	size_t i;

	for (i = 0; r && i < r->nclaim; i++)
		if (same(r->claim[i].node, e->node))
			c = &r->claim[i];
	if (r && !c) {
		c = append(s, &r->claim, &r->nclaim, sizeof(*c));
		if (c)
			c->node = own(s, e->node);
	}
	if (!c)
		return;
	if (!st_claim_stands(s, c, e->t))
		c->since_ns = e->t;
	c->vips = e->vrrp.vips ? own(s, e->vrrp.vips) : NULL;
	c->priority = e->vrrp.priority;
	c->last_ns = e->t;
	c->interval_ns = e->vrrp.interval;
}

/* --- nodes --- */

static void saw_port(struct sitestate *s, const struct event *e)
{
	struct st_node *n = node_of(s, e->node);
	struct st_port *p = n ? append(s, &n->port, &n->nport, sizeof(*p)) : NULL;

	if (p)
		*p = (struct st_port){ .ifname = own(s, e->port.ifname),
				       .link = own(s, e->port.link) };
}

static void saw_link(struct sitestate *s, const struct event *e)
{
	struct st_node *n = node_of(s, e->node);
	size_t i;

	for (i = 0; n && i < n->nport; i++)
		if (same(n->port[i].ifname, e->link.ifname)) {
			n->port[i].known = true;
			n->port[i].up = e->link.up;
			n->port[i].carrier = e->link.carrier;
		}
}

static bool has_one_of(const struct st_node *n, const char *vips)
{
	size_t i;

	for (i = 0; i < n->naddr; i++)
		if (vips_contain(vips, n->addr[i].addr))
			return true;
	return false;
}

/* A master without any of its addresses is none, though it said no word of it. */
static void lost_addr(struct sitestate *s, const struct st_node *n, const char *addr)
{
	struct st_claim *c;
	size_t i, k;

	for (i = 0; i < s->nrouter; i++)
		for (k = 0; k < s->router[i].nclaim; k++) {
			c = &s->router[i].claim[k];
			if (same(c->node, n->name) && c->vips &&
			    vips_contain(c->vips, addr) && !has_one_of(n, c->vips))
				c->priority = 0;
		}
}

static void saw_addr(struct sitestate *s, const struct event *e)
{
	struct st_node *n = node_of(s, e->node);
	struct st_addr *a;
	size_t i;

	for (i = 0; n && i < n->naddr; i++)
		if (same(n->addr[i].addr, e->addr.addr) &&
		    same(n->addr[i].ifname, e->addr.ifname))
			break;
	if (!n)
		return;
	if (i < n->naddr && !e->addr.added) {
		drop(n->addr, &n->naddr, sizeof(*a), i);
		lost_addr(s, n, e->addr.addr);
	} else if (i == n->naddr && e->addr.added) {
		a = append(s, &n->addr, &n->naddr, sizeof(*a));
		if (a)
			*a = (struct st_addr){ own(s, e->addr.ifname), own(s, e->addr.addr) };
	}
}

static void saw_ipvs(struct sitestate *s, const struct event *e)
{
	struct st_node *n = node_of(s, e->node);
	struct st_entry *x;
	size_t i;

	for (i = 0; n && i < n->nentry; i++)
		if (same(n->entry[i].service, e->ipvs.service) &&
		    same(n->entry[i].dest, e->ipvs.dest))
			break;
	if (!n)
		return;
	if (e->ipvs.op == IPVS_REMOVED) {
		if (i < n->nentry)
			drop(n->entry, &n->nentry, sizeof(*x), i);
		return;
	}
	x = i < n->nentry ? &n->entry[i] : append(s, &n->entry, &n->nentry, sizeof(*x));
	if (x)
		*x = (struct st_entry){ own(s, e->ipvs.service), own(s, e->ipvs.dest),
					own(s, e->ipvs.sched), own(s, e->ipvs.forward),
					e->ipvs.weight };
}

static void saw_process(struct sitestate *s, const struct event *e)
{
	struct st_node *n = node_of(s, e->node);
	struct st_prog *p = NULL;
	size_t i;

	for (i = 0; n && i < n->nprog; i++)
		if (same(n->prog[i].what, e->proc.what))
			p = &n->prog[i];
	if (n && !p) {
		p = append(s, &n->prog, &n->nprog, sizeof(*p));
		if (p)
			p->what = own(s, e->proc.what);
	}
	if (!p)
		return;
	p->running = e->type == EV_START;
	p->status = e->type == EV_EXIT ? e->proc.status : 0;
}

static void saw_fault(struct sitestate *s, const struct event *e)
{
	struct st_node *n = e->node ? node_of(s, e->node) : NULL;
	struct st_fault *f;

	if (n && e->fault.effective && !strncmp(e->text, "crash ", 6))
		n->down = true;
	if (n && e->fault.effective && !strncmp(e->text, "boot ", 5))
		n->down = false;
	if (s->nfault == FAULTS_MAX)
		drop(s->fault, &s->nfault, sizeof(*f), 0);
	f = append(s, &s->fault, &s->nfault, sizeof(*f));
	if (f)
		*f = (struct st_fault){ e->t, own(s, e->text), own(s, e->fault.proof),
					e->fault.effective };
}

/* --- clients --- */

static void saw_request(struct sitestate *s, const struct event *e)
{
	struct st_traffic *t = NULL;
	size_t i;

	for (i = 0; i < s->ntraffic && !t; i++)
		if (same(s->traffic[i].name, e->request.traffic))
			t = &s->traffic[i];
	if (!t) {
		t = append(s, &s->traffic, &s->ntraffic, sizeof(*t));
		if (!t)
			return;
		*t = (struct st_traffic){ .name = own(s, e->request.traffic),
					  .gap_from_ns = -1 };
	}
	if (e->request.result == REQ_CUT)
		return;
	if (e->request.result == REQ_OK) {
		t->ok++;
		t->last_backend = own(s, e->request.backend);
		if (t->gap_from_ns >= 0 && e->t - t->gap_from_ns > t->longest_gap_ns)
			t->longest_gap_ns = e->t - t->gap_from_ns;
		t->gap_from_ns = -1;
	} else {
		t->failed++;
		t->reason[e->request.result]++;
		if (t->gap_from_ns < 0)
			t->gap_from_ns = e->request.due;
	}
}

static void saw_run(struct sitestate *s, const struct event *e)
{
	s->phase = PHASE_SETTLING;
	s->topology = own(s, e->run.topology);
	s->engine = own(s, e->run.engine);
	s->engine_version = own(s, e->run.engine_version);
	s->kernel = own(s, e->run.kernel);
	s->time = own(s, e->run.time);
}

void sitestate_event(struct sitestate *s, const struct event *e)
{
	if (e->t > s->now_ns)
		s->now_ns = e->t;
	switch (e->type) {
	case EV_RUN:
		saw_run(s, e);
		break;
	case EV_PORT:
		saw_port(s, e);
		break;
	case EV_SETTLED:
		s->phase = PHASE_SETTLED;
		s->settled_ns = e->t;
		break;
	case EV_UNSETTLED:
		s->phase = PHASE_UNSETTLED;
		s->missing = own(s, e->text);
		break;
	case EV_END:
		s->phase = PHASE_ENDED;
		break;
	case EV_FAULT:
		saw_fault(s, e);
		break;
	case EV_START:
	case EV_EXIT:
		saw_process(s, e);
		break;
	case EV_VRRP:
		if (!e->vrrp.delivered)
			saw_advert(s, e);
		break;
	case EV_ADDR:
		saw_addr(s, e);
		break;
	case EV_LINK:
		saw_link(s, e);
		break;
	case EV_IPVS:
		saw_ipvs(s, e);
		break;
	case EV_REQUEST:
		saw_request(s, e);
		break;
	case EV_ARP:
	case EV_NEIGH:
	case EV_LOG:
	case EV_PACKET:
	case EV_NOTE:
	case EV_NTYPES:
		break;
	}
}
