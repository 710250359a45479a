/* The loop's timers and descriptors, on the real clock but never against it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "loop.h"

#define N 6

struct world {
	struct loop *l;
	struct loop_timer t[N];
	struct loop_fd f;
	char order[32];
	int stop_after, idle, reads;
	int64_t late_ns; /* of the last one; negative: early */
};

static void timer_cb(struct loop_timer *t, void *arg)
{
	struct world *w = arg;
	size_t n = strlen(w->order);

	w->order[n] = (char)('a' + (t - w->t));
	w->late_ns = clock_now() - t->due_ns;
	if (!--w->stop_after)
		loop_stop(w->l, 0);
}

static int setup(void **state)
{
	static struct world w;
	int i;

	memset(&w, 0, sizeof(w));
	w.l = loop_new();
	for (i = 0; i < N; i++)
		loop_timer_init(&w.t[i], timer_cb, &w);
	*state = &w;
	return w.l ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	loop_free(w->l);
	return 0;
}

static void run(struct world *w, int timers)
{
	w->stop_after = timers;
	assert_int_equal(loop_run(w->l), 0);
}

static void loop__timers_end_in_order(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now();

	loop_timer_set(w->l, &w->t[2], now + 3 * NS_PER_MS);
	loop_timer_set(w->l, &w->t[0], now + NS_PER_MS);
	loop_timer_set(w->l, &w->t[4], now + 3 * NS_PER_MS);
	loop_timer_set(w->l, &w->t[1], now + 2 * NS_PER_MS);
	run(w, 4);
	assert_string_equal(w->order, "abce");
}

static void loop__a_timer_that_moves_ends_once(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now();

	loop_timer_set(w->l, &w->t[0], now + NS_PER_MS);
	loop_timer_set(w->l, &w->t[1], now + 2 * NS_PER_MS);
	loop_timer_set(w->l, &w->t[2], now + 3 * NS_PER_MS);
	loop_timer_set(w->l, &w->t[0], now + 4 * NS_PER_MS); /* back, */
	loop_timer_set(w->l, &w->t[2], now + NS_PER_MS);     /* forth, */
	loop_timer_set(w->l, &w->t[1], now + 2 * NS_PER_MS); /* nowhere */
	run(w, 3);
	assert_string_equal(w->order, "cba");
	assert_false(loop_timer_is_set(&w->t[0]));
}

/* The timerfd is not set anew for a timer that moves to later: it must end at its
 * time all the same. */
static void loop__a_timer_that_moves_later_is_not_early(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now();

	loop_timer_set(w->l, &w->t[0], now + NS_PER_MS);
	loop_timer_set(w->l, &w->t[1], now + NS_PER_MS / 2);
	run(w, 1); /* the timerfd is armed for t[0] when it stops, or later */
	loop_timer_set(w->l, &w->t[0], now + 20 * NS_PER_MS);
	run(w, 1);
	assert_string_equal(w->order, "ba");
	assert_true(w->late_ns >= 0);
}

static void loop__cancelled_timers_do_not_end(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now();
	int i;

	for (i = 0; i < N; i++)
		loop_timer_set(w->l, &w->t[i], now + (N - i) * NS_PER_MS);
	loop_timer_cancel(w->l, &w->t[5]);
	loop_timer_cancel(w->l, &w->t[0]);
	loop_timer_cancel(w->l, &w->t[0]);
	loop_timer_cancel(w->l, &w->t[2]);
	run(w, 3);
	assert_string_equal(w->order, "edb");
}

/* One that may be early ends with the one that is due; others do not. */
static void loop__early_timers_go_along(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now(), minute = 60 * NS_PER_S;

	w->t[1].early_ns = 2 * minute;
	loop_timer_set(w->l, &w->t[0], now + NS_PER_MS);
	loop_timer_set(w->l, &w->t[1], now + minute);
	loop_timer_set(w->l, &w->t[2], now + 2 * minute);
	run(w, 2);
	assert_string_equal(w->order, "ab");
	assert_true(w->late_ns < 0);
	assert_true(loop_timer_is_set(&w->t[2]));
}

static void idle_cb(void *arg)
{
	struct world *w = arg;

	if (++w->idle == 1)
		loop_timer_set(w->l, &w->t[0], clock_now());
}

static void loop__idle_may_set_timers(void **state)
{
	struct world *w = *state;

	loop_idle(w->l, idle_cb, w);
	run(w, 1);
	assert_string_equal(w->order, "a");
	assert_true(w->idle >= 1);
}

static void read_one(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct world *w = arg;
	char c;

	assert_true(revents & EPOLLIN);
	assert_int_equal(read(f->fd, &c, 1), 1);
	if (++w->reads == 2)
		loop_stop(w->l, 0);
	else
		assert_int_equal(loop_fd_again(w->l, f), 0);
}

/* Edge-triggered and not read to its end: said again, it is reported again. */
static void loop__again_reports_what_is_left(void **state)
{
	struct world *w = *state;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "xy", 2), 2);
	assert_int_equal(loop_fd_add(w->l, &w->f, fd[0], EPOLLIN | EPOLLET, read_one, w), 0);
	assert_int_equal(loop_run(w->l), 0);
	assert_int_equal(w->reads, 2);
	loop_fd_del(w->l, &w->f);
	close(fd[0]);
	close(fd[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loop__timers_end_in_order),
		TEST(loop__a_timer_that_moves_ends_once),
		TEST(loop__a_timer_that_moves_later_is_not_early),
		TEST(loop__cancelled_timers_do_not_end),
		TEST(loop__early_timers_go_along),
		TEST(loop__idle_may_set_timers),
		TEST(loop__again_reports_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
