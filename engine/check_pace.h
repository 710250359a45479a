/*
 * How close together attempts may begin.
 *
 * What attempts begun together cost comes back together: their connections' first SYNs
 * are sent again by timers that the kernel lets expire in groups (32 ms at HZ=250), all
 * of a group in one softirq, which nothing preempts, not even a VRRP advert that is due.
 * So a burst of attempts begins at an even pace. Attempts that are spread as `warmup`
 * spreads them do not notice.
 */
#ifndef HALBD_CHECK_PACE_H
#define HALBD_CHECK_PACE_H

#include <stdint.h>

struct check_pace {
	int64_t gap_ns;	  /* between two attempts of a burst */
	int64_t burst_ns; /* what may be begun ahead of that */
	int64_t next_ns;  /* when an even pace would have the next one */
};

/*
 * For checkers that ask for `per_second` attempts a second together: never less than
 * twice of that, so that nothing waits for ever.
 */
void check_pace_init(struct check_pace *p, double per_second);
/* Takes a turn: when the attempt that is due now may begin (now, or later). */
int64_t check_pace_turn(struct check_pace *p, int64_t now_ns);

#endif
