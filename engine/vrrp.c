#include "vrrp.h"

#include <string.h>

#include "clock.h"
#include "vrrp_priv.h"

#define DOWN_ADVERTS 3

/* --- timers --- */

int64_t vrrp_skew(const struct vrrp *v)
{
	int64_t unit = v->conf->version == 3 ? v->master_advert_ns : NS_PER_S;

	return (256 - v->priority) * unit / 256;
}

/* Master_Down_Interval. */
int64_t vrrp_down_interval(const struct vrrp *v)
{
	int n = v->conf->down_timer_adverts ? v->conf->down_timer_adverts : DOWN_ADVERTS;

	return n * v->master_advert_ns + vrrp_skew(v);
}

/* The instance's one timer, from its state. */
void vrrp_arm(struct vrrp *v, int64_t now)
{
	switch (v->state) {
	case VRRP_MASTER:
		v->due_ns = now + v->conf->advert_ns;
		break;
	case VRRP_BACKUP:
		v->due_ns = now + v->down_ns;
		break;
	case VRRP_INIT:
	case VRRP_FAULT:
	case VRRP_STOPPED:
		v->due_ns = 0;
		break;
	}
	v->ops->rearm(v);
}

void vrrp_wait(struct vrrp *v, int64_t now)
{
	v->down_ns = vrrp_down_interval(v);
	v->heard_ns = now;
	v->next_why = VRRP_WHY_NO_ADVERT;
	vrrp_arm(v, now);
}

/* --- gratuitous ARP: now, and once more later --- */

static void burst_later(struct vrrp *v, int rounds, int64_t due)
{
	size_t i;

	for (i = 0; i < VRRP_BURSTS; i++)
		if (!v->burst[i].due_ns) {
			v->burst[i] = (struct vrrp_burst){ due, rounds };
			return;
		}
	/* So many are waiting that one more would tell nobody anything. */
}

static void run_bursts(struct vrrp *v, int64_t now)
{
	struct vrrp_burst *b;

	for (b = v->burst; b < v->burst + VRRP_BURSTS; b++)
		if (b->due_ns && b->due_ns <= now) {
			b->due_ns = 0;
			v->ops->garp(v, b->rounds);
		}
}

void vrrp_garp_on_lower(struct vrrp *v, int64_t now)
{
	const struct vrrp_conf *c = v->conf;

	if (!c->garp_lower_prio_rep || !v->addresses_set)
		return;
	v->ops->garp(v, c->garp_lower_prio_rep);
	if (c->garp_lower_prio_delay_ns)
		burst_later(v, c->garp_lower_prio_rep, now + c->garp_lower_prio_delay_ns);
}

/* --- the state, and what it means --- */

void vrrp_advert(struct vrrp *v, uint8_t priority)
{
	v->ops->advert(v, priority);
	v->count.sent++;
	if (priority == VRRP_PRIO_STOP)
		v->count.sent_prio0++;
}

static void enter_master(struct vrrp *v, int64_t now)
{
	const struct vrrp_conf *c = v->conf;

	/* The old master gives its addresses up when it hears this. */
	vrrp_advert(v, v->priority);
	v->ops->addresses(v, true);
	v->addresses_set = true;
	v->ops->garp(v, c->garp_master_rep);
	if (c->garp_master_delay_ns)
		burst_later(v, c->garp_master_rep, now + c->garp_master_delay_ns);
	v->refresh_ns = c->garp_master_refresh_ns ? now + c->garp_master_refresh_ns : 0;
	v->count.became_master++;
}

static void leave_addresses(struct vrrp *v)
{
	memset(v->burst, 0, sizeof(v->burst));
	v->refresh_ns = 0;
	if (!v->addresses_set)
		return;
	v->ops->garp_stop(v);
	v->ops->addresses(v, false);
	v->addresses_set = false;
}

/* The only writer of v->state. */
static void vrrp_set_state(struct vrrp *v, enum vrrp_state new, enum vrrp_reason why,
			   int64_t now)
{
	enum vrrp_state old = v->state;
	/* Nobody was told of a FAULT that only waited for its scripts. */
	bool news = old != new || v->why == VRRP_WHY_SCRIPT_WAIT;

	v->state = new;
	v->why = why;
	v->since_ns = now;
	if (new == VRRP_MASTER)
		enter_master(v, now);
	else
		leave_addresses(v);
	if (old == VRRP_MASTER && new != VRRP_MASTER)
		v->count.left_master++;
	vrrp_arm(v, now);
	if (news)
		v->ops->changed(v, old);
}

/* From MASTER to `want`, BACKUP or FAULT. `warn`: one more advert of priority 0,
 * as keepalived sends two when a tracker takes the instance down. */
void vrrp_leave_master(struct vrrp *v, enum vrrp_reason why, bool warn, int64_t now)
{
	if (v->want == VRRP_FAULT)
		vrrp_advert(v, VRRP_PRIO_STOP);
	else
		v->preempt_ns = 0;
	if (warn)
		vrrp_advert(v, VRRP_PRIO_STOP);
	vrrp_set_state(v, v->want, why, now);
	vrrp_wait(v, now);
}

void vrrp_goto_master(struct vrrp *v, enum vrrp_reason why, int64_t now)
{
	v->want = VRRP_MASTER;
	if (v->group && !vrrp_group_allows_master(v, now))
		return;
	vrrp_set_state(v, VRRP_MASTER, why, now);
}

/* Out of FAULT (or INIT, or BACKUP) to `want`. */
void vrrp_leave_fault(struct vrrp *v, enum vrrp_reason why, int64_t now)
{
	if (v->want == VRRP_MASTER) {
		vrrp_goto_master(v, why, now);
	} else {
		if (v->want == VRRP_FAULT && v->state == VRRP_MASTER)
			vrrp_advert(v, VRRP_PRIO_STOP);
		vrrp_set_state(v, v->want, why, now);
		v->preempt_ns = 0;
	}
	v->master_advert_ns = v->conf->advert_ns;
	if (v->state != VRRP_MASTER)
		vrrp_wait(v, now);
}

/* --- start and stop --- */

void vrrp_init(struct vrrp *v, const struct vrrp_conf *c, const struct vrrp_ops *ops,
	       void *arg)
{
	memset(v, 0, sizeof(*v));
	v->conf = c;
	v->ops = ops;
	v->arg = arg;
	v->want = c->start_master ? VRRP_MASTER : VRRP_BACKUP;
	v->base_priority = v->total_priority = c->priority;
	v->priority = (uint8_t)c->priority;
	v->master_advert_ns = c->advert_ns;
}

void vrrp_start(struct vrrp *v, int64_t now)
{
	bool waits = v->nwait || (v->group && v->group->nwait);
	enum vrrp_state to;

	if (v->nfault)
		v->want = VRRP_FAULT;
	to = v->group ? v->group->state : v->want;
	v->since_ns = v->heard_ns = now;
	v->next_why = VRRP_WHY_NO_ADVERT;
	if (waits || v->nfault || to == VRRP_FAULT) {
		vrrp_set_state(v, VRRP_FAULT,
			       v->nfault ? v->why :
			       waits	 ? VRRP_WHY_SCRIPT_WAIT :
					   VRRP_WHY_GROUP,
			       now);
		return;
	}
	if (to == VRRP_MASTER && v->want == VRRP_MASTER &&
	    v->base_priority == VRRP_PRIO_OWNER) {
		/* By way of BACKUP, at once: RFC 3768, section 6.4.1. */
		v->down_ns = 0;
		v->next_why = VRRP_WHY_OWNER;
	} else {
		/* `state MASTER` or not: so keepalived 2.2.7 does, as observed. */
		v->down_ns = vrrp_down_interval(v);
	}
	vrrp_set_state(v, VRRP_BACKUP, VRRP_WHY_START, now);
}

void vrrp_stop(struct vrrp *v, int64_t now)
{
	if (v->state == VRRP_MASTER)
		vrrp_advert(v, VRRP_PRIO_STOP);
	v->want = VRRP_STOPPED;
	vrrp_set_state(v, VRRP_STOPPED, VRRP_WHY_STOP, now);
}

/* --- timers run out --- */

int64_t vrrp_next(const struct vrrp *v)
{
	int64_t next = v->due_ns;
	size_t i;

	for (i = 0; v->addresses_set && i < VRRP_BURSTS; i++)
		if (v->burst[i].due_ns && (!next || v->burst[i].due_ns < next))
			next = v->burst[i].due_ns;
	return next;
}

/* With the first advert that is due when it is, or later. */
static void refresh(struct vrrp *v)
{
	if (!v->refresh_ns || v->due_ns < v->refresh_ns)
		return;
	v->ops->garp(v, v->conf->garp_master_refresh_rep);
	v->refresh_ns = v->due_ns + v->conf->garp_master_refresh_ns;
}

/* An interval after this one was due: being late does not add up. */
static void next_advert(struct vrrp *v, int64_t now)
{
	v->due_ns += v->conf->advert_ns;
	if (v->due_ns <= now)
		vrrp_arm(v, now);
}

void vrrp_run(struct vrrp *v, int64_t now)
{
	enum vrrp_state old = v->state;

	run_bursts(v, now);
	if (v->due_ns && v->due_ns <= now) {
		if (v->state == VRRP_BACKUP) {
			vrrp_goto_master(v, v->next_why, now);
		} else if (v->state == VRRP_MASTER) {
			vrrp_advert(v, v->priority);
			refresh(v);
			next_advert(v, now);
		}
		vrrp_follow(v, old, now);
	}
	v->ops->rearm(v);
}

/* --- reload --- */

void vrrp_reconf(struct vrrp *v, const struct vrrp_conf *c)
{
	if (c->version == 2 || c->advert_ns != v->conf->advert_ns)
		v->master_advert_ns = c->advert_ns;
	v->conf = c;
	v->base_priority = v->total_priority = c->priority;
	v->priority = (uint8_t)c->priority;
	v->nfault = v->nwait = 0;
}

void vrrp_reconf_done(struct vrrp *v, int64_t now)
{
	struct vrrp_group *g = v->group;
	int64_t before = v->down_ns;

	if (v->nfault || (g && g->nfault)) {
		v->want = VRRP_FAULT;
		if (v->state == VRRP_MASTER)
			vrrp_leave_master(v, VRRP_WHY_RELOAD, true, now);
		else if (v->state != VRRP_FAULT)
			vrrp_leave_fault(v, VRRP_WHY_RELOAD, now);
	} else if (v->state == VRRP_FAULT) {
		if (!v->nwait && (!g || !g->nwait))
			vrrp_come_up(v, now);
	} else if (v->state == VRRP_BACKUP) {
		v->down_ns = vrrp_down_interval(v);
		v->due_ns += v->down_ns - before;
	} else if (v->due_ns > now + v->conf->advert_ns) {
		vrrp_arm(v, now);
	}
	v->ops->rearm(v);
}
