/* Between proc.c, the parent's decisions, and proc_child.c, a child as it is kept. */
#ifndef HALBD_PROC_PRIV_H
#define HALBD_PROC_PRIV_H

#include <sys/types.h>

#include "loop.h"
#include "notify.h"
#include "proc.h"
#include "vrrp_process.h"

#define LOG_BYTES 4096

/* The dump as JSON, counters from 0: keepalived's numbers. */
#define SIG_JSON  (SIGRTMIN + 2)
#define SIG_CLEAR (SIGRTMAX - 1)

enum role { VRRP, CHECKERS, NROLES };

struct child {
	struct parent *parent;
	enum role role;
	pid_t pid; /* 0: not running */
	int fd, log_fd; /* our ends; -1: none */
	struct loop_fd watch, log_watch;
	struct loop_timer respawn;
	int64_t started_ns;
	char log[LOG_BYTES]; /* the beginning of a line */
	size_t nlog;
};

struct parent {
	struct loop *loop;
	struct conf *conf; /* (owned) */
	const struct proc_opts *o;
	uint32_t generation;
	struct child child[NROLES];
	struct trackers *trackers;
	struct notify_fifos fifos;
	struct loop_timer stop_limit;
	unsigned int nscripts; /* notify scripts that run */
	bool stopping, out_of_time;
	int status;
};

/* "VRRP", "IPVS": by enum role. */
extern const char *const proc_role_name[NROLES];

/* proc.c: what the VRRP process said. */
void proc_vrrp_says(struct parent *p, const struct vrrp_msg *m);

/* proc_child.c. Starts it: 0, or -errno after a message; to be closed either way. */
int proc_child_start(struct child *c);
/* Takes what it has said by now. */
void proc_child_says(struct child *c);
/* Closes our ends of it, once its last words are in the log. */
void proc_child_close(struct child *c);

#endif
