#include "vrrp_track.h"

/* What a weight adds to the priority. */
static int share(const struct vrrp_tracker *t, enum vrrp_health h)
{
	int sign = t->reverse ? -1 : 1;

	if (h == VRRP_GOOD && t->weight > 0)
		return sign * t->weight;
	if (h == VRRP_BAD && t->weight < 0)
		return sign * t->weight;
	return 0;
}

/* Is this health what a tracker without weight faults for? */
static bool is_fault(const struct vrrp_tracker *t, enum vrrp_health h)
{
	return h == (t->reverse ? VRRP_GOOD : VRRP_BAD);
}

void vrrp_tracker_preset(struct vrrp_tracker *t, struct vrrp *v, enum vrrp_health h)
{
	t->health = h;
	if (t->weight)
		vrrp_preset_weight(v, share(t, h));
	else if (h == VRRP_UNKNOWN)
		vrrp_preset_wait(v);
	else if (is_fault(t, h))
		vrrp_preset_fault(v, t->why);
}

void vrrp_tracker_set(struct vrrp_tracker *t, struct vrrp *v, enum vrrp_health h,
		      int64_t now)
{
	enum vrrp_health old = t->health;

	if (h == old || h == VRRP_UNKNOWN)
		return;
	t->health = h;
	if (t->weight)
		vrrp_weigh(v, share(t, h) - share(t, old), now);
	else if (old == VRRP_UNKNOWN)
		vrrp_answered(v, !is_fault(t, h), now);
	else if (is_fault(t, h))
		vrrp_fault(v, t->why, now);
	else
		vrrp_unfault(v, now);
}

void vrrp_script_count_init(struct vrrp_script_count *s, int rise, int fall,
			    bool init_fail)
{
	s->rise = rise > 0 ? rise : 1;
	s->fall = fall > 0 ? fall : 1;
	s->first = !init_fail;
	s->result = init_fail ? 0 : s->rise - 1; /* at the start one success will do */
}

enum vrrp_health vrrp_script_health(const struct vrrp_script_count *s)
{
	if (s->first)
		return VRRP_UNKNOWN;
	return s->result >= s->rise ? VRRP_GOOD : VRRP_BAD;
}

static enum vrrp_health succeeded(struct vrrp_script_count *s)
{
	enum vrrp_health h;

	if (s->result < s->rise - 1) {
		s->result++;
		return VRRP_UNKNOWN;
	}
	h = s->result < s->rise ? VRRP_GOOD : VRRP_UNKNOWN;
	s->result = s->rise + s->fall - 1;
	return h;
}

static enum vrrp_health failed(struct vrrp_script_count *s)
{
	enum vrrp_health h;

	if (s->result > s->rise) {
		s->result--;
		return VRRP_UNKNOWN;
	}
	h = s->result == s->rise || s->first ? VRRP_BAD : VRRP_UNKNOWN;
	s->result = 0;
	return h;
}

enum vrrp_health vrrp_script_answer(struct vrrp_script_count *s, bool success)
{
	enum vrrp_health h = success ? succeeded(s) : failed(s);

	s->first = false;
	return h;
}
