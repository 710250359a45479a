/* What an instance makes of the adverts that it hears. */
#include "vrrp.h"

#include "vrrp_priv.h"

static void learn_interval(struct vrrp *v, const struct vrrp_advert *a)
{
	if (v->conf->version == 3)
		v->master_advert_ns = a->advert_ns;
}

static bool preempt_is_delayed(const struct vrrp *v, int64_t now)
{
	return v->conf->preempt_delay_ns && (!v->preempt_ns || v->preempt_ns > now);
}

static void backup_hears(struct vrrp *v, const struct vrrp_rx *rx,
			 const struct vrrp_advert *a, int64_t now)
{
	v->master = rx->src;
	v->master_priority = a->priority;
	if (a->priority == VRRP_PRIO_STOP) {
		v->count.received_prio0++;
		v->heard_ns = now;
		v->down_ns = vrrp_skew(v);
		v->next_why = VRRP_WHY_PRIORITY_0;
		vrrp_arm(v, now);
		return;
	}
	if (!v->conf->nopreempt && a->priority < v->priority &&
	    !preempt_is_delayed(v, now)) {
		/* Not our master: the timer runs on. */
		v->next_why = VRRP_WHY_PREEMPT;
		return;
	}
	learn_interval(v, a);
	if (v->conf->preempt_delay_ns) {
		if (a->priority >= v->priority)
			v->preempt_ns = 0;
		else if (!v->preempt_ns)
			v->preempt_ns = now + v->conf->preempt_delay_ns;
	}
	v->want = VRRP_BACKUP;
	vrrp_wait(v, now);
}

/* Heard a master that must give way to us. */
static void master_insists(struct vrrp *v, int64_t now)
{
	struct vrrp_group *g = v->group;
	size_t i;

	if (!v->conf->lower_prio_no_advert) {
		vrrp_advert(v, v->priority);
		vrrp_arm(v, now);
	}
	vrrp_garp_on_lower(v, now);
	for (i = 0; g && i < g->nmember; i++)
		if (g->member[i] != v) {
			vrrp_garp_on_lower(g->member[i], now);
			v->ops->rearm(g->member[i]);
		}
	v->ops->event(v, VRRP_EVENT_RX_LOWER);
}

static void master_yields(struct vrrp *v, const struct vrrp_rx *rx,
			  const struct vrrp_advert *a, int64_t now)
{
	bool tie = a->priority == v->priority;

	v->master = rx->src;
	v->master_priority = a->priority;
	learn_interval(v, a);
	v->want = VRRP_BACKUP;
	vrrp_leave_master(v, tie ? VRRP_WHY_TIE : VRRP_WHY_HIGHER, false, now);
}

static void master_hears(struct vrrp *v, const struct vrrp_rx *rx,
			 const struct vrrp_advert *a, int64_t now)
{
	int cmp = conf_addr_cmp(&rx->src, &v->src);
	bool higher = a->priority > v->priority || (a->priority == v->priority && cmp > 0);

	if (a->priority == VRRP_PRIO_STOP || (v->conf->higher_prio_send_advert && higher)) {
		vrrp_advert(v, v->priority);
		vrrp_arm(v, now);
		if (a->priority == VRRP_PRIO_STOP) {
			v->count.received_prio0++;
			return;
		}
	}
	if (a->priority == v->priority) {
		if (cmp == 0) {
			v->ops->event(v, VRRP_EVENT_SAME_ADDRESS);
			return;
		}
		if (v->priority == VRRP_PRIO_OWNER) {
			v->priority = VRRP_PRIO_OWNER - 1;
			v->base_priority = v->total_priority = VRRP_PRIO_OWNER - 1;
			v->ops->event(v, VRRP_EVENT_CONFLICT);
			higher = true;
		}
	}
	if (higher)
		master_yields(v, rx, a, now);
	else
		master_insists(v, now);
}

enum vrrp_verdict vrrp_receive(struct vrrp *v, const struct vrrp_rx *rx, int64_t now)
{
	enum vrrp_state old = v->state;
	struct vrrp_advert a;
	enum vrrp_verdict r;
	bool full;

	if (v->state != VRRP_BACKUP && v->state != VRRP_MASTER)
		return VRRP_OK;
	full = v->state == VRRP_MASTER || !v->conf->skip_check_adv_addr ||
	       v->master.family != rx->src.family || conf_addr_cmp(&v->master, &rx->src);
	r = vrrp_packet_check(v->conf, rx, full, &a);
	v->count.verdict[r]++;
	if (r != VRRP_OK)
		return r;
	v->count.received++;
	if (a.old_checksum && !v->old_checksum) {
		v->old_checksum = true;
		v->ops->event(v, VRRP_EVENT_OLD_CHECKSUM);
	}
	if (v->state == VRRP_BACKUP)
		backup_hears(v, rx, &a, now);
	else
		master_hears(v, rx, &a, now);
	vrrp_follow(v, old, now);
	v->ops->rearm(v);
	return VRRP_OK;
}
