/* Sync groups: what one member does, the others do too. */
#include "vrrp.h"

#include <string.h>

#include "vrrp_priv.h"

void vrrp_group_init(struct vrrp_group *g, const struct vrrp_sync_group_conf *c)
{
	memset(g, 0, sizeof(*g));
	g->conf = c;
}

void vrrp_group_start(struct vrrp_group *g)
{
	const struct vrrp *v;
	size_t i;

	g->state = VRRP_MASTER;
	for (i = 0; i < g->nmember; i++) {
		v = g->member[i];
		if (v->want != VRRP_MASTER || v->base_priority != VRRP_PRIO_OWNER)
			g->state = VRRP_BACKUP;
	}
	if (g->nwait)
		g->state = VRRP_INIT; /* until every script has answered */
	if (g->nfault)
		g->state = VRRP_FAULT;
}

bool vrrp_group_allows_master(struct vrrp *v, int64_t now)
{
	struct vrrp_group *g = v->group;
	size_t i;

	if (g->state == VRRP_MASTER)
		return true;
	for (i = 0; i < g->nmember; i++)
		if (g->member[i] != v && g->member[i]->want != VRRP_MASTER) {
			/* The others need time to come to want it too. */
			v->down_ns = vrrp_down_interval(v);
			vrrp_arm(v, now);
			return false;
		}
	return true;
}

void vrrp_group_to_backup(struct vrrp *cause, int64_t now)
{
	struct vrrp_group *g = cause->group;
	struct vrrp *v;
	size_t i;

	if (g->state == VRRP_BACKUP)
		return;
	for (i = 0; i < g->nmember; i++) {
		v = g->member[i];
		if (v == cause || v->state == VRRP_BACKUP)
			continue;
		v->want = VRRP_BACKUP;
		if (v->state == VRRP_MASTER)
			vrrp_leave_master(v, VRRP_WHY_GROUP, false, now);
		else
			vrrp_leave_fault(v, VRRP_WHY_GROUP, now);
	}
	g->state = VRRP_BACKUP;
	cause->ops->group_changed(g, cause);
}

void vrrp_group_to_master(struct vrrp *cause, int64_t now)
{
	struct vrrp_group *g = cause->group;
	struct vrrp *v;
	size_t i;

	if (g->state == VRRP_MASTER || !vrrp_group_allows_master(cause, now))
		return;
	for (i = 0; i < g->nmember; i++) {
		v = g->member[i];
		if (v != cause && v->state != VRRP_MASTER)
			vrrp_goto_master(v, VRRP_WHY_GROUP, now);
	}
	g->state = VRRP_MASTER;
	cause->ops->group_changed(g, cause);
}

void vrrp_group_to_fault(struct vrrp *cause, int64_t now)
{
	struct vrrp_group *g = cause->group;
	struct vrrp *v;
	size_t i;

	if (g->state == VRRP_FAULT)
		return;
	for (i = 0; i < g->nmember; i++) {
		v = g->member[i];
		if (v == cause || v->state == VRRP_FAULT)
			continue;
		v->want = VRRP_FAULT;
		if (v->state == VRRP_MASTER)
			vrrp_leave_master(v, VRRP_WHY_GROUP, false, now);
		else
			vrrp_leave_fault(v, VRRP_WHY_GROUP, now);
	}
	g->state = VRRP_FAULT;
	cause->ops->group_changed(g, cause);
}

/* After a timer or a packet: what the group does about a member's new state. */
void vrrp_follow(struct vrrp *v, enum vrrp_state old, int64_t now)
{
	if (!v->group)
		return;
	if (v->state == VRRP_MASTER)
		vrrp_group_to_master(v, now);
	else if (v->state == VRRP_BACKUP && old == VRRP_MASTER)
		vrrp_group_to_backup(v, now);
}
