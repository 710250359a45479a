/*
 * From events to figures: gaps in the client's service, failovers and their
 * budget. Pure: no clock, no file, no kernel.
 *
 * Traffic (measure_traffic.c) is judged request by request, in the order in
 * which they were due. Failovers (measure_failover.c) come from mastership as
 * it was on the wire (claims.h), never from an engine's word.
 */
#ifndef HALBSIM_MEASURE_H
#define HALBSIM_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "claims.h"
#include "event.h"

#define NS_NONE INT64_MIN /* this moment was not seen */

/* From the first request of a row of failures to the first good one after it. */
struct gap {
	int64_t start_ns; /* due time of the first failed request */
	int64_t end_ns;	  /* when the first good reply after it came; or the end */
	uint64_t failed;
	bool open; /* no good reply came any more */
};

struct backend_share {
	const char *name; /* (borrowed) */
	uint64_t ok;
};

/* Whom one client's address was answered by. */
struct client_share {
	const char *name;     /* of its node (borrowed) */
	const char **backend; /* (borrowed names) */
	size_t nbackend;
};

struct traffic_stats {
	const char *name; /* (borrowed) */
	uint64_t sent;	  /* ok + failed */
	uint64_t ok, failed;
	uint64_t cut; /* under way at the end: in neither */
	uint64_t reason[REQ_NRESULTS];
	struct gap *gap; /* in order of time */
	size_t ngap;
	int64_t longest_gap_ns;
	int64_t total_gap_ns; /* of time covered by gaps; no instant counts twice */
	struct backend_share *backend; /* by name */
	size_t nbackend;
	struct client_share *client; /* those that were answered by a known one */
	size_t nclient;
	int64_t *latency; /* of good ones, from their due time, sorted */
	int64_t latency_p50_ns, latency_p99_ns, latency_max_ns; /* NS_NONE: no good one */
};

/* The failover budget of one VRRP instance after one fault; NS_NONE: not seen. */
struct failover {
	int64_t fault_ns;  /* NS_NONE: no fault came before it */
	const char *fault; /* as written */
	int vrid;
	const char *link;
	const char *from, *to; /* nodes; NULL: nobody had it, nobody got it */
	bool preempt;	       /* the old master was well; a better one came (back) */
	int64_t last_advert_ns; /* the old master's last one that the new one heard */
	int64_t prio0_ns;	/* its priority 0, when it said goodbye */
	int64_t first_advert_ns; /* of the new one */
	int64_t vip_ns, garp_ns, arp_ns, first_ok_ns;
	/*
	 * RFC 3768 section 6.1 / RFC 5798 section 6.1: the instant by which the new
	 * master advertises: last advert + 3 × interval + skew, or priority 0 +
	 * skew; on preemption its own start + 3 × interval + skew.
	 */
	int64_t bound_ns;
};

struct measures {
	struct traffic_stats *traffic;
	size_t ntraffic;
	struct claims claims;
	struct failover *failover;
	size_t nfailover;
	int64_t settled_ns, end_ns; /* end: of the last event when there is no EV_END */
	bool settled, fault_without_effect, complete;
};

/* 0 or -ENOMEM. Texts are borrowed from the log. Free with measures_finish(). */
int measure(struct measures *m, const struct case_ *c, const struct event_log *log);
void measures_finish(struct measures *m);

/* The number of backends that the clients were answered by: of the one with fewest, and
 * with most. 0 when nobody was. */
void traffic_per_client(const struct traffic_stats *s, size_t *least, size_t *most);

/* Over all traffic: the longest gap (0: none), and how many requests failed. */
void measures_totals(const struct measures *m, int64_t *longest_gap_ns, uint64_t *failed);

/*
 * The same for one traffic's requests that were due in [from_ns, to_ns) alone.
 * 0 or -ENOMEM. Free with traffic_stats_finish().
 */
int measure_traffic(struct traffic_stats *s, const struct event_log *log,
		    const char *name, int64_t from_ns, int64_t to_ns);
void traffic_stats_finish(struct traffic_stats *s);
/* Latency at quantile q (0..1), by nearest rank; NS_NONE when none was good. */
int64_t traffic_latency(const struct traffic_stats *s, double q);

/* Fills m->failover from m->claims (the last part of measure()). 0 or -ENOMEM. */
int measure_failovers(struct measures *m, const struct case_ *c,
		      const struct event_log *log);

/* Skew of RFC 3768 (version 2) or RFC 5798 (version 3), and 3 × advert + skew. */
int64_t vrrp_skew_ns(int version, int priority, int64_t interval_ns);

#endif
