/* Time: one clock, one unit. */
#ifndef HALB_CLOCK_H
#define HALB_CLOCK_H

#include <stdint.h>

/* Every time and span in the project is signed nanoseconds. */
#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* Returns CLOCK_MONOTONIC in nanoseconds. Never fails on Linux. */
int64_t clock_now(void);

/*
 * Returns CLOCK_REALTIME minus CLOCK_MONOTONIC in nanoseconds, for turning the
 * kernel's packet time stamps (real time) into monotonic ones.
 */
int64_t clock_real_offset(void);

#endif
