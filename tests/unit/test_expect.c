/* Expectations: what is read, what is refused and where, how each is judged. */
#include "expectfix.h"

static void expect__traffic_quantities(void **state)
{
	(void)state;
	lb_master_down();
	held("longest_gap http <= 3.7s", "3.361 s");
	assert_string_equal(got.expected, "at most 3.7 s");
	assert_string_equal(got.tolerance, "none; a request every 10 ms");
	assert_int_equal(got.nmoment, 2);
	assert_int_equal(got.first, MD_FAULT);
	assert_int_equal(got.last, MD_OK);
	held("longest_gap <= 3361ms", "3.361 s");
	not_held("longest_gap http < 3361ms", "3.361 s");
	held("total_gap http <= 3.4s", NULL);
	held("gaps http == 1", "1");
	held("gaps http <= 1", NULL);
	held("sent http == 1500", NULL);
	held("failed http == 336", NULL);
	not_held("failed http == 0", "336");
	assert_int_equal(got.first, MD_FAULT);
	held("timeout http == 336", NULL);
	held("refused http == 0", NULL);
	not_held("ok http >= 99%", "77.6% (1164 of 1500)");
	held("ok http >= 77.6%", NULL);
	held("failed http <= 22.4%", NULL);
	held("latency http p99 <= 1ms", "1 ms");
	not_held("latency http max < 1ms", "1 ms");
}

static void expect__enough_digits_to_tell_them_apart(void **state)
{
	(void)state;
	lb_simple(0, EV_SETTLED);
	lb_request(1 * S, 2 * S, 0, REQ_REFUSED, NULL);
	lb_request(2 * S, 4 * S + 700 * MS + 4, 1, REQ_OK, "web1");
	lb_simple(9 * S, EV_END);
	not_held("longest_gap http <= 3.7s", "3.700000004 s");
	held("longest_gap http <= 3.8s", "3.7 s");
}

static void expect__windows(void **state)
{
	(void)state;
	lb_master_down();
	held("failed http == 0 before crash lvs1", "0");
	held("failed http == 0 after 4s of crash", NULL);
	held("failed http == 0 after 4s", NULL);
	not_held("failed http == 0 after crash", "336");
	held("failed http == 100 between 0s and 1s of fault 1", NULL);
	held("ok http == 0 within 3s of crash lvs1", NULL);
	held("backend http web1 answers 0 between 0s and 3s of crash", NULL);
	held("backend web2 share == 50%", "50% (582 of 1164)");
	held("backend http web2 share >= 49% after settled", NULL);
	not_held("backend http web1 answers <= 10", "582");
	undecided("latency http p50 <= 1ms between 0s and 1s of crash",
		  "no good reply to take it from");
}

static void expect__states(void **state)
{
	(void)state;
	lb_master_down();
	held("vip 192.168.31.200 on lvs2 within 3.7s of crash lvs1", "after 3.3591 s");
	held("vip 192.168.31.200 on lvs2 within 3.7s", NULL);
	not_held("vip 192.168.31.200 on lvs2 within 3s", "after 3.3591 s");
	assert_string_equal(got.expected, "192.168.31.200 on lvs2 within 3 s of the fault");
	held("vip 192.168.31.200 on lvs2 at end", NULL);
	held("vip 192.168.31.200 not on lvs1 at end", NULL);
	not_held("vip 192.168.31.200 on lvs1 at end", "192.168.31.200 not on lvs1");
	assert_int_equal(got.first, MD_FAULT);
	held("always vip 192.168.31.200 on lvs1 before crash", NULL);
	not_held("always vip 192.168.31.200 on lvs1",
		 "192.168.31.200 not on lvs1, to the end");
	held("never vip 192.168.31.200 on lvs1 after crash", NULL);
	held("eventually vip 192.168.31.200 on lvs2", NULL);
	held("master lvs2 at end", NULL);
	held("master lvs2 vrid 51 at end", NULL);
	not_held("master lvs2 vrid 52 at end", NULL);
	held("master lvs1 at 0s of settled", NULL);
	held("master not lvs1 at end", NULL);
	held("always one_master", "so throughout");
	held("always one_vip_holder", NULL);
}

static void expect__two_masters_are_told(void **state)
{
	int64_t t;

	(void)state;
	lb_simple(0, EV_SETTLED);
	for (t = S; t <= 6 * S; t += S)
		lb_advert(t, "lvs1", LVS1_IP, 101, "lvs2");
	for (t = 2500 * MS; t <= 6 * S; t += S)
		lb_advert(t, "lvs2", LVS2_IP, 100, NULL);
	lb_simple(6500 * MS, EV_END);
	assert_int_equal(event_log_sort(&lb_log), 0);
	not_held("always one_master", "lvs1 and lvs2 were both master of VRID 51 for 4 s");
	assert_int_equal(got.nmoment, 3);
	assert_int_equal(got.first, 2500 * MS);
	assert_string_equal(got.tolerance,
			    "50 ms to yield after hearing the better master");
}

static void expect__ipvs(void **state)
{
	(void)state;
	lb_simple(0, EV_SETTLED);
	lb_dest(1 * S, "lvs1", "192.168.31.113:80", IPVS_ADDED, 1);
	lb_fault(2 * S, "crash lvs1 lookalike", "web1", true);
	lb_dest(8 * S, "lvs1", "192.168.31.113:80", IPVS_REMOVED, 1);
	lb_simple(12 * S, EV_END);
	held("ipvs lvs1 \"TCP 192.168.31.200:80\" has 192.168.31.113:80 at 1s of settled",
	     NULL);
	held("ipvs lvs1 \"TCP 192.168.31.200:80\" lacks 192.168.31.113:80 within 7s", NULL);
	assert_string_equal(got.actual, "after 6 s");
	not_held("ipvs lvs1 \"TCP 192.168.31.200:80\" has 192.168.31.113:80 at end", NULL);
	not_held("ipvs lvs1 \"TCP 192.168.31.200:80\" exists at end", NULL);
	held("never ipvs lvs1 \"TCP 192.168.31.200:80\" has 192.168.31.113:80 weight 0",
	     NULL);
}

static void expect__steps(void **state)
{
	(void)state;
	lb_master_down();
	held("first_advert lvs2 within 3.61s of crash", "3.359 s");
	held("takeover within 3.61s", NULL);
	not_held("takeover lvs2 within 3s", "3.359 s");
	held("first_advert lvs2 between 2.609s and 3.61s of crash lvs1", NULL);
	held("first_advert within 3.61s of last_advert", "3.609 s");
	held("takeover within bound", "375 µs before it");
	not_held("first_ok within bound", "1.625 ms after it");
	held("first_ok within bound+2ms", NULL);
	held("vip_added within 100us of first_advert", "100 µs");
	held("arp within 1ms of first_advert", NULL);
	held("garp lvs2 vrid 51 within 4s", NULL);
	not_held("takeover lvs1 within 3s", "no such failover");
	not_held("no failover", "1");
	held("no failover before crash", NULL);
	held("failovers == 1", NULL);
	held("adverts lvs1 == 0 after crash", NULL);
	held("garps lvs2 == 1", NULL);
}

static void expect__too_short_a_run_decides_nothing(void **state)
{
	(void)state;
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(1500 * MS, EV_SETTLED);
	lb_fault(2 * S, "crash lvs1", "lvs1", true);
	lb_simple(4 * S, EV_END);
	undecided("vip 192.168.31.200 on lvs2 within 3.7s",
		  "the run ended 1.7 s before the time was up");
	undecided("takeover within 3.7s", NULL);
	not_held("vip 192.168.31.200 on lvs2 within 1s", "never");
	not_held("takeover within 1s", NULL);
	undecided("failed http == 0", "no request of http ended in that time");
}

static void expect__never_settled_decides_nothing(void **state)
{
	(void)state;
	lb_simple(1 * S, EV_UNSETTLED);
	lb_simple(2 * S, EV_END);
	undecided("always one_master", "the site never settled");
}

static void expect__no_end_holds_nothing(void **state)
{
	(void)state;
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_simple(1500 * MS, EV_SETTLED);
	lb_advert(2 * S, "lvs1", LVS1_IP, 101, "lvs2");
	undecided("always one_master", "the run did not reach its end");
}

static void expect__refuses_with_place_and_nearest(void **state)
{
	(void)state;
	refused("longest_gab http <= 3.7s",
		"t.conf:1:1: unknown expectation 'longest_gab' (did you mean "
		"'longest_gap'?)");
	refused("longest_gap http <= 3.7", "t.conf:1:21: ");
	refused("longest_gap htpp <= 3.7s",
		"t.conf:1:13: no traffic is called 'htpp' (did you mean 'http'?)");
	refused("longest_gap http 3.7s", "t.conf:1:18: <=, <, >=, >, == or != belongs here");
	refused("vip 192.168.31.200 on lvs3 at end",
		"t.conf:1:23: no node is called 'lvs3' (did you mean 'lvs");
	refused("vip 192.168.31 on lvs2 at end", "t.conf:1:5: an address belongs here");
	refused("vip 192.168.31.200 on lvs2", "when? `at end`, `within 3s`");
	refused("vip 192.168.31.200 on lvs2 within 3s of crush lvs1",
		"(did you mean 'crash lvs1'?)");
	refused("vip 192.168.31.200 on lvs2 within 3s of fault 2",
		"the timeline has 1 fault, there is no 2");
	refused("vip 192.168.31.200 on lvs2 within 3",
		"t.conf:1:35: ");
	refused("vip 192.168.31.200 on lvs2 witin 3s", "(did you mean 'within'?)");
	refused("backend http lvs1 share >= 49%",
		"no real server is called 'lvs1'");
	refused("takeover web1 within 3s", "no director is called 'web1'");
	refused("always longest_gap http <= 1s", "always goes with vip");
	refused("never one_master", "always one_master");
	refused("ok http >= 99% after 30s of crash",
		"this can never be judged: the case ends before");
	refused("longest_gap http <= 3.7s please", "before or between, got 'please'");
	refused("ipvs lvs1 192.168.31.200:80 has 192.168.31.113:80 at end",
		"a service is written \"TCP 192.168.31.200:80\"");
	refused("no failure", "no failover");
	refused("latency http p100 <= 1ms", "p50, p99, p99.9 or max");
	refused("takeover within bound-5ms", "bound, or bound+5ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(expect__traffic_quantities),
		T(expect__enough_digits_to_tell_them_apart),
		T(expect__windows),
		T(expect__states),
		T(expect__two_masters_are_told),
		T(expect__ipvs),
		T(expect__steps),
		T(expect__too_short_a_run_decides_nothing),
		T(expect__never_settled_decides_nothing),
		T(expect__no_end_holds_nothing),
		T(expect__refuses_with_place_and_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
