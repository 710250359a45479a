/* SIGHUP in the process that owns the IPVS table. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"
#include "lvs_proc_priv.h"

static int reload_with(struct lvs_proc *p, struct conf *c)
{
	struct lvs_hooks hooks = { lvs_notify_real, lvs_notify_quorum, &p->notify };
	struct lvs *new = lvs_new(c, &p->ipvs, &hooks);
	struct lvs_plan *plan = new ? lvs_plan_new(new, p->lvs) : NULL;
	struct check_state *state = NULL;
	size_t len = 0;
	int r;

	/* What could be short is had before anything is touched. */
	if (plan)
		state = lvs_proc_new_states(lvs_nchecker(new), &len);
	if (!state) {
		lvs_plan_free(plan);
		lvs_free(new);
		return -ENOMEM;
	}
	lvs_proc_stop_checks(p);
	lvs_notify_close(&p->notify);
	lvs_notify_open(&p->notify, &c->global);
	lvs_sync_reload(&p->sync, &c->global);
	r = lvs_reload(plan, p->state, state);
	p->lvs = new;
	munmap(p->state, p->state_len);
	p->state = state;
	p->state_len = len;
	conf_free(p->own_conf);
	p->conf = p->own_conf = c;
	return r < 0 ? r : lvs_proc_start_checks(p);
}

void lvs_proc_reload(struct lvs_proc *p, const char *path)
{
	enum conf_status status;
	struct conf *c = conf_reload(path, stderr, &status, p->conf);
	int r;

	if (!c) {
		log_warnx("reload: %s cannot be used: nothing is changed", path);
		return;
	}
	r = reload_with(p, c);
	if (r < 0 && p->conf == c) {
		/* Half a table, or one that nobody checks, is worse than one made anew. */
		log_warnx("reload: %s; starting again", strerror(-r));
		loop_stop(p->loop, 1);
	} else if (r < 0) {
		log_warnx("reload: %s: nothing is changed", strerror(-r));
		conf_free(c);
	}
}
