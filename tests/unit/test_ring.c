/* Rings, messages and events over them: what leaves a run or a live site. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* (order matters) */
#include <cmocka.h>

#include "progress.h"
#include "ring.h"
#include "sitestate.h"
#include "talk.h"

static void ring__wraps_and_keeps_order(void **state)
{
	struct ring *r = calloc(1, sizeof(*r));
	unsigned char in[7001], out[7001];
	unsigned int round, i;

	(void)state;
	assert_non_null(r);
	for (round = 0; round < 300; round++) {
		for (i = 0; i < sizeof(in); i++)
			in[i] = (unsigned char)(round * 31 + i);
		assert_true(ring_put(r, in, 1000, in + 1000, sizeof(in) - 1000));
		assert_int_equal(ring_used(r), sizeof(in));
		assert_true(ring_peek(r, 0, out, sizeof(out)));
		assert_memory_equal(in, out, sizeof(in));
		ring_skip(r, sizeof(out));
		assert_int_equal(ring_used(r), 0);
	}
	free(r);
}

static void ring__refuses_what_has_no_room(void **state)
{
	struct ring *r = calloc(1, sizeof(*r));
	char *big = calloc(1, RING_BYTES);
	char byte;

	(void)state;
	assert_true(ring_put(r, big, RING_BYTES - 1, NULL, 0));
	assert_false(ring_put(r, big, 2, NULL, 0));
	assert_true(ring_put(r, "x", 1, NULL, 0));
	assert_int_equal(ring_room(r), 0);
	assert_true(ring_peek(r, RING_BYTES - 1, &byte, 1));
	assert_int_equal(byte, 'x');
	assert_false(ring_peek(r, RING_BYTES, &byte, 1));
	r->head = r->tail + RING_BYTES + 1; /* nonsense from the other side */
	assert_int_equal(ring_used(r), 0);
	assert_int_equal(ring_room(r), 0);
	free(big);
	free(r);
}

static void talk__takes_whole_messages_only(void **state)
{
	struct bytes all = { 0 }, part = { 0 };
	struct talk t;
	size_t i;

	(void)state;
	assert_int_equal(talk_put(&all, TALK_OUT, "hello", 5), 0);
	for (i = 0; i + 1 < all.len; i++) {
		bytes_add(&part, all.v + i, 1);
		assert_int_equal(talk_take(&part, &t), 0);
	}
	bytes_add(&part, all.v + i, 1);
	assert_int_equal(talk_take(&part, &t), 1);
	assert_int_equal(t.kind, TALK_OUT);
	assert_memory_equal(t.data, "hello", 5);
	assert_int_equal(talk_put_number(&part, TALK_DONE, -7), 0);
	assert_int_equal(talk_take(&part, &t), 1);
	assert_int_equal(talk_number(&t, 0), -7);
	assert_int_equal(talk_number(&t, 1), 0);
	bytes_add(&part, "\377\377\377\377\0\0\0\0", 8);
	assert_int_equal(talk_take(&part, &t), -EPROTO);
	bytes_finish(&all);
	bytes_finish(&part);
}

static void progress__carries_events(void **state)
{
	struct progress *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	struct event_log log;
	struct event e = { .t = 5, .type = EV_ADDR, .node = "lvs2" }, got;

	(void)state;
	event_log_init(&log);
	e.addr.ifname = "enp0s3";
	e.addr.addr = "192.168.31.200/32";
	e.addr.added = true;
	progress_put(a, &e);
	e = (struct event){ .t = 9, .type = EV_END };
	progress_put(a, &e);
	progress_move(a, b);
	assert_true(progress_take(b, &log, &got));
	assert_int_equal(got.t, 5);
	assert_int_equal(got.type, EV_ADDR);
	assert_string_equal(got.node, "lvs2");
	assert_string_equal(got.addr.addr, "192.168.31.200/32");
	assert_true(got.addr.added);
	assert_null(got.text);
	assert_true(progress_take(b, &log, &got));
	assert_int_equal(got.type, EV_END);
	assert_false(progress_take(b, &log, &got));
	event_log_finish(&log);
	free(a);
	free(b);
}

static void progress__counts_requests(void **state)
{
	struct progress *p = calloc(1, sizeof(*p));
	struct event e = { .t = 30, .type = EV_REQUEST };

	(void)state;
	e.request.result = REQ_TIMEOUT;
	e.request.due = 20;
	progress_put(p, &e);
	assert_int_equal(p->failed, 1);
	assert_int_equal(p->gap_from_ns, 20);
	e.request.result = REQ_OK;
	progress_put(p, &e);
	assert_int_equal(p->ok, 1);
	assert_int_equal(p->gap_from_ns, 0);
	assert_int_equal(ring_used(&p->events), 0);
	progress_put(NULL, &e);
	free(p);
}

static void sitestate__follows_the_site(void **state)
{
	struct sitestate s;
	struct event e = { .t = 1, .type = EV_VRRP, .node = "lvs1" };

	(void)state;
	assert_int_equal(sitestate_init(&s), 0);
	e.vrrp.link = "lan";
	e.vrrp.src = "192.168.31.54";
	e.vrrp.vrid = 51;
	e.vrrp.priority = 101;
	e.vrrp.interval = 1000;
	sitestate_event(&s, &e);
	assert_int_equal(s.nrouter, 1);
	assert_true(st_claim_stands(&s, &s.router[0].claim[0], 1500));
	assert_false(st_claim_stands(&s, &s.router[0].claim[0], 1502));
	e = (struct event){ .t = 2, .type = EV_FAULT, .node = "lvs1", .text = "crash lvs1" };
	e.fault.effective = true;
	e.fault.proof = "gone";
	sitestate_event(&s, &e);
	assert_true(sitestate_node(&s, "lvs1")->down);
	assert_false(st_claim_stands(&s, &s.router[0].claim[0], 1500));
	assert_null(sitestate_node(&s, "lvs2"));
	sitestate_finish(&s);
}

static void put_addr(struct sitestate *s, const char *addr, bool added)
{
	struct event e = { .t = 2, .type = EV_ADDR, .node = "lvs1" };

	e.addr.ifname = "enp0s3";
	e.addr.addr = addr;
	e.addr.added = added;
	sitestate_event(s, &e);
}

/* It heard a better one: no priority 0, its addresses go. */
static void sitestate__a_master_without_addresses_is_none(void **state)
{
	struct event e = { .t = 1, .type = EV_VRRP, .node = "lvs1" };
	struct sitestate s;

	(void)state;
	assert_int_equal(sitestate_init(&s), 0);
	e.vrrp.link = "lan";
	e.vrrp.src = "192.168.31.54";
	e.vrrp.vips = "192.168.31.200 192.168.31.201";
	e.vrrp.vrid = 51;
	e.vrrp.priority = 101;
	e.vrrp.interval = 1000;
	sitestate_event(&s, &e);
	put_addr(&s, "192.168.31.200/32", true);
	put_addr(&s, "192.168.31.201/32", true);
	put_addr(&s, "192.168.31.99/32", true);
	put_addr(&s, "192.168.31.99/32", false); /* another's */
	put_addr(&s, "192.168.31.200/32", false);
	assert_true(st_claim_stands(&s, &s.router[0].claim[0], 3));
	put_addr(&s, "192.168.31.201/32", false);
	assert_false(st_claim_stands(&s, &s.router[0].claim[0], 3));
	sitestate_event(&s, &e);
	assert_true(st_claim_stands(&s, &s.router[0].claim[0], 3));
	sitestate_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring__wraps_and_keeps_order),
		cmocka_unit_test(ring__refuses_what_has_no_room),
		cmocka_unit_test(talk__takes_whole_messages_only),
		cmocka_unit_test(progress__carries_events),
		cmocka_unit_test(progress__counts_requests),
		cmocka_unit_test(sitestate__follows_the_site),
		cmocka_unit_test(sitestate__a_master_without_addresses_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
