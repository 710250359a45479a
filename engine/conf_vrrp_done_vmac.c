/* VMACs, once the file has been read: their names, and what does not go with them. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "conf_build.h"

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

void conf_done_vmac(struct conf_ctx *c, struct vrrp_build *b)
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

static void check_vip(struct conf_ctx *c, struct vrrp_build *b, struct conf_vip *vip)
{
	bool own = !vip->dev || (b->v.ifname && !strcmp(vip->dev, b->v.ifname));
	bool same = vip->addr.family == b->v.family;
	char text[INET6_ADDRSTRLEN];

	if (!vip->use_vmac)
		return;
	if (own && same && b->v.use_vmac)
		conf_say_at(c, K_VMAC, conf_pos_of(b, &b->vip_pos),
			    "(%s) use_vmac stands at '%s' and in the instance", b->v.name,
			    conf_addr_str(&vip->addr, text));
	else if ((!own || !same) && b->v.use_vmac_addr)
		conf_say_at(c, K_VMAC, conf_pos_of(b, &b->vip_pos),
			    "(%s) use_vmac_addr covers '%s' already", b->v.name,
			    conf_addr_str(&vip->addr, text));
}

void conf_done_vip_vmacs(struct conf_ctx *c, struct vrrp_build *b)
{
	size_t i;

	for (i = 0; i < b->v.nvip; i++)
		check_vip(c, b, &b->v.vip[i]);
	for (i = 0; i < b->nevip; i++)
		check_vip(c, b, &b->evip[i]);
}
