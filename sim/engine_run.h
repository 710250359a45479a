/*
 * The programs of a site: which one, with which words, reading which files.
 * A director runs the engine ("engine"), a server its backend ("web"); that is
 * what site_spawn(), the faults and engine_start() call them.
 */
#ifndef HALBSIM_ENGINE_RUN_H
#define HALBSIM_ENGINE_RUN_H

#include <stddef.h>

#include "record.h"
#include "run.h"
#include "site.h"

struct engine_run {
	const struct run_opts *o; /* (borrowed) */
	struct site *site;	  /* (borrowed) */
	struct record *rec;	  /* (borrowed) */
};

/*
 * Before anything starts: copies each node's files into out_dir/conf/NODE (the
 * case's over the topology's), and from there into the nodes, where directors
 * have them in /etc/keepalived. 0, or -errno after a message.
 */
int engine_prepare(const struct engine_run *er);

/* Starts "engine" or "web" in a node and records it. 0, or -errno after a message. */
int engine_start(const struct engine_run *er, const char *node, const char *what);

/* What that is in events: "halbd", "keepalived", "halbweb" or "nginx". */
const char *engine_program(const struct run_opts *o, const char *what);

/*
 * Asks a program for its version ("2.2.7"); "unknown" when it does not say.
 * 0, or -errno when it cannot be run.
 */
int engine_version(const char *path, char *buf, size_t size);

#endif
