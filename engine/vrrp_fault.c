/* What trackers do to an instance: FAULT and out of it, and its priority. */
#include "vrrp.h"
#include "vrrp_priv.h"

/* --- before the start --- */

static uint8_t clamped(int priority)
{
	if (priority < 1)
		return 1;
	return priority >= VRRP_PRIO_OWNER ? VRRP_PRIO_OWNER - 1 : (uint8_t)priority;
}

void vrrp_preset_fault(struct vrrp *v, enum vrrp_reason why)
{
	if (!v->nfault++ && v->group)
		v->group->nfault++;
	v->why = why;
}

void vrrp_preset_wait(struct vrrp *v)
{
	if (!v->nwait++ && v->group)
		v->group->nwait++;
}

void vrrp_preset_weight(struct vrrp *v, int weight)
{
	v->total_priority += weight;
	if (v->base_priority != VRRP_PRIO_OWNER)
		v->priority = clamped(v->total_priority);
}

/* --- trackers speak --- */

void vrrp_fault(struct vrrp *v, enum vrrp_reason why, int64_t now)
{
	if (v->nfault++)
		return;
	v->want = VRRP_FAULT;
	if (v->state == VRRP_MASTER)
		vrrp_leave_master(v, why, true, now);
	else
		vrrp_leave_fault(v, why, now);
	if (v->group && !v->group->nfault++)
		vrrp_group_to_fault(v, now);
}

void vrrp_come_up(struct vrrp *v, int64_t now)
{
	struct vrrp_group *g = v->group;
	enum vrrp_state want;

	want = v->conf->start_master && v->base_priority == VRRP_PRIO_OWNER ? VRRP_MASTER :
									       VRRP_BACKUP;
	v->want = want;
	if (g && want == VRRP_MASTER && !vrrp_group_allows_master(v, now))
		v->want = VRRP_BACKUP;
	vrrp_leave_fault(v, VRRP_WHY_RECOVERED, now);
	v->want = want;
	if (!g)
		return;
	if (v->state == VRRP_MASTER)
		vrrp_group_to_master(v, now);
	else
		vrrp_group_to_backup(v, now);
}

void vrrp_unfault(struct vrrp *v, int64_t now)
{
	struct vrrp_group *g = v->group;

	if (!v->nfault || --v->nfault)
		return;
	if (g)
		g->nfault--;
	if (v->nwait || (g && (g->nfault || g->nwait)))
		return;
	vrrp_come_up(v, now);
}

static void give_up(struct vrrp *v, enum vrrp_reason why, int64_t now)
{
	if (v->state != VRRP_MASTER)
		return;
	v->want = VRRP_BACKUP;
	vrrp_leave_master(v, why, true, now);
	v->down_ns = vrrp_skew(v);
	vrrp_arm(v, now);
}

void vrrp_address_gone(struct vrrp *v, int64_t now)
{
	struct vrrp_group *g = v->group;
	size_t i;

	if (v->state != VRRP_MASTER)
		return;
	give_up(v, VRRP_WHY_ADDRESS_GONE, now);
	for (i = 0; g && i < g->nmember; i++)
		give_up(g->member[i], VRRP_WHY_GROUP, now);
	if (g)
		vrrp_group_to_backup(v, now);
}

void vrrp_answered(struct vrrp *v, bool good, int64_t now)
{
	struct vrrp_group *g = v->group;

	if (v->nwait && !--v->nwait && g)
		g->nwait--;
	if (!good) {
		vrrp_fault(v, VRRP_WHY_SCRIPT, now);
		return;
	}
	/* (After a reload a running instance may have a new script.) */
	if (v->state != VRRP_FAULT || v->nwait || v->nfault ||
	    (g && (g->nwait || g->nfault)))
		return;
	vrrp_come_up(v, now);
}

void vrrp_weigh(struct vrrp *v, int delta, int64_t now)
{
	int64_t before = v->down_ns;
	uint8_t priority;

	v->total_priority += delta;
	if (v->base_priority == VRRP_PRIO_OWNER)
		return;
	priority = clamped(v->total_priority);
	if (priority == v->priority)
		return;
	v->priority = priority;
	v->down_ns = vrrp_down_interval(v);
	if (v->state == VRRP_BACKUP && v->due_ns) {
		v->due_ns += v->down_ns - before;
		if (v->due_ns < now)
			v->due_ns = now;
		v->ops->rearm(v);
	}
	v->ops->event(v, VRRP_EVENT_PRIORITY);
}
