/*
 * What a step of the timeline waits for: the words after `when`, and whether the
 * events of a run have brought it about. Pure: events come in, no clock is read.
 *
 *	when NODE becomes master|backup|fault [vrid N] [within SPAN]
 *	when NODE adds|removes SERVER [within SPAN]
 *	when NODE logs "REGEX" [within SPAN]
 *	when vip ADDRESS [not] on NODE [within SPAN]
 *	when ipvs NODE "SERVICE" has|lacks DEST [weight N] [within SPAN]
 *	when ipvs NODE "SERVICE" exists|absent [within SPAN]
 *	when traffic NAME fails|recovers [within SPAN]
 *
 * The first three and the last wait for something to happen, `vip` and `ipvs`
 * for a state, which may be there already. What a node becomes is seen on the
 * wire and in its addresses, but for `fault`, which nobody but the engine's log
 * tells.
 */
#ifndef HALBSIM_TRIGGER_H
#define HALBSIM_TRIGGER_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block_diag;
struct block_stmt;
struct case_;
struct event;
struct topo_node;

enum trigger_kind {
	TRIGGER_MASTER,
	TRIGGER_BACKUP,
	TRIGGER_LOG,
	TRIGGER_ADDS,
	TRIGGER_REMOVES,
	TRIGGER_VIP,
	TRIGGER_IPVS,
	TRIGGER_FAILS,
	TRIGGER_RECOVERS,
};

struct trigger {
	enum trigger_kind kind;
	const char *node, *server, *addr, *service, *dest, *traffic; /* (borrowed) */
	size_t node_at, name_at; /* words of the statement, for messages */
	int vrid;		 /* 0: any */
	int weight;		 /* -1: any */
	bool negated;		 /* not on, lacks, absent */
	bool compiled;
	regex_t pattern; /* TRIGGER_LOG */
	int64_t limit_ns;
	char *text;		       /* "when lvs2 becomes master" (owned) */
	const struct block_stmt *stmt; /* (borrowed from the case's tree) */
	const struct topo_node *server_node; /* of `server`; set by trigger_check() */
};

/* How long a step waits when nothing is said. */
#define TRIGGER_LIMIT_NS (INT64_C(30) * 1000 * 1000 * 1000)

/*
 * Reads a statement that begins with `when`. NULL after an error in `d`. Free
 * with trigger_free() (NULL is fine).
 */
struct trigger *trigger_parse(const struct block_stmt *s, struct block_diag *d);
void trigger_free(struct trigger *t);

/* Refuses what can never happen in this case. 0, or -1 after errors in `d`. */
int trigger_check(struct trigger *t, const struct case_ *c, struct block_diag *d);

struct trigger_state;

/* Follows the events of a run from its start. NULL: no memory. */
struct trigger_state *trigger_state_new(const struct trigger *t);
void trigger_state_free(struct trigger_state *s);

/* One more event; true when with it that happened which is waited for. */
bool trigger_event(struct trigger_state *s, const struct event *e);
/* A state that is there already (vip, ipvs); false for what happens. */
bool trigger_holds(const struct trigger_state *s);

/* The forms, a line each, for help; NULL-terminated, static. */
const char *const *trigger_forms(void);

#endif
