/*
 * Settled: the moment from which a site is up and serving. Judged from events
 * and answers alone; pure, the caller tells it the time.
 *
 *   masters   each VRRP instance of the directors' configuration has one master
 *             on the wire, for at least an advertisement interval, and its
 *             addresses are on that node and on no other director;
 *   checks    each director was answered by each real server it checks by TCP;
 *   tables    every director has the services of its configuration and those
 *             real servers that accepted the check, unchanged for a while;
 *   replies   each traffic had so many good replies in a row.
 */
#ifndef HALBSIM_SETTLE_H
#define HALBSIM_SETTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "event.h"
#include "wire.h"

/* Good replies in a row that each traffic must have had. */
#define SETTLE_REPLIES 5
/* No change of an IPVS table for so long. */
#define SETTLE_TABLE_QUIET_NS (INT64_C(200) * 1000 * 1000)

struct settle;

/* From the case's siteconf. NULL when memory runs out. */
struct settle *settle_new(const struct case_ *c);
void settle_free(struct settle *s);

/* Every event of the run, as it is recorded. */
void settle_event(struct settle *s, const struct event *e);
/* `node` was answered. */
void settle_answer(struct settle *s, const char *node, const struct wire_answer *a);

/* Some instance has a master (or there is none at all): replies may come. */
bool settle_has_master(const struct settle *s);

/*
 * Says whether the site is settled at run time `now`, but for the replies. When
 * not, writes what is missing into buf, "; " between, as much as fits.
 */
bool settle_done(const struct settle *s, int64_t now, char *buf, size_t size);

#endif
