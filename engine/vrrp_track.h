/*
 * What an instance tracks: interfaces and scripts. A tracker without weight that
 * is bad is a FAULT; one with a weight moves the priority. No sockets, no clock,
 * no processes.
 */
#ifndef HALBD_VRRP_TRACK_H
#define HALBD_VRRP_TRACK_H

#include "vrrp.h"

enum vrrp_health { VRRP_UNKNOWN, VRRP_GOOD, VRRP_BAD };

struct vrrp_tracker {
	int weight; /* 0: being bad is a FAULT */
	bool reverse;
	enum vrrp_health health;
	enum vrrp_reason why; /* VRRP_WHY_INTERFACE … */
};

/* Before vrrp_start(): what is known. UNKNOWN without weight: v waits for it. */
void vrrp_tracker_preset(struct vrrp_tracker *t, struct vrrp *v, enum vrrp_health h);
/* What is known now. */
void vrrp_tracker_set(struct vrrp_tracker *t, struct vrrp *v, enum vrrp_health h,
		      int64_t now);

/* A track script's results, counted with rise and fall. */
struct vrrp_script_count {
	int rise, fall; /* at least 1 */
	int result;	/* 0 … rise + fall - 1 */
	bool first;	/* it has not answered yet */
};

/* init_fail: counts as failed until it has succeeded `rise` times. */
void vrrp_script_count_init(struct vrrp_script_count *s, int rise, int fall,
			    bool init_fail);
/* Its health before the first answer. */
enum vrrp_health vrrp_script_health(const struct vrrp_script_count *s);
/*
 * One more answer. Returns what trackers are to be told: GOOD or BAD, or UNKNOWN
 * when nothing changes.
 */
enum vrrp_health vrrp_script_answer(struct vrrp_script_count *s, bool success);

#endif
