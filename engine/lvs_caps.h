/*
 * What the two processes of the LVS side are allowed: the owner of the IPVS table
 * what it needs for that and for starting its children, the check worker nothing.
 */
#ifndef HALBD_LVS_CAPS_H
#define HALBD_LVS_CAPS_H

#include "conf.h"

/* Keeps what the owner needs of what there is. 0 or -errno. */
int lvs_caps_owner(void);

/*
 * Gives up all capabilities for good: user and group nobody, an empty bounding
 * set, no new privileges. 0, or -errno when anything is left.
 */
int lvs_caps_worker(void);

/*
 * checker_priority, checker_rt_priority, checker_no_swap. What fails is reported and
 * lived with. Children are not real-time by themselves.
 */
void lvs_caps_priority(const struct conf_global *g);

#endif
