/*
 * Shared by the files that make up lvs.h: lvs.c, lvs_state.c, lvs_cmd.c,
 * lvs_reload.c.
 */
#ifndef HALBD_LVS_PRIV_H
#define HALBD_LVS_PRIV_H

#include "lvs.h"

#define LVS_BATCH 128 /* commands a submit; 32 KiB of netlink messages at most */

/*
 * A virtual_server_group's entry in use: how many live destinations stand in it,
 * over all services that share the group; the service itself goes with the last.
 */
struct lvs_entry_use {
	uint32_t tcp, udp, sctp, fwm4, fwm6;
	bool reloaded; /* was in the group before the reload */
};

/* Commands that wait for their turn. A reload's two sides share one. */
struct lvs_batch {
	struct ipvs_cmd cmd[LVS_BATCH];
	size_t n;
};

struct lvs {
	const struct conf *conf;
	struct ipvs *ipvs;
	struct lvs_hooks hooks;
	struct lvs_service *service; /* conf->nservice of them */
	struct lvs_real *real;	     /* of all services, one array */
	struct lvs_checker *checker;
	size_t nchecker;
	struct lvs_entry_use **use; /* a row for each of conf->group */
	bool reloading;
	struct lvs_batch *batch; /* NULL: each command is submitted at once */
	int broken; /* -errno: the first time the kernel could not be talked to */
};

/* --- lvs_cmd.c --- */

/*
 * One change of the table: service `s`, and its real server `r` for the ops on
 * destinations. As keepalived does, a removal under inhibit_on_failure becomes
 * weight 0 (unless `force`), and `set` follows. Returns 0, or -errno when the
 * kernel refused and the refusal matters. Within a batch always 0.
 */
int lvs_put(struct lvs *l, enum ipvs_cmd_op op, struct lvs_service *s,
	    struct lvs_real *r, bool force);

/* Between these, commands are collected. A failure to get memory only costs speed. */
void lvs_batch_begin(struct lvs *l);
int lvs_batch_end(struct lvs *l);

/* Groups at reload: fills a new entry; takes one away that is no more. */
void lvs_group_entry_add(struct lvs *l, struct lvs_service *s, size_t entry);
void lvs_group_entry_remove(struct lvs *l, struct lvs_service *s, size_t entry);

/* --- lvs_state.c --- */

void lvs_set_alive(struct lvs_service *s, struct lvs_real *r, bool alive);
void lvs_set_weight(struct lvs *l, struct lvs_service *s, struct lvs_real *r,
		    int64_t weight, bool quorum);
void lvs_checker_set(struct lvs_checker *c, bool up);
bool lvs_real_state(struct lvs *l, struct lvs_service *s, struct lvs_real *r, bool up);
/* After a change of weights; `init`: of everything, at a start or a reload. */
void lvs_update_quorum(struct lvs *l, struct lvs_service *s, bool init);
/* The quorum goes because real servers or the service do: no sorry server then. */
void lvs_lost_quorum(struct lvs *l, struct lvs_service *s, bool stopping);
void lvs_tell_real(struct lvs *l, struct lvs_service *s, struct lvs_real *r,
		   bool stopping);

/* --- lvs.c --- */

void lvs_build(struct lvs *l);
void lvs_clear_real(struct lvs *l, struct lvs_service *s, struct lvs_real *r,
		    bool stopping);
void lvs_clear_service(struct lvs *l, struct lvs_service *s, bool stopping);

static inline int lvs_weight(int64_t effective)
{
	return effective < 0 ? 0 : effective > 65535 ? 65535 : (int)effective;
}

static inline size_t lvs_group_index(const struct lvs *l, const struct lvs_service *s)
{
	return (size_t)(s->conf->group - l->conf->group);
}

#endif
