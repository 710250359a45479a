/* What steps wait for: the words, and the events that bring it about. */
#include <stdio.h>
#include <stdlib.h>

#include "block.h"
#include "logbuild.h"
#include "trigger.h"

static struct block *tree;
static char *said;

static struct trigger *parse(const char *text)
{
	struct block_diag d = { 0 };
	struct trigger *t;
	size_t len;

	block_free(tree);
	free(said);
	d.out = open_memstream(&said, &len);
	assert_non_null(d.out);
	tree = block_parse("case.conf", text, strlen(text), &d);
	assert_non_null(tree);
	t = trigger_parse(tree->first, &d);
	if (t && trigger_check(t, &lb_case, &d) < 0) {
		trigger_free(t);
		t = NULL;
	}
	fclose(d.out);
	assert_int_equal(t == NULL, d.errors > 0);
	return t;
}

static void refuses(const char *text, const char *message)
{
	struct trigger *t = parse(text);

	if (t || !strstr(said, message))
		fail_msg("'%s': wanted '%s', got '%s'", text, message, said);
}

/* Number of the first event of the log that brings it about; -1: none does. */
static int comes_at(const char *text)
{
	struct trigger *t = parse(text);
	struct trigger_state *s;
	int at = -1;
	size_t i;

	if (!t)
		fail_msg("'%s': %s", text, said);
	s = trigger_state_new(t);
	assert_non_null(s);
	for (i = 0; i < lb_log.n && at < 0; i++)
		if (trigger_event(s, &lb_log.v[i]))
			at = (int)i;
	trigger_state_free(s);
	trigger_free(t);
	return at;
}

static void trigger__reads_its_limit(void **state)
{
	struct trigger *t = parse("when lvs2 becomes master vrid 51 within 4s");

	(void)state;
	assert_non_null(t);
	assert_int_equal(t->kind, TRIGGER_MASTER);
	assert_int_equal(t->vrid, 51);
	assert_int_equal(t->limit_ns, 4 * S);
	assert_string_equal(t->text, "when lvs2 becomes master vrid 51 within 4s");
	trigger_free(t);
	t = parse("when lvs2 becomes master");
	assert_non_null(t);
	assert_int_equal(t->limit_ns, TRIGGER_LIMIT_NS);
	trigger_free(t);
}

static void trigger__says_what_was_meant(void **state)
{
	(void)state;
	refuses("when", "what to wait for is missing");
	refuses("when lvs2 becoms master", "case.conf:1:11: unknown event 'becoms', did you "
					   "mean 'becomes'?");
	refuses("when lvs2 becomes mister", "did you mean 'master'?");
	refuses("when lvs3 becomes master", "case.conf:1:6: no director is called 'lvs3', did "
					    "you mean 'lvs1'?");
	refuses("when client becomes master", "no director is called 'client'");
	refuses("when lvs2 becomes master within 4", "1:33");
	refuses("when lvs2 becomes master within 0s", "no time to wait");
	refuses("when lvs2 becomes master vrid 300", "1:31");
	refuses("when lvs2 becomes master soon", "1:26");
	refuses("when lvs2 becomes master within 4s now", "one word too many");
	refuses("when lvs1 removes wbe1", "did you mean 'web1'?");
	refuses("when lvs1 removes client", "no real server is called 'client'");
	refuses("when lvs1 logs \"(\"", "no regular expression");
	refuses("when lvs1 logs", "missing");
	refuses("when vip 192.168.31.2000 on lvs2", "an address belongs here");
	refuses("when vip 192.168.31.200 lvs2", "on NODE");
	refuses("when ipvs lvs1 \"TCP 192.168.31.200:80\" loses 192.168.31.113:80",
		"has, lacks, exists or absent");
	refuses("when traffic htpp fails", "did you mean 'http'?");
	refuses("when traffic http breaks", "fails or recovers");
}

static void trigger__sees_the_new_master(void **state)
{
	int at;

	(void)state;
	lb_master_down();
	at = comes_at("when lvs2 becomes master");
	assert_true(at > 0);
	assert_int_equal(lb_log.v[at].t, MD_FIRST);
	assert_int_equal(lb_log.v[comes_at("when lvs1 becomes master")].t, 1 * S);
	assert_int_equal(comes_at("when lvs2 becomes master vrid 7"), -1);
	assert_int_equal(comes_at("when lvs1 becomes backup"), -1); /* it lost its power */
	at = comes_at("when vip 192.168.31.200 on lvs2");
	assert_int_equal(lb_log.v[at].t, MD_FIRST + 100000);
}

/* A master that paused is master anew with the advert that comes late. */
static void trigger__sees_a_master_return_from_silence(void **state)
{
	struct trigger *t = parse("when lvs1 becomes master");
	struct trigger_state *s = trigger_state_new(t);
	int n = 0;
	size_t i;

	(void)state;
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, NULL);
	lb_advert(2 * S, "lvs1", LVS1_IP, 101, NULL);
	lb_advert(9 * S, "lvs1", LVS1_IP, 101, NULL);
	for (i = 0; i < lb_log.n; i++)
		n += trigger_event(s, &lb_log.v[i]);
	assert_int_equal(n, 2);
	trigger_state_free(s);
	trigger_free(t);
}

static void trigger__sees_a_master_step_back(void **state)
{
	int at;

	(void)state;
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_addr(1 * S + 1, "lvs1", VIP "/32", true);
	lb_addr(3 * S, "lvs1", VIP "/32", false);
	lb_advert(4 * S, "lvs2", LVS2_IP, 100, "lvs1");
	lb_advert(5 * S, "lvs2", LVS2_IP, 0, "lvs1");
	at = comes_at("when lvs1 becomes backup");
	assert_true(at > 0);
	assert_int_equal(lb_log.v[at].t, 3 * S);
	at = comes_at("when lvs2 becomes backup");
	assert_true(at > 0);
	assert_int_equal(lb_log.v[at].t, 5 * S);
	at = comes_at("when vip 192.168.31.200 not on lvs1");
	assert_true(at > 0);
	assert_int_equal(lb_log.v[at].t, 3 * S);
}

#define WEB1 "192.168.31.113:80"
#define WEB2 "192.168.31.150:80"

static void trigger__sees_real_servers_come_and_go(void **state)
{
	static const char table[] = "when ipvs lvs1 \"TCP 192.168.31.200:80\" ";
	char text[160];

	(void)state;
	lb_dest(1 * S, "lvs1", WEB1, IPVS_ADDED, 1);
	lb_dest(2 * S, "lvs1", WEB2, IPVS_ADDED, 0);
	lb_dest(3 * S, "lvs1", WEB2, IPVS_CHANGED, 2);
	lb_dest(4 * S, "lvs1", WEB1, IPVS_CHANGED, 0);
	lb_dest(5 * S, "lvs1", WEB1, IPVS_REMOVED, 0);
	lb_dest(6 * S, "lvs1", WEB2, IPVS_REMOVED, 2);
	assert_int_equal(comes_at("when lvs1 adds web1"), 0);
	assert_int_equal(comes_at("when lvs1 adds web2"), 2);
	assert_int_equal(comes_at("when lvs1 removes web1"), 3); /* quiescent is out */
	assert_int_equal(comes_at("when lvs1 removes web2"), 1); /* as is one that begins so */
	assert_int_equal(comes_at("when lvs2 adds web1"), -1);
	snprintf(text, sizeof(text), "%shas %s weight 2", table, WEB2);
	assert_int_equal(comes_at(text), 2);
	snprintf(text, sizeof(text), "%slacks %s", table, WEB1);
	assert_int_equal(comes_at(text), 4);
}

/* Before anything was heard of an address it is nowhere. */
static void trigger__knows_what_is_so_already(void **state)
{
	struct trigger *t = parse("when vip 192.168.31.200 not on lvs1");
	struct trigger_state *s = trigger_state_new(t);

	(void)state;
	assert_true(trigger_holds(s));
	lb_addr(1 * S, "lvs1", VIP "/32", true);
	assert_false(trigger_event(s, &lb_log.v[0]));
	assert_false(trigger_holds(s));
	lb_fault(2 * S, "crash lvs1", "lvs1", true);
	assert_true(trigger_event(s, &lb_log.v[1]));
	assert_true(trigger_holds(s));
	trigger_state_free(s);
	trigger_free(t);
}

static void trigger__sees_lines_of_a_log(void **state)
{
	(void)state;
	lb_add((struct event){ .t = 1, .type = EV_LOG, .node = "lvs2", .text = "-> FAULT" });
	lb_add((struct event){ .t = 2, .type = EV_LOG, .node = "lvs1", .text = "up 1 of 2" });
	lb_add((struct event){
		.t = 3, .type = EV_LOG, .node = "lvs1", .text = "(VI_1) Entering FAULT STATE" });
	assert_int_equal(comes_at("when lvs1 logs \"^up [0-9]\""), 1);
	assert_int_equal(comes_at("when lvs1 becomes fault"), 2);
	assert_int_equal(comes_at("when lvs2 becomes fault"), 0);
	assert_int_equal(comes_at("when web1 logs FAULT"), -1);
}

static void trigger__sees_clients_fail_and_recover(void **state)
{
	int at;

	(void)state;
	lb_master_down();
	at = comes_at("when traffic http fails");
	assert_true(at > 0);
	assert_int_equal(lb_log.v[at].request.due, MD_FAULT);
	at = comes_at("when traffic http recovers");
	assert_true(at > 0);
	assert_int_equal(lb_log.v[at].request.result, REQ_OK);
	assert_true(lb_log.v[at].t >= MD_FIRST);
}

static struct topo_addr web1_addr = { .text = (char *)"192.168.31.113/24" };
static struct topo_addr web2_addr = { .text = (char *)"192.168.31.150/24" };
static struct topo_link lan = { .name = (char *)"lan" };
static struct topo_if ifs[] = {
	{ .name = (char *)"enp0s3", .link = &lan, .addr = &web1_addr, .naddr = 1 },
	{ .name = (char *)"enp0s3", .link = &lan, .addr = &web2_addr, .naddr = 1 },
};

static int addresses(void **state)
{
	(void)state;
	lb_nodes[2].ifs = &ifs[0];
	lb_nodes[3].ifs = &ifs[1];
	lb_nodes[2].nif = lb_nodes[3].nif = 1;
	return 0;
}

static int forget(void **state)
{
	(void)state;
	block_free(tree);
	free(said);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, lb_setup, lb_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(trigger__reads_its_limit),
		T(trigger__says_what_was_meant),
		T(trigger__sees_the_new_master),
		T(trigger__sees_a_master_return_from_silence),
		T(trigger__sees_a_master_step_back),
		T(trigger__sees_real_servers_come_and_go),
		T(trigger__knows_what_is_so_already),
		T(trigger__sees_lines_of_a_log),
		T(trigger__sees_clients_fail_and_recover),
	};

	return cmocka_run_group_tests(tests, addresses, forget);
}
