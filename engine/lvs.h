/*
 * Virtual servers: what is in the IPVS table, and why.
 *
 * A service has real servers, each with any number of checkers. A real server
 * is alive while none of its checkers is down; it is in the table (`set`) while
 * it is alive, or all the time at weight 0 with inhibit_on_failure. A service
 * has its quorum while the weights of its live real servers add up to enough;
 * without it the sorry server, where there is one, takes their place.
 *
 * The order of commands is keepalived 2.2.7's. Everything here is called from
 * one thread, opens no socket and asks no clock: results of checks come in
 * through lvs_check_state(), commands leave through an ipvs ops table, and what
 * others must know of goes through hooks.
 *
 * Checkers are numbered in the configuration's order (service, real server,
 * checker); lvs_checker() and the check worker use the same numbers.
 */
#ifndef HALBD_LVS_H
#define HALBD_LVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "ipvs.h"

struct check_state;
struct lvs;
struct lvs_plan;
struct lvs_service;

struct lvs_real {
	const struct lvs_real_conf *conf;
	uint32_t first_checker; /* conf->nchecker of them */
	int32_t weight; /* as it acts: configured plus what MISC_CHECKs add */
	uint16_t failed; /* checkers that are down */
	bool inhibit;
	bool alive;
	bool set;	/* is in the table */
	bool reloaded;	/* was there before the reload */
};

/* What is known of one checker; the schedule itself is the worker's. */
struct lvs_checker {
	struct lvs_service *service;
	struct lvs_real *real;
	int32_t weight; /* what misc_dynamic adds to the real server's */
	bool is_up, has_run;
};

struct lvs_service {
	const struct lvs_service_conf *conf;
	struct lvs_real *real; /* conf->nreal of them */
	struct lvs_real *sorry; /* (owned) NULL: none */
	int64_t live_weight;	/* sum over real servers that are alive */
	bool alive; /* is in the table */
	bool quorum_up;
	bool reloaded;
	bool sorry_is_real; /* the sorry server is one of the real servers */
};

/* What happened, for notify scripts. */
struct lvs_hooks {
	void (*real)(void *arg, const struct lvs_service *s, const struct lvs_real *r,
		     bool stopping);
	void (*quorum)(void *arg, const struct lvs_service *s, bool stopping);
	void *arg;
};

/*
 * Makes the services of a configuration (borrowed, as the ipvs table is).
 * `hooks` is copied; NULL: none. NULL when memory runs out. lvs_free() touches
 * no table.
 */
struct lvs *lvs_new(const struct conf *c, struct ipvs *v, const struct lvs_hooks *hooks);
void lvs_free(struct lvs *l);

/*
 * Builds the table. Returns 0, or -errno when the kernel cannot be talked to
 * (single commands that fail are reported and lived with, as keepalived does).
 */
int lvs_start(struct lvs *l);
/* Takes it down again: destinations, then the service, for one after the other. */
int lvs_stop(struct lvs *l);
/*
 * All the memory that going from `old` to `l`, which lvs_new() just made, will need.
 * NULL: there is not enough, and nothing has been touched. lvs_plan_free() is for a
 * plan that is not carried out.
 */
struct lvs_plan *lvs_plan_new(struct lvs *l, struct lvs *old);
void lvs_plan_free(struct lvs_plan *plan);
/*
 * Carries it out, and frees the plan and `old`, whose table `l` takes over. Only what
 * differs is touched. `from` is what the rules remember of the old checkers, `to` what
 * they are to remember of the new ones (filled in by this). Returns as lvs_start() does.
 */
int lvs_reload(struct lvs_plan *plan, const struct check_state *from,
	       struct check_state *to);

/*
 * A checker's verdict. Returns false when the table could not be changed: the
 * verdict was then not taken and the checker is what it was.
 */
bool lvs_check_state(struct lvs *l, uint32_t checker, bool up);
/*
 * misc_dynamic: what this checker now adds to its real server's weight. Quiet: the
 * kernel is told later, by whatever the next command is.
 */
void lvs_check_weight(struct lvs *l, uint32_t checker, int32_t weight, bool quiet);

size_t lvs_nchecker(const struct lvs *l);
struct lvs_checker *lvs_checker(struct lvs *l, uint32_t i);
const struct checker_conf *lvs_checker_conf(const struct lvs *l, uint32_t i);
size_t lvs_nservice(const struct lvs *l);
struct lvs_service *lvs_service(struct lvs *l, size_t i);

/* "192.168.31.113:80"; "TCP 192.168.31.200:80", "FWM 3", "group g". In a static
 * buffer each; good for one message. */
const char *lvs_real_text(const struct lvs_real *r);
const char *lvs_service_text(const struct lvs_service *s);

/* Does this configuration need the process at all? */
bool lvs_needed(const struct conf *c);

/*
 * The process: builds the table, runs the checks (in a child without any
 * capability) until SIGTERM or the end of parent_fd (struct ctl_msg, ctl.h; -1:
 * none), then takes the table down. Called in a child of the engine's parent.
 * Returns its exit status: 0, 1 after a message, or LVS_EXIT_FATAL when another try
 * would end no better (the kernel has no IPVS, or we no CAP_NET_ADMIN).
 */
#define LVS_EXIT_FATAL 2
int lvs_process(const struct conf *c, int parent_fd);

#endif
