#include "notify.h"

#include <errno.h>
#include <stdio.h>

#include "log.h"
#include "script.h"
#include "vrrp.h"

static unsigned int start(const struct conf_script *s, const char *const *more)
{
	int r;

	if (!s || !s->argv)
		return 0;
	r = script_start(s, more);
	if (r >= 0)
		return 1;
	errno = -r;
	log_warn("cannot run %s", s->argv[0]);
	return 0;
}

static const char *state_name(unsigned int state)
{
	return state == VRRP_STOPPED ? "STOP" : vrrp_state_text((enum vrrp_state)state);
}

/* The script of this one state first, then the one for all, then the FIFOs. */
static unsigned int tell(const struct conf_script *one, const struct conf_script *all,
			 struct notify_fifos *f, const char *kind, const char *name,
			 const char *state, unsigned int priority)
{
	char text[16];
	const char *more[] = { kind, name, state, text, NULL };
	unsigned int n;

	snprintf(text, sizeof(text), "%u", priority);
	n = start(one, NULL) + start(all, more);
	notify_fifos_write(f, kind, name, state, priority);
	return n;
}

/* Of those that an instance or a group has, the script of a state. */
static const struct conf_script *script_of(unsigned int state,
					   const struct conf_script *master,
					   const struct conf_script *backup,
					   const struct conf_script *fault,
					   const struct conf_script *stop)
{
	switch ((enum vrrp_state)state) {
	case VRRP_MASTER:
		return master;
	case VRRP_BACKUP:
		return backup;
	case VRRP_FAULT:
		return fault;
	case VRRP_STOPPED:
		return stop;
	case VRRP_INIT:
		break;
	}
	return NULL;
}

static unsigned int instance(const struct vrrp_conf *v, struct notify_fifos *f,
			     const struct vrrp_msg *m)
{
	switch (m->type) {
	case VRRP_MSG_INSTANCE:
	case VRRP_MSG_STOP:
		return tell(script_of(m->state, &v->notify_master, &v->notify_backup,
				      &v->notify_fault, &v->notify_stop),
			    &v->notify, f, "INSTANCE", v->name, state_name(m->state),
			    m->priority);
	case VRRP_MSG_RX_LOWER:
		notify_fifos_write(f, "INSTANCE", v->name, "MASTER_RX_LOWER_PRI", m->priority);
		return start(&v->notify_master_rx_lower_pri, NULL);
	case VRRP_MSG_PRIORITY:
		if (m->state == VRRP_MASTER || m->state == VRRP_BACKUP)
			notify_fifos_write(f, "INSTANCE", v->name,
					   m->state == VRRP_MASTER ? "MASTER_PRIORITY" :
								     "BACKUP_PRIORITY",
					   m->priority);
		return 0;
	}
	return 0;
}

unsigned int notify_vrrp(const struct conf *c, struct notify_fifos *f,
			 const struct vrrp_msg *m)
{
	const struct vrrp_sync_group_conf *g;

	if (m->state > VRRP_STOPPED)
		return 0;
	if (m->type != VRRP_MSG_GROUP)
		return m->index < c->nvrrp ? instance(&c->vrrp[m->index], f, m) : 0;
	if (m->index >= c->nsync_group)
		return 0;
	g = &c->sync_group[m->index];
	return tell(script_of(m->state, &g->notify_master, &g->notify_backup,
			      &g->notify_fault, &g->notify_stop),
		    &g->notify, f, "GROUP", g->name, state_name(m->state), 0);
}

unsigned int notify_deleted(const struct vrrp_conf *v, struct notify_fifos *f)
{
	bool own = v->notify_deleted.argv;

	return tell(own ? &v->notify_deleted : &v->notify_fault, &v->notify, f, "INSTANCE",
		    v->name, own ? "DELETED" : "FAULT", (unsigned int)v->priority);
}
