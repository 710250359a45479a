/* The lanes of a site: which there are, in which order. Spans: lanes_span.c. */
#include "lanes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intern.h"
#include "lanes_impl.h"
#include "span.h"

/* --- who is there --- */

static int add_name(struct names *s, const char *name)
{
	const char **v;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->v[i], name))
			return 0;
	v = realloc(s->v, (s->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->v = v;
	v[s->n++] = name;
	return 0;
}

static bool sends_traffic(const struct case_ *c, const char *node)
{
	size_t i;

	for (i = 0; i < c->ntraffic; i++)
		if (traffic_conf_sends(&c->traffic[i], node))
			return true;
	return false;
}

/* Senders of traffic first, then the topology's order, then who else is heard of. */
static int list_nodes(struct names *s, const struct case_ *c, const struct event_log *log)
{
	size_t i;
	int r = 0;

	for (i = 0; i < c->ntraffic && !r; i++)
		if (c->traffic[i].from)
			r = add_name(s, c->traffic[i].from);
	for (i = 0; c->topo && i < c->topo->nnode && !r; i++)
		r = add_name(s, c->topo->node[i].name);
	for (i = 0; i < log->n && !r; i++)
		if (log->v[i].node && log->v[i].type != EV_REQUEST)
			r = add_name(s, log->v[i].node);
	return r;
}

static bool is_director(const struct case_ *c, const struct measures *m, const char *node)
{
	const struct topo_node *t = c->topo ? topology_node(c->topo, node) : NULL;
	size_t i;

	if (t)
		return t->role == ROLE_DIRECTOR;
	for (i = 0; i < m->claims.n; i++)
		if (text_same(m->claims.v[i].node, node))
			return true;
	return false;
}

bool lane_is_vip(const struct lane_work *w, const char *addr)
{
	size_t i, len;

	for (i = 0; i < w->m->claims.n; i++)
		if (vips_contain(w->m->claims.v[i].vips, addr))
			return true;
	len = strcspn(addr, "/");
	for (i = 0; i < w->c->ntraffic; i++) {
		const char *t = w->c->traffic[i].target;

		if (t && *t == '[')
			t++;
		if (t && !strncmp(t, addr, len) && (t[len] == ':' || t[len] == ']'))
			return true;
	}
	return false;
}

/* --- the list --- */

struct lane *lane_add(struct lane_work *w, enum lane_kind kind, const char *node,
		      const char *key, const char *name)
{
	struct lane *v = realloc(w->l->v, (w->l->n + 1) * sizeof(*v));

	if (!v)
		return NULL;
	w->l->v = v;
	v = &v[w->l->n];
	*v = (struct lane){ .kind = kind, .node = node, .key = key, .name = strdup(name) };
	if (!v->name)
		return NULL;
	w->l->n++;
	return v;
}

static struct lane *find(struct lane_work *w, enum lane_kind kind, const char *node,
			 const char *key)
{
	size_t i;

	for (i = 0; i < w->l->n; i++) {
		struct lane *l = &w->l->v[i];

		if (l->kind == kind && text_same(l->node, node) && text_same(l->key, key))
			return l;
	}
	return NULL;
}

/* "→ web1:80" for "192.168.31.113:80" where the topology knows whose that is. */
static const char *dest_name(struct lane_work *w, const char *dest)
{
	const struct topo_node *n;
	char ip[64], buf[160];
	const char *colon = strrchr(dest, ':');
	size_t len = colon ? (size_t)(colon - dest) : strlen(dest);

	if (*dest == '[' && len > 1 && dest[len - 1] == ']')
		snprintf(ip, sizeof(ip), "%.*s", (int)len - 2, dest + 1);
	else
		snprintf(ip, sizeof(ip), "%.*s", (int)len, dest);
	n = w->c->topo ? topology_by_ip(w->c->topo, ip) : NULL;
	if (n)
		snprintf(buf, sizeof(buf), "→ %s%s", n->name, colon ? colon : "");
	else
		snprintf(buf, sizeof(buf), "→ %s", dest);
	return intern_get(w->l->texts, buf);
}

/* What stands beside a lane that is about `key`. */
static const char *lane_name(struct lane_work *w, enum lane_kind kind, const char *key,
			     const struct event *e)
{
	char buf[160];

	if (kind == LANE_IPVS)
		return dest_name(w, e->ipvs.dest);
	if (kind == LANE_ADDR)
		snprintf(buf, sizeof(buf), "VIP %.*s", (int)strcspn(key, "/"), key);
	else if (kind == LANE_NEIGH)
		snprintf(buf, sizeof(buf), "%s is at", key);
	else
		return key;
	return intern_get(w->l->texts, buf);
}

/* A lane for each thing of one node that some event names. */
static int add_keyed(struct lane_work *w, const char *node, enum lane_kind kind,
		     enum event_type type)
{
	size_t i;

	for (i = 0; i < w->log->n; i++) {
		const struct event *e = &w->log->v[i];
		const char *key = NULL, *name;
		char buf[160];

		if (e->type != type || !text_same(e->node, node))
			continue;
		if (kind == LANE_ADDR || kind == LANE_NEIGH) {
			key = kind == LANE_ADDR ? e->addr.addr : e->neigh.ip;
			if (!key || !lane_is_vip(w, key))
				continue;
		} else if (kind == LANE_IPVS) {
			if (e->ipvs.what != IPVS_DEST || !e->ipvs.dest)
				continue;
			snprintf(buf, sizeof(buf), "%s → %s",
				 e->ipvs.service ? e->ipvs.service : "?", e->ipvs.dest);
			key = intern_get(w->l->texts, buf);
		} else if (kind == LANE_PROC) {
			key = lane_is_engine(e->proc.what) ? NULL : e->proc.what;
		}
		if (!key || find(w, kind, node, key))
			continue;
		name = lane_name(w, kind, key, e);
		if (!name || !lane_add(w, kind, node, key, name))
			return -ENOMEM;
	}
	return 0;
}

static int add_vrrp(struct lane_work *w, const char *node)
{
	size_t i, j;
	char name[32];

	for (i = 0; i < w->m->claims.n; i++) {
		const struct claim *cl = &w->m->claims.v[i];
		struct lane *l;

		for (j = 0; j < w->l->n; j++)
			if (w->l->v[j].kind == LANE_VRRP &&
			    text_same(w->l->v[j].node, node) && w->l->v[j].vrid == cl->vrid &&
			    text_same(w->l->v[j].key, cl->link))
				break;
		if (j < w->l->n)
			continue;
		snprintf(name, sizeof(name), "VRRP %d", cl->vrid);
		l = lane_add(w, LANE_VRRP, node, cl->link, name);
		if (!l)
			return -ENOMEM;
		l->vrid = cl->vrid;
	}
	return 0;
}

/*
 * Of ARP, what everybody asks of everybody while the site comes up is no news:
 * a node has that lane when it announces an address, or asks while it is served.
 */
static bool is_news(const struct lane_work *w, const struct event *e)
{
	if (e->type != EV_ARP || e->arp.delivered)
		return false;
	return e->arp.gratuitous ||
	       (w->m->settled && e->t >= w->m->settled_ns && sends_traffic(w->c, e->node));
}

/* One lane for all packets of a kind that the node sent. */
static int add_wire(struct lane_work *w, const char *node, enum lane_kind kind)
{
	size_t i;

	for (i = 0; i < w->log->n; i++) {
		const struct event *e = &w->log->v[i];
		bool mine = kind == LANE_ADVERT ?
				    e->type == EV_VRRP && !e->vrrp.delivered :
				    is_news(w, e);

		if (!mine || !text_same(e->node, node))
			continue;
		return lane_add(w, kind, node, NULL,
				kind == LANE_ADVERT ? "adverts" : "ARP") ?
			       0 :
			       -ENOMEM;
	}
	return 0;
}

static int add_requests(struct lane_work *w, const char *node)
{
	size_t i;

	for (i = 0; i < w->m->ntraffic && i < w->c->ntraffic; i++)
		if (text_same(w->c->traffic[i].from, node) &&
		    !lane_add(w, LANE_REQUEST, node, w->m->traffic[i].name,
			      w->m->traffic[i].name))
			return -ENOMEM;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct lane *)a)->name, ((const struct lane *)b)->name);
}

/* The kernel lists destinations in an order of its own. */
static int add_destinations(struct lane_work *w, const char *node)
{
	size_t first = w->l->n;
	int r = add_keyed(w, node, LANE_IPVS, EV_IPVS);

	if (w->l->n > first)
		qsort(&w->l->v[first], w->l->n - first, sizeof(*w->l->v), by_name);
	return r;
}

static int add_node(struct lane_work *w, const char *node)
{
	bool director = is_director(w->c, w->m, node);
	int r;

	r = add_requests(w, node);
	if (!r && sends_traffic(w->c, node))
		r = add_keyed(w, node, LANE_NEIGH, EV_NEIGH);
	if (!r && director)
		r = add_vrrp(w, node);
	if (!r)
		r = add_wire(w, node, LANE_ADVERT);
	if (!r && director)
		r = add_keyed(w, node, LANE_ADDR, EV_ADDR);
	if (!r)
		r = add_wire(w, node, LANE_ARP);
	if (!r)
		r = add_destinations(w, node);
	if (!r)
		r = add_keyed(w, node, LANE_PROC, EV_START);
	return r;
}

int lanes_find(struct lanes *l, const struct case_ *c, const struct event_log *log,
	       const struct measures *m)
{
	struct lane_work w = { .l = l, .c = c, .log = log, .m = m };
	struct names nodes = { 0 };
	size_t i;
	int r = -ENOMEM;

	*l = (struct lanes){ .texts = intern_new() };
	if (!l->texts)
		goto out;
	r = list_nodes(&nodes, c, log);
	for (i = 0; i < nodes.n && !r; i++)
		r = add_node(&w, nodes.v[i]);
	for (i = 0; i < l->n && !r; i++)
		r = lane_fill(&w, &l->v[i]);
	if (!r)
		r = lane_bands(&w, &nodes);
out:
	free(nodes.v);
	if (r)
		lanes_finish(l);
	return r;
}

void lanes_finish(struct lanes *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].v);
	}
	free(l->v);
	free(l->band);
	intern_free(l->texts);
	*l = (struct lanes){ 0 };
}

const struct lane_span *lane_at(const struct lane *l, int64_t t)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].from <= t && t < l->v[i].to)
			return &l->v[i];
	return NULL;
}
