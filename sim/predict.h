/*
 * What the configuration alone says about a failover: pure arithmetic on
 * keepalived.conf, for `halbsim check`. The cases then confirm it.
 */
#ifndef HALBSIM_PREDICT_H
#define HALBSIM_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct checker_conf;
struct vrrp_conf;

/* One director: its name and what its file says. All borrowed. */
struct director {
	const char *name, *path;
	const struct conf *conf;
	const char *ip; /* for ties of priority; NULL: not known */
};

/* From the earliest to the latest, after the event. */
struct span_range {
	int64_t lo_ns, hi_ns;
};

/* One virtual router: who has it, who is next. NULL: nobody. */
struct vrrp_pair {
	int vrid;
	const struct director *master_at, *backup_at;
	const struct vrrp_conf *master, *backup;
};

/*
 * The virtual routers of all directors, by VRID, in the order of the first
 * file. Fills at most `max`; returns how many there are.
 */
size_t predict_pairs(const struct director *d, size_t n, struct vrrp_pair *v, size_t max);
/*
 * The same virtual router once the master of `p` is lost, as those before it were:
 * its backup is master, and the best of those left is next (NULL: nobody). False,
 * and `next` untouched, when `p` has no backup. `d` as given to predict_pairs.
 */
bool predict_next(const struct director *d, size_t n, const struct vrrp_pair *p,
		  struct vrrp_pair *next);

/*
 * The master loses power, or is cut off: until the backup's first advert. The
 * backup counts from the last advert, which is up to one interval old.
 * RFC 3768 6.1, 5798 6.1.
 */
struct span_range predict_crash(const struct vrrp_conf *backup);
/* The master says goodbye with priority 0: skew. */
int64_t predict_stop(const struct vrrp_conf *backup);
/*
 * The old master's engine is started again: from when it listens until its first
 * advert, 3 × interval + skew in `state MASTER` too (measured with keepalived
 * 2.2.7: it starts as backup unless its priority is 255), or preempt_delay when
 * that is longer. -1: it does not preempt.
 */
int64_t predict_return(const struct vrrp_conf *master);

/*
 * A real server dies: until it leaves the table. `silent`: it does not answer
 * at all (connections time out); else it refuses. Checks come every delay_loop,
 * so up to one of those passes before the first one fails.
 */
struct span_range predict_removal(const struct checker_conf *k, bool silent);
/*
 * It takes connections and never answers, or answers with errors: noticed as if it
 * were silent, or refused, by what reads the answer. False: by nothing, a TCP_CHECK
 * only connects.
 */
bool predict_notices_answers(const struct checker_conf *k);
/* It is well again: until it is back. keepalived 2.2.7's alternating delays. */
struct span_range predict_readmission(const struct checker_conf *k);

#endif
