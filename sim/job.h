/* One run from its case to its folder: what `run` and `replay` are made of. */
#ifndef HALBSIM_JOB_H
#define HALBSIM_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "case.h"
#include "report.h"

struct job {
	const char *case_path; /* a folder, a case.conf, or a name under root/cases */
	const char *root;      /* where topologies/ is */
	enum engine engine;
	bool real;
	uint64_t seed;
	bool settle_apart; /* until the branch, everything random comes from this: */
	uint64_t settle_seed;
	bool share; /* more runs like this come: keep the guest at the branch (guest.h) */
	const char *out;     /* reports/ */
	const char *kernel;  /* NULL: what `make guest` fetched */
	const char *modules; /* NULL: beside the kernel */
	uint64_t limit_s;    /* of wall time; 0: the guest's own limit */
	bool keep;	     /* the folder of a run that failed in the harness */
	bool pcap;	     /* captures of every link */
	bool cold;	     /* boot the guest instead of restoring it */
	int64_t phase_ns;    /* the first fault comes so much later than written */
	/* Quantities (quantity.h) that the run's copy of the case has otherwise:
	 * NAME and VALUE in turn, NULL-terminated; or NULL. */
	const char *const *set;
	bool bare; /* events only: the caller wants *r, not report.json and the rest */
	/*
	 * Once all is written: does its site stay? Then a socket to listen on, else
	 * -1; the job ends when the site does. NULL: it never stays.
	 */
	struct progress *progress; /* shared with whoever watches; NULL: nobody does */
	bool as_kept; /* to the nanosecond like a run that may stay, but it does not */
	int (*stays)(const struct report *r, void *arg);
	void *stays_arg;
};

/*
 * Runs it. Returns the exit code. Where a run came about, fills *r (to be freed
 * with report_finish()) and sets *ran; r->dir is its folder. Everything that
 * went wrong has been said on stderr.
 */
int job_run(const struct job *j, struct report *r, bool *ran);

struct live_doors;

/* What the half is given that is the same in the guest and in real time. */
struct job_inside {
	const char *in, *folder, *out;
	enum engine engine;
	const char *time;
	const char *engine_version; /* NULL: not known yet */
	uint64_t seed;
	const char *run_id;
	bool pcap;
	int64_t phase_ns;
	const struct live_doors *doors; /* NULL: it does not stay (live.h) */
	bool up; /* from the start, without the timeline (run.h) */
	bool branch; /* in virtual time: stops before the branch (run.h) */
	bool rehearsal; /* in virtual time: the guest goes on afterwards */
	/* Otherwise: events.jsonl and all the rest is in `out`; does it stay? */
	bool (*ended)(void *arg);
	void *arg;
	struct progress *progress; /* run.h */
};

/*
 * That half: the case of FOLDER under IN/cases, run in this kernel, left in OUT. Returns
 * an exit code. In virtual time the guest's mailbox says what seed and phase hold from
 * the branch on, and the machine ends with the run: it does not return then, unless the
 * site stays or it is a rehearsal.
 */
int job_inside_with(const struct job_inside *j);

/*
 * Asks an engine for its version, which runs in this process and in those that it forks
 * afterwards need not do again.
 */
void job_know_engine(enum engine engine);

/* Whether a phase of this case matters only after settled. */
bool job_phase_is_late(const struct case_ *c);

#endif
