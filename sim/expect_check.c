/* Expectations held against their case, before anything runs. */
#include <arpa/inet.h>
#include <string.h>

#include "../engine/conf.h"
#include "expect_int.h"
#include "siteconf.h"
#include "timeline.h"
#include "trigger.h"

static int unknown(struct block_diag *d, const struct expect *e, size_t at,
		   const char *what, const char *word, const char *const *names, size_t n)
{
	const char *near = block_nearest(word, names, n);

	if (near)
		block_error_at(d, e->stmt, at, "no %s is called '%s' (did you mean '%s'?)",
			       what, word, near);
	else
		block_error_at(d, e->stmt, at, "no %s is called '%s'", what, word);
	return -1;
}

static int check_node(const struct expect *e, const struct case_ *c, struct block_diag *d,
		      bool server, bool director)
{
	const char *names[64];
	const struct topo_node *found = NULL;
	size_t i, n = 0;

	if (!e->node || !c->topo)
		return 0;
	for (i = 0; i < c->topo->nnode; i++) {
		const struct topo_node *t = &c->topo->node[i];

		if ((server && t->role != ROLE_SERVER) ||
		    (director && t->role != ROLE_DIRECTOR))
			continue;
		if (n < 64)
			names[n++] = t->name;
		if (!strcmp(t->name, e->node))
			found = t;
	}
	if (found)
		return 0;
	return unknown(d, e, e->node_at,
		       server	  ? "real server"
		       : director ? "director"
				  : "node",
		       e->node, names, n);
}

static int check_traffic(struct expect *e, const struct case_ *c, struct block_diag *d)
{
	const char *names[32];
	size_t i, n = 0;

	if (!c->ntraffic) {
		block_error_at(d, e->stmt, 0, "the case has no traffic to judge");
		return -1;
	}
	if (!e->traffic) {
		if (c->ntraffic == 1) {
			e->traffic = c->traffic[0].name;
			return 0;
		}
		block_error_at(d, e->stmt, 1,
			       "which traffic? the case has several (say '%s')",
			       c->traffic[0].name);
		return -1;
	}
	for (i = 0; i < c->ntraffic; i++) {
		if (!strcmp(c->traffic[i].name, e->traffic))
			return 0;
		if (n < 32)
			names[n++] = c->traffic[i].name;
	}
	return unknown(d, e, e->traffic_at, "traffic", e->traffic, names, n);
}

/* The virtual addresses of all directors, for "did you mean". */
struct vips {
	char text[64][64];
	const char *name[64];
	size_t n;
};

static void collect_vips(struct vips *v, const struct conf *c)
{
	size_t i, k;

	for (i = 0; i < c->nvrrp; i++) {
		for (k = 0; k < c->vrrp[i].nvip && v->n < 64; k++) {
			const struct conf_addr *a = &c->vrrp[i].vip[k].addr;

			if (!inet_ntop(a->family, &a->v6, v->text[v->n],
				       sizeof(v->text[0])))
				continue;
			v->name[v->n] = v->text[v->n];
			v->n++;
		}
	}
}

static int check_vip(const struct expect *e, const struct case_ *c, struct block_diag *d)
{
	struct vips v = { .n = 0 };
	unsigned char raw[16];
	size_t i;

	if (inet_pton(AF_INET, e->addr, raw) != 1 && inet_pton(AF_INET6, e->addr, raw) != 1) {
		block_error_at(d, e->stmt, e->addr_at, "an address belongs here, got '%s'",
			       e->addr);
		return -1;
	}
	if (!c->siteconf)
		return 0;
	for (i = 0; i < c->siteconf->n; i++)
		collect_vips(&v, c->siteconf->v[i].conf);
	for (i = 0; i < v.n; i++)
		if (!strcmp(v.name[i], e->addr))
			return 0;
	return unknown(d, e, e->addr_at, "virtual address of the directors", e->addr, v.name,
		       v.n);
}

static int check_service(const struct expect *e, struct block_diag *d)
{
	const char *s = e->service;

	if (!strncmp(s, "TCP ", 4) || !strncmp(s, "UDP ", 4) || !strncmp(s, "SCTP ", 5) ||
	    !strncmp(s, "FWM ", 4))
		return 0;
	block_error_at(d, e->stmt, e->addr_at,
		       "a service is written \"TCP 192.168.31.200:80\" or \"FWM 1\", got '%s'",
		       s);
	return -1;
}

/* Where in the timeline a base is; false: nobody knows beforehand. */
static bool base_moment(const struct base *b, const struct case_ *c, struct moment *m)
{
	int nr = 0;
	size_t i;

	*m = (struct moment){ .after_settled = b->kind != BASE_START };
	if (b->kind == BASE_SETTLED || b->kind == BASE_START)
		return true;
	if (b->kind == BASE_STEP || !c->nstep)
		return false;
	for (i = 0; i < c->nstep; i++) {
		const struct step *s = &c->step[i];

		*m = timeline_moment(c->step, i);
		if (s->argc && !strcmp(s->argv[0], "end"))
			return b->kind == BASE_END;
		nr++;
		if (b->kind == BASE_DEFAULT || (b->kind == BASE_FAULT_NR && nr == b->nr))
			return true;
		if (b->kind != BASE_FAULT_WORDS)
			continue;
		if (s->when && !strncmp(s->when->text, b->words, strlen(b->words))) {
			m->ns = 0;
			return true;
		}
		if (!strncmp(s->text, b->words, strlen(b->words)))
			return true;
	}
	return false;
}

/*
 * How far after the last step a window may reach: past it the run has ended.
 * Only what counts from the same instant as the end can be said beforehand.
 */
static int check_reach(const struct expect *e, const struct case_ *c, struct block_diag *d)
{
	struct moment base, end;

	if (!e->window.given || !c->nstep || !base_moment(&e->window.base, c, &base))
		return 0;
	end = timeline_moment(c->step, c->nstep - 1);
	if (!timeline_same_base(&base, &end))
		return 0;
	if ((e->window.has_from && base.ns + e->window.from_ns > end.ns) ||
	    (e->window.has_to && !e->window.has_from &&
	     base.ns + e->window.to_ns > end.ns)) {
		block_error_at(d, e->stmt, e->stmt->nword - 1,
			       "this can never be judged: the case ends before");
		return -1;
	}
	if (e->mode == MODE_WITHIN && base.ns + e->window.to_ns > end.ns)
		block_warning_at(d, e->stmt, e->stmt->nword - 1,
				 "the case may end before this time is up");
	return 0;
}

static int check_window(const struct expect *e, const struct case_ *c,
			struct block_diag *d)
{
	int bad;

	if (!e->window.given)
		return 0;
	bad = base_check(&e->window.base, e->stmt, c, d);
	return bad ? bad : check_reach(e, c, d);
}

/* The first word may be a traffic's name, the others are real servers. */
static int check_fair(struct expect *e, const struct case_ *c, struct block_diag *d)
{
	struct expect one = *e;
	size_t i;
	int r = 0;

	for (i = 0; e->nnamed && i < c->ntraffic; i++) {
		if (strcmp(c->traffic[i].name, e->stmt->word[e->first_at].text) != 0)
			continue;
		e->traffic = c->traffic[i].name;
		e->traffic_at = e->first_at++;
		e->nnamed--;
		break;
	}
	if (check_traffic(e, c, d) < 0)
		return -1;
	if (e->nnamed == 1) {
		block_error_at(d, e->stmt, e->first_at, "fair among how many? name two at "
			       "least, or none for all");
		return -1;
	}
	for (i = 0; i < e->nnamed; i++) {
		one.node_at = e->first_at + i;
		one.node = e->stmt->word[one.node_at].text;
		r |= check_node(&one, c, d, true, false);
	}
	return r;
}

static int check_packets(const struct expect *e, const struct case_ *c,
			 struct block_diag *d)
{
	static const char *const protocols[] = { "vrrp", "arp", "tcp", "udp", "icmp",
						 "sctp" };
	const size_t n = sizeof(protocols) / sizeof(protocols[0]);
	const char *names[64];
	size_t i, k = 0;

	for (i = 0; i < n && strcmp(protocols[i], e->protocol) != 0; i++)
		;
	if (i == n)
		return unknown(d, e, e->protocol_at, "protocol", e->protocol, protocols, n);
	if (topology_node(c->topo, e->node) || topology_link(c->topo, e->node))
		return 0;
	for (i = 0; i < c->topo->nnode && k < 48; i++)
		names[k++] = c->topo->node[i].name;
	for (i = 0; i < c->topo->nlink && k < 64; i++)
		names[k++] = c->topo->link[i].name;
	return unknown(d, e, e->node_at, "node or link", e->node, names, k);
}

static int check_one(struct expect *e, const struct case_ *c, struct block_diag *d)
{
	int r = 0;

	switch (e->kind) {
	case EX_QUANTITY:
		if (e->quantity == Q_FAIR)
			return check_fair(e, c, d) | check_window(e, c, d);
		if (e->quantity == Q_PACKETS)
			return check_packets(e, c, d) | check_window(e, c, d);
		if (e->quantity <= Q_SHARE)
			r |= check_traffic(e, c, d);
		r |= check_node(e, c, d,
				e->quantity == Q_ANSWERS || e->quantity == Q_SHARE, false);
		break;
	case EX_STATE:
		r |= check_node(e, c, d, false, e->state != ST_VIP);
		if (e->state == ST_VIP)
			r |= check_vip(e, c, d);
		if (e->service)
			r |= check_service(e, d);
		break;
	case EX_STEP:
		r |= check_node(e, c, d, false, true);
		break;
	case EX_NO_FAILOVER:
		break;
	}
	return r | check_window(e, c, d);
}

int expect_check(const struct expect *list, const struct case_ *c, struct block_diag *d)
{
	int r = 0;

	/* The one thing filled in is the name of the only traffic. */
	for (; list; list = list->next)
		r |= check_one((struct expect *)(uintptr_t)list, c, d);
	return r;
}
