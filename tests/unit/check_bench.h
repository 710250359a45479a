/* One checker in a loop, its report, and a server beside it. */
#ifndef CHECK_BENCH_H
#define CHECK_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "check.h"
#include "loop.h"
#include "lvs_fixture.h"

static int64_t shift_ns; /* how far the checks' clock is behind */

static inline int64_t shifted_now(void)
{
	return clock_now() - shift_ns;
}

static inline uint64_t no_random(void)
{
	return 0;
}

struct attempts {
	struct fix f;
	struct check_state state[FIX_SERVICES * FIX_REALS];
	struct loop *loop;
	struct checks *set;
	struct check_report last;
	int reports, stop_after, weight;
	int listener;
	struct loop_fd watch, peer;
	const char *say; /* what the server says, then it closes; NULL: nothing */
	char got[4096];	 /* what it was told */
};

static inline void on_report(void *arg, const struct check_report *r)
{
	struct attempts *a = arg;

	a->last = *r;
	if (r->has_weight)
		a->weight = r->weight;
	if (++a->reports >= a->stop_after)
		loop_stop(a->loop, 0);
}

static inline int setup(void **state)
{
	struct attempts *a = calloc(1, sizeof(*a));

	if (!a)
		return -1;
	a->loop = loop_new();
	a->listener = a->peer.fd = -1;
	a->stop_after = 1;
	fix_init(&a->f);
	*state = a;
	return a->loop ? 0 : -1;
}

static inline int teardown(void **state)
{
	struct attempts *a = *state;

	checks_free(a->set);
	if (a->listener >= 0)
		close(a->listener);
	if (a->peer.fd >= 0)
		close(a->peer.fd);
	loop_free(a->loop);
	free(a);
	return 0;
}

/* A socket on a free port of 127.0.0.1. */
static inline int bind_local(struct attempts *a, int type, int *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);

	a->listener = socket(AF_INET, type | SOCK_NONBLOCK, 0);
	assert_true(a->listener >= 0);
	assert_int_equal(bind(a->listener, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(getsockname(a->listener, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return a->listener;
}

static inline struct checker_conf *one_checker(struct attempts *a, enum checker_type type,
					int port)
{
	struct lvs_service_conf *s = fix_service(&a->f, "10.0.0.1", 80);
	struct lvs_real_conf *r = fix_real(&a->f, s, "127.0.0.1");

	r->port = port;
	return fix_checker(r, type);
}

/* Of so many checkers, all like the first one; their first attempts are due now. */
static inline void make_set(struct attempts *a, size_t n)
{
	struct checks_opts o = {
		.loop = a->loop,
		.conf = &a->f.c,
		.state = a->state,
		.scripts = a->f.checker[0][0][0].type == CHECK_MISC,
		.report = on_report,
		.arg = a,
		.now = shifted_now,
		.random = no_random,
	};
	size_t i;

	for (i = 0; i < n; i++)
		check_state_init(&a->state[i], &a->f.checker[0][0][0]);
	shift_ns = NS_PER_S;
	a->set = checks_new(&o);
	shift_ns = 0;
	assert_non_null(a->set);
	assert_int_equal(checks_n(a->set), n);
}

/* Runs until `stop_after` reports came; the last one's result. */
static inline int run(struct attempts *a)
{
	if (!a->set)
		make_set(a, 1);
	assert_int_equal(loop_run(a->loop), 0);
	return a->last.result;
}

#endif
