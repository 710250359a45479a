/* VRRP: each instance, and the instances of one virtual router side by side. */
#include <string.h>

#include "../engine/conf.h"
#include "clock.h"
#include "lint.h"
#include "siteconf.h"
#include "span.h"

static bool addr_equal(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family &&
	       !memcmp(&a->v6, &b->v6, a->family == AF_INET6 ? 16 : 4);
}

static bool has_vip(const struct vrrp_conf *v, const struct conf_vip *vip)
{
	size_t i;

	for (i = 0; i < v->nvip; i++)
		if (addr_equal(&v->vip[i].addr, &vip->addr) &&
		    v->vip[i].excluded == vip->excluded)
			return true;
	return false;
}

/* The first address that `a` has and `b` lacks; false when there is none. */
static bool vip_lacking(const struct vrrp_conf *a, const struct vrrp_conf *b,
			char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < a->nvip; i++) {
		if (!has_vip(b, &a->vip[i])) {
			siteconf_addr_text(&a->vip[i].addr, buf, size);
			return true;
		}
	}
	return false;
}

static const struct vrrp_conf *by_vrid(const struct conf *c, const struct vrrp_conf *like)
{
	size_t i;

	for (i = 0; i < c->nvrrp; i++)
		if (c->vrrp[i].vrid == like->vrid && c->vrrp[i].family == like->family)
			return &c->vrrp[i];
	return NULL;
}

static const struct vrrp_conf *by_name(const struct conf *c, const struct vrrp_conf *like)
{
	size_t i;

	for (i = 0; i < c->nvrrp; i++)
		if (!strcmp(c->vrrp[i].name, like->name))
			return &c->vrrp[i];
	return NULL;
}

static const char *auth_name(enum vrrp_auth a)
{
	return a == VRRP_AUTH_PASS ? "PASS" : a == VRRP_AUTH_AH ? "AH" : "none";
}

static void one(struct findings *f, const struct director *d, const struct vrrp_conf *v)
{
	const char *file = v->file ? v->file : d->path;

	if (v->version == 2 && v->auth == VRRP_AUTH_NONE && !v->npeer)
		finding_add(f, file, v->line,
			    "%s is not authenticated: any host on the LAN that sends a "
			    "higher priority takes the addresses (RFC 5798 dropped "
			    "authentication; PASS only guards against accidents)",
			    v->name);
	if (v->auth == VRRP_AUTH_PASS)
		finding_add(f, file, v->line,
			    "%s: auth_type PASS sends the password in clear text in every "
			    "advert; it guards against accidents, not against attackers",
			    v->name);
	if (v->nopreempt && v->start_master)
		finding_add(f, file, v->line,
			    "%s: nopreempt does nothing with `state MASTER`; it needs "
			    "`state BACKUP` on both directors",
			    v->name);
	if (!v->nvip)
		finding_add(f, file, v->line, "%s has no virtual address", v->name);
	if (v->version == 2 && v->advert_ns >= 10 * NS_PER_S) {
		char a[SPAN_LEN];

		finding_add(f, file, v->line,
			    "%s: an advert every %s means more than three times that without "
			    "service when the master dies",
			    v->name, span_text(a, v->advert_ns));
	}
}

static void versions(struct findings *f, const struct director *da,
		     const struct vrrp_conf *a, const struct director *db,
		     const struct vrrp_conf *b, const char *file)
{
	char x[SPAN_LEN], y[SPAN_LEN];

	if (a->version != b->version)
		finding_add(f, file, b->line,
			    "VRID %d speaks version %d on %s and %d on %s: each discards the "
			    "other's adverts, so both become master",
			    a->vrid, a->version, da->name, b->version, db->name);
	else if (a->advert_ns != b->advert_ns && a->version == 2)
		finding_add(f, file, b->line,
			    "VRID %d: advert_int is %s on %s and %s on %s: in version 2 each "
			    "discards the other's adverts, so both become master (RFC 3768 "
			    "7.1)",
			    a->vrid, span_text(x, a->advert_ns), da->name,
			    span_text(y, b->advert_ns), db->name);
	else if (a->advert_ns != b->advert_ns)
		finding_add(f, file, b->line,
			    "VRID %d: advert_int is %s on %s and %s on %s: a backup learns the "
			    "master's, so failover takes a different time each way",
			    a->vrid, span_text(x, a->advert_ns), da->name,
			    span_text(y, b->advert_ns), db->name);
}

static bool has_peer(const struct vrrp_conf *v, const struct conf_addr *a)
{
	size_t i;

	for (i = 0; i < v->npeer; i++)
		if (addr_equal(&v->peer[i], a))
			return true;
	return false;
}

static void unicast(struct findings *f, const struct director *da, const struct vrrp_conf *a,
		    const struct director *db, const struct vrrp_conf *b, const char *file)
{
	bool a_sends = a->npeer, b_sends = b->npeer;
	char ip[64];

	if (a_sends != b_sends)
		finding_add(f, file, b->line,
			    "VRID %d: %s sends to unicast peers, %s by multicast: they do not "
			    "hear each other",
			    a->vrid, a_sends ? da->name : db->name,
			    a_sends ? db->name : da->name);
	if (a_sends && b->unicast_src.family && !has_peer(a, &b->unicast_src)) {
		siteconf_addr_text(&b->unicast_src, ip, sizeof(ip));
		finding_add(f, file, b->line,
			    "VRID %d: %s (%s) is not among the unicast peers of %s, and does "
			    "not hear it",
			    a->vrid, db->name, ip, da->name);
	}
	if (b_sends && a->unicast_src.family && !has_peer(b, &a->unicast_src)) {
		siteconf_addr_text(&a->unicast_src, ip, sizeof(ip));
		finding_add(f, file, b->line,
			    "VRID %d: %s (%s) is not among the unicast peers of %s, and does "
			    "not hear it",
			    a->vrid, da->name, ip, db->name);
	}
}

/* `b`, on db, against `a`, on da: the findings are put to b's file. */
static void two(struct findings *f, const struct director *da, const struct vrrp_conf *a,
		const struct director *db, const struct vrrp_conf *b)
{
	const char *file = b->file ? b->file : db->path;
	char ip[64];

	versions(f, da, a, db, b, file);
	if (a->auth != b->auth)
		finding_add(f, file, b->line,
			    "VRID %d: authentication is %s on %s and %s on %s: adverts are "
			    "discarded, so both become master",
			    a->vrid, auth_name(a->auth), da->name, auth_name(b->auth),
			    db->name);
	else if (a->auth != VRRP_AUTH_NONE &&
		 memcmp(a->auth_data, b->auth_data, sizeof(a->auth_data)) != 0)
		finding_add(f, file, b->line,
			    "VRID %d: the passwords of %s and %s differ: adverts are "
			    "discarded, so both become master",
			    a->vrid, da->name, db->name);
	if (vip_lacking(a, b, ip, sizeof(ip)))
		finding_add(f, file, b->line,
			    "VRID %d: %s is among the addresses of %s but not of %s: "
			    "keepalived 2.2.7 discards such adverts, so both become master "
			    "(later versions warn and go on)",
			    a->vrid, ip, da->name, db->name);
	else if (vip_lacking(b, a, ip, sizeof(ip)))
		finding_add(f, file, b->line,
			    "VRID %d: %s is among the addresses of %s but not of %s: "
			    "keepalived 2.2.7 discards such adverts, so both become master "
			    "(later versions warn and go on)",
			    a->vrid, ip, db->name, da->name);
	if (a->priority == b->priority)
		finding_add(f, file, b->line,
			    "VRID %d has priority %d on both %s and %s: the higher address "
			    "wins, and a returning node may not get the addresses back",
			    a->vrid, a->priority, da->name, db->name);
	if (a->start_master && b->start_master)
		finding_add(f, file, b->line,
			    "VRID %d is `state MASTER` on both %s and %s: that decides "
			    "nothing, the higher priority takes the addresses",
			    a->vrid, da->name, db->name);
	if (b->start_master && !a->start_master && b->priority < a->priority)
		finding_add(f, file, b->line,
			    "VRID %d: %s is `state MASTER` but has the lower priority (%d; %s "
			    "has %d): priority decides",
			    b->vrid, db->name, b->priority, da->name, a->priority);
	if (strcmp(a->ifname, b->ifname) != 0)
		finding_add(f, file, b->line,
			    "VRID %d is on %s on %s and on %s on %s: right only if both are on "
			    "the same link",
			    a->vrid, a->ifname, da->name, b->ifname, db->name);
	unicast(f, da, a, db, b, file);
}

/* An instance that no other director has. */
static void alone(struct findings *f, const struct director *d, size_t n, size_t i,
		  const struct vrrp_conf *v)
{
	const char *file = v->file ? v->file : d[i].path;
	const struct vrrp_conf *other;
	size_t k;

	for (k = 0; k < n; k++)
		if (k != i && by_vrid(d[k].conf, v))
			return;
	for (k = 0; k < n; k++) {
		other = k != i ? by_name(d[k].conf, v) : NULL;
		if (!other || by_vrid(d[i].conf, other))
			continue;
		if (k > i) /* said once, at the second file */
			return;
		finding_add(f, file, v->line,
			    "%s has virtual_router_id %d here and %d on %s: they are two "
			    "virtual routers, so both become master of the same addresses",
			    v->name, v->vrid, other->vrid, d[k].name);
		return;
	}
	finding_add(f, file, v->line, "VRID %d is on %s alone: nobody takes over", v->vrid,
		    d[i].name);
}

void lint_vrrp(struct findings *f, const struct director *d, size_t n)
{
	size_t i, k, j;

	for (i = 0; i < n; i++) {
		for (k = 0; k < d[i].conf->nvrrp; k++) {
			const struct vrrp_conf *v = &d[i].conf->vrrp[k];

			one(f, &d[i], v);
			if (n > 1)
				alone(f, d, n, i, v);
			for (j = 0; j < i; j++) {
				const struct vrrp_conf *a = by_vrid(d[j].conf, v);

				if (a)
					two(f, &d[j], a, &d[i], v);
			}
		}
	}
}
