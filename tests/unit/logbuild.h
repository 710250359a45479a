/* Event logs by hand, for tests: the lab's pair, in milliseconds or nanoseconds. */
#ifndef LOGBUILD_H
#define LOGBUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#undef expect_check /* cmocka has one of its own */

#include "case.h"
#include "clock.h"
#include "event.h"

#define MS NS_PER_MS
#define S  NS_PER_S

#define VIP	 "192.168.31.200"
#define LVS1_IP	 "192.168.31.54"
#define LVS2_IP	 "192.168.31.51"
#define LVS1_MAC "02:00:00:00:01:01"
#define LVS2_MAC "02:00:00:00:02:01"

static struct event_log lb_log;

static inline void lb_add(struct event e)
{
	e.node = event_text(&lb_log, e.node);
	e.text = event_text(&lb_log, e.text);
	assert_int_equal(event_add(&lb_log, &e), 0);
}

static inline void lb_simple(int64_t t, enum event_type type)
{
	lb_add((struct event){ .t = t, .type = type });
}

static inline void lb_fault(int64_t t, const char *text, const char *node, bool effective)
{
	struct event e = { .t = t, .type = EV_FAULT, .node = node, .text = text };

	e.fault.effective = effective;
	e.fault.done = t + 1000;
	e.fault.proof = event_text(&lb_log, "links down");
	lb_add(e);
}

static inline void lb_port(const char *node, const char *mac)
{
	struct event e = { .type = EV_PORT, .node = node };

	e.port.ifname = event_text(&lb_log, "enp0s3");
	e.port.link = event_text(&lb_log, "lan");
	e.port.mac = event_text(&lb_log, mac);
	lb_add(e);
}

static inline void lb_vrrp(int64_t t, const char *node, const char *src, int priority,
			   bool delivered)
{
	struct event e = { .t = t, .type = EV_VRRP, .node = node };

	e.vrrp.link = event_text(&lb_log, "lan");
	e.vrrp.src = event_text(&lb_log, src);
	e.vrrp.dst = event_text(&lb_log, "224.0.0.18");
	e.vrrp.delivered = delivered;
	e.vrrp.version = 2;
	e.vrrp.vrid = 51;
	e.vrrp.priority = priority;
	e.vrrp.interval = 1 * S;
	e.vrrp.ttl = 255;
	e.vrrp.checksum_ok = true;
	e.vrrp.vips = event_text(&lb_log, VIP);
	lb_add(e);
}

/* An advert sent by `node` and, 20 µs later, delivered to `peer` (NULL: lost). */
static inline void lb_advert(int64_t t, const char *node, const char *src, int priority,
			     const char *peer)
{
	lb_vrrp(t, node, src, priority, false);
	if (peer)
		lb_vrrp(t + 20000, peer, src, priority, true);
}

static inline void lb_addr(int64_t t, const char *node, const char *addr, bool added)
{
	struct event e = { .t = t, .type = EV_ADDR, .node = node };

	e.addr.ifname = event_text(&lb_log, "enp0s3");
	e.addr.addr = event_text(&lb_log, addr);
	e.addr.added = added;
	lb_add(e);
}

static inline void lb_garp(int64_t t, const char *node, const char *mac)
{
	struct event e = { .t = t, .type = EV_ARP, .node = node };

	e.arp.link = event_text(&lb_log, "lan");
	e.arp.request = e.arp.gratuitous = true;
	e.arp.sender_mac = event_text(&lb_log, mac);
	e.arp.sender_ip = e.arp.target_ip = event_text(&lb_log, VIP);
	lb_add(e);
}

static inline void lb_neigh(int64_t t, const char *node, const char *mac)
{
	struct event e = { .t = t, .type = EV_NEIGH, .node = node };

	e.neigh.ip = event_text(&lb_log, VIP);
	e.neigh.mac = event_text(&lb_log, mac);
	e.neigh.state = event_text(&lb_log, "reachable");
	lb_add(e);
}

static inline void lb_dest(int64_t t, const char *node, const char *dest, enum ipvs_op op,
			   int weight)
{
	struct event e = { .t = t, .type = EV_IPVS, .node = node };

	e.ipvs.what = IPVS_DEST;
	e.ipvs.op = op;
	e.ipvs.service = event_text(&lb_log, "TCP 192.168.31.200:80");
	e.ipvs.dest = event_text(&lb_log, dest);
	e.ipvs.weight = weight;
	lb_add(e);
}

static inline void lb_request(int64_t due, int64_t t, uint64_t n,
			      enum request_result result, const char *backend)
{
	struct event e = { .t = t, .type = EV_REQUEST, .node = "client" };

	e.request.traffic = event_text(&lb_log, "http");
	e.request.n = n;
	e.request.due = due;
	e.request.result = result;
	e.request.backend = event_text(&lb_log, backend);
	lb_add(e);
}

static inline void lb_run(void)
{
	struct event e = { .type = EV_RUN };

	e.run.case_name = event_text(&lb_log, "master_down");
	e.run.topology = event_text(&lb_log, "lvs_dr");
	e.run.engine = event_text(&lb_log, "halbd");
	e.run.engine_version = event_text(&lb_log, "0.1.0");
	e.run.kernel = event_text(&lb_log, "6.1.0-41-cloud-amd64");
	e.run.time = event_text(&lb_log, "virtual");
	e.run.seed = 1;
	lb_add(e);
}

/*
 * The lab's master_down: settled at 2 s, adverts by lvs1 each second from 1 s,
 * power lost at 7.25 s (last advert 7 s), lvs2 master at 10.609 s. A request
 * every 10 ms, answered in 1 ms by web1 and web2 in turn.
 */
#define MD_SETTLED (2 * S)
#define MD_FAULT   (7250 * MS)
#define MD_LAST	   (7 * S)
#define MD_FIRST   (10609 * MS)
#define MD_OK_DUE  (10610 * MS)
#define MD_OK	   (10611 * MS)
#define MD_END	   (17 * S)

static inline void lb_master_down(void)
{
	uint64_t n = 0;
	int64_t t;

	lb_run();
	lb_port("lvs1", LVS1_MAC);
	lb_port("lvs2", LVS2_MAC);
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, "lvs2");
	lb_addr(1 * S + 100000, "lvs1", VIP "/32", true);
	lb_garp(1 * S + 200000, "lvs1", LVS1_MAC);
	lb_neigh(1500 * MS, "client", LVS1_MAC);
	lb_simple(MD_SETTLED, EV_SETTLED);
	for (t = 2 * S; t <= MD_LAST; t += S)
		lb_advert(t, "lvs1", LVS1_IP, 101, "lvs2");
	lb_fault(MD_FAULT, "crash lvs1", "lvs1", true);
	lb_advert(MD_FIRST, "lvs2", LVS2_IP, 100, NULL);
	lb_addr(MD_FIRST + 100000, "lvs2", VIP "/32", true);
	lb_garp(MD_FIRST + 200000, "lvs2", LVS2_MAC);
	lb_neigh(MD_FIRST + 300000, "client", LVS2_MAC);
	for (t = MD_FIRST + S; t < MD_END; t += S)
		lb_advert(t, "lvs2", LVS2_IP, 100, NULL);
	for (t = 2 * S; t < MD_END; t += 10 * MS, n++) {
		if (t < MD_FAULT || t >= MD_OK_DUE)
			lb_request(t, t + MS, n, REQ_OK, n % 2 ? "web2" : "web1");
		else
			lb_request(t, t + 100 * MS, n, REQ_TIMEOUT, NULL);
	}
	lb_simple(MD_END, EV_END);
	assert_int_equal(event_log_sort(&lb_log), 0);
}

static struct traffic_conf lb_traffic = { .name = (char *)"http",
					  .from = (char *)"client",
					  .target = (char *)VIP ":80",
					  .rate_per_s = 100 };
static struct topo_node lb_nodes[] = {
	{ .name = (char *)"lvs1", .role = ROLE_DIRECTOR },
	{ .name = (char *)"lvs2", .role = ROLE_DIRECTOR },
	{ .name = (char *)"web1", .role = ROLE_SERVER },
	{ .name = (char *)"web2", .role = ROLE_SERVER },
	{ .name = (char *)"client", .role = ROLE_CLIENT },
};
static struct topology lb_topo = { .name = (char *)"lvs_dr", .node = lb_nodes, .nnode = 5 };
static char *lb_crash[] = { (char *)"crash", (char *)"lvs1", NULL };
static char *lb_end[] = { (char *)"end", NULL };
static struct step lb_steps[] = {
	{ .base = WHEN_SETTLED, .offset_ns = 5250 * MS, .text = (char *)"crash lvs1",
	  .argv = lb_crash, .argc = 2 },
	{ .base = WHEN_PREVIOUS, .offset_ns = 9750 * MS, .text = (char *)"end",
	  .argv = lb_end, .argc = 1 },
};
__attribute__((unused)) static struct case_ lb_case = { .name = (char *)"master_down",
				.about = (char *)"lvs1 loses power",
				.topo = &lb_topo,
				.traffic = &lb_traffic,
				.ntraffic = 1,
				.step = lb_steps,
				.nstep = 2 };

static inline int lb_setup(void **state)
{
	(void)state;
	event_log_init(&lb_log);
	return 0;
}

static inline int lb_teardown(void **state)
{
	(void)state;
	event_log_finish(&lb_log);
	return 0;
}

#endif
