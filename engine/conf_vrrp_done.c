/*
 * VRRP, once the file has been read: defaults, what does not go together, and
 * the instances as they will run. In keepalived's order, so that of several
 * faults the same one ends it.
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
#define OWNER	   255
#define VIPS_MAX   255
#define ETHER	   14
#define VRRP_HDR   8
#define AUTH_LEN   8
#define AH_LEN	   24
#define IPV4_HDR   20
#define IPV6_HDR   40

static const struct conf_if *if_of(const struct conf_ctx *c, const struct vrrp_build *b)
{
	return b->v.ifname ? conf_if(c, b->v.ifname) : NULL;
}

/* An interface that is really there, not one that may come. */
static const struct conf_if *real_if(const struct conf_ctx *c, const struct vrrp_build *b)
{
	const struct conf_if *i = if_of(c, b);

	return i && i->index ? i : NULL;
}

/* Where to point: at `pos` if the file said it, else at the instance's name. */
static const struct conf_pos *at(const struct vrrp_build *b, const struct conf_pos *pos)
{
	return pos->line ? pos : &b->pos;
}

/* --- scripts --- */

static unsigned int check_track_script(struct conf_ctx *c, struct script_build *s)
{
	unsigned int flags;

	if (s->remove)
		return 0;
	flags = conf_script_check(c, &s->s, &s->pos);
	if (flags & SC_INHIBIT)
		conf_say_at(c, K_SCRIPT, &s->pos,
			    "'%s' could be changed by others; disabled, nobody tracks it",
			    s->s.name);
	else if (flags & SC_NOT_FOUND)
		conf_say_at(c, K_SCRIPT, &s->pos,
			    "the script of '%s' is not there; disabled, nobody tracks it",
			    s->s.name);
	s->insecure = flags & (SC_INHIBIT | SC_NOT_FOUND) ||
		      !(flags & (SC_EXECUTABLE | SC_SYSTEM));
	return flags;
}

static void drop_insecure(struct conf_ctx *c, struct conf_track *t, size_t *n)
{
	const struct script_build *s;
	size_t i = 0;

	while (i < *n) {
		s = conf_find_script(c, t[i].name);
		if (!s || s->insecure)
			conf_track_drop(t, n, i);
		else
			i++;
	}
}

static unsigned int check_instance_scripts(struct conf_ctx *c, struct vrrp_build *b)
{
	struct conf_script *const all[] = {
		&b->v.notify_backup, &b->v.notify_master,  &b->v.notify_fault,
		&b->v.notify_stop,   &b->v.notify_deleted, &b->v.notify,
		&b->v.notify_master_rx_lower_pri,
	};
	unsigned int flags = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		flags |= conf_notify_check(c, all[i], &b->pos);
	drop_insecure(c, b->v.track_script, &b->v.ntrack_script);
	return flags;
}

static unsigned int check_group_scripts(struct conf_ctx *c, struct sync_build *s)
{
	struct conf_script *const all[] = { &s->s.notify_backup, &s->s.notify_master,
					    &s->s.notify_fault, &s->s.notify_stop,
					    &s->s.notify };
	unsigned int flags = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		flags |= conf_notify_check(c, all[i], &s->pos);
	drop_insecure(c, s->s.track_script, &s->s.ntrack_script);
	return flags;
}

static void check_scripts(struct conf_ctx *c)
{
	struct conf_pos pos = { c->opt->path, 1, 1 };
	struct conf_global *g = &c->conf->global;
	unsigned int flags = 0;
	size_t i;

	if (!c->nvrrp)
		return;
	for (i = 0; i < c->nscript; i++)
		flags |= check_track_script(c, &c->script[i]);
	for (i = 0; i < c->nvrrp; i++)
		flags |= check_instance_scripts(c, &c->vrrp[i]);
	for (i = 0; i < c->nsync; i++)
		flags |= check_group_scripts(c, &c->sync[i]);
	flags |= conf_notify_check(c, &g->notify_fifo.script, &pos);
	flags |= conf_notify_check(c, &g->vrrp_notify_fifo.script, &pos);
	if (flags & SC_IS_SCRIPT && !g->enable_script_security)
		conf_say_at(c, K_SECURITY, &c->vrrp[0].pos,
			    "scripts run, and enable_script_security is not set%s",
			    flags & SC_INSECURE ? "; others can change some of them" : "");
}

/* --- sync groups --- */

static int find_vrrp(const struct conf_ctx *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nvrrp; i++)
		if (!strcmp(c->vrrp[i].v.name, name))
			return (int)i;
	return -1;
}

/* Joins the instances that a group names. Returns false when it has none. */
static bool join(struct conf_ctx *c, struct sync_build *s, size_t index)
{
	enum want state = WANT_UNSET;
	size_t i;

	for (i = 0; i < s->nmember; i++) {
		int at_index = find_vrrp(c, s->member[i]);
		struct vrrp_build *b;
		int *more;

		if (at_index < 0) {
			conf_say_at(c, K_SYNC, &s->pos,
				    "sync group '%s' names '%s', which is no instance", s->s.name,
				    s->member[i]);
			continue;
		}
		b = &c->vrrp[at_index];
		if (b->sync) {
			conf_say_at(c, K_SYNC, &s->pos,
				    "'%s' is in another sync group; not in '%s'", s->member[i],
				    s->s.name);
			continue;
		}
		more = conf_grow(c, s->index, &s->nindex, sizeof(*more));
		if (!more)
			return false;
		s->index = more;
		more[s->nindex - 1] = at_index;
		b->sync = index + 1;
		if (state == WANT_MASTER && b->want == WANT_BACKUP)
			conf_say_at(c, K_SYNC, &s->pos,
				    "sync group '%s': address owners and others do not go "
				    "together",
				    s->s.name);
		if (state != WANT_BACKUP)
			state = b->want == WANT_MASTER && b->v.priority == OWNER ? WANT_MASTER :
										   WANT_BACKUP;
	}
	if (!s->nindex)
		conf_say_at(c, K_SYNC, &s->pos, "sync group '%s' has no instance; left out",
			    s->s.name);
	else if (s->nindex == 1)
		conf_say_at(c, K_SYNC, &s->pos,
			    "sync group '%s' has one instance; that is no group", s->s.name);
	return s->nindex != 0;
}

static void sync_free(struct sync_build *s);

static void make_groups(struct conf_ctx *c)
{
	size_t i = 0;

	while (i < c->nsync) {
		struct sync_build *s = &c->sync[i];

		if (!s->nmember)
			conf_say_at(c, K_SYNC, &s->pos, "sync group '%s' is empty; left out",
				    s->s.name);
		if (s->nmember && join(c, s, i)) {
			i++;
			continue;
		}
		sync_free(s);
		memmove(s, s + 1, (c->nsync - i - 1) * sizeof(*s));
		c->nsync--;
	}
}

static const struct sync_build *group_of(const struct conf_ctx *c,
					 const struct vrrp_build *b)
{
	return b->sync ? &c->sync[b->sync - 1] : NULL;
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
	const struct conf_if *i = real_if(c, b);
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
	const struct conf_if *i = if_of(c, b);
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

static bool complete_instance(struct conf_ctx *c, struct vrrp_build *b)
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

/* --- between instances --- */

static bool addr_list_meets(const struct vrrp_conf *a, const struct vrrp_conf *b)
{
	size_t i, j;

	for (i = 0; i < a->npeer; i++)
		for (j = 0; j < b->npeer; j++)
			if (conf_addr_equal(&a->peer[i], &b->peer[j]))
				return true;
	return false;
}

/* The address that unicast adverts come from, if it is known. */
static bool source(const struct conf_ctx *c, const struct vrrp_build *b,
		   struct conf_addr *out)
{
	const struct conf_if *i = if_of(c, b);

	*out = b->saddr;
	if (b->saddr_set)
		return true;
	out->family = b->v.family;
	if (!i)
		return false;
	if (b->v.family == AF_INET)
		out->v4 = i->v4;
	else
		out->v6 = i->ll6;
	return b->v.family == AF_INET ? i->v4.s_addr != 0 : !IN6_IS_ADDR_UNSPECIFIED(&i->ll6);
}

static bool unicast_conflict(const struct conf_ctx *c, const struct vrrp_build *a,
			     const struct vrrp_build *b)
{
	struct conf_addr from_a, from_b;

	if (a->v.ifname && b->v.ifname && strcmp(a->v.ifname, b->v.ifname))
		return false;
	return source(c, a, &from_a) && source(c, b, &from_b) &&
	       conf_addr_equal(&from_a, &from_b) && addr_list_meets(&a->v, &b->v);
}

static bool conflict(const struct conf_ctx *c, const struct vrrp_build *a,
		     const struct vrrp_build *b)
{
	if (a->v.family != b->v.family || a->v.vrid != b->v.vrid || a->unicast != b->unicast)
		return false;
	if (a->unicast)
		return unicast_conflict(c, a, b);
	return !strcmp(a->v.ifname, b->v.ifname) &&
	       conf_addr_equal(&a->v.mcast_dst, &b->v.mcast_dst) && real_if(c, a);
}

static bool vrid_conflicts(struct conf_ctx *c)
{
	bool any = false;
	size_t i, j;

	for (i = 0; i < c->nvrrp; i++)
		for (j = i + 1; j < c->nvrrp; j++) {
			const struct vrrp_build *a = &c->vrrp[i], *b = &c->vrrp[j];

			if (!conflict(c, a, b))
				continue;
			any = true;
			conf_say_at(c, K_VRID, &b->pos,
				    "%s and %s both have virtual_router_id %d on '%s'; keepalived "
				    "would not start",
				    a->v.name, b->v.name, a->v.vrid,
				    a->v.ifname ? a->v.ifname : "unicast");
		}
	return any;
}

/* What a group tracks, all of its members track. */
static void track_for_member(struct conf_ctx *c, struct conf_track **t, size_t *n,
			     const struct conf_track *of_group)
{
	struct conf_track *more;
	size_t i;

	for (i = 0; i < *n; i++) {
		if (strcmp((*t)[i].name, of_group->name))
			continue;
		if ((*t)[i].weight) {
			(*t)[i].weight = of_group->weight;
			(*t)[i].reverse = of_group->reverse;
		}
		return;
	}
	more = conf_grow(c, *t, n, sizeof(*more));
	if (!more)
		return;
	*t = more;
	more += *n - 1;
	*more = *of_group;
	more->name = conf_strdup(c, of_group->name);
	if (!more->name)
		--*n;
}

static void track_for_group(struct conf_ctx *c, struct sync_build *s)
{
	bool owner = false;
	size_t i, j;

	for (j = 0; j < s->nindex; j++)
		owner |= c->vrrp[s->index[j]].v.priority == OWNER;
	for (i = 0; i < s->s.ntrack_script; i++) {
		if (owner && s->s.track_script[i].weight) {
			conf_say_at(c, K_TRACK, &s->pos,
				    "(%s) a member has priority 255: script weights are ignored",
				    s->s.name);
			s->s.track_script[i].weight = 0;
		}
		for (j = 0; j < s->nindex; j++) {
			struct vrrp_conf *v = &c->vrrp[s->index[j]].v;

			track_for_member(c, &v->track_script, &v->ntrack_script,
					 &s->s.track_script[i]);
		}
	}
	for (i = 0; i < s->s.ntrack_if; i++) {
		if (owner && s->s.track_if[i].weight) {
			conf_say_at(c, K_TRACK, &s->pos,
				    "(%s) a member has priority 255: interface weights are "
				    "ignored",
				    s->s.name);
			s->s.track_if[i].weight = 0;
		}
		for (j = 0; j < s->nindex; j++) {
			struct vrrp_conf *v = &c->vrrp[s->index[j]].v;

			track_for_member(c, &v->track_if, &v->ntrack_if, &s->s.track_if[i]);
		}
	}
}

/* --- all of it --- */

static bool complete_all(struct conf_ctx *c)
{
	size_t i;

	for (i = 0; i < c->nvrrp; i++) {
		struct vrrp_build *b = &c->vrrp[i];

		if (!b->v.vrid) {
			conf_say_at(c, K_VRID, &b->pos,
				    "(%s) has no virtual_router_id; keepalived would not start",
				    b->v.name);
			return false;
		}
		if (!b->v.ifname) {
			conf_say_at(c, K_INTERFACE, &b->pos,
				    "(%s) has no interface; keepalived would not start",
				    b->v.name);
			return false;
		}
	}
	make_groups(c);
	for (i = 0; i < c->nvrrp; i++)
		if (!complete_instance(c, &c->vrrp[i]))
			return false;
	if (vrid_conflicts(c))
		return false;
	for (i = 0; i < c->nsync; i++)
		track_for_group(c, &c->sync[i]);
	return true;
}

/* The sync daemon follows an instance. */
static void settle_syncd(struct conf_ctx *c)
{
	struct conf_pos pos = { c->opt->path, 1, 1 };
	struct conf_global *g = &c->conf->global;
	int i;
	size_t j;

	for (j = 0; j < c->nvrrp; j++)
		if (c->vrrp[j].syncd && !g->lvs_sync_instance)
			g->lvs_sync_instance = conf_strdup(c, c->vrrp[j].v.name);
	if (!g->lvs_sync_instance) {
		if (g->lvs_sync_id < 0)
			g->lvs_sync_id = 0;
		return;
	}
	i = find_vrrp(c, g->lvs_sync_instance);
	if (i < 0) {
		conf_say_at(c, K_NOTE, &pos,
			    "lvs_sync_daemon names '%s', which is no instance; it does not run",
			    g->lvs_sync_instance);
		free(g->lvs_sync_ifname);
		free(g->lvs_sync_instance);
		g->lvs_sync_ifname = g->lvs_sync_instance = NULL;
		g->lvs_sync_id = 0;
	} else if (g->lvs_sync_id < 0) {
		g->lvs_sync_id = c->vrrp[i].syncd ? 0 : c->vrrp[i].v.vrid;
	}
}

/* --- into struct conf --- */

static bool merge_vips(struct conf_ctx *c, struct vrrp_build *b)
{
	struct conf_vip *all;
	size_t i;

	if (!b->nevip)
		return true;
	all = realloc(b->v.vip, (b->v.nvip + b->nevip) * sizeof(*all));
	if (!all) {
		conf_nomem(c);
		return false;
	}
	b->v.vip = all;
	for (i = 0; i < b->nevip; i++) {
		all[b->v.nvip] = b->evip[i];
		all[b->v.nvip++].excluded = true;
	}
	free(b->evip);
	b->evip = NULL;
	b->nevip = 0;
	return true;
}

static void hand_over(struct conf_ctx *c)
{
	struct conf *conf = c->conf;
	size_t i, j;

	conf->vrrp = calloc(c->nvrrp + 1, sizeof(*conf->vrrp));
	conf->sync_group = calloc(c->nsync + 1, sizeof(*conf->sync_group));
	conf->script = calloc(c->nscript + 1, sizeof(*conf->script));
	if (!conf->vrrp || !conf->sync_group || !conf->script) {
		conf_nomem(c);
		return;
	}
	for (i = 0; i < c->nvrrp; i++) {
		struct vrrp_build *b = &c->vrrp[i];

		if (!merge_vips(c, b))
			return;
		b->v.start_master = b->want == WANT_MASTER;
		b->v.strict = b->strict_on;
		*(b->unicast ? &b->v.unicast_src : &b->v.mcast_src) = b->saddr;
		conf->vrrp[conf->nvrrp++] = b->v;
		if (b->sync)
			conf->vrrp[i].sync_group = &conf->sync_group[b->sync - 1];
		memset(&b->v, 0, sizeof(b->v));
	}
	for (i = 0; i < c->nsync; i++) {
		struct sync_build *s = &c->sync[i];

		s->s.member = calloc(s->nindex + 1, sizeof(*s->s.member));
		if (!s->s.member) {
			conf_nomem(c);
			return;
		}
		for (j = 0; j < s->nindex; j++)
			s->s.member[j] = &conf->vrrp[s->index[j]];
		s->s.nmember = s->nindex;
		conf->sync_group[conf->nsync_group++] = s->s;
		memset(&s->s, 0, sizeof(s->s));
	}
	for (i = 0; i < c->nscript; i++) {
		struct script_build *s = &c->script[i];

		if (s->remove || s->insecure)
			continue;
		s->s.weight_reverse = s->weight_reverse;
		s->s.uid = s->uid;
		s->s.gid = s->gid;
		conf->script[conf->nscript++] = s->s;
		memset(&s->s, 0, sizeof(s->s));
	}
}

void conf_vrrp_complete(struct conf_ctx *c)
{
	struct conf_pos pos = { c->opt->path, 1, 1 };

	if (c->unknown_if) {
		conf_say_at(c, K_NO_INTERFACE, &pos,
			    "an interface named here does not exist; keepalived would not start "
			    "(dynamic_interfaces lets it wait)");
		c->refused = true;
	} else {
		check_scripts(c);
		if (!complete_all(c))
			c->refused = true;
	}
	settle_syncd(c);
	if (!c->nomem)
		hand_over(c);
}

/* --- freeing --- */

static void tracks_free(struct conf_track *t, size_t n)
{
	while (n)
		free(t[--n].name);
	free(t);
}

static void group_clear(struct vrrp_sync_group_conf *s)
{
	free(s->name);
	free(s->member);
	conf_script_clear(&s->notify_master);
	conf_script_clear(&s->notify_backup);
	conf_script_clear(&s->notify_fault);
	conf_script_clear(&s->notify_stop);
	conf_script_clear(&s->notify);
	tracks_free(s->track_if, s->ntrack_if);
	tracks_free(s->track_script, s->ntrack_script);
}

static void sync_free(struct sync_build *s)
{
	size_t i;

	group_clear(&s->s);
	for (i = 0; i < s->nmember; i++)
		free(s->member[i]);
	free(s->member);
	free(s->index);
}

void conf_sync_clear(struct vrrp_sync_group_conf *s)
{
	group_clear(s);
}

void conf_vrrp_clear(struct vrrp_conf *v)
{
	size_t i;

	free(v->name);
	free(v->ifname);
	for (i = 0; i < v->nvip; i++)
		conf_vip_clear(&v->vip[i]);
	free(v->vip);
	free(v->peer);
	free(v->peer_ttl);
	free(v->vmac_ifname);
	tracks_free(v->track_if, v->ntrack_if);
	tracks_free(v->track_script, v->ntrack_script);
	conf_script_clear(&v->notify_master);
	conf_script_clear(&v->notify_backup);
	conf_script_clear(&v->notify_fault);
	conf_script_clear(&v->notify_stop);
	conf_script_clear(&v->notify);
	conf_script_clear(&v->notify_master_rx_lower_pri);
	conf_script_clear(&v->notify_deleted);
}

void conf_vrrp_build_free(struct conf_ctx *c)
{
	size_t i, j;

	for (i = 0; i < c->nvrrp; i++) {
		conf_vrrp_clear(&c->vrrp[i].v);
		for (j = 0; j < c->vrrp[i].nevip; j++)
			conf_vip_clear(&c->vrrp[i].evip[j]);
		free(c->vrrp[i].evip);
	}
	free(c->vrrp);
	for (i = 0; i < c->nsync; i++)
		sync_free(&c->sync[i]);
	free(c->sync);
	for (i = 0; i < c->nscript; i++)
		conf_script_clear(&c->script[i].s);
	free(c->script);
}
