/*
 * The VRRP state machine (RFC 3768 and 5798, section 6.4), with keepalived
 * 2.2.7's timers, order of actions, preemption, tracking and sync groups.
 *
 * A `struct vrrp` is one instance: a const configuration and what runs. It opens
 * no socket and reads no clock: every call brings `now`, what has to happen
 * leaves through `struct vrrp_ops`, and `vrrp_next()` says when it wants to be
 * called again. Tests step it with a clock of their own.
 *
 * One function, in vrrp.c, writes `state`; it also carries out what a change of
 * state means, in this order. Becoming MASTER: advert, addresses, gratuitous
 * ARPs, changed(). Leaving MASTER: addresses off, changed(); the adverts of
 * priority 0 come before it. Nothing else tells the world of a new state.
 *
 * Sync groups (struct vrrp_group) hold (borrowed) members. A group becomes
 * MASTER only when every member wants to; leaving MASTER or a FAULT of one
 * member takes the others along.
 */
#ifndef HALBD_VRRP_H
#define HALBD_VRRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "vrrp_packet.h"

enum vrrp_state { VRRP_INIT, VRRP_BACKUP, VRRP_MASTER, VRRP_FAULT, VRRP_STOPPED };

/* Why the state is what it is. */
enum vrrp_reason {
	VRRP_WHY_START,
	VRRP_WHY_NO_ADVERT,   /* the master was not heard */
	VRRP_WHY_PRIORITY_0,  /* the master said that it goes */
	VRRP_WHY_PREEMPT,     /* the master's priority is lower than ours */
	VRRP_WHY_OWNER,	      /* priority 255 */
	VRRP_WHY_HIGHER,      /* heard a master of higher priority */
	VRRP_WHY_TIE,	      /* … of the same priority and a higher address */
	VRRP_WHY_INTERFACE,   /* an interface that must be up is not */
	VRRP_WHY_NO_ADDRESS,  /* the interface has no address to send from */
	VRRP_WHY_SCRIPT,      /* a track script without weight fails */
	VRRP_WHY_SCRIPT_WAIT, /* a track script has not answered yet */
	VRRP_WHY_RECOVERED,   /* whatever was a fault is none any more */
	VRRP_WHY_ADDRESS_GONE, /* somebody removed a virtual address */
	VRRP_WHY_GROUP,	      /* the sync group went there */
	VRRP_WHY_CONFIG, /* the configuration cannot work */
	VRRP_WHY_RELOAD,
	VRRP_WHY_STOP,
	VRRP_NREASONS
};

/* Events that have a notification of their own and change no state. */
enum vrrp_event {
	VRRP_EVENT_RX_LOWER,  /* MASTER heard a lower priority: notify_master_rx_lower_pri */
	VRRP_EVENT_PRIORITY,  /* our priority changed */
	VRRP_EVENT_CONFLICT,  /* a second address owner: we go down to 254 */
	VRRP_EVENT_SAME_ADDRESS, /* equal priority from our own address */
	VRRP_EVENT_OLD_CHECKSUM, /* the peer makes version 3's as it once was */
};

struct vrrp;
struct vrrp_group;

/* All are needed. `arg` is vrrp.arg. */
struct vrrp_ops {
	void (*advert)(struct vrrp *v, uint8_t priority);
	void (*addresses)(struct vrrp *v, bool add);
	/* That many gratuitous ARPs (or NAs) for each address. */
	void (*garp)(struct vrrp *v, int rounds);
	/* What is queued of them is not wanted any more. */
	void (*garp_stop)(struct vrrp *v);
	void (*changed)(struct vrrp *v, enum vrrp_state old);
	void (*group_changed)(struct vrrp_group *g, struct vrrp *cause);
	void (*event)(struct vrrp *v, enum vrrp_event e);
	/* vrrp_next() has changed. */
	void (*rearm)(struct vrrp *v);
};

/* Repeats of gratuitous ARPs that are due. */
#define VRRP_BURSTS 8
struct vrrp_burst {
	int64_t due_ns;
	int rounds;
};

struct vrrp_counters {
	uint64_t sent, received, sent_prio0, received_prio0;
	uint64_t became_master, left_master;
	uint64_t verdict[VRRP_NVERDICTS]; /* received packets by what became of them */
};

struct vrrp {
	const struct vrrp_conf *conf; /* (borrowed) */
	const struct vrrp_ops *ops;   /* (borrowed) */
	void *arg;		      /* (borrowed) for the ops */
	struct vrrp_group *group;     /* (borrowed) NULL: none */
	struct conf_addr src;	      /* our address on the wire; ties are broken by it */

	enum vrrp_state state, want;
	enum vrrp_reason why;
	int64_t since_ns;	/* when the state was entered */
	int64_t heard_ns;	/* last advert that counted, or when waiting began */
	struct conf_addr master; /* who sent it */
	uint8_t master_priority;

	int base_priority;	 /* configured; 254 after a clash of owners */
	int total_priority;	 /* with the weights, before it is clamped */
	uint8_t priority;	 /* as it acts */
	int64_t master_advert_ns; /* version 3: learned */
	int64_t down_ns;	 /* the down timer's length */
	int64_t due_ns;		 /* next advert, or the down timer's end; 0: none */
	int64_t preempt_ns;	 /* when preempt_delay is over; 0: not running */
	int64_t refresh_ns;	 /* garp_master_refresh; 0: none */
	struct vrrp_burst burst[VRRP_BURSTS];
	enum vrrp_reason next_why; /* if the down timer ends now, this is why */
	unsigned int nfault;	 /* trackers that say FAULT */
	unsigned int nwait;	 /* track scripts that have not answered yet */
	bool addresses_set;
	bool old_checksum; /* the peer's are: so are ours */
	struct vrrp_counters count;
};

struct vrrp_group {
	const struct vrrp_sync_group_conf *conf; /* (borrowed) */
	struct vrrp **member;			 /* (owned) array of (borrowed) */
	size_t nmember;
	enum vrrp_state state;
	unsigned int nfault, nwait; /* members with any */
};

const char *vrrp_state_text(enum vrrp_state s);
/*
 * The reason of the present state in words, with its figures ("no advert for
 * 3.609 s"), into buf. Returns buf.
 */
char *vrrp_reason_text(const struct vrrp *v, char *buf, size_t len);

/* An instance before its start. Nothing to free. */
void vrrp_init(struct vrrp *v, const struct vrrp_conf *c, const struct vrrp_ops *ops,
	       void *arg);
/* Fills a group whose `member` array (n entries) the caller allocated. */
void vrrp_group_init(struct vrrp_group *g, const struct vrrp_sync_group_conf *c);

/*
 * Before vrrp_start(): what is wrong already. A tracker that has failed; a track
 * script that must answer first; a weight that counts.
 */
void vrrp_preset_fault(struct vrrp *v, enum vrrp_reason why);
void vrrp_preset_wait(struct vrrp *v);
void vrrp_preset_weight(struct vrrp *v, int weight);

/* Start: groups first (after all presets), then every instance. */
void vrrp_group_start(struct vrrp_group *g);
void vrrp_start(struct vrrp *v, int64_t now);
/* Takes leave: priority 0 when MASTER, addresses off. */
void vrrp_stop(struct vrrp *v, int64_t now);

/* When vrrp_run() is wanted next; 0: never. */
int64_t vrrp_next(const struct vrrp *v);
/* Does everything that is due at `now`. */
void vrrp_run(struct vrrp *v, int64_t now);
/* A packet for this virtual router id. Returns what became of it. */
enum vrrp_verdict vrrp_receive(struct vrrp *v, const struct vrrp_rx *rx, int64_t now);

/* One more tracker says FAULT; one less does. */
void vrrp_fault(struct vrrp *v, enum vrrp_reason why, int64_t now);
void vrrp_unfault(struct vrrp *v, int64_t now);
/*
 * Somebody removed one of its virtual addresses. A MASTER gives up with priority
 * 0, so that another may take over, and tries again when the skew is over.
 */
void vrrp_address_gone(struct vrrp *v, int64_t now);
/* A track script that the start waited for has answered. */
void vrrp_answered(struct vrrp *v, bool good, int64_t now);
/* Adds to the priority; the down timer moves along. */
void vrrp_weigh(struct vrrp *v, int delta, int64_t now);

/*
 * Another configuration (reload) for a running instance, which stays in its
 * state. Between the two calls the caller says with vrrp_preset_…() what the
 * trackers of the new one say; the second call acts on it.
 */
void vrrp_reconf(struct vrrp *v, const struct vrrp_conf *c);
void vrrp_reconf_done(struct vrrp *v, int64_t now);

#endif
