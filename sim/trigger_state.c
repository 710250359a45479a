/*
 * Following a run's events for one `when`. What counts as master is the same as
 * in claims.h: adverts that come when they are due, until priority 0, the
 * addresses' removal or the node's end.
 */
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "event.h"
#include "pattern.h"
#include "span.h"
#include "topology.h"
#include "trigger.h"

#define ROUTERS 512 /* VRIDs of IPv4 and of IPv6 */

/* A virtual router as its node advertises it. */
struct router {
	bool master;
	int held; /* of its addresses, by the node */
	int64_t last_ns, interval_ns;
	const char *vips; /* (borrowed from the log) */
};

struct trigger_state {
	const struct trigger *of; /* (borrowed) */
	bool holds;		  /* vip, ipvs: as the words say, before `not` */
	bool failed;		  /* traffic: a request has failed */
	bool quiescent;		  /* the server's weight is 0 */
	struct router *router;	  /* (owned) master, backup */
};

struct trigger_state *trigger_state_new(const struct trigger *t)
{
	struct trigger_state *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->of = t;
	if (t->kind != TRIGGER_MASTER && t->kind != TRIGGER_BACKUP)
		return s;
	s->router = calloc(ROUTERS, sizeof(*s->router));
	if (s->router)
		return s;
	free(s);
	return NULL;
}

void trigger_state_free(struct trigger_state *s)
{
	if (s)
		free(s->router);
	free(s);
}

static bool is_crash(const struct event *e)
{
	return e->type == EV_FAULT && e->fault.effective && e->text &&
	       !strncmp(e->text, "crash", 5);
}

/* --- master, backup --- */

static bool advert(struct trigger_state *s, const struct event *e)
{
	bool v6 = e->vrrp.src && strchr(e->vrrp.src, ':');
	struct router *r = &s->router[(e->vrrp.vrid & 0xff) + (v6 ? 256 : 0)];
	bool was = r->master, silent;

	if (s->of->vrid && e->vrrp.vrid != s->of->vrid)
		return false;
	/* Half an interval is allowed for. */
	silent = was && r->interval_ns > 0 &&
		 e->t > r->last_ns + r->interval_ns + r->interval_ns / 2;
	if (!was || silent)
		r->held = 0;
	r->master = e->vrrp.priority > 0;
	r->last_ns = e->t;
	r->interval_ns = e->vrrp.interval;
	r->vips = e->vrrp.vips;
	if (s->of->kind == TRIGGER_BACKUP)
		return was && !r->master;
	return r->master && (!was || silent);
}

static bool address(struct trigger_state *s, const struct event *e)
{
	bool stops = false;
	size_t i;

	for (i = 0; i < ROUTERS; i++) {
		struct router *r = &s->router[i];

		if (!r->master || !vips_contain(r->vips, e->addr.addr))
			continue;
		r->held += e->addr.added ? 1 : -1;
		if (!e->addr.added && r->held <= 0) {
			r->master = false;
			stops = true;
		}
	}
	return stops && s->of->kind == TRIGGER_BACKUP;
}

static bool mastership(struct trigger_state *s, const struct event *e)
{
	if (!text_same(e->node, s->of->node))
		return false;
	if (e->type == EV_VRRP && !e->vrrp.delivered)
		return advert(s, e);
	if (e->type == EV_ADDR)
		return address(s, e);
	if (is_crash(e))
		memset(s->router, 0, ROUTERS * sizeof(*s->router));
	return false;
}

/* --- states --- */

/* A state has become true or false: whether that was waited for. */
static bool becomes(struct trigger_state *s, bool holds)
{
	bool was = s->holds;

	s->holds = holds;
	return was != holds && trigger_holds(s);
}

static bool addr_is(const char *addr, const char *ip)
{
	size_t n = strlen(ip);

	return addr && !strncmp(addr, ip, n) && (addr[n] == '/' || !addr[n]);
}

static bool vip(struct trigger_state *s, const struct event *e)
{
	if (!text_same(e->node, s->of->node))
		return false;
	if (is_crash(e))
		return becomes(s, false);
	if (e->type == EV_ADDR && addr_is(e->addr.addr, s->of->addr))
		return becomes(s, e->addr.added);
	return false;
}

static bool table(struct trigger_state *s, const struct event *e)
{
	const struct trigger *t = s->of;

	if (!text_same(e->node, t->node))
		return false;
	if (is_crash(e))
		return becomes(s, false);
	if (e->type != EV_IPVS || !text_same(e->ipvs.service, t->service))
		return false;
	if (e->ipvs.what == IPVS_SERVICE && e->ipvs.op == IPVS_REMOVED)
		return becomes(s, false);
	if (e->ipvs.what == IPVS_SERVICE)
		return t->dest ? false : becomes(s, true);
	if (!t->dest || !text_same(e->ipvs.dest, t->dest))
		return false;
	return becomes(s, e->ipvs.op != IPVS_REMOVED &&
				  (t->weight < 0 || e->ipvs.weight == t->weight));
}

bool trigger_holds(const struct trigger_state *s)
{
	if (s->of->kind != TRIGGER_VIP && s->of->kind != TRIGGER_IPVS)
		return false;
	return s->holds != s->of->negated;
}

/* --- real servers --- */

/* "192.168.31.113:80" or "[fd00::1]:80" is a destination on that node. */
static bool dest_is_on(const char *dest, const struct topo_node *n)
{
	size_t i, k, len;

	dest += *dest == '[';
	for (i = 0; i < n->nif; i++) {
		for (k = 0; n->ifs[i].link && k < n->ifs[i].naddr; k++) {
			const char *a = n->ifs[i].addr[k].text;

			len = strcspn(a, "/");
			if (!strncmp(dest, a, len) && strchr("]:", dest[len]))
				return true;
		}
	}
	return false;
}

/* In service: in the table, with a weight. */
static bool server(struct trigger_state *s, const struct event *e)
{
	const struct trigger *t = s->of;
	bool was = s->quiescent, in;

	if (e->type != EV_IPVS || e->ipvs.what != IPVS_DEST || !text_same(e->node, t->node) ||
	    !e->ipvs.dest || !dest_is_on(e->ipvs.dest, t->server_node))
		return false;
	in = e->ipvs.op != IPVS_REMOVED && e->ipvs.weight > 0;
	s->quiescent = e->ipvs.op != IPVS_REMOVED && e->ipvs.weight == 0;
	if (t->kind == TRIGGER_ADDS)
		return in && (e->ipvs.op == IPVS_ADDED || was);
	return !in && !was;
}

/* --- traffic --- */

static bool request(struct trigger_state *s, const struct event *e)
{
	bool ok = e->type == EV_REQUEST && e->request.result == REQ_OK, was = s->failed;

	if (e->type != EV_REQUEST || e->request.result == REQ_CUT ||
	    !text_same(e->request.traffic, s->of->traffic))
		return false;
	s->failed = !ok;
	return s->of->kind == TRIGGER_FAILS ? !ok : ok && was;
}

bool trigger_event(struct trigger_state *s, const struct event *e)
{
	switch (s->of->kind) {
	case TRIGGER_MASTER:
	case TRIGGER_BACKUP:
		return mastership(s, e);
	case TRIGGER_LOG:
		return e->type == EV_LOG && text_same(e->node, s->of->node) &&
		       pattern_matches(&s->of->pattern, e->text);
	case TRIGGER_ADDS:
	case TRIGGER_REMOVES:
		return server(s, e);
	case TRIGGER_VIP:
		return vip(s, e);
	case TRIGGER_IPVS:
		return table(s, e);
	case TRIGGER_FAILS:
	case TRIGGER_RECOVERS:
		return request(s, e);
	}
	return false;
}
