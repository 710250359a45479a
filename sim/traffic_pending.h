/*
 * Requests under way, for kinds of traffic that have no connection each: known
 * by a number of their own, ended in any order, and late after the traffic's
 * timeout.
 */
#ifndef HALBSIM_TRAFFIC_PENDING_H
#define HALBSIM_TRAFFIC_PENDING_H

#include "traffic_impl.h"

struct pending_slot {
	struct request req;
	bool open;
};

/* Embedded; pending_init() first. */
struct pending {
	struct traffic *t;	   /* (borrowed) */
	enum request_result late;  /* what a request is that got no answer in time */
	struct pending_slot *slot; /* of number n at n % cap */
	size_t cap;
	uint64_t first, next; /* open ones are among first … next - 1 */
	struct loop_timer deadline;
};

/* 0 or -ENOMEM. */
int pending_init(struct pending *p, struct traffic *t, enum request_result late);
void pending_finish(struct pending *p);

/* Adds a request, which is due after all before it; its number in *nr. 0 or -ENOMEM. */
int pending_add(struct pending *p, const struct request *req, uint64_t *nr);
/* Ends one; `backend`: who answered, interned, or NULL. False when it has ended
 * before, or never was. */
bool pending_end(struct pending *p, uint64_t nr, enum request_result result,
		 const char *backend);
/* Ends the oldest; false when there is none. */
bool pending_end_first(struct pending *p, enum request_result result, const char *backend);
void pending_end_all(struct pending *p, enum request_result result);

#endif
