/* Expectations about adverts, packets, logs, shares and whole tables. */
#include "expectfix.h"

/* lvs1 each second with 101, settled at 1.5 s; the end at 9 s. */
static void quiet_master(void)
{
	int64_t t;

	lb_run();
	for (t = 1 * S; t < 9 * S; t += S)
		lb_advert(t, "lvs1", LVS1_IP, 101, "lvs2");
	lb_addr(1 * S + 1000, "lvs1", VIP "/32", true);
	lb_simple(1500 * MS, EV_SETTLED);
	lb_fault(2500 * MS, "crash web1", "web1", true);
	lb_simple(9 * S, EV_END);
}

static void sort(void)
{
	assert_int_equal(event_log_sort(&lb_log), 0);
}

static void expect__adverts_on_the_wire(void **state)
{
	(void)state;
	quiet_master();
	lb_advert(8500 * MS, "lvs1", LVS1_IP, 0, "lvs2");
	sort();
	held("adverts lvs1 == 8", "8");
	assert_int_equal(got.nmoment, 2);
	assert_int_equal(got.first, 2 * S);
	held("adverts lvs1 priority 101 == 7", NULL);
	held("adverts lvs1 priority 0 == 1", NULL);
	held("adverts lvs1 vrid 51 >= 1", NULL);
	held("adverts lvs1 vrid 9 == 0", "0");
	not_held("adverts lvs2 >= 1", "0");
	held("advert_interval lvs1 <= 1s", "1 s");
	held("advert_interval lvs1 >= 1s", "1 s");
	not_held("advert_interval lvs1 < 1s", "1 s");
	assert_int_equal(got.first, 2 * S);
	assert_int_equal(got.last, 3 * S);
	assert_non_null(strstr(got.tolerance, "6 intervals"));
	held("advert_interval lvs1 vrid 51 max == 1s", "1 s");
	held("advert_interval lvs1 min >= 1s", "1 s");
	not_held("advert_interval lvs1 max > 1s", "1 s");
	undecided("advert_interval lvs2 <= 1s",
		  "no two adverts of lvs2 follow each other in that time");
	held("advert_priority lvs1 == 101", "101"); /* a goodbye is no priority */
	not_held("advert_priority lvs1 < 101", "101");
	undecided("advert_priority lvs2 == 100", "lvs2 sends no advert in that time");
}

static void lb_packet(int64_t t, const char *node, const char *protocol)
{
	struct event e = { .t = t, .type = EV_PACKET, .node = node };

	e.packet.link = event_text(&lb_log, "lan");
	e.packet.protocol = event_text(&lb_log, protocol);
	lb_add(e);
}

static void expect__packets(void **state)
{
	(void)state;
	quiet_master();
	lb_packet(3 * S, "client", "tcp");
	lb_packet(4 * S, "client", "tcp");
	lb_packet(5 * S, "client", "udp");
	lb_packet(1 * S, "client", "tcp"); /* before settled */
	sort();
	held("packets client tcp == 2", "2");
	held("packets client tcp == 1 before 1s of crash", NULL);
	held("packets client udp == 1", NULL);
	not_held("packets web1 tcp >= 1", "0");
	held("packets lvs1 vrrp == 7", NULL);
	refused("packets client tpc >= 1", "t.conf:1:16: no protocol is called 'tpc' (did you "
					   "mean 'tcp'?)");
	refused("packets clinet tcp >= 1", "no node or link is called 'clinet' (did you mean "
					   "'client'?)");
	refused("packets client >= 1", "t.conf:1:16: of which protocol?");
}

static void expect__lines_of_a_log(void **state)
{
	(void)state;
	quiet_master();
	lb_add((struct event){ .t = 3 * S, .type = EV_LOG, .node = "lvs1", .text = "up 1" });
	lb_add((struct event){ .t = 4 * S, .type = EV_LOG, .node = "lvs1", .text = "up 2" });
	sort();
	held("log lvs1 \"^up [0-9]$\" present", "2");
	assert_int_equal(got.first, 3 * S);
	held("log lvs1 \"up 1\" == 1", "1");
	held("log lvs2 \"up\" absent", "0");
	not_held("log lvs1 \"up\" absent after 1s of crash", "1");
	not_held("log lvs1 \"down\" present", "0");
	refused("log lvs1 \"(\" present", "t.conf:1:10: '(' is no regular expression");
	refused("log lvs9 \"up\" present", "no node is called 'lvs9'");
	refused("log lvs1 \"up\" seen", "present, absent or a count");
	refused("log lvs1", "a regular expression is missing");
	refused("log lvs1 \"\" present", "matches every line");
}

static void expect__shares_are_fair(void **state)
{
	uint64_t n;

	(void)state;
	quiet_master();
	for (n = 0; n < 9; n++)
		lb_request(3 * S + (int64_t)n * MS, 3 * S + (int64_t)n * MS + 1, n, REQ_OK,
			   n % 3 ? "web1" : "web2");
	sort();
	held("fair http <= 3", "3 (web1 6, web2 3)");
	not_held("fair <= 2", NULL);
	held("fair http web1 web2 == 3", NULL);
	undecided("fair http <= 1 after 4s of crash", "no request of http ended in that time");
	refused("fair htpp <= 1", "name two at least");
	refused("fair http web1 web3 <= 1", "no real server is called 'web3'");
	refused("fair http web1 lvs1 <= 1", "no real server is called 'lvs1'");
}

static void lb_arp(int64_t t, const char *node, const char *ip, bool request)
{
	struct event e = { .t = t, .type = EV_ARP, .node = node };

	e.arp.link = event_text(&lb_log, "lan");
	e.arp.request = request;
	e.arp.sender_mac = event_text(&lb_log, "02:00:00:00:03:01");
	e.arp.sender_ip = event_text(&lb_log, ip);
	e.arp.target_ip = event_text(&lb_log, "192.168.31.10");
	lb_add(e);
}

static void expect__only_a_master_speaks_for_the_address(void **state)
{
	(void)state;
	quiet_master();
	lb_arp(4 * S, "lvs1", VIP, false);
	lb_arp(5 * S, "web1", "192.168.31.113", true); /* its own address */
	sort();
	held("always vip_answered_by_master", "so throughout (1 ARP packets)");
	lb_arp(6 * S, "web1", VIP, false);
	sort();
	not_held("always vip_answered_by_master", NULL);
	assert_non_null(strstr(got.actual, "web1 says that 192.168.31.200 is at"));
	assert_int_equal(got.first, 6 * S);
	held("always vip_answered_by_master before 3s of crash", NULL);
	refused("never vip_answered_by_master", "always vip_answered_by_master");
}

/* One that is paused keeps answering though it is no master any more. */
static void expect__a_silent_master_is_none(void **state)
{
	(void)state;
	lb_run();
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_addr(1 * S + 1000, "lvs1", VIP "/32", true);
	lb_simple(1500 * MS, EV_SETTLED);
	lb_fault(1600 * MS, "pause lvs1", "lvs1", true);
	lb_arp(8 * S, "lvs1", VIP, false);
	lb_simple(9 * S, EV_END);
	not_held("always vip_answered_by_master", NULL);
	assert_int_equal(got.first, 8 * S);
}

#define TABLE(lines) "ipvs lvs1 table at end {\n" lines "}\n"

static void lb_service(int64_t t, const char *node, enum ipvs_op op)
{
	struct event e = { .t = t, .type = EV_IPVS, .node = node };

	e.ipvs.what = IPVS_SERVICE;
	e.ipvs.op = op;
	e.ipvs.service = event_text(&lb_log, "TCP 192.168.31.200:80");
	e.ipvs.sched = event_text(&lb_log, "rr");
	lb_add(e);
}

static void lb_real(int64_t t, const char *dest, enum ipvs_op op, int weight)
{
	struct event e = { .t = t, .type = EV_IPVS, .node = "lvs1" };

	e.ipvs.what = IPVS_DEST;
	e.ipvs.op = op;
	e.ipvs.service = event_text(&lb_log, "TCP 192.168.31.200:80");
	e.ipvs.dest = event_text(&lb_log, dest);
	e.ipvs.forward = event_text(&lb_log, "DR");
	e.ipvs.weight = weight;
	lb_add(e);
}

/* The text of an expectation is its line alone, so judge() cannot compare it. */
static enum expect_outcome judge_table(const char *text, char *what, size_t size)
{
	struct expect_results res;
	struct block *tree;
	unsigned int errors;
	struct measures m;
	struct expect *e = parse(text, &tree, &errors);
	enum expect_outcome outcome;

	if (!e || errors)
		fail_msg("'%s': %s", text, messages);
	lb_case.expect = e;
	assert_int_equal(measure(&m, &lb_case, &lb_log), 0);
	assert_int_equal(expect_judge(&res, &lb_case, &lb_log, &m), 0);
	outcome = res.v[0].outcome;
	snprintf(what, size, "%s",
		 res.v[0].nmoment ? res.v[0].moment[res.v[0].nmoment - 1].what : "");
	lb_case.expect = NULL;
	expect_results_finish(&res);
	measures_finish(&m);
	expect_free(e);
	block_free(tree);
	return outcome;
}

static void expect__whole_tables(void **state)
{
	char what[400];

	(void)state;
	quiet_master();
	lb_service(1100 * MS, "lvs1", IPVS_ADDED);
	lb_real(1100 * MS, "192.168.31.113:80", IPVS_ADDED, 1);
	lb_real(1100 * MS, "192.168.31.150:80", IPVS_ADDED, 1);
	lb_real(4 * S, "192.168.31.113:80", IPVS_REMOVED, 1);
	lb_real(5 * S, "192.168.31.150:80", IPVS_CHANGED, 3);
	sort();
	assert_int_equal(judge_table(TABLE("TCP 192.168.31.200:80 rr\n"
					   "-> 192.168.31.150:80 Route 3\n"),
				     what, sizeof(what)),
			 EXPECT_HELD);
	assert_int_equal(judge_table(TABLE("TCP 192.168.31.200:80 rr\n"
					   "-> 192.168.31.150:80 DR 1\n"),
				     what, sizeof(what)),
			 EXPECT_NOT_HELD);
	assert_string_equal(what, "it lacks TCP 192.168.31.200:80 -> 192.168.31.150:80 Route 1; "
				  "has TCP 192.168.31.200:80 -> 192.168.31.150:80 Route 3");
	assert_int_equal(judge_table("ipvs lvs1 table within 2s {\nTCP 192.168.31.200:80 rr\n"
				     "-> 192.168.31.150:80 Route 1\n}\n",
				     what, sizeof(what)),
			 EXPECT_HELD);
	/* In any order; both until the first goes. */
	assert_int_equal(judge_table("always ipvs lvs1 table before 1s of crash {\n"
				     "TCP 192.168.31.200:80 rr\n"
				     "-> 192.168.31.150:80 Route 1\n"
				     "-> 192.168.31.113:80 Route 1\n}\n",
				     what, sizeof(what)),
			 EXPECT_HELD);
	assert_int_equal(judge_table("ipvs lvs2 table at end { }", what, sizeof(what)),
			 EXPECT_HELD);
}

static void expect__refuses_tables_that_are_none(void **state)
{
	(void)state;
	refused("ipvs lvs1 table at end", "the table's lines in braces");
	refused(TABLE("-> 192.168.31.150:80 Route 3\n"), "t.conf:2:1: of which service?");
	refused(TABLE("TCP 192.168.31.200:80\n"), "t.conf:2:1: a line is 'TCP");
	refused(TABLE("TCP 192.168.31.200:80 rr\n-> 192.168.31.150:80 Rout 1\n"),
		"t.conf:3:22: Route, Masq, Tunnel or Local belongs here, got 'Rout', did you "
		"mean 'Route'?");
	refused(TABLE("TCP 192.168.31.200:80 rr\n-> 192.168.31.150:80 Route\n"), "t.conf:3:");
	refused(TABLE("TCP 192.168.31.200:80 rr\n-> 192.168.31.150:80 Route 1 0 0\n"),
		"a destination is");
	refused("ipvs lvs9 table at end { }", "no director is called 'lvs9'");
	refused("always one_master { }", "has no braces");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(expect__adverts_on_the_wire),
		T(expect__packets),
		T(expect__lines_of_a_log),
		T(expect__shares_are_fair),
		T(expect__only_a_master_speaks_for_the_address),
		T(expect__a_silent_master_is_none),
		T(expect__whole_tables),
		T(expect__refuses_tables_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
