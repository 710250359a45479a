/* Inside the VRRP process: between vrrp_process.c, vrrp_proc_*.c, vrrp_reload.c and
 * vrrp_dump.c. */
#ifndef HALBD_VRRP_PROC_PRIV_H
#define HALBD_VRRP_PROC_PRIV_H

#include "auto_rt.h"
#include "vrrp_inst.h"
#include "vrrp_process.h"

struct vrrp_proc {
	const struct conf *conf;
	struct conf *owned; /* NULL, or conf: it came with a reload */
	struct conf *before; /* (owned) what a reload that failed came from; NULL: none */
	uint32_t generation;
	struct vrrp_env env;
	struct vrrp_inst **inst; /* (owned) conf->nvrrp of them, in its order */
	size_t ninst;
	struct vrrp_group *group; /* (owned) conf->nsync_group of them */
	size_t ngroup;
	struct vrrp_script_count *script; /* (owned) conf->nscript of them */
	int parent_fd;
	struct loop_fd parent_watch;
	struct loop_timer start; /* vrrp_startup_delay */
	struct auto_rt urgency;
};

/*
 * Everything for p->conf, up to the point where it can be started; one at a time in a
 * process. 0, -errno, or VRRP_EXIT_CONFIG; vrrp_proc_close() in any case, which takes
 * nothing back (vrrp_stop() does).
 */
int vrrp_proc_open(struct vrrp_proc *p);
/* Takes off what a predecessor that was killed has left; then the instances start, now
 * or after vrrp_startup_delay. */
void vrrp_proc_start(struct vrrp_proc *p);
void vrrp_proc_close(struct vrrp_proc *p);

/*
 * Sends a message to the parent. False: there is no room now, and
 * vrrp_proc_parent_ready() will be called once there is. A parent that is gone has no
 * ears either.
 */
bool vrrp_proc_tell(struct vrrp_proc *p, uint32_t type, size_t index, uint32_t state,
		    uint32_t priority);
void vrrp_proc_tell_state(struct vrrp_proc *p, struct vrrp_inst *i);
/* The instance's number, as messages have it. */
size_t vrrp_proc_index(const struct vrrp_proc *p, const struct vrrp_inst *i);
/* Of p->parent_watch: reads what the parent says, tells it what there was no room for. */
void vrrp_proc_parent_ready(struct loop_fd *f, uint32_t revents, void *arg);

/* Groups for p->conf with their members, none of them started. 0 or -errno. */
int vrrp_proc_groups(struct vrrp_proc *p);
void vrrp_proc_groups_free(struct vrrp_proc *p);
/* What no_accept needs, if an instance of p->conf has that. */
void vrrp_proc_drop(struct vrrp_proc *p);
/* Reads `path` and goes on with it; without an effect when that fails. */
void vrrp_proc_reload(struct vrrp_proc *p, const char *path);
/* Writes PATH.data and PATH.json. 0 or -errno. */
int vrrp_proc_dump(const struct vrrp_proc *p, const char *path);

#endif
