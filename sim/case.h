/*
 * Cases: cases/NAME/case.conf as structs. Read-only after load.
 */
#ifndef HALBSIM_CASE_H
#define HALBSIM_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology.h"

struct block;
struct block_diag;
struct block_stmt;
struct expect;

enum traffic_kind { TRAFFIC_HTTP, TRAFFIC_KEEPALIVE, TRAFFIC_STREAM, TRAFFIC_UDP };

struct traffic_conf {
	char *name; /* the block's second word, or its kind */
	enum traffic_kind kind;
	char *from;   /* node that sends; default: the first client */
	char *target; /* "192.168.31.200:80"; default: the first virtual server */
	double rate_per_s;
	int64_t timeout_ns;
};

/* What an `at` counts from. */
enum when_base { WHEN_SETTLED, WHEN_PREVIOUS, WHEN_START };

struct step {
	enum when_base base;
	int64_t offset_ns;
	char *text;  /* as written: "crash lvs1" */
	char **argv; /* its words */
	size_t argc;
	int line, col;
};

struct case_ {
	char *name, *about, *dir, *file;
	struct topology *topo; /* (owned) */
	struct traffic_conf *traffic;
	size_t ntraffic;
	struct step *step;
	size_t nstep;
	struct expect *expect; /* (owned) list, see expect.h */
	int64_t settle_within_ns;
	bool settle_without_replies;
	struct block *tree; /* (owned) what it was read from */
};

/*
 * Reads a case folder (or the case.conf itself) and the topology that it names.
 * `root` is where topologies/ and cases/ are. Every mistake goes to `d`.
 * Returns NULL when there was any. Free with case_free().
 */
struct case_ *case_load(const char *path, const char *root, struct block_diag *d);
void case_free(struct case_ *c);

/*
 * Path of NODE's file (say "keepalived.conf"): the case's own, else the
 * topology's. Returns a malloc'd path, or NULL when neither has one.
 */
char *case_node_file(const struct case_ *c, const char *node, const char *file);

#endif
