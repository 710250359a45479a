/*
 * What a run shows of itself while it is under way: in memory that whoever
 * watches may look at when he likes. The run only writes, never waits, and writes
 * the same whether anybody watches or not; of a guest's run the host sees it in
 * the mailbox (MAIL_WATCH), and nothing of that costs the guest any time.
 */
#ifndef HALBSIM_PROGRESS_H
#define HALBSIM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "ring.h"

/* Zeroed memory is one of which nothing is known. */
struct progress {
	_Atomic int64_t now_ns, gap_from_ns; /* run time; the gap: 0 when there is none */
	_Atomic uint64_t ok, failed;	     /* requests */
	_Atomic uint32_t lost;		     /* events that had no room */
	/* Between the process that runs and the one that draws, never the guest: */
	_Atomic uint32_t drawn, over; /* there is something to be wiped; it is to be */
	struct ring events; /* all but requests and what was merely received */
};

/* Adds an event. p NULL: nobody could ever look. */
void progress_put(struct progress *p, const struct event *e);
/* Takes the next one; its texts are the log's (not added to it). False: none. */
bool progress_take(struct progress *p, struct event_log *texts, struct event *e);
/* Moves everything from one to another. */
void progress_move(struct progress *from, struct progress *to);

/* In the guest: the part of the mailbox. NULL when it cannot be had. */
struct progress *progress_guest(void);

/* For processes that are forked later. NULL without memory. */
struct progress *progress_shared(void);

#endif
