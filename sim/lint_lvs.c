/* LVS: each service and real server, side by side, and against the topology. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/conf.h"
#include "clock.h"
#include "lint.h"
#include "siteconf.h"
#include "span.h"
#include "topology.h"

static bool addr_equal(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family &&
	       !memcmp(&a->v6, &b->v6, a->family == AF_INET6 ? 16 : 4);
}

static bool same_service(const struct lvs_service_conf *a, const struct lvs_service_conf *b)
{
	if (a->fwmark || b->fwmark)
		return a->fwmark == b->fwmark;
	return a->protocol == b->protocol && a->port == b->port &&
	       addr_equal(&a->addr, &b->addr);
}

static const struct lvs_service_conf *find(const struct conf *c,
					   const struct lvs_service_conf *like)
{
	size_t i;

	for (i = 0; i < c->nservice; i++)
		if (same_service(&c->service[i], like))
			return &c->service[i];
	return NULL;
}

static const struct lvs_real_conf *find_real(const struct lvs_service_conf *s,
					     const struct lvs_real_conf *like)
{
	size_t i;

	for (i = 0; i < s->nreal; i++)
		if (s->real[i].port == like->port && addr_equal(&s->real[i].addr, &like->addr))
			return &s->real[i];
	return NULL;
}

static bool is_a_vip(const struct conf *c, const struct conf_addr *a)
{
	size_t i, k;

	for (i = 0; i < c->nvrrp; i++)
		for (k = 0; k < c->vrrp[i].nvip; k++)
			if (addr_equal(&c->vrrp[i].vip[k].addr, a))
				return true;
	return false;
}

static void check_retries(struct findings *f, const struct director *d,
			  const struct lvs_real_conf *r, const char *real)
{
	char a[SPAN_LEN];
	size_t i;

	if (!r->nchecker)
		finding_add(f, d->path, r->line,
			    "%s has no health check: it stays in the table whatever happens "
			    "to it",
			    real);
	for (i = 0; i < r->nchecker; i++) {
		const struct checker_conf *k = &r->checker[i];

		if (k->type != CHECK_TCP && k->type != CHECK_HTTP && k->type != CHECK_SSL)
			continue;
		if (k->retry == 1)
			finding_add(f, d->path, r->line,
				    "%s: one retry (keepalived's default): the second failed "
				    "check in a row, %s after the first, takes it out",
				    real, span_text(a, k->delay_before_retry_ns));
		else if (k->retry == 0)
			finding_add(f, d->path, r->line,
				    "%s: no retry: a single failed check takes it out", real);
	}
}

static const struct topo_node *node_of(const struct topology *t, const char *ip)
{
	return t ? topology_by_ip(t, ip) : NULL;
}

static int sysctl_of(const struct topo_node *n, const char *key)
{
	size_t i;

	for (i = 0; i < n->nsysctl; i++)
		if (!strcmp(n->sysctl[i].key, key))
			return atoi(n->sysctl[i].value);
	return 0;
}

/* The kernel takes the higher of `all` and the interface's own. */
static int arp_setting(const struct topo_node *n, const char *name)
{
	char key[128];
	int best, value;
	size_t i;

	snprintf(key, sizeof(key), "net.ipv4.conf.all.%s", name);
	best = sysctl_of(n, key);
	for (i = 0; i < n->nif; i++) {
		if (!n->ifs[i].link)
			continue;
		snprintf(key, sizeof(key), "net.ipv4.conf.%s.%s", n->ifs[i].name, name);
		value = sysctl_of(n, key);
		best = value > best ? value : best;
	}
	return best;
}

static bool node_has(const struct topo_node *n, const char *ip)
{
	size_t i, k, len = strlen(ip);

	for (i = 0; i < n->nif; i++)
		for (k = 0; k < n->ifs[i].naddr; k++)
			if (!strncmp(n->ifs[i].addr[k].text, ip, len) &&
			    (n->ifs[i].addr[k].text[len] == '/' ||
			     !n->ifs[i].addr[k].text[len]))
				return true;
	return false;
}

/* DR: the real server must have the address, and keep quiet about it. */
static void check_direct(struct findings *f, const struct director *d,
			 const struct topology *topo, const struct lvs_service_conf *s,
			 const struct lvs_real_conf *r)
{
	char vip[64], ip[64];
	const struct topo_node *n;

	siteconf_addr_text(&r->addr, ip, sizeof(ip));
	siteconf_addr_text(&s->addr, vip, sizeof(vip));
	n = node_of(topo, ip);
	if (!n || !s->addr.family || r->addr.family != AF_INET) /* a mark or a group */
		return;
	if (!node_has(n, vip)) {
		finding_add(f, d->path, r->line,
			    "%s (%s) does not have %s on lo: in DR mode it drops the clients' "
			    "packets, while its health check, which goes to %s, stays green "
			    "(the real server script was not run, or not with `start`?)",
			    n->name, ip, vip, ip);
		return;
	}
	if (arp_setting(n, "arp_ignore") < 1)
		finding_add(f, d->path, r->line,
			    "%s answers ARP for %s (arp_ignore is 0 on `all` and on its "
			    "interface; on lo alone it does nothing): clients may go past the "
			    "director",
			    n->name, vip);
	if (arp_setting(n, "arp_announce") < 2)
		finding_add(f, d->path, r->line,
			    "%s announces %s when it asks for other addresses (arp_announce "
			    "is not 2): routers learn the wrong owner",
			    n->name, vip);
}

/* TUN: the same address, on a device that takes the packets out of the tunnel. */
static void check_tunnel(struct findings *f, const struct director *d,
			 const struct topology *topo, const struct lvs_service_conf *s,
			 const struct lvs_real_conf *r)
{
	const struct topo_node *n;
	char vip[64], ip[64];
	size_t i;

	siteconf_addr_text(&r->addr, ip, sizeof(ip));
	siteconf_addr_text(&s->addr, vip, sizeof(vip));
	n = node_of(topo, ip);
	if (!n || !s->addr.family || r->addr.family != AF_INET) /* a mark or a group */
		return;
	for (i = 0; i < n->nif && !n->ifs[i].tunnel; i++)
		;
	if (i == n->nif || !node_has(n, vip))
		finding_add(f, d->path, r->line,
			    "%s (%s) %s: in TUN mode it drops the clients' packets, while its "
			    "health check, which goes to %s, stays green",
			    n->name, ip,
			    i == n->nif ? "has no tunnel device" :
					  "does not have the virtual address",
			    ip);
}

static const struct topo_route *default_route(const struct topo_node *n)
{
	size_t i;

	for (i = 0; i < n->nroute; i++)
		if (n->route[i].is_default)
			return &n->route[i];
	return NULL;
}

/* NAT: replies must come back through the director that holds the addresses. */
static void check_nat(struct findings *f, const struct director *d,
		      const struct topology *topo, const struct lvs_real_conf *r)
{
	const struct topo_route *route;
	const struct topo_node *n;
	struct conf_addr via = { .family = AF_INET };
	char ip[64];

	siteconf_addr_text(&r->addr, ip, sizeof(ip));
	n = node_of(topo, ip);
	if (!n || r->addr.family != AF_INET)
		return;
	route = default_route(n);
	if (!route || !route->via.text) {
		finding_add(f, d->path, r->line,
			    "%s (%s) has no default route: in NAT mode its replies must go "
			    "back through the director",
			    n->name, ip);
		return;
	}
	via.v4 = route->via.v4;
	if (!is_a_vip(d->conf, &via))
		finding_add(f, d->path, r->line,
			    "%s (%s) routes through %s, which is not an address that fails "
			    "over: after a failover its replies go to the wrong director",
			    n->name, ip, route->via.text);
}

static bool has_tcp_checker(const struct lvs_service_conf *s)
{
	size_t i, k;

	for (i = 0; i < s->nreal; i++)
		for (k = 0; k < s->real[i].nchecker; k++)
			if (s->real[i].checker[k].type == CHECK_TCP ||
			    s->real[i].checker[k].type == CHECK_HTTP ||
			    s->real[i].checker[k].type == CHECK_SSL)
				return true;
	return false;
}

static void service(struct findings *f, const struct director *d,
		    const struct topology *topo, const struct lvs_service_conf *s)
{
	char name[80], real[64];
	size_t i;

	siteconf_service_text(s, name, sizeof(name));
	if (s->protocol == IPPROTO_UDP && !s->fwmark && has_tcp_checker(s))
		finding_add(f, d->path, s->line,
			    "%s is a UDP service (without `protocol TCP` keepalived makes one): "
			    "TCP clients are not served, though its checks speak TCP",
			    name);
	if (!s->fwmark && s->addr.family && d->conf->nvrrp && !is_a_vip(d->conf, &s->addr))
		finding_add(f, d->path, s->line,
			    "%s: no instance has this address, so it does not fail over", name);
	if (!s->persistence_s)
		finding_add(f, d->path, s->line,
			    "%s is not persistent: each connection of a client may go to "
			    "another real server",
			    name);
	if (!s->nreal)
		finding_add(f, d->path, s->line, "%s has no real server", name);
	for (i = 0; i < s->nreal; i++) {
		siteconf_real_text(&s->real[i], real, sizeof(real));
		check_retries(f, d, &s->real[i], real);
		lint_checks(f, d, topo, &s->real[i], real);
		if (s->real[i].forward == LVS_DR)
			check_direct(f, d, topo, s, &s->real[i]);
		else if (s->real[i].forward == LVS_NAT)
			check_nat(f, d, topo, &s->real[i]);
		else
			check_tunnel(f, d, topo, s, &s->real[i]);
	}
}

static const char *forward_name(enum lvs_forward f)
{
	return f == LVS_DR ? "DR" : f == LVS_NAT ? "NAT" : "TUN";
}

static const char *const checker_names[] = {
	[CHECK_TCP] = "TCP_CHECK",   [CHECK_HTTP] = "HTTP_GET",	  [CHECK_SSL] = "SSL_GET",
	[CHECK_MISC] = "MISC_CHECK", [CHECK_UDP] = "UDP_CHECK",	  [CHECK_DNS] = "DNS_CHECK",
	[CHECK_PING] = "PING_CHECK", [CHECK_SMTP] = "SMTP_CHECK",
};

/* What differs first between two lists of checkers; NULL: nothing that counts here. */
static const char *checks_differ(const struct lvs_real_conf *a, const struct lvs_real_conf *b)
{
	size_t i;

	if (a->nchecker != b->nchecker)
		return "the number of checkers";
	for (i = 0; i < a->nchecker; i++) {
		const struct checker_conf *x = &a->checker[i], *y = &b->checker[i];

		if (x->type != y->type)
			return checker_names[y->type];
		if (x->delay_loop_ns != y->delay_loop_ns)
			return "delay_loop";
		if (x->retry != y->retry)
			return "retry";
		if (x->delay_before_retry_ns != y->delay_before_retry_ns)
			return "delay_before_retry";
		if (x->connect_timeout_ns != y->connect_timeout_ns)
			return "connect_timeout";
		if (x->connect_port != y->connect_port)
			return "connect_port";
	}
	return NULL;
}

/* The same real server on both. */
static void two_reals(struct findings *f, const struct director *da,
		      const struct lvs_real_conf *a, const struct director *db,
		      const struct lvs_real_conf *b, const char *service)
{
	const char *what = checks_differ(a, b);
	char real[64];

	siteconf_real_text(b, real, sizeof(real));
	if (a->weight != b->weight)
		finding_add(f, db->path, b->line, "%s: %s has weight %d on %s and %d on %s",
			    service, real, a->weight, da->name, b->weight, db->name);
	if (what)
		finding_add(f, db->path, b->line,
			    "%s: %s is checked in another way on %s than on %s (%s): they need "
			    "not agree on whether it is well",
			    service, real, db->name, da->name, what);
}

/* Service `b` of db against the same service `a` of da. */
static void two(struct findings *f, const struct director *da,
		const struct lvs_service_conf *a, const struct director *db,
		const struct lvs_service_conf *b)
{
	const struct lvs_real_conf *same;
	char name[80], real[64];
	size_t i;

	siteconf_service_text(b, name, sizeof(name));
	for (i = 0; i < a->nreal; i++) {
		same = find_real(b, &a->real[i]);
		if (same) {
			two_reals(f, da, &a->real[i], db, same, name);
			continue;
		}
		siteconf_real_text(&a->real[i], real, sizeof(real));
		finding_add(f, db->path, b->line, "%s: %s is a real server on %s, not on %s",
			    name, real, da->name, db->name);
	}
	for (i = 0; i < b->nreal; i++) {
		if (find_real(a, &b->real[i]))
			continue;
		siteconf_real_text(&b->real[i], real, sizeof(real));
		finding_add(f, db->path, b->real[i].line,
			    "%s: %s is a real server on %s, not on %s", name, real, db->name,
			    da->name);
	}
	if (a->scheduler && b->scheduler && strcmp(a->scheduler, b->scheduler) != 0)
		finding_add(f, db->path, b->line, "%s: the scheduler is %s on %s and %s on %s",
			    name, a->scheduler, da->name, b->scheduler, db->name);
	if (a->forward != b->forward)
		finding_add(f, db->path, b->line, "%s is forwarded by %s on %s and %s on %s",
			    name, forward_name(a->forward), da->name,
			    forward_name(b->forward), db->name);
	if (a->persistence_s != b->persistence_s)
		finding_add(f, db->path, b->line,
			    "%s: persistence_timeout is %u s on %s and %u s on %s", name,
			    a->persistence_s, da->name, b->persistence_s, db->name);
}

static void missing(struct findings *f, const struct director *da,
		    const struct lvs_service_conf *a, const struct director *db)
{
	char name[80];

	siteconf_service_text(a, name, sizeof(name));
	finding_add(f, da->path, a->line,
		    "%s is on %s but not on %s: after a failover nobody serves it", name,
		    da->name, db->name);
}

void lint_lvs(struct findings *f, const struct director *d, size_t n,
	      const struct topology *topo)
{
	size_t i, k, j;

	for (i = 0; i < n; i++) {
		for (k = 0; k < d[i].conf->nservice; k++) {
			const struct lvs_service_conf *s = &d[i].conf->service[k], *a;

			service(f, &d[i], topo, s);
			for (j = 0; j < n; j++) {
				a = j != i ? find(d[j].conf, s) : NULL;
				if (a && j < i)
					two(f, &d[j], a, &d[i], s);
				else if (!a && j != i)
					missing(f, &d[i], s, &d[j]);
			}
		}
	}
}
