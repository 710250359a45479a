/*
 * Cases: cases/NAME/case.conf as structs. Read-only after load.
 *
 *	case NAME {
 *		about "lvs1 loses power"
 *		topology lvs_dr
 *		backend nginx           # default: halbweb
 *		engine keepalived       # only this one; default: whichever is asked for
 *		node web1 {             # this case's web1 differs from the topology's
 *			no address 192.168.31.200
 *			no route default
 *			sysctl net.ipv4.conf.all.arp_ignore 0
 *		}
 *		traffic http [NAME] { … }
 *		settle {                # default: all of it, within 60s
 *			within 20s
 *			without replies | checks
 *		}
 *		timeline {
 *			at settled+5s { crash lvs1 }
 *			when lvs2 becomes master within 4s { boot lvs1 }
 *			at +2s {
 *				repeat 5 every 300ms {
 *					link_down lvs1
 *					wait 150ms
 *					link_up lvs1
 *				}
 *			}
 *			at +10s { end }
 *		}
 *		expect { … }
 *	}
 *
 * case.c reads the block as a whole, case_traffic.c, case_node.c and
 * case_timeline.c its parts; when.c the words after `at`, trigger.c those after
 * `when`.
 */
#ifndef HALBSIM_CASE_H
#define HALBSIM_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology.h"
#include "when.h"

struct block;
struct block_diag;
struct block_stmt;
struct expect;
struct siteconf;
struct trigger;

enum engine { ENGINE_HALBD, ENGINE_KEEPALIVED };
enum backend { BACKEND_HALBWEB, BACKEND_NGINX };
enum traffic_kind { TRAFFIC_HTTP, TRAFFIC_KEEPALIVE, TRAFFIC_STREAM, TRAFFIC_UDP, TRAFFIC_NKINDS };

struct traffic_conf {
	char *name; /* the block's third word, or its kind */
	enum traffic_kind kind;
	char *from;   /* node that sends; default: the first client */
	char *from_text; /* as written, when several take turns; NULL: one */
	char **node;	 /* those, in order; NULL: `from` alone */
	size_t nnode;
	char *target; /* "192.168.31.200:80"; default: the first virtual server */
	char *path;   /* what is asked for; "/", of a stream "/stream" */
	double rate_per_s;
	int first_port, last_port; /* to send from, in turn; 0: any */
	int64_t timeout_ns;
	const struct block_stmt *stmt; /* (borrowed from the tree) */
};

struct step {
	enum when_base base;
	int64_t offset_ns;
	struct trigger *when; /* (owned) WHEN_EVENT: what it waits for; else NULL */
	bool again;	      /* one of a repetition, not the first */
	char *text;  /* as written: "crash lvs1" */
	char **argv; /* its words, NULL-terminated */
	size_t argc;
	const struct block_stmt *stmt; /* (borrowed from the tree) */
	int line, col;
};

struct case_ {
	char *name, *about, *dir, *file;
	char *root; /* where topologies/ and cases/ are */
	struct topology *topo; /* (owned) with the case's own changes */
	enum backend backend;
	bool engine_only; /* it makes sense with one engine alone: */
	enum engine engine;
	struct traffic_conf *traffic;
	size_t ntraffic;
	struct step *step; /* in the order in which they are carried out */
	size_t nstep;
	/* The last step: how long after settled (or the start, when no step waits
	 * for settled) the case ends, each `when` taking all the time it has. */
	int64_t length_ns;
	struct expect *expect;	   /* (owned) list, see expect.h */
	struct siteconf *siteconf; /* (owned) what the directors are configured to do */
	int64_t settle_within_ns;
	bool settle_without_replies, settle_without_checks;
	struct block *tree; /* (owned) what it was read from */
};

/*
 * Reads a case: a folder, the case.conf itself, or a bare name under
 * ROOT/cases. The topology is ROOT/topologies/NAME. Every mistake goes to `d`.
 * Returns NULL when there was any. Free with case_free() (NULL is fine).
 */
struct case_ *case_load(const char *path, const char *root, struct block_diag *d);
void case_free(struct case_ *c);

/*
 * Path of NODE's file (say "keepalived.conf"): the case's own, else the
 * topology's. Returns a malloc'd path, or NULL when neither has one.
 */
char *case_node_file(const struct case_ *c, const char *node, const char *file);

const struct traffic_conf *case_traffic(const struct case_ *c, const char *name);
/* Node number k of those that take turns at sending (from 0); NULL: no more. */
const char *traffic_conf_node(const struct traffic_conf *t, size_t k);
bool traffic_conf_sends(const struct traffic_conf *t, const char *node);
const char *engine_name(enum engine e);	       /* "halbd", "keepalived" */
const char *backend_name(enum backend b);	       /* "halbweb", "nginx" */
const char *traffic_kind_name(enum traffic_kind k); /* "http" … */

#endif
