/*
 * One VRRP instance, once the file has been read: defaults, and what does not
 * go together. In keepalived's order, so that of several faults the same one
 * ends it.
 */
#include <limits.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "conf_build.h"

#define US	   1000000
#define CENTI_US   10000
#define VIPS_MAX   255
#define ETHER	   14
#define VRRP_HDR   8
#define AUTH_LEN   8
#define AH_LEN	   24
#define IPV4_HDR   20
#define IPV6_HDR   40

const struct conf_if *conf_if_of(const struct conf_ctx *c, const struct vrrp_build *b)
{
	return b->v.ifname ? conf_if(c, b->v.ifname) : NULL;
}

/* An interface that is really there, not one that may come. */
const struct conf_if *conf_real_if(const struct conf_ctx *c, const struct vrrp_build *b)
{
	const struct conf_if *i = conf_if_of(c, b);

	return i && i->index ? i : NULL;
}

/* Where to point: at `pos` if the file said it, else at the instance's name. */
static const struct conf_pos *at(const struct vrrp_build *b, const struct conf_pos *pos)
{
	return pos->line ? pos : &b->pos;
}

/* --- one instance, in keepalived's order --- */

static const struct sync_build *group_of(const struct conf_ctx *c,
					 const struct vrrp_build *b)
{
	return b->sync ? &c->sync[b->sync - 1] : NULL;
}

/* Version and family. Returns false when it cannot run. */
static bool settle_version(struct conf_ctx *c, struct vrrp_build *b)
{
	struct vrrp_conf *v = &b->v;

	b->strict_on = b->strict < 0 ? c->def.strict : b->strict;
	if (v->family == AF_INET6) {
		if (v->version == 2 && b->strict_on) {
			conf_say_at(c, K_STRICT, &b->pos,
				    "(%s) strict: IPv6 needs version 3; set", v->name);
			v->version = 3;
		} else if (!v->version) {
			v->version = 3;
		}
	}
	if (!v->family)
		v->family = AF_INET;
	if (!v->version)
		v->version = c->conf->global.vrrp_version;
	if (v->family == AF_INET && v->ttl == -1)
		v->ttl = 255;
	if (v->nvip)
		return true;
	if (v->version == 3 || b->strict_on) {
		conf_say_at(c, K_VIP, &b->pos, "(%s) has no address; it needs one, and "
					       "keepalived would not start",
			    v->name);
		return false;
	}
	conf_say_at(c, K_VIP, &b->pos, "(%s) has no address to hold", v->name);
	return true;
}

static void settle_state(struct conf_ctx *c, struct vrrp_build *b)
{
	struct vrrp_conf *v = &b->v;
	enum want by_priority;

	if (!v->priority)
		v->priority = b->want == WANT_MASTER ? OWNER : 100;
	by_priority = v->priority == OWNER ? WANT_MASTER : WANT_BACKUP;
	if (b->want == WANT_UNSET) {
		b->want = by_priority;
	} else if (b->strict_on && b->want != by_priority) {
		conf_say_at(c, K_STRICT, at(b, &b->state_pos),
			    "(%s) strict: MASTER goes with priority 255 alone; taken as %s",
			    v->name, by_priority == WANT_MASTER ? "MASTER" : "BACKUP");
		b->want = by_priority;
	}
}

static void settle_auth(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_pos *pos = at(b, &b->auth_pos);
	struct vrrp_conf *v = &b->v;

	if (v->auth == VRRP_AUTH_NONE)
		return;
	if (b->strict_on)
		conf_say_at(c, K_AUTH, pos,
			    "(%s) strict: there is no authentication; runs without", v->name);
	else if (v->version == 3)
		conf_say_at(c, K_AUTH, pos,
			    "(%s) version 3 has no authentication; runs without", v->name);
	else if (!v->auth_data[0])
		conf_say_at(c, K_AUTH, pos,
			    "(%s) auth_type without auth_pass: adverts go out, and are taken, "
			    "without authentication",
			    v->name);
	else if (v->family == AF_INET6 && v->auth == VRRP_AUTH_AH)
		conf_say_at(c, K_AUTH, pos, "(%s) IPv6 has no AH here; runs without", v->name);
	else {
		if (v->auth == VRRP_AUTH_AH && b->want == WANT_MASTER && v->priority != OWNER) {
			conf_say_at(c, K_AUTH, pos,
				    "(%s) AH needs the other's sequence number first; starts as "
				    "BACKUP",
				    v->name);
			b->want = WANT_BACKUP;
		}
		return;
	}
	v->auth = VRRP_AUTH_NONE;
}

/* Unicast or multicast, and from where. */
static bool settle_cast(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_if *i = conf_real_if(c, b);
	struct vrrp_conf *v = &b->v;

	if (!v->ifname && (!b->saddr_set || conf_addr_link_local(&b->saddr))) {
		conf_say_at(c, K_UNICAST, &b->pos,
			    "(%s) without an interface, unicast needs unicast_src_ip", v->name);
		return false;
	}
	if (b->unicast_configured && v->npeer)
		b->unicast = true;
	else if (b->unicast_configured && v->fault_no_peer)
		v->config_fault = true;
	else if (b->unicast_configured)
		conf_say_at(c, K_DEPRECATED, &b->pos,
			    "(%s) a word of unicast, and no unicast_peer: multicast it is",
			    v->name);
	if (b->strict_on && v->has_vmac_mac) {
		conf_say_at(c, K_STRICT, &b->pos, "(%s) strict: the MAC address is VRRP's own",
			    v->name);
		v->has_vmac_mac = false;
	}
	if (v->use_vmac && b->vmac_mac_by_vrid)
		v->vmac_mac[5] = (uint8_t)v->vrid;
	if (v->use_vmac && i && i->hwtype != ARPHRD_ETHER) {
		conf_say_at(c, K_VMAC, &b->pos, "(%s) only Ethernet has VMACs; stays in FAULT",
			    v->name);
		v->use_vmac = false;
		v->config_fault = true;
	}
	if (i && !(i->flags & IFF_MULTICAST) && !b->unicast) {
		conf_say_at(c, K_INTERFACE, &b->pos,
			    "(%s) '%s' has no multicast; unicast_peer is needed, stays in FAULT",
			    v->name, v->ifname);
		v->config_fault = true;
	}
	return true;
}

static void first_link_local(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct vrrp_conf *v = &b->v;

	if (v->family != AF_INET6 || b->unicast || !v->nvip ||
	    conf_addr_link_local(&v->vip[0].addr))
		return;
	conf_say_at(c, b->strict_on ? K_STRICT : K_NOTE, at(b, &b->vip_pos),
		    "(%s) the first IPv6 address should be link-local", v->name);
}

/* Addresses beyond what an advert holds become excluded ones. */
static void limit_vips(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_if *i = conf_if_of(c, b);
	size_t mtu = i ? i->mtu : 1500, head = ETHER + VRRP_HDR, max;
	struct vrrp_conf *v = &b->v;

	if (v->family == AF_INET) {
		head += IPV4_HDR + (v->version == 2 ? AUTH_LEN : 0);
		if (v->version == 2 && v->auth == VRRP_AUTH_AH)
			head += AH_LEN;
		max = mtu > head ? (mtu - head) / sizeof(struct in_addr) : 0;
	} else {
		head += IPV6_HDR;
		max = mtu > head ? (mtu - head) / sizeof(struct in6_addr) : 0;
	}
	if (max > VIPS_MAX)
		max = VIPS_MAX;
	if (v->nvip <= max)
		return;
	conf_say_at(c, K_VIP, at(b, &b->vip_pos),
		    "(%s) an advert holds %zu addresses, not %zu; the others are not in it",
		    v->name, max, v->nvip);
	while (v->nvip > max) {
		struct conf_vip *more = conf_grow(c, b->evip, &b->nevip, sizeof(*more));

		if (!more)
			return;
		b->evip = more;
		/* Keep their order: the first that goes stands first. */
		more[b->nevip - 1] = v->vip[max];
		memmove(v->vip + max, v->vip + max + 1,
			(v->nvip - max - 1) * sizeof(*v->vip));
		v->nvip--;
	}
}

static void settle_preempt(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_pos *pos = at(b, &b->preempt_pos);
	struct vrrp_conf *v = &b->v;

	if (v->priority == OWNER && v->nopreempt) {
		conf_say_at(c, K_PREEMPT, pos,
			    "(%s) priority 255 always preempts; nopreempt is cleared", v->name);
		v->nopreempt = false;
	}
	if (b->want == WANT_MASTER) {
		if (v->nopreempt)
			conf_say_at(c, K_PREEMPT, pos,
				    "(%s) nopreempt does not work with state MASTER, and is "
				    "cleared; write BACKUP on both",
				    v->name);
		if (v->preempt_delay_ns)
			conf_say_at(c, K_PREEMPT, pos,
				    "(%s) preempt_delay does not work with state MASTER, and is "
				    "cleared",
				    v->name);
		v->nopreempt = false;
		v->preempt_delay_ns = 0;
	}
	if (!v->preempt_delay_ns)
		return;
	if (b->strict_on) {
		conf_say_at(c, K_STRICT, pos, "(%s) strict: no preempt_delay", v->name);
		v->preempt_delay_ns = 0;
	}
	if (v->nopreempt) {
		conf_say_at(c, K_PREEMPT, pos, "(%s) nopreempt makes preempt_delay idle",
			    v->name);
		v->preempt_delay_ns = 0;
	}
}

/* A setting that strict mode fixes at `strict`; -1: not said. */
static int64_t strict_or(struct conf_ctx *c, const struct vrrp_build *b, int64_t said,
			 int64_t by_default, int64_t strict, const char *what)
{
	if (said < 0)
		return b->strict_on ? strict : by_default;
	if (!b->strict_on || said == strict)
		return said;
	conf_say_at(c, K_STRICT, &b->pos, "(%s) strict: %s is reset", b->v.name, what);
	return strict;
}

static void settle_accept(struct conf_ctx *c, struct vrrp_build *b)
{
	struct vrrp_conf *v = &b->v;

	if (v->down_timer_adverts != 3 && b->strict_on) {
		conf_say_at(c, K_STRICT, &b->pos, "(%s) strict: down_timer_adverts is 3",
			    v->name);
		v->down_timer_adverts = 3;
	}
	v->accept = b->accept < 0 ? v->priority == OWNER || !b->strict_on : b->accept;
	if (v->accept && v->priority != OWNER && b->strict_on && v->version == 2) {
		conf_say_at(c, K_STRICT, &b->pos,
			    "(%s) strict: version 2 does not accept packets to the addresses",
			    v->name);
		v->accept = false;
	}
}

static void settle_repeats(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_defaults *d = &c->def;
	int64_t rep = b->lower_prio_rep == UINT_MAX ? -1 : (int64_t)b->lower_prio_rep;
	int64_t rep_default = d->garp_lower_prio_rep == UINT_MAX ? d->garp_rep :
								   d->garp_lower_prio_rep;
	int64_t delay_default = d->garp_lower_prio_delay_us < 0 ? d->garp_delay_us :
								  d->garp_lower_prio_delay_us;
	struct vrrp_conf *v = &b->v;

	v->garp_interval_ns = c->conf->global.garp_interval_ns;
	v->gna_interval_ns = c->conf->global.gna_interval_ns;
	v->garp_lower_prio_rep =
		(int)strict_or(c, b, rep, rep_default, 0, "garp_lower_prio_repeat");
	v->garp_lower_prio_delay_ns = strict_or(c, b, b->lower_prio_delay_us, delay_default,
						0, "garp_lower_prio_delay") *
				      1000;
	v->lower_prio_no_advert = strict_or(c, b, b->lower_prio_no_advert,
					    d->lower_prio_no_advert, 1, "lower_prio_no_advert");
	v->higher_prio_send_advert =
		strict_or(c, b, b->higher_prio_send_advert, d->higher_prio_send_advert, 0,
			  "higher_prio_send_advert");
}

static void settle_mcast(struct conf_ctx *c, struct vrrp_build *b)
{
	struct vrrp_conf *v = &b->v;

	if (!b->unicast && !v->mcast_dst.family) {
		v->mcast_dst = v->family == AF_INET ? c->conf->global.mcast_group4 :
						      c->conf->global.mcast_group6;
	} else if (b->unicast && v->mcast_dst.family) {
		conf_say_at(c, K_CONFLICT, &b->pos, "(%s) unicast has no mcast_dst_ip; ignored",
			    v->name);
		memset(&v->mcast_dst, 0, sizeof(v->mcast_dst));
	}
}

static void settle_advert(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_pos *pos = at(b, &b->advert_pos);
	int64_t us = b->advert_us ? b->advert_us : US;
	int64_t unit = b->v.version == 2 ? US : CENTI_US;
	int64_t limit = b->v.version == 2 ? 256 : 4096; /* 8 and 12 bits */

	if (us >= limit * unit) {
		us = (limit - 1) * unit;
		conf_say_at(c, K_ADVERT, pos,
			    "(%s) version %d adverts are at most %.2f s apart; taken so",
			    b->v.name, b->v.version, (double)us / US);
	} else if (us % unit) {
		int64_t said = us;

		us += unit / 2;
		us -= us % unit;
		if (!us)
			us = unit;
		conf_say_at(c, K_ADVERT, pos,
			    "(%s) version %d counts in steps of %g s; %g is taken as %g",
			    b->v.name, b->v.version, (double)unit / US, (double)said / US,
			    (double)us / US);
	}
	b->v.advert_ns = us * 1000;
}

/* --- VMACs --- */

static bool vmac_name_used(const struct conf_ctx *c, const char *name)
{
	size_t i;

	if (conf_if(c, name))
		return true;
	for (i = 0; i < c->nvrrp; i++)
		if (c->vrrp[i].v.vmac_ifname && !strcmp(c->vrrp[i].v.vmac_ifname, name))
			return true;
	return false;
}

/* "vrrp.51"; where that is taken vrrp1.51 and so on, for IPv6 vrrp6.51 first. */
static char *vmac_name(struct conf_ctx *c, const struct vrrp_build *b)
{
	const char *prefix = c->conf->global.vmac_prefix;
	bool six = b->v.family == AF_INET6;
	char name[IFNAMSIZ], tail[IFNAMSIZ];
	size_t keep;
	int n = 0, step;

	for (step = 0; step < 1000; step++) {
		if (step)
			snprintf(tail, sizeof(tail), "%d.%d", n, b->v.vrid);
		else
			snprintf(tail, sizeof(tail), ".%d", b->v.vrid);
		keep = sizeof(name) - 1 - strlen(tail);
		snprintf(name, keep + 1, "%s", prefix);
		strcat(name, tail);
		if (!vmac_name_used(c, name))
			return conf_strdup(c, name);
		if (!six)
			n++;
		else
			n = !n ? 6 : n == 6 ? 1 : n + 1 == 6 ? 7 : n + 1;
	}
	return NULL;
}

static void settle_vmac(struct conf_ctx *c, struct vrrp_build *b)
{
	struct vrrp_conf *v = &b->v;

	if (v->vmac_xmit_base && (!v->use_vmac || b->strict_on)) {
		conf_say_at(c, v->use_vmac ? K_STRICT : K_VMAC, &b->pos,
			    "(%s) vmac_xmit_base goes with use_vmac, and not with strict; "
			    "ignored",
			    v->name);
		v->vmac_xmit_base = false;
	}
	if (!v->use_vmac)
		return;
	if (v->promote_secondaries) {
		conf_say_at(c, K_VMAC, &b->pos,
			    "(%s) a VMAC promotes secondaries by itself; ignored", v->name);
		v->promote_secondaries = false;
	}
	if (!v->vmac_ifname)
		v->vmac_ifname = vmac_name(c, b);
}

/* --- tracking --- */

static void drop_own_interface(struct conf_ctx *c, struct vrrp_build *b)
{
	struct vrrp_conf *v = &b->v;
	size_t i = 0;

	while (i < v->ntrack_if) {
		if (!v->ifname || strcmp(v->track_if[i].name, v->ifname)) {
			i++;
			continue;
		}
		conf_say_at(c, K_TRACK, &b->pos,
			    "(%s) '%s' is its own interface, tracked anyway; ignored", v->name,
			    v->ifname);
		conf_track_drop(v->track_if, &v->ntrack_if, i);
	}
}

/* Weights that an address owner, or a member of a group, cannot have. */
static void drop_weights(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct sync_build *s = group_of(c, b);
	bool group = s && !s->s.tracking_weight;
	struct vrrp_conf *v = &b->v;
	size_t i = 0;

	if (!group && v->priority != OWNER)
		return;
	while (i < v->ntrack_if) {
		struct conf_track *t = &v->track_if[i];

		if (!t->weight) {
			i++;
			continue;
		}
		conf_say_at(c, K_TRACK, &b->pos, "(%s) %s: the weight of '%s' is ignored",
			    v->name, group ? "in a sync group" : "priority 255", t->name);
		if (group)
			v->track_if[i++].weight = 0;
		else
			conf_track_drop(v->track_if, &v->ntrack_if, i);
	}
	for (i = 0; i < v->ntrack_script;) {
		if (!v->track_script[i].weight) {
			i++;
			continue;
		}
		conf_say_at(c, K_TRACK, &b->pos,
			    "(%s) %s: script '%s' has a weight, and is not tracked", v->name,
			    group ? "in a sync group" : "priority 255",
			    v->track_script[i].name);
		conf_track_drop(v->track_script, &v->ntrack_script, i);
	}
}

/* --- VIP checks --- */

static void check_vip(struct conf_ctx *c, struct vrrp_build *b, struct conf_vip *vip)
{
	bool own = !vip->dev || (b->v.ifname && !strcmp(vip->dev, b->v.ifname));
	bool same = vip->addr.family == b->v.family;
	char text[INET6_ADDRSTRLEN];

	if (!vip->use_vmac)
		return;
	if (own && same && b->v.use_vmac)
		conf_say_at(c, K_VMAC, at(b, &b->vip_pos),
			    "(%s) use_vmac stands at '%s' and in the instance", b->v.name,
			    conf_addr_str(&vip->addr, text));
	else if ((!own || !same) && b->v.use_vmac_addr)
		conf_say_at(c, K_VMAC, at(b, &b->vip_pos),
			    "(%s) use_vmac_addr covers '%s' already", b->v.name,
			    conf_addr_str(&vip->addr, text));
}

bool conf_complete_instance(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct sync_build *s = group_of(c, b);
	size_t i;

	if (!settle_version(c, b))
		return false;
	settle_state(c, b);
	settle_auth(c, b);
	if (!settle_cast(c, b))
		return false;
	first_link_local(c, b);
	limit_vips(c, b);
	settle_preempt(c, b);
	settle_accept(c, b);
	settle_mcast(c, b);
	settle_repeats(c, b);
	b->v.notify_priority_changes = b->priority_changes >= 0 ? b->priority_changes :
				       s && s->priority_changes >= 0 ? s->priority_changes :
								       c->def.notify_priority_changes;
	settle_advert(c, b);
	if (!b->saddr_set)
		b->v.track_src_ip = false;
	settle_vmac(c, b);
	drop_own_interface(c, b);
	for (i = 0; i < b->v.nvip; i++)
		check_vip(c, b, &b->v.vip[i]);
	for (i = 0; i < b->nevip; i++)
		check_vip(c, b, &b->evip[i]);
	if (!b->v.nvip && b->v.family == AF_INET6) {
		conf_say_at(c, K_VIP, &b->pos, "(%s) has no address", b->v.name);
		return false;
	}
	drop_weights(c, b);
	b->v.check_unicast_src |= c->def.check_unicast_src;
	return true;
}
