#include "settle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/conf.h"
#include "endpoint.h"
#include "siteconf.h"

/* --- what is waited for --- */

/* A virtual router: one VRID of one family on one link, with all its members. */
struct router {
	const char *link; /* (borrowed) NULL: its interface is not there */
	int vrid;
	bool ipv6;
	const char *name;	    /* of its first instance */
	const char *master;	    /* interned in the run's log; NULL: none */
	int64_t since_ns, last_ns;  /* its first and last advertisement in a row */
	int64_t interval_ns;
};

struct member {
	size_t router;
	const char *node;
	const struct vrrp_conf *conf;
};

/* An address that a director must have exactly while it is master. */
struct holder {
	const char *node, *ip; /* owned ip */
	bool there;
};

struct check {
	const char *node; /* the director that checks */
	struct conf_addr addr;
	int port;
	bool answered, refused;
};

/* A service (dest "") or a real server that must be in a director's table. */
struct entry {
	const char *node;
	char service[80], dest[ENDPOINT_TEXT_MAX];
	size_t first_check, ncheck; /* dest: all of these must have been accepted */
	bool there;
};

struct settle {
	const struct case_ *c;
	struct router *router;
	size_t nrouter;
	struct member *member;
	size_t nmember;
	struct holder *holder;
	size_t nholder;
	struct check *check;
	size_t ncheck;
	struct entry *entry;
	size_t nentry;
	int64_t table_changed_ns;
	bool no_memory;
};

static void *append(struct settle *s, void *array, size_t *n, size_t size)
{
	char **a = array, *p = reallocarray(*a, *n + 1, size);

	if (!p) {
		s->no_memory = true;
		return NULL;
	}
	*a = p;
	p += size * (*n)++;
	return memset(p, 0, size);
}

static const char *link_of(const struct topo_node *n, const char *ifname)
{
	size_t i;

	for (i = 0; ifname && i < n->nif; i++)
		if (strcmp(n->ifs[i].name, ifname) == 0 && n->ifs[i].link)
			return n->ifs[i].link->name;
	return NULL;
}

static size_t router_of(struct settle *s, const char *link, const struct vrrp_conf *v)
{
	bool ipv6 = v->family == AF_INET6;
	struct router *r;
	size_t i;

	for (i = 0; i < s->nrouter; i++)
		if (s->router[i].link == link && s->router[i].vrid == v->vrid &&
		    s->router[i].ipv6 == ipv6)
			return i;
	r = append(s, &s->router, &s->nrouter, sizeof(*r));
	if (r)
		*r = (struct router){ .link = link, .vrid = v->vrid, .ipv6 = ipv6,
				      .name = v->name };
	return i;
}

static void add_instance(struct settle *s, const struct siteconf_node *n,
			 const struct vrrp_conf *v)
{
	size_t router = router_of(s, link_of(n->node, v->ifname), v), i;
	struct member *m = append(s, &s->member, &s->nmember, sizeof(*m));
	char ip[INET6_ADDRSTRLEN];
	struct holder *h;

	if (m)
		*m = (struct member){ router, n->node->name, v };
	for (i = 0; i < v->nvip; i++) {
		h = append(s, &s->holder, &s->nholder, sizeof(*h));
		if (!h)
			return;
		siteconf_addr_text(&v->vip[i].addr, ip, sizeof(ip));
		h->node = n->node->name;
		h->ip = strdup(ip);
		s->no_memory = s->no_memory || !h->ip;
	}
}

static void add_checks(struct settle *s, const char *node, const struct lvs_real_conf *real,
		       struct entry *dest)
{
	struct conf_addr addr;
	struct check *k;
	int port;
	size_t i;

	dest->first_check = s->ncheck;
	for (i = 0; i < real->nchecker; i++) {
		if (!siteconf_check_target(real, &real->checker[i], &addr, &port))
			continue;
		k = append(s, &s->check, &s->ncheck, sizeof(*k));
		if (!k)
			return;
		*k = (struct check){ .node = node, .addr = addr, .port = port };
		dest->ncheck++;
	}
}

/* One IPVS service; a group makes several out of a virtual_server. */
static void add_service(struct settle *s, const struct siteconf_node *n,
			const struct lvs_service_conf *svc, const char *service)
{
	struct entry *e = append(s, &s->entry, &s->nentry, sizeof(*e));
	size_t i;

	if (!e)
		return;
	e->node = n->node->name;
	strcpy(e->service, service);
	for (i = 0; i < svc->nreal; i++) {
		e = append(s, &s->entry, &s->nentry, sizeof(*e));
		if (!e)
			return;
		e->node = n->node->name;
		strcpy(e->service, service);
		siteconf_entry_text(service, &svc->real[i], e->dest, sizeof(e->dest));
		add_checks(s, n->node->name, &svc->real[i], e);
	}
}

struct settle *settle_new(const struct case_ *c)
{
	struct settle *s = calloc(1, sizeof(*s));
	char service[sizeof(((struct entry *)NULL)->service)];
	const struct conf *conf;
	size_t i, j, k;

	if (!s)
		return NULL;
	s->c = c;
	for (i = 0; i < c->siteconf->n; i++) {
		conf = c->siteconf->v[i].conf;
		for (j = 0; j < conf->nvrrp; j++)
			add_instance(s, &c->siteconf->v[i], &conf->vrrp[j]);
		for (j = 0; j < conf->nservice; j++)
			for (k = 0; siteconf_each_service(&conf->service[j], k, service,
							  sizeof(service)); k++)
				add_service(s, &c->siteconf->v[i], &conf->service[j],
					    service);
	}
	if (!s->no_memory)
		return s;
	settle_free(s);
	return NULL;
}

void settle_free(struct settle *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->nholder; i++)
		free((char *)s->holder[i].ip);
	free(s->router);
	free(s->member);
	free(s->holder);
	free(s->check);
	free(s->entry);
	free(s);
}

/* --- what happens --- */

static void saw_advert(struct settle *s, const struct event *e)
{
	bool ipv6 = strchr(e->vrrp.src, ':') != NULL;
	struct router *r;
	size_t i;

	for (i = 0; i < s->nrouter; i++) {
		r = &s->router[i];
		if (r->vrid != e->vrrp.vrid || r->ipv6 != ipv6 || !r->link ||
		    strcmp(r->link, e->vrrp.link) != 0)
			continue;
		if (!e->vrrp.priority) {
			if (r->master == e->node)
				r->master = NULL;
			continue;
		}
		if (r->master != e->node) {
			r->master = e->node;
			r->since_ns = e->t;
		}
		r->last_ns = e->t;
		r->interval_ns = e->vrrp.interval;
	}
}

static void saw_addr(struct settle *s, const struct event *e)
{
	size_t len = strcspn(e->addr.addr, "/"), i;

	for (i = 0; i < s->nholder; i++)
		if (strcmp(s->holder[i].node, e->node) == 0 &&
		    strlen(s->holder[i].ip) == len &&
		    strncmp(s->holder[i].ip, e->addr.addr, len) == 0)
			s->holder[i].there = e->addr.added;
}

static void saw_ipvs(struct settle *s, const struct event *e)
{
	const char *dest = e->ipvs.dest ? e->ipvs.dest : "";
	size_t i;

	s->table_changed_ns = e->t;
	for (i = 0; i < s->nentry; i++)
		if (strcmp(s->entry[i].node, e->node) == 0 &&
		    strcmp(s->entry[i].service, e->ipvs.service) == 0 &&
		    strcmp(s->entry[i].dest, dest) == 0)
			s->entry[i].there = e->ipvs.op != IPVS_REMOVED;
}

void settle_event(struct settle *s, const struct event *e)
{
	if (e->type == EV_VRRP && !e->vrrp.delivered)
		saw_advert(s, e);
	else if (e->type == EV_ADDR)
		saw_addr(s, e);
	else if (e->type == EV_IPVS)
		saw_ipvs(s, e);
}

void settle_answer(struct settle *s, const char *node, const struct wire_answer *a)
{
	struct check *k;
	size_t i;

	for (i = 0; i < s->ncheck; i++) {
		k = &s->check[i];
		if (k->port != a->port || k->addr.family != a->family ||
		    strcmp(k->node, node) != 0 ||
		    memcmp(&k->addr.v4, &a->src, a->family == AF_INET6 ? 16 : 4) != 0)
			continue;
		k->answered = true;
		k->refused = a->refused;
	}
}

/* --- is it? --- */

#define SHOWN 6 /* of what is missing; a large site may lack a thousand things */

struct missing {
	char *buf;
	size_t size, len, n;
};

static void miss(struct missing *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void miss(struct missing *m, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (m->n++ >= SHOWN)
		return;
	if (m->n > 1 && m->len + 2 < m->size)
		m->len += (size_t)snprintf(m->buf + m->len, m->size - m->len, "; ");
	if (m->len >= m->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(m->buf + m->len, m->size - m->len, fmt, ap);
	va_end(ap);
	m->len += n > 0 ? (size_t)n : 0;
}

/* And how many more there are. */
static void miss_rest(struct missing *m)
{
	if (m->n > SHOWN && m->len < m->size)
		snprintf(m->buf + m->len, m->size - m->len, "; and %zu more",
			 m->n - SHOWN);
}

static bool is_vip_of(const struct settle *s, size_t router, const struct holder *h)
{
	char ip[INET6_ADDRSTRLEN];
	const struct member *m;
	size_t i, j;

	for (i = 0; i < s->nmember; i++) {
		m = &s->member[i];
		if (m->router != router || strcmp(m->node, h->node) != 0)
			continue;
		for (j = 0; j < m->conf->nvip; j++) {
			siteconf_addr_text(&m->conf->vip[j].addr, ip, sizeof(ip));
			if (strcmp(ip, h->ip) == 0)
				return true;
		}
	}
	return false;
}

static void check_addresses(const struct settle *s, size_t router, struct missing *m)
{
	const struct holder *h;
	bool master;
	size_t i;

	for (i = 0; i < s->nholder; i++) {
		h = &s->holder[i];
		master = strcmp(h->node, s->router[router].master) == 0;
		if (h->there != master && is_vip_of(s, router, h))
			miss(m, "%s %s %s", h->node, h->there ? "still has" : "has not got",
			     h->ip);
	}
}

static void check_router(const struct settle *s, size_t i, int64_t now, struct missing *m)
{
	const struct router *r = &s->router[i];

	if (!r->link)
		miss(m, "%s is on an interface that its node does not have", r->name);
	else if (!r->master || now - r->last_ns > r->interval_ns + r->interval_ns / 2)
		miss(m, "no master of %s (VRID %d)", r->name, r->vrid);
	else if (now - r->since_ns < r->interval_ns)
		miss(m, "%s is master of %s not long enough, or not alone", r->master,
		     r->name);
	else
		check_addresses(s, i, m);
}

static bool accepted(const struct settle *s, const struct entry *e)
{
	size_t i;

	for (i = 0; i < e->ncheck; i++)
		if (!s->check[e->first_check + i].answered ||
		    s->check[e->first_check + i].refused)
			return false;
	return true;
}

static void check_tables(const struct settle *s, int64_t now, struct missing *m)
{
	const struct entry *e;
	size_t i;

	for (i = 0; i < s->nentry; i++) {
		e = &s->entry[i];
		if (e->there || (e->dest[0] && !accepted(s, e)))
			continue;
		miss(m, "%s has no IPVS entry for %s%s%s", e->node, e->service,
		     e->dest[0] ? " at " : "", e->dest);
	}
	if (s->nentry && now - s->table_changed_ns < SETTLE_TABLE_QUIET_NS)
		miss(m, "an IPVS table has just changed");
}

static void check_checks(const struct settle *s, struct missing *m)
{
	char text[ENDPOINT_TEXT_MAX];
	const struct check *k;
	size_t i;

	for (i = 0; i < s->ncheck; i++) {
		k = &s->check[i];
		if (k->answered)
			continue;
		endpoint_format(text, sizeof(text), k->addr.family, &k->addr.v4, k->port);
		miss(m, "%s has had no answer from %s to a check", k->node, text);
	}
}

bool settle_has_master(const struct settle *s)
{
	size_t i;

	for (i = 0; i < s->nrouter; i++)
		if (s->router[i].master)
			return true;
	return s->nrouter == 0;
}

bool settle_done(const struct settle *s, int64_t now, char *buf, size_t size)
{
	struct missing m = { .buf = buf, .size = size };
	size_t i;

	if (size)
		buf[0] = '\0';
	for (i = 0; i < s->nrouter; i++)
		check_router(s, i, now, &m);
	if (!s->c->settle_without_checks)
		check_checks(s, &m);
	check_tables(s, now, &m);
	miss_rest(&m);
	return m.n == 0;
}
