/* Lanes and fault bands from event logs made by hand. */
#include "logbuild.h"

#include "lanes.h"

static struct measures m;
static struct lanes l;

static void find_lanes(void)
{
	assert_int_equal(event_log_sort(&lb_log), 0);
	assert_int_equal(measure(&m, &lb_case, &lb_log), 0);
	assert_int_equal(lanes_find(&l, &lb_case, &lb_log, &m), 0);
}

static int teardown(void **state)
{
	lanes_finish(&l);
	measures_finish(&m);
	return lb_teardown(state);
}

static const struct lane *lane(const char *node, enum lane_kind kind)
{
	size_t i;

	for (i = 0; i < l.n; i++)
		if (!strcmp(l.v[i].node, node) && l.v[i].kind == kind)
			return &l.v[i];
	return NULL;
}

static void process(int64_t t, const char *node, const char *what, enum event_type type)
{
	struct event e = { .t = t, .type = type, .node = node };

	e.proc.what = event_text(&lb_log, what);
	lb_add(e);
}

static void is_span(const struct lane_span *s, int64_t from, int64_t to,
		    enum lane_tone tone, const char *label)
{
	assert_int_equal(s->from, from);
	assert_int_equal(s->to, to);
	assert_int_equal(s->tone, tone);
	assert_string_equal(s->label, label);
}

static void lanes__mastership_between_starts_and_ends(void **state)
{
	const struct lane *a, *b;

	(void)state;
	process(500 * MS, "lvs1", "engine", EV_START);
	process(600 * MS, "lvs2", "engine", EV_START);
	lb_master_down();
	find_lanes();
	a = lane("lvs1", LANE_VRRP);
	assert_non_null(a);
	assert_string_equal(a->name, "VRRP 51");
	assert_int_equal(a->n, 3);
	is_span(&a->v[0], 500 * MS, 1 * S, TONE_BACKUP, "backup");
	is_span(&a->v[1], 1 * S, MD_FAULT, TONE_MASTER, "master");
	is_span(&a->v[2], MD_FAULT, MD_END, TONE_OFF, "off");
	b = lane("lvs2", LANE_VRRP);
	assert_non_null(b);
	assert_int_equal(b->n, 2);
	is_span(&b->v[0], 600 * MS, MD_FIRST, TONE_BACKUP, "backup");
	is_span(&b->v[1], MD_FIRST, MD_END, TONE_MASTER, "master");
	assert_null(lane_at(b, 599 * MS));
	assert_ptr_equal(lane_at(b, MD_FIRST), &b->v[1]);
	assert_null(lane("web1", LANE_VRRP));
}

static void lanes__an_engine_that_is_started_again(void **state)
{
	const struct lane *a;

	(void)state;
	process(500 * MS, "lvs1", "engine", EV_START);
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	process(1500 * MS, "lvs1", "engine", EV_EXIT);
	process(4 * S, "lvs1", "engine", EV_START);
	lb_simple(6 * S, EV_END);
	find_lanes();
	a = lane("lvs1", LANE_VRRP);
	assert_int_equal(a->n, 4);
	is_span(&a->v[1], 1 * S, 1500 * MS, TONE_MASTER, "master");
	is_span(&a->v[2], 1500 * MS, 4 * S, TONE_OFF, "off");
	is_span(&a->v[3], 4 * S, 6 * S, TONE_BACKUP, "backup");
}

static void lanes__an_address_goes_with_the_power(void **state)
{
	const struct lane *a, *b;

	(void)state;
	lb_master_down();
	find_lanes();
	a = lane("lvs1", LANE_ADDR);
	assert_string_equal(a->name, "VIP " VIP);
	assert_int_equal(a->n, 1);
	is_span(&a->v[0], 1 * S + 100000, MD_FAULT, TONE_HELD, "held");
	b = lane("lvs2", LANE_ADDR);
	is_span(&b->v[0], MD_FIRST + 100000, MD_END, TONE_HELD, "held");
}

static void lanes__neighbours_are_named_after_their_port(void **state)
{
	const struct lane *a;

	(void)state;
	lb_master_down();
	find_lanes();
	a = lane("client", LANE_NEIGH);
	assert_int_equal(a->n, 2);
	is_span(&a->v[0], 1500 * MS, MD_FIRST + 300000, TONE_OWNER_A, "lvs1");
	is_span(&a->v[1], MD_FIRST + 300000, MD_END, TONE_OWNER_B, "lvs2");
}

static void lanes__destinations_by_weight(void **state)
{
	const struct lane *a;

	(void)state;
	lb_master_down();
	lb_dest(3 * S, "lvs2", "192.168.31.113:80", IPVS_ADDED, 1);
	lb_dest(4 * S, "lvs2", "192.168.31.113:80", IPVS_CHANGED, 0);
	lb_dest(5 * S, "lvs2", "192.168.31.113:80", IPVS_REMOVED, 0);
	lb_dest(6 * S, "lvs2", "192.168.31.113:80", IPVS_ADDED, 3);
	find_lanes();
	a = lane("lvs2", LANE_IPVS);
	assert_int_equal(a->n, 3);
	is_span(&a->v[0], 3 * S, 4 * S, TONE_HELD, "weight 1");
	is_span(&a->v[1], 4 * S, 5 * S, TONE_DRAINED, "weight 0");
	is_span(&a->v[2], 6 * S, MD_END, TONE_HELD, "weight 3");
}

static void lanes__a_removed_service_takes_its_destinations(void **state)
{
	struct event e = { .t = 5 * S, .type = EV_IPVS, .node = "lvs2" };
	const struct lane *a;

	(void)state;
	lb_master_down();
	lb_dest(3 * S, "lvs2", "192.168.31.113:80", IPVS_ADDED, 1);
	e.ipvs.what = IPVS_SERVICE;
	e.ipvs.op = IPVS_REMOVED;
	e.ipvs.service = event_text(&lb_log, "TCP 192.168.31.200:80");
	lb_add(e);
	find_lanes();
	a = lane("lvs2", LANE_IPVS);
	assert_int_equal(a->n, 1);
	is_span(&a->v[0], 3 * S, 5 * S, TONE_HELD, "weight 1");
}

static void lanes__bands_from_fault_to_its_undoing(void **state)
{
	(void)state;
	lb_fault(1 * S, "cut lvs1 lvs2", NULL, true);
	lb_fault(2 * S, "backend hang web1", "web1", true);
	lb_fault(3 * S, "heal lvs1 lvs2", NULL, true);
	lb_fault(4 * S, "backend heal web1", "web1", true);
	lb_fault(5 * S, "reload lvs1", "lvs1", true); /* an instant */
	lb_fault(6 * S, "crash lvs2", "lvs2", false); /* did nothing */
	lb_fault(7 * S, "pause lvs2", "lvs2", true);
	lb_simple(9 * S, EV_END);
	find_lanes();
	assert_int_equal(l.nband, 4);
	assert_string_equal(l.band[0].node, "lvs1");
	assert_int_equal(l.band[0].from, 1 * S);
	assert_int_equal(l.band[0].to, 3 * S);
	assert_string_equal(l.band[1].node, "lvs2");
	assert_string_equal(l.band[2].node, "web1");
	assert_int_equal(l.band[2].to, 4 * S);
	assert_string_equal(l.band[3].what, "pause lvs2");
	assert_int_equal(l.band[3].to, 9 * S);
}

static void lanes__clients_come_first(void **state)
{
	(void)state;
	lb_master_down();
	find_lanes();
	assert_string_equal(l.v[0].node, "client");
	assert_int_equal(l.v[0].kind, LANE_REQUEST);
	assert_non_null(lane("lvs1", LANE_ADVERT));
	assert_non_null(lane("lvs2", LANE_ARP));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, lb_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lanes__mastership_between_starts_and_ends),
		TEST(lanes__an_engine_that_is_started_again),
		TEST(lanes__an_address_goes_with_the_power),
		TEST(lanes__neighbours_are_named_after_their_port),
		TEST(lanes__destinations_by_weight),
		TEST(lanes__a_removed_service_takes_its_destinations),
		TEST(lanes__bands_from_fault_to_its_undoing),
		TEST(lanes__clients_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
