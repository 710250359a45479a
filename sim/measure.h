/*
 * From events to figures: gaps in the client's service, failovers and their
 * budget. Pure: no clock, no file, no kernel.
 */
#ifndef HALBSIM_MEASURE_H
#define HALBSIM_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "event.h"

#define NS_NONE INT64_MIN /* this moment was not seen */

/* From the first request of a row of failures to the first good one after it. */
struct gap {
	int64_t start_ns; /* due time of the first failed request */
	int64_t end_ns;	  /* when the first good reply after it came; or the end */
	uint64_t failed;
};

struct backend_share {
	const char *name;
	uint64_t ok;
};

struct traffic_stats {
	const char *name;
	uint64_t sent, ok, failed;
	uint64_t reason[REQ_NRESULTS];
	struct gap *gap;
	size_t ngap;
	int64_t longest_gap_ns, total_gap_ns;
	struct backend_share *backend;
	size_t nbackend;
	int64_t latency_p50_ns, latency_p99_ns, latency_max_ns; /* of good ones */
};

/* The failover budget of one VRRP instance after one fault; NS_NONE: not seen. */
struct failover {
	int64_t fault_ns;
	const char *fault; /* as written */
	int vrid;
	const char *from, *to;	  /* nodes */
	int64_t last_advert_ns;	  /* of the old master */
	int64_t prio0_ns;	  /* its priority 0, when it said goodbye */
	int64_t first_advert_ns;  /* of the new one */
	int64_t vip_ns, garp_ns, arp_ns, first_ok_ns;
	int64_t bound_ns; /* RFC: the instant by which the new master advertises */
};

struct measures {
	struct traffic_stats *traffic;
	size_t ntraffic;
	struct failover *failover;
	size_t nfailover;
	int64_t settled_ns, end_ns;
	bool settled, fault_without_effect, complete;
};

/* 0 or -ENOMEM. Texts are borrowed from the log. Free with measures_finish(). */
int measure(struct measures *m, const struct case_ *c, const struct event_log *log);
void measures_finish(struct measures *m);

#endif
