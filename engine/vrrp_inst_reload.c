/* A running instance gets another configuration. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp_inst_priv.h"

bool vrrp_inst_same(const struct vrrp_inst *i, const struct vrrp_conf *c)
{
	const struct vrrp_conf *o = i->v.conf;

	return o->vrid == c->vrid && o->family == c->family && !strcmp(o->ifname, c->ifname) &&
	       !o->npeer == !c->npeer && o->use_vmac == c->use_vmac &&
	       o->version == c->version;
}

static const struct vip *find_vip(const struct vips *s, const struct vip *v)
{
	size_t n;

	for (n = 0; n < s->n; n++)
		if (s->v[n].ifp == v->ifp && conf_vip_equal(s->v[n].conf, v->conf))
			return &s->v[n];
	return NULL;
}

/* Addresses that are not there any more go. 0 or -errno. */
static int remove_addresses(struct vrrp_inst *i, const struct vips *old)
{
	size_t n;
	int r;

	for (n = 0; n < old->n; n++) {
		if (find_vip(&i->vips, &old->v[n]))
			continue;
		r = vip_apply_one(i->env->nl, &old->v[n], false);
		if (r < 0)
			return r;
		if (i->env->drop)
			vrrp_inst_drop(i, &old->v[n], false);
	}
	return 0;
}

/* New ones come, the others stay. 0 or -errno. */
static int add_addresses(struct vrrp_inst *i, const struct vips *old)
{
	const struct vip *v;
	size_t n;
	int r;

	for (n = 0; n < i->vips.n; n++) {
		v = &i->vips.v[n];
		if (i->env->drop)
			vrrp_inst_drop(i, v, vrrp_inst_refuses(i));
		if (find_vip(old, v))
			continue;
		r = vip_apply_one(i->env->nl, v, true);
		if (r < 0)
			return r;
		vrrp_garp_for(i->env->garp, v->ifp, &v->conf->addr);
	}
	return 0;
}

/*
 * From the addresses of `old` to those of i->vips, of which those that are not there any
 * more have gone already; the same for what hangs on them. 0 or -errno.
 */
static int change_addresses(struct vrrp_inst *i, const struct vrrp_conf *c,
			    const struct vips *old)
{
	vrrp_garp_stop(&i->queue);
	vrrp_garp_queue_init(&i->queue, i->env->garp, &i->vips, c);
	vrrp_reconf(&i->v, c);
	return i->v.addresses_set ? add_addresses(i, old) : 0;
}

int vrrp_inst_reconf(struct vrrp_inst *i, const struct vrrp_conf *c, const struct conf *all,
		     const struct vrrp_script_count *scripts)
{
	struct vips old = i->vips;
	uint8_t *buf = malloc(vrrp_tx_size(c));
	int r;

	if (!buf)
		return -ENOMEM;
	r = vips_init(&i->vips, c, i->ifp, i->env->ifs);
	if (!r && i->v.addresses_set)
		r = remove_addresses(i, &old);
	if (r < 0) { /* all the old ones are still to be taken off */
		vips_finish(&i->vips);
		i->vips = old;
		free(buf);
		return r;
	}
	r = change_addresses(i, c, &old);
	vips_finish(&old);
	vrrp_sock_flush(i->sock);
	free(i->tx.buf);
	i->tx.buf = buf;
	if (r < 0)
		return r;
	free(i->track_if);
	free(i->track_script);
	i->track_if = NULL;
	i->track_script = NULL;
	i->ntrack_if = i->ntrack_script = 0;
	r = vrrp_inst_trackers(i, c, all);
	if (r < 0)
		return r;
	vrrp_inst_preset(i, scripts);
	i->v.src = vrrp_inst_source(i);
	vrrp_inst_build(i);
	return vrrp_inst_sockets(i);
}
