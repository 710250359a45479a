/*
 * Inside the process that owns the IPVS table: between lvs_process.c, its start, end and
 * parent, lvs_proc_checks.c and lvs_proc_reload.c.
 */
#ifndef HALBD_LVS_PROC_PRIV_H
#define HALBD_LVS_PROC_PRIV_H

#include "auto_rt.h"
#include "check.h"
#include "loop.h"
#include "lvs.h"
#include "lvs_notify.h"
#include "lvs_suspend.h"
#include "lvs_sync.h"
#include "lvs_worker.h"

struct lvs_proc {
	struct loop *loop;
	struct ipvs ipvs;
	const struct conf *conf;
	struct conf *own_conf; /* the same, when it came from a reload (owned) */
	struct lvs *lvs;
	struct lvs_sync sync;
	struct lvs_notify notify;
	struct check_state *state; /* shared with the worker */
	size_t state_len;
	struct checks *scripts; /* MISC_CHECKs; NULL: none */
	struct lvs_worker worker;
	struct lvs_suspend *suspend; /* NULL: no service asks for it */
	struct loop_fd parent;
	struct loop_timer stop_timer;
	struct auto_rt urgency;
	bool stopping;
};

/* Checkers' states in memory that the worker shares; *len bytes. NULL: there is none. */
struct check_state *lvs_proc_new_states(size_t n, size_t *len);
/* Starts the worker, scripts and ha_suspend for p->conf. 0 or -errno. */
int lvs_proc_start_checks(struct lvs_proc *p);
void lvs_proc_stop_checks(struct lvs_proc *p);
/*
 * Reads `path` and goes on with it; without an effect when that fails. Where the kernel
 * does not hear what is to change, or the checks do not start, the loop is stopped: half a
 * table, or one that nobody checks, is worse than one that is made anew.
 */
void lvs_proc_reload(struct lvs_proc *p, const char *path);

#endif
