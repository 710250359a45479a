#include "clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_real_offset(void)
{
	int64_t before = read_clock(CLOCK_MONOTONIC);
	int64_t real = read_clock(CLOCK_REALTIME);
	int64_t after = read_clock(CLOCK_MONOTONIC);

	return real - (before + (after - before) / 2);
}
