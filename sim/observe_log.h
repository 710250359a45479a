/*
 * Nodes' logs, as far as the case asks about them (`when NODE logs`, `log NODE`):
 * each new line that one of its patterns matches becomes an EV_LOG, at the time
 * when it was seen.
 */
#ifndef HALBSIM_OBSERVE_LOG_H
#define HALBSIM_OBSERVE_LOG_H

#include "case.h"
#include "loop.h"
#include "record.h"

struct observe_log;

/*
 * Watches DIR/NODE.log of the nodes in question, from their present ends on.
 * *out is NULL when the case asks about none. 0 or -errno after a message. Free
 * with observe_log_free() (NULL is fine).
 */
int observe_log_new(struct observe_log **out, const struct case_ *c, const char *dir,
		    struct loop *loop, struct record *rec);
void observe_log_free(struct observe_log *o);

/* Reads what has come up to now; NULL is fine. */
void observe_log_flush(struct observe_log *o);

#endif
