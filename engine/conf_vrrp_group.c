/* VRRP, once the file has been read: scripts that may not run, and sync groups. */
#include <stdlib.h>
#include <string.h>

#include "conf_build.h"

/* --- scripts --- */

static unsigned int check_track_script(struct conf_ctx *c, struct script_build *s)
{
	unsigned int flags;

	if (s->remove)
		return 0;
	flags = conf_script_check(c, &s->s, &s->pos);
	if (flags & SC_INHIBIT)
		conf_say_at(c, K_SCRIPT, &s->pos,
			    "'%s' could be changed by others; disabled, nobody tracks it",
			    s->s.name);
	else if (flags & SC_NOT_FOUND)
		conf_say_at(c, K_SCRIPT, &s->pos,
			    "the script of '%s' is not there; disabled, nobody tracks it",
			    s->s.name);
	s->insecure = flags & (SC_INHIBIT | SC_NOT_FOUND) ||
		      !(flags & (SC_EXECUTABLE | SC_SYSTEM));
	return flags;
}

static void drop_insecure(struct conf_ctx *c, struct conf_track *t, size_t *n)
{
	const struct script_build *s;
	size_t i = 0;

	while (i < *n) {
		s = conf_find_script(c, t[i].name);
		if (!s || s->insecure)
			conf_track_drop(t, n, i);
		else
			i++;
	}
}

static unsigned int check_instance_scripts(struct conf_ctx *c, struct vrrp_build *b)
{
	struct conf_script *const all[] = {
		&b->v.notify_backup, &b->v.notify_master,  &b->v.notify_fault,
		&b->v.notify_stop,   &b->v.notify_deleted, &b->v.notify,
		&b->v.notify_master_rx_lower_pri,
	};
	unsigned int flags = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		flags |= conf_notify_check(c, all[i], &b->pos);
	drop_insecure(c, b->v.track_script, &b->v.ntrack_script);
	return flags;
}

static unsigned int check_group_scripts(struct conf_ctx *c, struct sync_build *s)
{
	struct conf_script *const all[] = { &s->s.notify_backup, &s->s.notify_master,
					    &s->s.notify_fault, &s->s.notify_stop,
					    &s->s.notify };
	unsigned int flags = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		flags |= conf_notify_check(c, all[i], &s->pos);
	drop_insecure(c, s->s.track_script, &s->s.ntrack_script);
	return flags;
}

void conf_vrrp_check_scripts(struct conf_ctx *c)
{
	struct conf_pos pos = { c->opt->path, 1, 1 };
	struct conf_global *g = &c->conf->global;
	unsigned int flags = 0;
	size_t i;

	if (!c->nvrrp)
		return;
	for (i = 0; i < c->nscript; i++)
		flags |= check_track_script(c, &c->script[i]);
	for (i = 0; i < c->nvrrp; i++)
		flags |= check_instance_scripts(c, &c->vrrp[i]);
	for (i = 0; i < c->nsync; i++)
		flags |= check_group_scripts(c, &c->sync[i]);
	flags |= conf_notify_check(c, &g->notify_fifo.script, &pos);
	flags |= conf_notify_check(c, &g->vrrp_notify_fifo.script, &pos);
	if (flags & SC_IS_SCRIPT && !g->enable_script_security)
		conf_say_at(c, K_SECURITY, &c->vrrp[0].pos,
			    "scripts run, and enable_script_security is not set%s",
			    flags & SC_INSECURE ? "; others can change some of them" : "");
}

/* --- sync groups --- */

int conf_find_vrrp(const struct conf_ctx *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nvrrp; i++)
		if (!strcmp(c->vrrp[i].v.name, name))
			return (int)i;
	return -1;
}

/* Joins the instances that a group names. Returns false when it has none. */
static bool join(struct conf_ctx *c, struct sync_build *s, size_t index)
{
	enum want state = WANT_UNSET;
	size_t i;

	for (i = 0; i < s->nmember; i++) {
		int at_index = conf_find_vrrp(c, s->member[i]);
		struct vrrp_build *b;
		int *more;

		if (at_index < 0) {
			conf_say_at(c, K_SYNC, &s->pos,
				    "sync group '%s' names '%s', which is no instance", s->s.name,
				    s->member[i]);
			continue;
		}
		b = &c->vrrp[at_index];
		if (b->sync) {
			conf_say_at(c, K_SYNC, &s->pos,
				    "'%s' is in another sync group; not in '%s'", s->member[i],
				    s->s.name);
			continue;
		}
		more = conf_grow(c, s->index, &s->nindex, sizeof(*more));
		if (!more)
			return false;
		s->index = more;
		more[s->nindex - 1] = at_index;
		b->sync = index + 1;
		if (state == WANT_MASTER && b->want == WANT_BACKUP)
			conf_say_at(c, K_SYNC, &s->pos,
				    "sync group '%s': address owners and others do not go "
				    "together",
				    s->s.name);
		if (state != WANT_BACKUP)
			state = b->want == WANT_MASTER && b->v.priority == OWNER ? WANT_MASTER :
										   WANT_BACKUP;
	}
	if (!s->nindex)
		conf_say_at(c, K_SYNC, &s->pos, "sync group '%s' has no instance; left out",
			    s->s.name);
	else if (s->nindex == 1)
		conf_say_at(c, K_SYNC, &s->pos,
			    "sync group '%s' has one instance; that is no group", s->s.name);
	return s->nindex != 0;
}

void conf_make_groups(struct conf_ctx *c)
{
	size_t i = 0;

	while (i < c->nsync) {
		struct sync_build *s = &c->sync[i];

		if (!s->nmember)
			conf_say_at(c, K_SYNC, &s->pos, "sync group '%s' is empty; left out",
				    s->s.name);
		if (s->nmember && join(c, s, i)) {
			i++;
			continue;
		}
		conf_sync_build_clear(s);
		memmove(s, s + 1, (c->nsync - i - 1) * sizeof(*s));
		c->nsync--;
	}
}
