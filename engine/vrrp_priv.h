/* Inside the state machine: between vrrp.c, vrrp_fault.c, vrrp_rx.c and vrrp_group.c. */
#ifndef HALBD_VRRP_PRIV_H
#define HALBD_VRRP_PRIV_H

#include "vrrp.h"

int64_t vrrp_skew(const struct vrrp *v);
/* Master_Down_Interval. */
int64_t vrrp_down_interval(const struct vrrp *v);
/* Sets the timer that the state asks for. */
void vrrp_arm(struct vrrp *v, int64_t now);
/* Starts to wait for a master, from now. */
void vrrp_wait(struct vrrp *v, int64_t now);
/* Sends an advert and counts it. */
void vrrp_advert(struct vrrp *v, uint8_t priority);
/* Gratuitous ARPs after an advert of lower priority. */
void vrrp_garp_on_lower(struct vrrp *v, int64_t now);

/* To MASTER, if the group agrees. */
void vrrp_goto_master(struct vrrp *v, enum vrrp_reason why, int64_t now);
/*
 * From MASTER to `want`, BACKUP or FAULT. `warn`: one more advert of priority 0,
 * as keepalived sends two when a tracker takes the instance down.
 */
void vrrp_leave_master(struct vrrp *v, enum vrrp_reason why, bool warn, int64_t now);
/* Out of FAULT (or INIT, or BACKUP) to `want`. */
void vrrp_leave_fault(struct vrrp *v, enum vrrp_reason why, int64_t now);
/* Nothing holds the instance back any more, nor its group. */
void vrrp_come_up(struct vrrp *v, int64_t now);

/* Does every member want to be MASTER? If not, v waits once more. */
bool vrrp_group_allows_master(struct vrrp *v, int64_t now);
void vrrp_group_to_master(struct vrrp *cause, int64_t now);
void vrrp_group_to_backup(struct vrrp *cause, int64_t now);
void vrrp_group_to_fault(struct vrrp *cause, int64_t now);
/* After a timer or a packet: what the group does about a member's new state. */
void vrrp_follow(struct vrrp *v, enum vrrp_state old, int64_t now);

#endif
