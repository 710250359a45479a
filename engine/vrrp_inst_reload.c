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

/* Addresses that are not there any more go, new ones come, the others stay. */
static void change_addresses(struct vrrp_inst *i, const struct vips *old)
{
	const struct conf_addr *a;
	size_t n;

	for (n = 0; n < old->n; n++) {
		if (find_vip(&i->vips, &old->v[n]))
			continue;
		vip_apply_one(i->env->nl, &old->v[n], false);
		if (i->env->drop)
			vrrp_inst_drop(i, &old->v[n], false);
	}
	for (n = 0; n < i->vips.n; n++) {
		if (i->env->drop)
			vrrp_inst_drop(i, &i->vips.v[n], vrrp_inst_refuses(i));
		if (find_vip(old, &i->vips.v[n]))
			continue;
		a = &i->vips.v[n].conf->addr;
		vip_apply_one(i->env->nl, &i->vips.v[n], true);
		vrrp_garp_for(i->env->garp, i->vips.v[n].ifp, a);
	}
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
	if (r < 0) {
		i->vips = old;
		free(buf);
		return r;
	}
	vrrp_garp_stop(&i->queue);
	vrrp_garp_queue_init(&i->queue, i->env->garp, &i->vips, c);
	vrrp_reconf(&i->v, c);
	if (i->v.addresses_set)
		change_addresses(i, &old);
	vips_finish(&old);
	vrrp_sock_flush(i->sock);
	free(i->tx.buf);
	i->tx.buf = buf;
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
