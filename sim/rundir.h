/*
 * Run folders: OUT/CASE/RUN, and the link OUT/CASE/latest.
 *
 * While a run is under way its folder is called OUT/CASE/.RUN.part and is
 * locked; when everything is written it is renamed. So whoever looks sees whole
 * runs only, and what a killed halbsim left is known by its name and its lock
 * being free.
 */
#ifndef HALBSIM_RUNDIR_H
#define HALBSIM_RUNDIR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rundir {
	char *case_dir; /* OUT/CASE */
	char *name;	/* 20261122-170501-seed1-halbd */
	char *work;	/* where it is written: OUT/CASE/.RUN.part */
	char *path;	/* where it will be: OUT/CASE/RUN */
	int lock_fd;
};

/* What a run was asked for, kept in RUN/run.json: replay reads it. */
struct run_info {
	char *case_name;
	char *case_folder; /* below RUN/input/cases */
	char *engine, *time;
	uint64_t seed;
	char *kernel; /* --kernel as given; NULL: the usual one */
	char *version; /* of halbsim */
	bool pcap;     /* with captures */
	bool kept;	   /* its guest was told that it may stay */
	bool settle_apart; /* until the branch (run.h), this seed held: */
	uint64_t settle_seed;
	int64_t phase_ns; /* the first fault came so much later than written */
	char *build;   /* fingerprint of the program itself; NULL: unknown */
	bool died;     /* the run did not come back with its events */
	char *why;     /* it died of; NULL */
};

/*
 * Makes the folder of a new run; a second one in the same second gets `-2`.
 * 0, or -errno after a message. Free with rundir_finish(), which removes the
 * folder unless rundir_commit() was called.
 */
int rundir_create(struct rundir *d, const char *out, const char *case_name,
		  const char *engine, uint64_t seed);
/* Renames it into place and points `latest` at it. 0, or -errno after a message. */
int rundir_commit(struct rundir *d);
void rundir_finish(struct rundir *d);

int run_info_write(const char *dir, const struct run_info *i);
/* 0, or -errno after a message that names the folder and what is wrong with it. */
int run_info_read(const char *dir, struct run_info *i);
void run_info_finish(struct run_info *i);
/* The fingerprint of the program that is running. Malloc'd, or NULL. */
char *run_info_build(void);

/*
 * What a person means by RUN: a run's folder, its report.json, a case's folder
 * under OUT (its latest run) or the case's name. Malloc'd, or NULL after a message.
 */
char *rundir_resolve(const char *arg, const char *out);

/*
 * Unfinished runs under OUT that nobody is working on any more: one call of
 * `cb` each. Returns how many, or -errno.
 */
int rundir_stale(const char *out, void (*cb)(const char *path, void *arg), void *arg);

#endif
