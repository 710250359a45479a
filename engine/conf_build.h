/* VRRP under construction: what a file said, before defaults. */
#ifndef HALBD_CONF_BUILD_H
#define HALBD_CONF_BUILD_H

#include "conf_int.h"

#define OWNER 255 /* the priority of an address owner */

enum want { WANT_UNSET, WANT_MASTER, WANT_BACKUP };

/* An instance. Of the switches, -1 is "not said". */
struct vrrp_build {
	struct vrrp_conf v;
	struct conf_pos pos; /* of its name */
	struct conf_pos vip_pos, auth_pos, state_pos, preempt_pos, advert_pos, prio_pos;
	enum want want;
	int strict, accept, lower_prio_no_advert, higher_prio_send_advert;
	int priority_changes;
	int64_t advert_us;
	int64_t lower_prio_delay_us; /* -1: not said */
	unsigned int lower_prio_rep; /* UINT_MAX: not said */
	bool strict_on;
	struct conf_addr saddr; /* mcast_src_ip, unicast_src_ip */
	bool saddr_set;
	bool unicast_configured, unicast;
	struct conf_vip *evip; /* (owned) excluded ones */
	size_t nevip;
	size_t sync; /* group's index + 1; 0: none */
	bool syncd;  /* lvs_sync_daemon_interface stands here */
	bool vmac_mac_by_vrid;
	bool garp_extra_set;
};

struct sync_build {
	struct vrrp_sync_group_conf s;
	struct conf_pos pos;
	char **member; /* (owned) names */
	size_t nmember;
	bool has_members;
	int *index; /* (owned) of members that exist */
	size_t nindex;
	int priority_changes;
};

static inline struct vrrp_build *conf_cur_vrrp(struct conf_ctx *c)
{
	return &c->vrrp[c->nvrrp - 1];
}

static inline struct sync_build *conf_cur_sync(struct conf_ctx *c)
{
	return &c->sync[c->nsync - 1];
}

/* Its sync group; NULL: none. */
static inline const struct sync_build *conf_group_of(const struct conf_ctx *c,
						     const struct vrrp_build *b)
{
	return b->sync ? &c->sync[b->sync - 1] : NULL;
}

/* Where to point: at `pos` if the file said it, else at the instance's name. */
static inline const struct conf_pos *conf_pos_of(const struct vrrp_build *b,
						 const struct conf_pos *pos)
{
	return pos->line ? pos : &b->pos;
}

/* authentication */
extern const struct conf_block conf_auth_block;

/* Rows of the keyword tables of instances and groups: tracking that halbd lacks. */
#define TRACK_BFD(fn_)                                                                   \
	{ .name = "track_bfd", .fn = (fn_), .later = "follow a BFD session",             \
	  .unsafe = "a dead path is noticed by VRRP alone, which is slower" }
#define TRACK_FILE(fn_)                                                                  \
	{ .name = "track_file", .fn = (fn_),                                             \
	  .later = "let a number in a file change the priority",                         \
	  .unsafe = "a priority or a FAULT that the file asks for does not come" }
#define TRACK_PROCESS(fn_)                                                               \
	{ .name = "track_process", .fn = (fn_),                                          \
	  .later = "watch whether a process runs",                                       \
	  .unsafe = "the instance stays master when the process dies; a vrrp_script "    \
		    "with pidof does that" }

/* Once the file has been read: conf_vrrp_done.c, conf_vrrp_group.c. */
const struct conf_if *conf_if_of(const struct conf_ctx *c, const struct vrrp_build *b);
/* The same where it is there now, not one that may come. */
const struct conf_if *conf_real_if(const struct conf_ctx *c, const struct vrrp_build *b);
/* Returns false when it cannot run. */
bool conf_complete_instance(struct conf_ctx *c, struct vrrp_build *b);
/* Parts of that: the first IPv6 address; those beyond what an advert holds, excluded. */
void conf_done_link_local(struct conf_ctx *c, struct vrrp_build *b);
void conf_done_limit_vips(struct conf_ctx *c, struct vrrp_build *b);
/* use_vmac in the instance, and at its addresses. */
void conf_done_vmac(struct conf_ctx *c, struct vrrp_build *b);
void conf_done_vip_vmacs(struct conf_ctx *c, struct vrrp_build *b);
/* Its own interface, and weights that an owner or a member of a group cannot have. */
void conf_done_own_interface(struct conf_ctx *c, struct vrrp_build *b);
void conf_done_weights(struct conf_ctx *c, struct vrrp_build *b);
void conf_vrrp_check_scripts(struct conf_ctx *c);
void conf_make_groups(struct conf_ctx *c);
/* Index of the instance of that name, or -1. */
int conf_find_vrrp(const struct conf_ctx *c, const char *name);
void conf_sync_build_clear(struct sync_build *s);

/* conf_block.alive of theirs. */
static inline bool conf_vrrp_alive(const struct conf_ctx *c)
{
	return c->nvrrp;
}

static inline bool conf_sync_alive(const struct conf_ctx *c)
{
	return c->nsync;
}

static inline bool conf_vscript_alive(const struct conf_ctx *c)
{
	return c->nscript;
}

/* A line of virtual_ipaddress, onto a list. Returns whether one was added. */
bool conf_vip_line(struct conf_ctx *c, struct conf_vip **vip, size_t *n);
void conf_vip_clear(struct conf_vip *vip);
/* The same for static_ipaddress, which is only checked. */
void conf_static_address(struct conf_ctx *c);

/* Lines of routes and rules: checked only. */
void conf_route_line(struct conf_ctx *c);
void conf_rule_line(struct conf_ctx *c);

/* Lines of track_interface and track_script, for `who`. */
void conf_track_if_line(struct conf_ctx *c, const char *who, struct conf_track **t,
			size_t *n);
void conf_track_script_line(struct conf_ctx *c, const char *who, struct conf_track **t,
			    size_t *n);
/* Lines of track_file, track_process, track_bfd: checked only. */
void conf_track_named_line(struct conf_ctx *c, const char *who, int which);
void conf_track_drop(struct conf_track *t, size_t *n, size_t i);
struct script_build *conf_find_script(struct conf_ctx *c, const char *name);

#endif
