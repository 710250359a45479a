/* What happens to an instance: to its interfaces, addresses and scripts. */
#include <errno.h>

#include "log.h"
#include "vmac.h"
#include "vrrp_inst_priv.h"

static bool concerns(const struct vrrp_inst *i, const struct vrrp_if *ifp)
{
	size_t n;

	if (ifp == i->ifp || ifp == i->base)
		return true;
	for (n = 0; n < i->vips.n; n++)
		if (i->vips.v[n].ifp == ifp)
			return true;
	return false;
}

static void renew(struct vrrp_inst *i, int64_t now)
{
	struct conf_addr src = vrrp_inst_source(i);
	int r;

	if (src.family != i->v.src.family || conf_addr_cmp(&src, &i->v.src) != 0) {
		i->v.src = src;
		vrrp_inst_build(i);
	}
	r = vips_rebuild(&i->vips);
	if (!r)
		r = vrrp_inst_sockets(i);
	if (r < 0) {
		errno = -r;
		log_warn("%s: cannot use %s", i->v.conf->name, i->ifp->name);
	}
	vrrp_tracker_set(&i->address, &i->v,
			 vrrp_inst_has_source(i) && r >= 0 ? VRRP_GOOD : VRRP_BAD, now);
}

/* The interface of a VMAC has come, or come back. */
static void make_vmac(struct vrrp_inst *i)
{
	char name[IFNAMSIZ];
	int r = vmac_make(i->v.conf, name, &i->made_vmac);

	if (!r)
		r = vrrp_ifs_read(i->env->ifs);
	if (!r)
		r = vrrp_inst_share_link_local(i);
	if (r < 0) {
		errno = -r;
		log_warn("%s: no VMAC", i->v.conf->name);
	}
}

void vrrp_inst_interface(struct vrrp_inst *i, const struct vrrp_if *ifp, int64_t now)
{
	size_t n;

	if (i->v.conf->use_vmac && ifp == i->base && ifp->index && !i->ifp->index)
		make_vmac(i);
	if (concerns(i, ifp))
		renew(i, now);
	for (n = 0; n < i->ntrack_if; n++)
		if (i->track_if[n].ifp == ifp)
			vrrp_tracker_set(&i->track_if[n].t, &i->v,
					 vrrp_if_up(ifp) ? VRRP_GOOD : VRRP_BAD, now);
}

void vrrp_inst_script(struct vrrp_inst *i, size_t script, enum vrrp_health h, int64_t now)
{
	size_t n;

	for (n = 0; n < i->ntrack_script; n++)
		if (i->track_script[n].script == script)
			vrrp_tracker_set(&i->track_script[n].t, &i->v, h, now);
}

void vrrp_inst_addresses_changed(struct vrrp_inst *i, int64_t now)
{
	if (i->v.conf->track_src_ip)
		vrrp_tracker_set(&i->address, &i->v,
				 vrrp_inst_has_source(i) ? VRRP_GOOD : VRRP_BAD, now);
}

void vrrp_inst_old_checksum(struct vrrp_inst *i)
{
	vrrp_inst_build(i);
}

bool vrrp_inst_has(const struct vrrp_inst *i, const struct conf_addr *a)
{
	const struct vrrp_conf *c = i->v.conf;
	size_t n;

	for (n = 0; n < c->nvip; n++)
		if (c->vip[n].addr.family == a->family &&
		    conf_addr_cmp(&c->vip[n].addr, a) == 0)
			return true;
	return false;
}

bool vrrp_inst_has_on(const struct vrrp_inst *i, const struct vrrp_if *ifp,
		      const struct conf_addr *a)
{
	const struct conf_addr *mine;
	size_t n;

	for (n = 0; n < i->vips.n; n++) {
		mine = &i->vips.v[n].conf->addr;
		if (i->vips.v[n].ifp == ifp && !i->vips.v[n].conf->no_track &&
		    mine->family == a->family && conf_addr_cmp(mine, a) == 0)
			return true;
	}
	return false;
}
