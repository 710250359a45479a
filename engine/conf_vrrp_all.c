/* VRRP, once the file has been read: all instances, and into struct conf. */
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "conf_build.h"

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
	const struct conf_if *i = conf_if_of(c, b);

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
	       conf_addr_equal(&a->v.mcast_dst, &b->v.mcast_dst) && conf_real_if(c, a);
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
	conf_make_groups(c);
	for (i = 0; i < c->nvrrp; i++)
		if (!conf_complete_instance(c, &c->vrrp[i]))
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
	i = conf_find_vrrp(c, g->lvs_sync_instance);
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
		conf_vrrp_check_scripts(c);
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

void conf_sync_build_clear(struct sync_build *s)
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
		conf_sync_build_clear(&c->sync[i]);
	free(c->sync);
	for (i = 0; i < c->nscript; i++)
		conf_script_clear(&c->script[i].s);
	free(c->script);
}
