/*
 * report.html from logs made by hand. HTML_OUT=FILE keeps the page of the full
 * case, to look at.
 */
/* Before cmocka, which has a macro of the name expect_check. */
#include "report_html.h"

#include "logbuild.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "block.h"

/* --- a site with everything in it --- */

static void start(int64_t t, const char *node, const char *what)
{
	struct event e = { .t = t, .type = EV_START, .node = node };

	e.proc.what = event_text(&lb_log, what);
	lb_add(e);
}

static void service(int64_t t, const char *node)
{
	struct event e = { .t = t, .type = EV_IPVS, .node = node };

	e.ipvs.what = IPVS_SERVICE;
	e.ipvs.op = IPVS_ADDED;
	e.ipvs.service = event_text(&lb_log, "TCP " VIP ":80");
	e.ipvs.sched = event_text(&lb_log, "rr");
	lb_add(e);
}

static void director(int64_t t, const char *node)
{
	start(t, node, "engine");
	service(t + 20 * MS, node);
	lb_dest(t + 21 * MS, node, "192.168.31.113:80", IPVS_ADDED, 1);
	lb_dest(t + 22 * MS, node, "192.168.31.150:80", IPVS_ADDED, 1);
}

static void arp(int64_t t, const char *node, const char *ip, const char *target,
		bool request)
{
	struct event e = { .t = t, .type = EV_ARP, .node = node };

	e.arp.link = event_text(&lb_log, "lan");
	e.arp.request = request;
	e.arp.sender_mac = event_text(&lb_log, "02:00:00:00:05:01");
	e.arp.sender_ip = event_text(&lb_log, ip);
	e.arp.target_ip = event_text(&lb_log, target);
	lb_add(e);
}

static void full_case(void)
{
	int i;

	start(300 * MS, "web1", "web");
	start(310 * MS, "web2", "web");
	director(400 * MS, "lvs1");
	director(410 * MS, "lvs2");
	arp(1490 * MS, "client", "192.168.31.10", VIP, true);
	for (i = 1; i < 5; i++)
		lb_garp(MD_FIRST + 200000 + i * 30000, "lvs2", LVS2_MAC);
	for (i = 0; i < 5; i++)
		lb_garp(MD_FIRST + 5 * S + i * 30000, "lvs2", LVS2_MAC);
	lb_dest(13 * S, "lvs2", "192.168.31.150:80", IPVS_CHANGED, 0);
	lb_dest(14 * S, "lvs2", "192.168.31.150:80", IPVS_REMOVED, 0);
	lb_master_down();
}

/* The failure of one request in ten after the takeover, without a story. */
static void noise(void)
{
	lb_request(12005 * MS, 12006 * MS, 9000, REQ_REFUSED, NULL);
}

static const char expectations[] = "longest_gap http <= 3.7s\n"
				   "longest_gap http <= 3s\n"
				   "vip 192.168.31.200 on lvs2 within 3.7s\n"
				   "always one_master\n";

static struct block *tree;
static struct report rep;
static struct conf_text files[] = {
	{ (char *)"case.conf", (char *)"case master_down {\n\tabout \"lvs1 <dies>\"\n}\n" },
	{ (char *)"lvs1/keepalived.conf", (char *)"vrrp_instance VI_1 {\n\t! \xff bad byte\n}\n" },
};
static struct conf_texts conf = { files, 2 };

static void judge(const char *text)
{
	struct block_diag d = { .out = stderr };

	tree = block_parse("expect", text, strlen(text), &d);
	assert_non_null(tree);
	lb_case.expect = expect_parse(tree, &d);
	assert_int_equal(d.errors, 0);
	rep.dir = (char *)"reports/master_down/latest";
	rep.info.time = (char *)"virtual";
	rep.info.engine = (char *)"halbd";
	rep.c = &lb_case;
	rep.log = lb_log;
	rep.run = &lb_log.v[0];
	assert_int_equal(measure(&rep.m, &lb_case, &lb_log), 0);
	assert_int_equal(expect_judge(&rep.expect, &lb_case, &lb_log, &rep.m), 0);
	rep.verdict = VERDICT_FAILED;
}

static char *page(size_t n)
{
	const struct report *r[] = { &rep, &rep };
	struct conf_texts c[] = { conf, conf };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(report_html(f, r, c, n), 0);
	fclose(f);
	return text;
}

static int setup(void **state)
{
	rep = (struct report){ 0 };
	tree = NULL;
	return lb_setup(state);
}

static int teardown(void **state)
{
	expect_results_finish(&rep.expect);
	expect_free(lb_case.expect);
	lb_case.expect = NULL;
	block_free(tree);
	measures_finish(&rep.m);
	return lb_teardown(state);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void keep(const char *text, const char *variable)
{
	const char *path = getenv(variable);
	FILE *f = path ? fopen(path, "w") : NULL;

	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

/* --- tests --- */

static void report_html__has_every_lane_and_gap(void **state)
{
	char *text;

	(void)state;
	full_case();
	noise();
	assert_int_equal(event_log_sort(&lb_log), 0);
	judge(expectations);
	text = page(1);
	keep(text, "HTML_OUT");
	assert_non_null(strstr(text, "lvs1, VRRP 51: its part"));
	assert_non_null(strstr(text, "lvs2, VRRP 51: its part"));
	assert_non_null(strstr(text, "lvs1, → 192.168.31.113:80: destination"));
	assert_non_null(strstr(text, "lvs2, → 192.168.31.150:80: destination"));
	assert_non_null(strstr(text, "web1, web: program"));
	assert_non_null(strstr(text, "client, http: requests"));
	assert_non_null(strstr(text, "client, 192.168.31.200 is at: whom"));
	/* the gap and the noise: one row each in the table */
	assert_int_equal(rep.m.traffic[0].ngap, 2);
	assert_int_equal(count(text, "<title>gap of "), 2);
	/* four expectations, one of which did not hold, and that one first */
	assert_int_equal(count(text, "<p class=\"what\">"), 4);
	assert_non_null(strstr(text, "<li class=\"failed\"><p class=\"what\">"));
	free(text);
}

static void report_html__same_input_same_bytes(void **state)
{
	char *a, *b;

	(void)state;
	full_case();
	judge(expectations);
	a = page(1);
	b = page(1);
	assert_string_equal(a, b);
	free(a);
	free(b);
}

static void report_html__fetches_nothing(void **state)
{
	char *text;

	(void)state;
	full_case();
	judge(expectations);
	text = page(1);
	assert_int_equal(count(text, "http://") + count(text, "https://"), 0);
	assert_int_equal(count(text, " src="), 0);
	assert_int_equal(count(text, "url("), 0);
	assert_int_equal(count(text, "@import"), 0);
	free(text);
}

static void report_html__escapes_what_came_from_outside(void **state)
{
	char *text;

	(void)state;
	lb_case.about = (char *)"</p><script>alert(1)</script>";
	full_case();
	judge(expectations);
	text = page(1);
	lb_case.about = (char *)"lvs1 loses power";
	assert_null(strstr(text, "<script>alert"));
	assert_non_null(strstr(text, "&lt;script&gt;alert(1)"));
	assert_non_null(strstr(text, "lvs1 &lt;dies&gt;"));
	assert_non_null(strstr(text, "! \xef\xbf\xbd bad byte"));
	free(text);
}

static void report_html__two_engines_share_no_id(void **state)
{
	char *text, *p;

	(void)state;
	full_case();
	judge(expectations);
	text = page(2);
	keep(text, "HTML_OUT2");
	assert_non_null(strstr(text, "<section id=\"compare\""));
	assert_int_equal(count(text, "id=\"alanes\""), 1);
	assert_int_equal(count(text, "id=\"blanes\""), 1);
	for (p = text; (p = strstr(p, " id=\"")); p++) {
		char id[64] = "";

		assert_int_equal(sscanf(p, " id=\"%50[^\"]\"", id), 1);
		strcat(id, "\"");
		memmove(id + 5, id, strlen(id) + 1);
		memcpy(id, " id=\"", 5);
		assert_int_equal(count(text, id), 1);
	}
	free(text);
}

static void report_html__an_empty_run_has_a_page(void **state)
{
	char *text;

	(void)state;
	lb_run();
	judge("always one_master\n");
	rep.verdict = VERDICT_INCONCLUSIVE;
	text = page(1);
	assert_non_null(strstr(text, "Inconclusive"));
	assert_non_null(strstr(text, "</html>"));
	free(text);
}

static void report_html__says_when_it_cannot_write(void **state)
{
	const struct report *r[] = { &rep };
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	full_case();
	judge(expectations);
	assert_non_null(f);
	assert_int_equal(report_html(f, r, NULL, 1), -EIO);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(report_html__has_every_lane_and_gap, setup,
						teardown),
		cmocka_unit_test_setup_teardown(report_html__same_input_same_bytes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(report_html__fetches_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(report_html__escapes_what_came_from_outside,
						setup, teardown),
		cmocka_unit_test_setup_teardown(report_html__two_engines_share_no_id, setup,
						teardown),
		cmocka_unit_test_setup_teardown(report_html__an_empty_run_has_a_page, setup,
						teardown),
		cmocka_unit_test_setup_teardown(report_html__says_when_it_cannot_write,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
