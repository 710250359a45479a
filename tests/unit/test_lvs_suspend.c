/* ha_suspend: which services' addresses are here, and what comes and goes. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "loop.h"
#include "lvs_fixture.h"
#include "lvs_suspend.h"
#include "netnsfix.h"
#include "vipfix.h"

struct bench {
	struct fix f;
	struct loop *loop;
	struct vip_nl *nl;
	struct lvs_suspend *s;
	int said;
	bool here[3];
};

/* One namespace for all tests, with lo down and bare. */
static int group_setup(void **state)
{
	alarm(60); /* news that never comes is a failure */
	return netns_setup(state);
}

/* Two services that want it, between them one that does not. */
static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (!b)
		return -1;
	*state = b;
	if (!have_netns)
		return 0;
	fix_init(&b->f);
	fix_service(&b->f, "10.9.0.1", 80)->ha_suspend = true;
	fix_service(&b->f, "10.9.0.2", 80);
	fix_service(&b->f, "2001:db8::3", 80)->ha_suspend = true;
	b->loop = loop_new();
	b->nl = b->loop ? vip_nl_new(b->loop) : NULL;
	return b->nl ? 0 : -1;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	lvs_suspend_free(b->s);
	vip_nl_free(b->nl);
	loop_free(b->loop);
	free(b);
	return 0;
}

static void changed(void *arg, size_t service, bool here)
{
	struct bench *b = arg;

	assert_true(service < 3);
	b->here[service] = here;
	b->said++;
	loop_stop(b->loop, 0);
}

static void lvs_suspend__is_needed_by_those_who_say_so(void **state)
{
	struct fix f;

	(void)state;
	fix_init(&f);
	fix_service(&f, "10.9.0.1", 80);
	assert_false(lvs_suspend_needed(&f.c));
	fix_service(&f, "10.9.0.2", 80)->ha_suspend = true;
	assert_true(lvs_suspend_needed(&f.c));
}

static void lvs_suspend__says_what_is_and_what_comes(void **state)
{
	struct bench *b = *state;

	need_netns();
	b->here[0] = b->here[1] = b->here[2] = true;
	b->s = lvs_suspend_new(b->loop, &b->f.c, changed, b);
	assert_non_null(b->s);
	assert_int_equal(b->said, 2); /* each that asks for it, at once */
	assert_false(b->here[0]);
	assert_true(b->here[1]); /* nobody asked */
	assert_false(b->here[2]);
	put_on_lo(b->nl, "10.9.0.7", true); /* nobody's */
	put_on_lo(b->nl, "10.9.0.1", true);
	assert_int_equal(loop_run(b->loop), 0);
	assert_int_equal(b->said, 3);
	assert_true(b->here[0]);
	put_on_lo(b->nl, "2001:db8::3", true);
	assert_int_equal(loop_run(b->loop), 0);
	assert_int_equal(b->said, 4);
	assert_true(b->here[2]);
}

/* (What the test before has left is on lo.) */
static void lvs_suspend__says_what_is_here_and_what_goes(void **state)
{
	struct bench *b = *state;

	need_netns();
	b->s = lvs_suspend_new(b->loop, &b->f.c, changed, b);
	assert_non_null(b->s);
	assert_int_equal(b->said, 2);
	assert_true(b->here[0] && b->here[2]);
	put_on_lo(b->nl, "10.9.0.1", false);
	assert_int_equal(loop_run(b->loop), 0);
	assert_int_equal(b->said, 3);
	assert_false(b->here[0]);
	assert_true(b->here[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lvs_suspend__is_needed_by_those_who_say_so),
		cmocka_unit_test_setup_teardown(lvs_suspend__says_what_is_and_what_comes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(lvs_suspend__says_what_is_here_and_what_goes, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
