/* The sync groups of the VRRP process. */
#include <errno.h>
#include <stdlib.h>

#include "vrrp_proc_priv.h"

int vrrp_proc_groups(struct vrrp_proc *p)
{
	const struct conf *c = p->conf;
	struct vrrp_group *g;
	size_t n, m;

	p->ngroup = c->nsync_group;
	p->group = calloc(p->ngroup ? p->ngroup : 1, sizeof(*p->group));
	if (!p->group)
		return -ENOMEM;
	for (n = 0; n < p->ninst; n++)
		p->inst[n]->v.group = NULL;
	for (n = 0; n < p->ngroup; n++) {
		g = &p->group[n];
		vrrp_group_init(g, &c->sync_group[n]);
		g->member = calloc(p->ninst ? p->ninst : 1, sizeof(struct vrrp *));
		if (!g->member)
			return -ENOMEM;
		for (m = 0; m < p->ninst; m++) {
			if (c->vrrp[m].sync_group != g->conf)
				continue;
			g->member[g->nmember++] = &p->inst[m]->v;
			p->inst[m]->v.group = g;
		}
	}
	return 0;
}

void vrrp_proc_groups_free(struct vrrp_proc *p)
{
	size_t n;

	for (n = 0; p->group && n < p->ngroup; n++)
		free(p->group[n].member);
	free(p->group);
	p->group = NULL;
	p->ngroup = 0;
}
