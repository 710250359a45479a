/*
 * Who is master when, as the wire and the addresses say it.
 *
 * A claim is one stretch of time in which a node acts as master of a virtual
 * router: it starts with its first advertisement and ends with the first of:
 * its priority 0; its virtual addresses gone; its power gone; an advertisement
 * that was due and did not come (half an interval is allowed for).
 * A claim needs no other node's consent: two claims at once are what the
 * invariant one_master looks for.
 */
#ifndef HALBSIM_CLAIMS_H
#define HALBSIM_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

enum claim_end {
	CLAIM_OPEN, /* still master at the end of the run */
	CLAIM_PRIO0,
	CLAIM_ADDRESS, /* its addresses were removed */
	CLAIM_CRASH,
	CLAIM_SILENT, /* end is when the next advertisement was due */
};

struct claim {
	const char *node, *link, *src; /* (borrowed from the log) */
	const char *vips;	       /* as first advertised; may be NULL */
	int vrid, version, priority;
	bool ipv6;
	int64_t interval_ns;
	int64_t start_ns, end_ns;
	int64_t last_advert_ns; /* the last one sent with a priority above 0 */
	enum claim_end end;
};

struct claims {
	struct claim *v; /* in order of start */
	size_t n;
};

/* From a sorted log. 0 or -ENOMEM. Free with claims_finish(). */
int claims_find(struct claims *cl, const struct event_log *log);
void claims_finish(struct claims *cl);

bool claim_same_router(const struct claim *a, const struct claim *b);
/* True when `ip` is one of the space-separated `vips`; prefix lengths are ignored. */
bool vips_contain(const char *vips, const char *ip);

/*
 * A breach of "one master per virtual router and broadcast domain": both
 * claimed it although an advertisement of the one that had to win was delivered
 * to the one that had to yield, which did not within `grace_ns`. Across a
 * partition, where none is delivered, two masters are legal.
 */
struct claim_breach {
	const struct claim *winner, *loser;
	int64_t both_from_ns; /* two masters since */
	int64_t heard_ns;     /* the loser had heard the winner */
	int64_t until_ns;     /* the loser was still master until */
};

/*
 * The first breach whose deciding instant (heard + grace) is in [from, to].
 * Returns true and fills *b, or false.
 */
bool claims_breach(const struct claims *cl, const struct event_log *log, int64_t from_ns,
		   int64_t to_ns, int64_t grace_ns, struct claim_breach *b);

#endif
