/* What an instance sends from, and through; its adverts. */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "priv.h"
#include "vrrp_inst_priv.h"

static const struct conf_addr *configured_src(const struct vrrp_conf *c)
{
	const struct conf_addr *a = c->npeer ? &c->unicast_src : &c->mcast_src;

	return a->family ? a : NULL;
}

struct conf_addr vrrp_inst_source(const struct vrrp_inst *i)
{
	const struct vrrp_conf *c = i->v.conf;
	const struct conf_addr *own = configured_src(c);

	if (own)
		return *own;
	if (c->family == AF_INET)
		return i->base->addr4;
	return i->ifp->addr6.family ? i->ifp->addr6 : i->base->addr6;
}

static const struct conf_addr *group_of(const struct vrrp_conf *c)
{
	return c->mcast_dst.family ? &c->mcast_dst : vrrp_multicast(c->family);
}

void vrrp_inst_build(struct vrrp_inst *i)
{
	const struct vrrp_conf *c = i->v.conf;

	i->tx.old_checksum = i->v.old_checksum;
	vrrp_tx_build(&i->tx, c, &i->v.src, c->npeer ? &c->peer[0] : group_of(c),
		      i->v.priority);
}

int vrrp_inst_sockets(struct vrrp_inst *i)
{
	const struct vrrp_conf *c = i->v.conf;
	const struct conf_addr *at = c->npeer ? &i->v.src : group_of(c);
	int r = 0;

	if (i->sock && vrrp_sock_on(i->sock, i->xmit, at))
		return 0;
	vrrp_sock_put(i->env->socks, i->sock, c->vrid, i);
	i->sock = NULL;
	if (!i->xmit->index || !at->family)
		return 0;
	priv_raw(true);
	i->sock = vrrp_sock_get(i->env->socks, i->xmit, at, c->rx_buf_size, c->vrid, i);
	if (!i->sock)
		r = -errno;
	priv_raw(false);
	return r;
}

bool vrrp_inst_has_source(const struct vrrp_inst *i)
{
	if (!i->v.src.family)
		return false;
	return !i->v.conf->track_src_ip || vrrp_ifs_has(i->env->ifs, i->base, &i->v.src);
}

int vrrp_inst_share_link_local(struct vrrp_inst *i)
{
	struct conf_vip a = { .addr = i->base->addr6, .prefixlen = 64, .scope = RT_SCOPE_LINK };
	struct vip v = { .conf = &a, .ifp = i->ifp };

	if (i->ifp == i->base || i->v.conf->family != AF_INET6 || i->ifp->addr6.family ||
	    !a.addr.family)
		return 0;
	i->ifp->addr6 = a.addr;
	return vip_apply_one(i->env->nl, &v, true);
}

void vrrp_inst_advert(struct vrrp *v, uint8_t priority)
{
	struct vrrp_inst *i = vrrp_inst_of(v);
	const struct vrrp_conf *c = v->conf;
	size_t n;

	if (!i->sock)
		return;
	if (!i->regular)
		vrrp_sock_flush(i->sock); /* it may be ours that waits */
	vrrp_tx_priority(&i->tx, c, priority);
	vrrp_tx_next_id(&i->tx, c);
	if (!c->npeer && i->regular) {
		vrrp_sock_queue(i->sock, &i->tx, &v->src);
		return;
	}
	if (!c->npeer) {
		vrrp_sock_send(i->sock, &i->tx, &v->src, group_of(c));
		return;
	}
	/* An advert that cannot be sent is lost, as on the wire: the next one is
	 * due in an interval, and a dead link shows in the trackers. */
	for (n = 0; n < c->npeer; n++) {
		vrrp_tx_dst(&i->tx, c, &c->peer[n]);
		vrrp_sock_send(i->sock, &i->tx, &v->src, &c->peer[n]);
	}
}
