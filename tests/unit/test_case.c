/* Cases: the grammar, what it comes to, and what it refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "block.h"
#include "case.h"
#include "clock.h"
#include "siteconf.h"
#include "../../engine/conf.h"

/* Tests run in the project's folder, where topologies/ and cases/ are. */
#define ROOT "."

static char folder[] = "/tmp/test_case.XXXXXX";
static char *said; /* what the last load() wrote */

/* Loads a case whose file is `text`; messages are in `said`. */
static struct case_ *load(const char *text)
{
	struct block_diag d = { 0 };
	char path[64];
	struct case_ *c;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/case.conf", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(said);
	d.out = open_memstream(&said, &len);
	assert_non_null(d.out);
	c = case_load(folder, ROOT, &d);
	fclose(d.out);
	assert_int_equal(c == NULL, d.errors > 0);
	return c;
}

#define HEAD "case x {\n about \"y\"\n topology lvs_dr\n"
#define TAIL " timeline { at settled+1s { end } }\n expect { always one_master }\n}\n"

static void refuses(const char *text, const char *message)
{
	struct case_ *c = load(text);

	if (c || !strstr(said, message))
		fail_msg("wanted '%s', got '%s'", message, said);
}

static void case__reads_the_example_of_the_design(void **state)
{
	struct case_ *c = load(
		"case master_down {\n"
		"    about \"lvs1 loses power while clients make new connections\"\n"
		"    topology lvs_dr\n"
		"    traffic http {\n"
		"        rate 200/s\n"
		"        timeout 100ms\n"
		"    }\n"
		"    timeline {\n"
		"        at settled+5s { crash lvs1 }\n"
		"        at +10s { end }\n"
		"    }\n"
		"    expect {\n"
		"        longest_gap http <= 3.7s\n"
		"        vip 192.168.31.200 on lvs2 within 3.7s\n"
		"        always one_master\n"
		"    }\n"
		"}\n");

	(void)state;
	assert_non_null(c);
	assert_string_equal(c->name, "master_down");
	assert_string_equal(c->topo->name, "lvs_dr");
	assert_int_equal(c->ntraffic, 1);
	assert_string_equal(c->traffic[0].name, "http");
	assert_int_equal(c->traffic[0].kind, TRAFFIC_HTTP);
	assert_true(c->traffic[0].rate_per_s == 200.0);
	assert_int_equal(c->traffic[0].timeout_ns, 100 * NS_PER_MS);
	assert_string_equal(c->traffic[0].from, "client");
	assert_string_equal(c->traffic[0].target, "192.168.31.200:80");
	assert_int_equal(c->nstep, 2);
	assert_int_equal(c->step[0].base, WHEN_SETTLED);
	assert_int_equal(c->step[0].offset_ns, 5 * NS_PER_S);
	assert_string_equal(c->step[0].text, "crash lvs1");
	assert_int_equal(c->step[0].argc, 2);
	assert_null(c->step[0].argv[2]);
	assert_int_equal(c->step[1].base, WHEN_PREVIOUS);
	assert_int_equal(c->length_ns, 15 * NS_PER_S);
	assert_int_equal(c->settle_within_ns, 60 * NS_PER_S);
	assert_int_equal(c->backend, BACKEND_HALBWEB);
	assert_false(c->engine_only);
	assert_int_equal(c->siteconf->n, 2);
	assert_non_null(c->expect);
	case_free(c);
}

static void case__says_how_many_nodes(void **state)
{
	struct case_ *c = load("case x {\n about \"y\"\n topology lvs_large {\n"
			       "  web 300\n  client 2\n }\n" TAIL);
	const struct topo_node *n;
	const struct conf *conf;
	char text[64];

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->topo->nnode, 304);
	n = topology_node(c->topo, "web300");
	assert_string_equal(n->many, "web");
	assert_int_equal(n->number, 300);
	assert_null(topology_node(c->topo, "lvs1")->many);
	assert_null(topology_node(c->topo, "client3"));
	/* and as many real servers */
	conf = c->siteconf->v[1].conf;
	assert_int_equal(conf->service[0].nreal, 300);
	siteconf_real_text(&conf->service[0].real[299], text, sizeof(text));
	assert_string_equal(text, "10.0.17.44:80");
	assert_non_null(strstr(c->siteconf->v[1].text, "real_server 10.0.17.44 80 {"));
	case_free(c);

	refuses("case x {\n topology lvs_large {\n  wob 300\n }\n" TAIL,
		"case.conf:3:3: topology lvs_large has no 'wob' with a number, "
		"did you mean 'web'?");
	refuses("case x {\n topology lvs_dr {\n  web1 3\n }\n" TAIL,
		"case.conf:3:3: topology lvs_dr has no 'web1' with a number");
	refuses("case x {\n topology lvs_large {\n  web 0\n }\n" TAIL, "case.conf:3:7:");
	refuses("case x {\n topology lvs_large {\n  web\n }\n" TAIL,
		"case.conf:3:6: say how many");
	refuses("case x {\n topology lvs_large {\n  web 3\n  web 4\n }\n" TAIL,
		"case.conf:4:3: 'web' is given twice");
}

static void case__each_wants_its_end(void **state)
{
	static const char *const bad[] = {
		"#halbsim each web\n",
		"\n#halbsim end\n",
		"#halbsim each nobody\n#halbsim end\n",
		"#halbsim every web\n",
	};
	static const char *const want[] = {
		"keepalived.conf:1:1: no '#halbsim end' follows",
		"keepalived.conf:2:1: expected: '#halbsim each NAME'",
		"keepalived.conf:1:1: topology lvs_large has no 'nobody' with a number",
		"keepalived.conf:1:1: expected: '#halbsim each NAME'",
	};
	char dir[64], path[96];
	size_t i;
	FILE *f;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/lvs1", folder);
	snprintf(path, sizeof(path), "%s/keepalived.conf", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	for (i = 0; i < 4; i++) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(bad[i], f);
		fclose(f);
		refuses("case x {\n about \"y\"\n topology lvs_large\n" TAIL, want[i]);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void case__reads_every_word(void **state)
{
	struct case_ *c = load(
		HEAD
		" engine keepalived\n backend nginx\n"
		" node web1 { no address 192.168.31.200\n sysctl net.ipv4.ip_forward 1\n"
		"  sysctl net.ipv4.conf.lo.arp_ignore 0\n"
		"  no sysctl net.ipv4.conf.all.arp_ignore }\n"
		" traffic http { from web2\n to 192.168.31.200 80\n path /a\n ports 2000-2001 }\n"
		" traffic udp fine { rate 2000/s\n to 192.168.31.200:53\n timeout 50ms }\n"
		" settle { within 5s\n without replies\n without checks }\n"
		" timeline {\n  at start+2s { stop web1 }\n  at settled {\n crash lvs1\n"
		" crash lvs2 }\n at + 1500ms { end }\n }\n"
		" expect { always one_master }\n}\n");
	const struct topo_node *web1;
	size_t i, lo = 0;

	(void)state;
	assert_non_null(c);
	assert_true(c->engine_only);
	assert_int_equal(c->engine, ENGINE_KEEPALIVED);
	assert_int_equal(c->backend, BACKEND_NGINX);
	web1 = topology_node(c->topo, "web1");
	for (i = 0; i < web1->nif; i++)
		lo += web1->ifs[i].link ? 0 : web1->ifs[i].naddr;
	assert_int_equal(lo, 0);
	for (i = 0; i < web1->nsysctl; i++) {
		assert_string_not_equal(web1->sysctl[i].key, "net.ipv4.conf.all.arp_ignore");
		if (strcmp(web1->sysctl[i].key, "net.ipv4.conf.lo.arp_ignore") == 0)
			assert_string_equal(web1->sysctl[i].value, "0");
	}
	assert_string_equal(web1->sysctl[web1->nsysctl - 1].key, "net.ipv4.ip_forward");
	assert_string_equal(c->traffic[0].from, "web2");
	assert_string_equal(c->traffic[0].target, "192.168.31.200:80");
	assert_string_equal(c->traffic[0].path, "/a");
	assert_int_equal(c->traffic[0].first_port, 2000);
	assert_int_equal(c->traffic[0].last_port, 2001);
	assert_int_equal(c->traffic[1].last_port, 0);
	assert_string_equal(c->traffic[1].name, "fine");
	assert_int_equal(c->traffic[1].kind, TRAFFIC_UDP);
	assert_ptr_equal(case_traffic(c, "fine"), &c->traffic[1]);
	assert_int_equal(c->settle_within_ns, 5 * NS_PER_S);
	assert_true(c->settle_without_replies);
	assert_true(c->settle_without_checks);
	assert_int_equal(c->nstep, 4);
	assert_int_equal(c->step[0].base, WHEN_START);
	assert_int_equal(c->step[2].base, WHEN_PREVIOUS);
	assert_int_equal(c->step[2].offset_ns, 0);
	assert_int_equal(c->length_ns, 1500 * NS_PER_MS);
	case_free(c);
}

static void case__takes_away_routes(void **state)
{
	struct case_ *c = load("case x {\n topology lvs_nat\n node web1 { no route default }\n"
			       " timeline { at settled+1s { end } }\n}\n");

	(void)state;
	assert_non_null(c);
	assert_int_equal(topology_node(c->topo, "web1")->nroute, 0);
	assert_int_equal(topology_node(c->topo, "web2")->nroute, 1);
	assert_non_null(strstr(said, "nothing is expected"));
	case_free(c);
}

static void case__says_where_and_what_was_meant(void **state)
{
	(void)state;
	refuses("case x {\n topolgy lvs_dr\n}\n",
		"case.conf:2:2: unknown word 'topolgy' in a case, did you mean 'topology'?");
	refuses("case x {\n topology lvs_rd\n" TAIL, "case.conf:2:11: no topology 'lvs_rd'");
	refuses("case x {\n topology lvs_rd\n" TAIL, "did you mean 'lvs_dr'?");
	refuses(HEAD " traffic http {\n  rate 200\n }\n" TAIL, "case.conf:5:8: ");
	refuses(HEAD " traffic http\n traffic http { }\n" TAIL, "case.conf:4:10: say 'traffic");
	refuses(HEAD " traffic http {\n  timeout 100\n }\n" TAIL, "case.conf:5:11: ");
	refuses(HEAD " traffic htp { }\n" TAIL, "did you mean 'http'?");
	refuses(HEAD " traffic http { to 192.168.31.200 }\n" TAIL, "not an address and port");
	refuses(HEAD " traffic http { }\n traffic http { }\n" TAIL, "a second traffic");
	refuses(HEAD " traffic http {\n  ports 80-\n }\n" TAIL, "case.conf:5:9: expected ports");
	refuses(HEAD " traffic http {\n  ports 0-9\n }\n" TAIL, "case.conf:5:9: expected ports");
	refuses(HEAD " traffic http {\n  ports 9-8\n }\n" TAIL, "case.conf:5:9: expected ports");
	refuses(HEAD " traffic http {\n  ports 1-65536\n }\n" TAIL, "got '1-65536'");
	refuses(HEAD " traffic udp {\n  ports 1-9\n }\n" TAIL,
		"case.conf:5:3: ports are of traffic http and keepalive");
	refuses(HEAD " traffic http { from lvs9 }\n" TAIL, "no node 'lvs9' to send from");
	refuses(HEAD " traffic http { rate 100000/s\n timeout 10s }\n" TAIL,
		"would be under way at once");
	refuses(HEAD " node web9 { no address 1.2.3.4 }\n" TAIL, "no node 'web9'");
	refuses(HEAD " node web1 { no address 1.2.3.4 }\n" TAIL, "no address '1.2.3.4'");
	refuses(HEAD " backend ngnix\n" TAIL, "did you mean 'nginx'?");
	refuses(HEAD " engine keepalive\n" TAIL, "did you mean 'keepalived'?");
	refuses(HEAD " settle { whithin 5s }\n" TAIL, "did you mean 'within'?");
	refuses(HEAD, "case.conf:");
	refuses("", "empty");
	refuses("cases x { }\n", "a case begins with 'case NAME {'");
	refuses(HEAD TAIL "case y { }\n", "one case a file");
}

static void case__refuses_timelines_that_make_no_sense(void **state)
{
	static const struct {
		const char *steps, *message;
	} bad[] = {
		{ "at settled+5s { crash lvs1 }", "it is no end" },
		{ "at settled+5s { end }\n at +1s { crash lvs1 }", "after the end" },
		{ "at +5s { end }", "no step before this one" },
		{ "at 5s { end }", "counts from nothing" },
		{ "at settled-5s { end }", "back in time" },
		{ "at setled+5s { end }", "did you mean 'settled'?" },
		{ "at settled+5 { end }", "not a span of time" },
		{ "at settled+5s { }", "nothing happens then" },
		{ "at { end }", "no moment after 'at'" },
		{ "at settled+5s { end now }", "'end' stands alone" },
		{ "at settled+5s { crash lvs1 }\n at settled+4s { end }",
		  "comes before the step above it" },
		{ "at settled+5s { crash lvs1 }\n at start+40s { end }",
		  "put it above" },
		{ "at settled+5s { crsh lvs1 }\n at +1s { end }", "crash" },
		{ "at settled+5s { crash lvs3 }\n at +1s { end }", "lvs3" },
		{ "whne lvs2 becomes master { end }", "did you mean 'when'?" },
		{ "when lvs2 becomes master { }", "nothing happens then" },
		{ "when lvs9 becomes master { end }", "no director is called 'lvs9'" },
		{ "when lvs2 becomes master { crash lvs1 }\n at settled+9s { end }",
		  "count from it" },
		{ "at settled { wait 1s }\n at +1s { end }", "nothing follows" },
		{ "at settled { wait 1\n end }", ":6:" },
		{ "at settled { wait\n end }", "say 'wait 150ms'" },
		{ "at settled { repeat 5 { crash lvs1 } }\n at +1s { end }", "how often?" },
		{ "at settled { repeat 0 every 1s { crash lvs1 } }\n at +1s { end }", ":5:" },
		{ "at settled { repeat 5 every 0s { crash lvs1 } }\n at +1s { end }",
		  "takes its time" },
		{ "at settled { repeat 5 every 1s { } }\n at +1s { end }", "nothing is repeated" },
		{ "at settled { repeat 5 every 1s { end } }", "the end comes once" },
		{ "at settled { repeat 2 every 1s {\n crash lvs1\n wait 2s\n boot lvs1\n } }\n"
		  " at +1s { end }", "before this one is over" },
		{ "at settled { repeat 900 every 1s { repeat 900 every 1ms { reload lvs1 } } }\n"
		  " at +1s { end }", "more than" },
		{ "at settled { flap lvs1 }\n at +1s { end }", "say 'flap lvs1 5 times" },
		{ "at settled { flap lvs9 5 times every 1s }\n at +1s { end }", "lvs9" },
		{ "at settled { flap lvs1 5 times evry 1s }\n at +1s { end }", "how often?" },
		{ "at settled { flap lvs1 plug 5 times every 1s }\n at +1s { end }", "'plug'" },
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), HEAD " timeline {\n %s\n }\n}\n", bad[i].steps);
		refuses(text, bad[i].message);
	}
}

/* What is repeated becomes plain steps; a fault of one is told once. */
static void case__writes_repetitions_out(void **state)
{
	static const struct {
		const char *text;
		int64_t offset_ms;
	} want[] = {
		{ "crash lvs1", 1000 },	 { "reload lvs2", 100 },  { "link_down web1", 200 },
		{ "link_up web1", 50 },	 { "link_down web1", 250 }, { "link_up web1", 50 },
		{ "link_down lvs2 switch", 0 }, { "link_up lvs2 switch", 500 },
		{ "link_down lvs2 switch", 500 }, { "link_up lvs2 switch", 500 },
		{ "boot lvs1", 0 },	 { "end", 2000 },
	};
	struct case_ *c = load(HEAD " timeline {\n at settled+1s { crash lvs1\n wait 100ms\n"
			       " reload lvs2\n wait 200ms\n repeat 2 every 300ms {\n"
			       " link_down web1\n wait 50ms\n link_up web1\n }\n"
			       " flap lvs2 switch 2 times every 1s }\n"
			       " when lvs2 becomes master within 5s { boot lvs1 }\n"
			       " at +2s { end }\n }\n expect { always one_master }\n}\n");
	size_t i;

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->nstep, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < c->nstep; i++) {
		assert_string_equal(c->step[i].text, want[i].text);
		assert_int_equal(c->step[i].offset_ns, want[i].offset_ms * NS_PER_MS);
	}
	assert_int_equal(c->step[1].base, WHEN_PREVIOUS);
	assert_int_equal(c->step[10].base, WHEN_EVENT);
	assert_non_null(c->step[10].when);
	assert_null(c->step[11].when);
	assert_true(c->step[4].again);
	assert_int_equal(c->length_ns, (1650 + 1500 + 5000 + 2000) * NS_PER_MS);
	case_free(c);
	refuses(HEAD " timeline { at settled { repeat 3 every 1s { crash lvs9 } }\n"
		" at +1s { end } }\n}\n", "lvs9");
	assert_null(strstr(strstr(said, "lvs9") + 4, "lvs9"));
}

static void case__finds_all_mistakes_in_one_pass(void **state)
{
	struct case_ *c = load("case x {\n topology lvs_dr\n backend ngnix\n"
			       " traffic http { rate 200 }\n timeline {\n"
			       " at settled+5 { crash lvs1 }\n at +1s { end }\n }\n bogus 1\n}\n");

	(void)state;
	assert_null(c);
	assert_non_null(strstr(said, ":3:"));
	assert_non_null(strstr(said, ":4:"));
	assert_non_null(strstr(said, ":6:"));
	assert_non_null(strstr(said, ":9:"));
}

static void case__names_a_folder_that_is_for_nobody(void **state)
{
	char dir[64];

	(void)state;
	snprintf(dir, sizeof(dir), "%s/lvs3", folder);
	assert_int_equal(mkdir(dir, 0777), 0);
	refuses(HEAD TAIL, "has no node 'lvs3'");
	rmdir(dir);
}

static void case__prefers_its_own_files(void **state)
{
	char dir[64], path[96], *got;
	struct case_ *c;
	FILE *f;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/lvs1", folder);
	snprintf(path, sizeof(path), "%s/keepalived.conf", dir);
	assert_int_equal(mkdir(dir, 0777), 0);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("vrrp_instance OWN {\n interface enp0s3\n virtual_router_id 7\n"
	      " priority 9\n virtual_ipaddress {\n 192.168.31.201\n }\n}\n", f);
	fclose(f);
	c = load(HEAD TAIL);
	assert_non_null(c);
	got = case_node_file(c, "lvs1", "keepalived.conf");
	assert_string_equal(got, path);
	free(got);
	got = case_node_file(c, "lvs2", "keepalived.conf");
	assert_string_equal(got, ROOT "/topologies/lvs_dr/lvs2/keepalived.conf");
	free(got);
	assert_null(case_node_file(c, "lvs1", "other.conf"));
	assert_string_equal(siteconf_node(c->siteconf, "lvs1")->path, path);
	case_free(c);
	unlink(path);
	rmdir(dir);
}

static void case__is_found_by_its_name(void **state)
{
	static const char *const paths[] = { "master_down", "cases/master_down",
					     "cases/master_down/",
					     "cases/master_down/case.conf" };
	struct block_diag d = { .out = stderr };
	struct case_ *c;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		c = case_load(paths[i], ROOT, &d);
		assert_non_null(c);
		assert_string_equal(c->name, "master_down");
		assert_int_equal(d.warnings, 0);
		case_free(c);
	}
	assert_null(case_load("no_such_case", ROOT, &d));
	assert_int_equal(d.errors, 1);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/case.conf", folder);
	unlink(path);
	free(said);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case__reads_the_example_of_the_design),
		cmocka_unit_test(case__says_how_many_nodes),
		cmocka_unit_test(case__each_wants_its_end),
		cmocka_unit_test(case__reads_every_word),
		cmocka_unit_test(case__takes_away_routes),
		cmocka_unit_test(case__says_where_and_what_was_meant),
		cmocka_unit_test(case__refuses_timelines_that_make_no_sense),
		cmocka_unit_test(case__writes_repetitions_out),
		cmocka_unit_test(case__finds_all_mistakes_in_one_pass),
		cmocka_unit_test(case__names_a_folder_that_is_for_nobody),
		cmocka_unit_test(case__prefers_its_own_files),
		cmocka_unit_test(case__is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
