/* Gaps, failover budgets and claims from event logs made by hand. */
#include "logbuild.h"

#include "facts.h"
#include "measure.h"

static struct measures m;

static void run_measure(void)
{
	assert_int_equal(measure(&m, &lb_case, &lb_log), 0);
}

static int teardown(void **state)
{
	measures_finish(&m);
	return lb_teardown(state);
}

static void measure__master_down_traffic(void **state)
{
	const struct traffic_stats *s;

	(void)state;
	lb_master_down();
	run_measure();
	assert_true(m.settled && m.complete && !m.fault_without_effect);
	assert_int_equal(m.settled_ns, MD_SETTLED);
	assert_int_equal(m.end_ns, MD_END);
	assert_int_equal(m.ntraffic, 1);
	s = &m.traffic[0];
	assert_int_equal(s->sent, 1500);
	assert_int_equal(s->failed, 336); /* due 7.25 to 10.60 s */
	assert_int_equal(s->ok, 1500 - 336);
	assert_int_equal(s->reason[REQ_TIMEOUT], 336);
	assert_int_equal(s->ngap, 1);
	assert_int_equal(s->gap[0].start_ns, MD_FAULT);
	assert_int_equal(s->gap[0].end_ns, MD_OK);
	assert_int_equal(s->gap[0].failed, 336);
	assert_int_equal(s->longest_gap_ns, MD_OK - MD_FAULT);
	assert_int_equal(s->total_gap_ns, MD_OK - MD_FAULT);
	assert_int_equal(s->nbackend, 2);
	assert_string_equal(s->backend[0].name, "web1");
	assert_int_equal(s->backend[0].ok + s->backend[1].ok, s->ok);
	assert_int_equal(s->latency_p99_ns, MS);
}

static void measure__master_down_budget(void **state)
{
	const struct failover *f;

	(void)state;
	lb_master_down();
	run_measure();
	assert_int_equal(m.nfailover, 1);
	f = &m.failover[0];
	assert_int_equal(f->fault_ns, MD_FAULT);
	assert_string_equal(f->fault, "crash lvs1");
	assert_int_equal(f->vrid, 51);
	assert_string_equal(f->from, "lvs1");
	assert_string_equal(f->to, "lvs2");
	assert_false(f->preempt);
	assert_int_equal(f->last_advert_ns, MD_LAST);
	assert_int_equal(f->prio0_ns, NS_NONE);
	assert_int_equal(f->first_advert_ns, MD_FIRST);
	assert_int_equal(f->vip_ns, MD_FIRST + 100000);
	assert_int_equal(f->garp_ns, MD_FIRST + 200000);
	assert_int_equal(f->arp_ns, MD_FIRST + 300000);
	assert_int_equal(f->first_ok_ns, MD_OK);
	/* 3 × 1 s + (256 - 100) / 256 s */
	assert_int_equal(f->bound_ns, MD_LAST + 3 * S + 609375000);
}

static void measure__priority_zero_bound_is_skew(void **state)
{
	const struct failover *f;

	(void)state;
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(1500 * MS, EV_SETTLED);
	lb_advert(2 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_fault(2400 * MS, "stop lvs1", "lvs1", true);
	lb_advert(2401 * MS, "lvs1", LVS1_IP, 0, "lvs2");
	lb_advert(3010 * MS, "lvs2", LVS2_IP, 100, "lvs1");
	lb_simple(5 * S, EV_END);
	run_measure();
	assert_int_equal(m.nfailover, 1);
	f = &m.failover[0];
	assert_int_equal(f->prio0_ns, 2401 * MS);
	assert_int_equal(f->last_advert_ns, 2401 * MS);
	assert_int_equal(f->bound_ns, 2401 * MS + 609375000);
	assert_false(f->preempt);
}

static void measure__preemption_counts_from_the_start(void **state)
{
	const struct failover *f;
	struct event start = { .t = 3 * S, .type = EV_START, .node = "lvs1" };

	(void)state;
	lb_advert(1 * S, "lvs2", LVS2_IP, 100, "lvs1");
	lb_simple(1500 * MS, EV_SETTLED);
	lb_advert(2 * S, "lvs2", LVS2_IP, 100, "lvs1");
	lb_fault(2900 * MS, "start lvs1", "lvs1", true);
	lb_advert(3 * S, "lvs2", LVS2_IP, 100, "lvs1");
	lb_add(start);
	lb_advert(4 * S, "lvs2", LVS2_IP, 100, "lvs1");
	lb_advert(4004 * MS, "lvs1", LVS1_IP, 101, "lvs2");
	lb_advert(5004 * MS, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(5500 * MS, EV_END);
	assert_int_equal(event_log_sort(&lb_log), 0);
	run_measure();
	assert_int_equal(m.nfailover, 1);
	f = &m.failover[0];
	assert_true(f->preempt);
	assert_string_equal(f->from, "lvs2");
	assert_string_equal(f->to, "lvs1");
	assert_int_equal(f->last_advert_ns, 4 * S);
	assert_int_equal(f->bound_ns, 3 * S + 3 * S + 605468750);
}

/* The old master goes on sending; what counts is what the new one heard. */
static void measure__cut_counts_from_the_last_heard(void **state)
{
	(void)state;
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(1500 * MS, EV_SETTLED);
	lb_advert(2 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_fault(2100 * MS, "cut lvs1 lvs2", "lvs1", true);
	lb_advert(3 * S, "lvs1", LVS1_IP, 101, NULL);
	lb_advert(4 * S, "lvs1", LVS1_IP, 101, NULL);
	lb_advert(5 * S, "lvs1", LVS1_IP, 101, NULL);
	lb_advert(5610 * MS, "lvs2", LVS2_IP, 100, NULL);
	lb_simple(5900 * MS, EV_END);
	run_measure();
	assert_int_equal(m.nfailover, 1);
	assert_int_equal(m.failover[0].last_advert_ns, 2 * S);
	assert_int_equal(m.failover[0].bound_ns, 5 * S + 609375000);
	assert_false(m.failover[0].preempt);
}

static void measure__nobody_takes_over(void **state)
{
	const struct failover *f;

	(void)state;
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(1500 * MS, EV_SETTLED);
	lb_fault(1600 * MS, "crash lvs1", "lvs1", true);
	lb_simple(9 * S, EV_END);
	run_measure();
	assert_int_equal(m.nfailover, 1);
	f = &m.failover[0];
	assert_null(f->to);
	assert_string_equal(f->from, "lvs1");
	assert_int_equal(f->last_advert_ns, 1 * S);
	assert_int_equal(f->first_advert_ns, NS_NONE);
	assert_int_equal(f->first_ok_ns, NS_NONE);
}

static void measure__backup_down_is_no_failover(void **state)
{
	int64_t t;

	(void)state;
	for (t = S; t < 9 * S; t += S)
		lb_advert(t, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(1500 * MS, EV_SETTLED);
	lb_fault(3500 * MS, "crash lvs2", "lvs2", true);
	lb_simple(8500 * MS, EV_END);
	assert_int_equal(event_log_sort(&lb_log), 0);
	run_measure();
	assert_int_equal(m.nfailover, 0);
}

static void measure__one_gap_a_row_of_failures(void **state)
{
	const struct traffic_stats *s;

	(void)state;
	lb_simple(0, EV_SETTLED);
	lb_request(10 * MS, 11 * MS, 0, REQ_OK, "web1");
	lb_request(20 * MS, 21 * MS, 1, REQ_REFUSED, NULL);
	lb_request(30 * MS, 31 * MS, 2, REQ_OK, "web1");
	lb_request(40 * MS, 41 * MS, 3, REQ_RESET, NULL);
	lb_request(50 * MS, 51 * MS, 4, REQ_BAD_REPLY, NULL);
	lb_request(60 * MS, 63 * MS, 5, REQ_OK, "web1");
	lb_request(70 * MS, 90 * MS, 6, REQ_TIMEOUT, NULL);
	lb_request(80 * MS, 100 * MS, 7, REQ_CUT, NULL);
	lb_simple(100 * MS, EV_END);
	run_measure();
	s = &m.traffic[0];
	assert_int_equal(s->sent, 7);
	assert_int_equal(s->cut, 1);
	assert_int_equal(s->ngap, 3);
	assert_int_equal(s->gap[0].end_ns - s->gap[0].start_ns, 11 * MS);
	assert_int_equal(s->gap[1].end_ns - s->gap[1].start_ns, 23 * MS);
	assert_int_equal(s->gap[1].failed, 2);
	assert_true(s->gap[2].open);
	assert_int_equal(s->gap[2].end_ns, 100 * MS);
	assert_int_equal(s->longest_gap_ns, 30 * MS);
	assert_int_equal(s->total_gap_ns, (11 + 23 + 30) * MS);
	assert_int_equal(s->latency_max_ns, 3 * MS);
	assert_int_equal(s->latency_p50_ns, 1 * MS);
}

/* Replies that come late make gaps overlap; no instant counts twice. */
static void measure__overlapping_gaps_add_up_once(void **state)
{
	(void)state;
	lb_simple(0, EV_SETTLED);
	lb_request(10 * MS, 12 * MS, 0, REQ_REFUSED, NULL);
	lb_request(20 * MS, 60 * MS, 1, REQ_OK, "web1");
	lb_request(30 * MS, 32 * MS, 2, REQ_REFUSED, NULL);
	lb_request(40 * MS, 70 * MS, 3, REQ_OK, "web1");
	lb_simple(100 * MS, EV_END);
	run_measure();
	assert_int_equal(m.traffic[0].ngap, 2);
	assert_int_equal(m.traffic[0].longest_gap_ns, 50 * MS);
	assert_int_equal(m.traffic[0].total_gap_ns, 60 * MS);
}

static void measure__window_takes_what_was_due_in_it(void **state)
{
	struct traffic_stats s;

	(void)state;
	lb_master_down();
	assert_int_equal(measure_traffic(&s, &lb_log, "http", MD_FAULT, MD_FAULT + 50 * MS),
			 0);
	assert_int_equal(s.sent, 5);
	assert_int_equal(s.failed, 5);
	assert_int_equal(s.ngap, 1);
	assert_int_equal(s.gap[0].end_ns, MD_OK); /* the reply came later */
	traffic_stats_finish(&s);
}

static void measure__latency_by_nearest_rank(void **state)
{
	struct traffic_stats s;
	int i;

	(void)state;
	for (i = 1; i <= 100; i++)
		lb_request(i * S, i * S + i, (uint64_t)i, REQ_OK, "web1");
	assert_int_equal(measure_traffic(&s, &lb_log, "http", 0, INT64_MAX), 0);
	assert_int_equal(traffic_latency(&s, 0.5), 50);
	assert_int_equal(traffic_latency(&s, 0.99), 99);
	assert_int_equal(traffic_latency(&s, 0.999), 100);
	assert_int_equal(s.latency_max_ns, 100);
	traffic_stats_finish(&s);
}

static void claims__silence_ends_one(void **state)
{
	(void)state;
	lb_master_down();
	run_measure();
	assert_int_equal(m.claims.n, 2);
	assert_string_equal(m.claims.v[0].node, "lvs1");
	assert_int_equal(m.claims.v[0].end, CLAIM_CRASH);
	assert_int_equal(m.claims.v[0].end_ns, MD_FAULT);
	assert_string_equal(m.claims.v[1].node, "lvs2");
	assert_int_equal(m.claims.v[1].end, CLAIM_OPEN);
}

static void claims__address_removed_ends_one(void **state)
{
	(void)state;
	lb_addr(900 * MS, "lvs1", VIP "/32", true);
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_addr(1300 * MS, "lvs1", VIP "/32", false);
	lb_simple(1400 * MS, EV_END);
	run_measure();
	assert_int_equal(m.claims.n, 1);
	assert_int_equal(m.claims.v[0].end, CLAIM_ADDRESS);
	assert_int_equal(m.claims.v[0].end_ns, 1300 * MS);
}

/* Two masters from 2.5 s on; whether they hear each other decides. */
static void two_masters(bool hear)
{
	int64_t t;

	for (t = S; t <= 6 * S; t += S)
		lb_advert(t, "lvs1", LVS1_IP, 101, t < 2 * S || hear ? "lvs2" : NULL);
	for (t = 2500 * MS; t <= 6 * S; t += S)
		lb_advert(t, "lvs2", LVS2_IP, 100, NULL);
	lb_simple(6500 * MS, EV_END);
	assert_int_equal(event_log_sort(&lb_log), 0);
}

static void claims__two_masters_across_a_partition_are_legal(void **state)
{
	struct claim_breach b;

	(void)state;
	two_masters(false);
	run_measure();
	assert_false(claims_breach(&m.claims, &lb_log, 0, 9 * S, 50 * MS, &b));
}

static void claims__two_masters_that_hear_each_other_are_a_breach(void **state)
{
	struct claim_breach b;

	(void)state;
	two_masters(true);
	run_measure();
	assert_true(claims_breach(&m.claims, &lb_log, 0, 9 * S, 50 * MS, &b));
	assert_string_equal(b.winner->node, "lvs1");
	assert_string_equal(b.loser->node, "lvs2");
	assert_int_equal(b.both_from_ns, 2500 * MS);
	assert_int_equal(b.heard_ns, 3 * S + 20000);
	/* Outside the time that is asked about it does not count. */
	assert_false(claims_breach(&m.claims, &lb_log, 4 * S, 9 * S, 50 * MS, &b));
}

static void claims__yielding_at_once_is_no_breach(void **state)
{
	struct claim_breach b;

	(void)state;
	lb_addr(900 * MS, "lvs2", VIP "/32", true);
	lb_advert(1 * S, "lvs2", LVS2_IP, 100, "lvs1");
	lb_advert(1500 * MS, "lvs1", LVS1_IP, 101, "lvs2");
	lb_addr(1501 * MS, "lvs2", VIP "/32", false);
	lb_advert(2500 * MS, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(3 * S, EV_END);
	run_measure();
	assert_int_equal(m.claims.v[0].end, CLAIM_ADDRESS);
	assert_false(claims_breach(&m.claims, &lb_log, 0, 9 * S, 50 * MS, &b));
}

static void facts__address_and_crash(void **state)
{
	struct fact f;

	(void)state;
	lb_master_down();
	assert_int_equal(fact_address(&f, &lb_log, "lvs1", VIP), 0);
	assert_true(fact_at(&f, 2 * S));
	assert_false(fact_at(&f, MD_FAULT));
	assert_int_equal(fact_first(&f, 2 * S, MD_END, false), MD_FAULT);
	fact_finish(&f);
	assert_int_equal(fact_address(&f, &lb_log, "lvs2", VIP), 0);
	assert_int_equal(fact_first(&f, 0, MD_END, true), MD_FIRST + 100000);
	assert_int_equal(fact_first(&f, 0, MD_FIRST, true), NS_NONE);
	assert_int_equal(fact_negate(&f), 0);
	assert_true(fact_at(&f, 0));
	assert_false(fact_at(&f, MD_END));
	fact_finish(&f);
	assert_int_equal(fact_address(&f, &lb_log, "lvs2", "192.168.31.20"), 0);
	assert_int_equal(f.n, 0);
	fact_finish(&f);
}

static void facts__ipvs_weight(void **state)
{
	struct fact f;

	(void)state;
	lb_dest(1 * S, "lvs1", "192.168.31.113:80", IPVS_ADDED, 1);
	lb_dest(2 * S, "lvs1", "192.168.31.113:80", IPVS_CHANGED, 0);
	lb_dest(3 * S, "lvs1", "192.168.31.113:80", IPVS_REMOVED, 0);
	assert_int_equal(fact_ipvs(&f, &lb_log, "lvs1", "TCP 192.168.31.200:80",
				   "192.168.31.113:80", 0),
			 0);
	assert_false(fact_at(&f, 1500 * MS));
	assert_true(fact_at(&f, 2500 * MS));
	assert_false(fact_at(&f, 3500 * MS));
	fact_finish(&f);
}

#define T(f) cmocka_unit_test_setup_teardown(f, lb_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(measure__master_down_traffic),
		T(measure__master_down_budget),
		T(measure__priority_zero_bound_is_skew),
		T(measure__preemption_counts_from_the_start),
		T(measure__cut_counts_from_the_last_heard),
		T(measure__nobody_takes_over),
		T(measure__backup_down_is_no_failover),
		T(measure__one_gap_a_row_of_failures),
		T(measure__overlapping_gaps_add_up_once),
		T(measure__window_takes_what_was_due_in_it),
		T(measure__latency_by_nearest_rank),
		T(claims__silence_ends_one),
		T(claims__address_removed_ends_one),
		T(claims__two_masters_across_a_partition_are_legal),
		T(claims__two_masters_that_hear_each_other_are_a_breach),
		T(claims__yielding_at_once_is_no_breach),
		T(facts__address_and_crash),
		T(facts__ipvs_weight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
