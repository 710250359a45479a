/* One case, run once in the kernel we are on: builds, settles, breaks, records. */
#ifndef HALBSIM_RUN_H
#define HALBSIM_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "event.h"

/* Exit codes of every verb, documented in halbsim(1). */
enum exit_code {
	EXIT_HELD = 0,	       /* every expectation held */
	EXIT_FAILED = 1,       /* one did not */
	EXIT_INCONCLUSIVE = 2, /* never settled, a fault without effect, a dead run */
	EXIT_SKIPPED = 4,      /* something needed is missing; said which */
	EXIT_USAGE_ERROR = 64, /* wrong usage, or a file in error */
	EXIT_SOFTWARE = 70,    /* the harness itself failed */
};

struct live_doors;

/* A site that stays, to walk around in (live.h). */
struct run_live {
	const struct live_doors *doors;
	/*
	 * From the start: the case's timeline is not carried out, its traffic is.
	 * Otherwise the case runs as always, and once it is over, `ended` gets its
	 * log (sorted) and says whether the site stays.
	 */
	bool up;
	bool (*ended)(const struct event_log *log, void *arg);
	void *arg;
};

/*
 * Where runs that are alike until there go on each in its own way (guest_late.h). With
 * `ask` it is right before the first step after settled, and `ask` comes
 * RUN_BRANCH_ASK_NS earlier; without, it is at settled.
 */
#define RUN_BRANCH_ASK_NS (20 * NS_PER_MS)

struct run_branch {
	int (*ask)(void); /* 0 or -errno. NULL: see above */
	/*
	 * May change what the case does from here on, and gives the seed that holds
	 * from here on. 0 or -errno. NULL: neither changes.
	 */
	int (*take)(void *arg, uint64_t *seed);
	void *arg;
};

struct run_opts {
	const struct case_ *c;
	enum engine engine;
	const char *engine_path; /* of halbd or keepalived */
	const char *engine_version; /* what it calls itself; NULL: it is asked */
	const char *halbweb_path, *halbweb_tls_path;
	const char *time; /* "virtual" (we are the guest) or "real" */
	uint64_t seed;
	const char *out_dir; /* exists; logs/ and conf/ are made in it */
	const char *run_id;
	bool pcap; /* keep every frame: out_dir/captures/LINK.pcapng */
	struct run_branch branch;
	const struct run_live *live; /* NULL: nothing stays */
	bool leave; /* take nothing down: this kernel ends with the run */
	struct progress *progress; /* for whoever watches; NULL: nobody can */
};

/*
 * Says whether runs are possible in this kernel, IPVS included. Returns 0; or
 * -1 with the first thing missing and what gets it in `why`.
 */
int run_prerequisites(char *why, size_t size);

/*
 * Runs the case and fills `log` (empty, initialised), sorted. Returns 0 when
 * the log is worth judging, whatever its events say (the site may never have
 * settled); EXIT_SKIPPED or EXIT_SOFTWARE after a message. On SIGINT and
 * SIGTERM it ends early: 0, with an EV_NOTE and without EV_END. Takes down
 * everything it made in each case, unless told to leave it. Nothing is written while
 * the case is under way but the nodes' logs.
 */
int run_case(const struct run_opts *o, struct event_log *log);

#endif
