/* What an instance tracks, once the file has been read: what it cannot is dropped. */
#include <string.h>

#include "conf_build.h"

void conf_done_own_interface(struct conf_ctx *c, struct vrrp_build *b)
{
	struct vrrp_conf *v = &b->v;
	size_t i = 0;

	while (i < v->ntrack_if) {
		if (!v->ifname || strcmp(v->track_if[i].name, v->ifname)) {
			i++;
			continue;
		}
		conf_say_at(c, K_TRACK, &b->pos,
			    "(%s) '%s' is its own interface, tracked anyway; ignored", v->name,
			    v->ifname);
		conf_track_drop(v->track_if, &v->ntrack_if, i);
	}
}

void conf_done_weights(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct sync_build *s = conf_group_of(c, b);
	bool group = s && !s->s.tracking_weight;
	struct vrrp_conf *v = &b->v;
	size_t i = 0;

	if (!group && v->priority != OWNER)
		return;
	while (i < v->ntrack_if) {
		struct conf_track *t = &v->track_if[i];

		if (!t->weight) {
			i++;
			continue;
		}
		conf_say_at(c, K_TRACK, &b->pos, "(%s) %s: the weight of '%s' is ignored",
			    v->name, group ? "in a sync group" : "priority 255", t->name);
		if (group)
			v->track_if[i++].weight = 0;
		else
			conf_track_drop(v->track_if, &v->ntrack_if, i);
	}
	for (i = 0; i < v->ntrack_script;) {
		if (!v->track_script[i].weight) {
			i++;
			continue;
		}
		conf_say_at(c, K_TRACK, &b->pos,
			    "(%s) %s: script '%s' has a weight, and is not tracked", v->name,
			    group ? "in a sync group" : "priority 255",
			    v->track_script[i].name);
		conf_track_drop(v->track_script, &v->ntrack_script, i);
	}
}
