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

#define US	 1000000
#define CENTI_US 10000

const struct conf_if *conf_if_of(const struct conf_ctx *c, const struct vrrp_build *b)
{
	return b->v.ifname ? conf_if(c, b->v.ifname) : NULL;
}

const struct conf_if *conf_real_if(const struct conf_ctx *c, const struct vrrp_build *b)
{
	const struct conf_if *i = conf_if_of(c, b);

	return i && i->index ? i : NULL;
}

/* --- one instance, in keepalived's order --- */

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
		conf_say_at(c, K_STRICT, conf_pos_of(b, &b->state_pos),
			    "(%s) strict: MASTER goes with priority 255 alone; taken as %s",
			    v->name, by_priority == WANT_MASTER ? "MASTER" : "BACKUP");
		b->want = by_priority;
	}
}

static void settle_auth(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_pos *pos = conf_pos_of(b, &b->auth_pos);
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

static void settle_preempt(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_pos *pos = conf_pos_of(b, &b->preempt_pos);
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
	const struct conf_pos *pos = conf_pos_of(b, &b->advert_pos);
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

bool conf_complete_instance(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct sync_build *s = conf_group_of(c, b);

	if (!settle_version(c, b))
		return false;
	settle_state(c, b);
	settle_auth(c, b);
	if (!settle_cast(c, b))
		return false;
	conf_done_link_local(c, b);
	conf_done_limit_vips(c, b);
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
	conf_done_vmac(c, b);
	conf_done_own_interface(c, b);
	conf_done_vip_vmacs(c, b);
	if (!b->v.nvip && b->v.family == AF_INET6) {
		conf_say_at(c, K_VIP, &b->pos, "(%s) has no address", b->v.name);
		return false;
	}
	conf_done_weights(c, b);
	b->v.check_unicast_src |= c->def.check_unicast_src;
	return true;
}
