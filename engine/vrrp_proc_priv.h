/* Inside the VRRP process: between vrrp_process.c, vrrp_reload.c and vrrp_dump.c. */
#ifndef HALBD_VRRP_PROC_PRIV_H
#define HALBD_VRRP_PROC_PRIV_H

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
};

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
