/*
 * Events: the one record of a run. Whatever is reported, judged or drawn
 * afterwards is computed from the case and this list, and from nothing else.
 *
 * While a case runs, events are kept in memory, so that recording costs next to
 * nothing on the clock; afterwards they are written as events.jsonl, one JSON
 * object a line, in order of time. event.c holds one table of fields that both
 * writes and reads them.
 *
 * Times are nanoseconds since the run's zero (just before the site is built).
 */
#ifndef HALBSIM_EVENT_H
#define HALBSIM_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum event_type {
	EV_RUN,	      /* first: what runs */
	EV_PORT,      /* one interface of a node: who is who on the wire */
	EV_SETTLED,   /* the site is up and serving */
	EV_UNSETTLED, /* it never was; text: what was missing */
	EV_FAULT,     /* a fault was applied */
	EV_START,     /* a process was started in a node */
	EV_EXIT,      /* a process of a node ended */
	EV_VRRP,      /* an advertisement on the wire */
	EV_ARP,	      /* an ARP packet (or IPv6 neighbour message) on the wire */
	EV_ADDR,      /* a node gained or lost an address */
	EV_LINK,      /* a node's interface went up or down */
	EV_NEIGH,     /* a node's neighbour entry changed */
	EV_IPVS,      /* a node's IPVS table changed */
	EV_REQUEST,   /* one request of the client, when it ended */
	EV_LOG,	      /* a line of a node's log that the case asks about; text */
	EV_PACKET,    /* a packet that a node sent, of a kind the case counts */
	EV_NOTE,      /* anything else worth a line; text */
	EV_END,	      /* last: the timeline is over */
	EV_NTYPES
};

enum request_result {
	REQ_OK,
	REQ_TIMEOUT,
	REQ_REFUSED,
	REQ_RESET,
	REQ_UNREACHABLE,
	REQ_BAD_REPLY, /* answered, but not with what a real server says */
	REQ_LOST,      /* udp: the sequence number never came back */
	REQ_CUT,       /* still under way when the run ended: not judged */
	REQ_NRESULTS
};

enum ipvs_what { IPVS_SERVICE, IPVS_DEST };
enum ipvs_op { IPVS_ADDED, IPVS_REMOVED, IPVS_CHANGED };

/* Text fields are owned by the event_log (interned); NULL: absent. */
struct event {
	int64_t t;
	enum event_type type;
	const char *node; /* whom it is about */
	const char *text; /* fault: as written; note, unsettled: the words */
	union {
		struct {
			const char *case_name, *topology, *engine, *engine_version;
			const char *kernel, *time; /* time: "virtual" or "real" */
			uint64_t seed;
		} run;
		struct {
			const char *ifname, *link, *mac;
		} port;
		struct {
			bool effective;
			int64_t done; /* when its effect was confirmed */
			const char *proof;
		} fault;
		struct {
			const char *what; /* "halbd", "halbweb" … */
			int status;	  /* exit: exit status, or -signal */
		} proc;
		struct {
			const char *link, *src, *dst;
			bool delivered; /* leaving the switch to `node`; else sent by it */
			int version, vrid, priority, auth_type;
			int64_t interval; /* advertised, ns */
			int ttl;
			bool checksum_ok;
			const char *vips; /* "192.168.31.200 …", in the packet's order */
		} vrrp;
		struct {
			const char *link;
			bool delivered;
			bool request, gratuitous;
			const char *sender_mac, *sender_ip, *target_ip, *dst_mac;
		} arp;
		struct {
			const char *ifname, *addr; /* "192.168.31.200/32" */
			bool added;
		} addr;
		struct {
			const char *ifname;
			bool up, carrier;
		} link;
		struct {
			const char *ip, *mac, *state; /* mac NULL: unresolved */
		} neigh;
		struct {
			enum ipvs_what what;
			enum ipvs_op op;
			const char *service; /* "TCP 192.168.31.200:80", "FWM 1" */
			const char *dest;    /* "192.168.31.113:80" */
			const char *sched, *forward;
			int weight;
		} ipvs;
		struct {
			const char *traffic; /* name of its traffic block */
			uint64_t n;	     /* 0-based */
			int64_t due;	     /* latency counts from here */
			enum request_result result;
			const char *backend; /* who answered (node name) */
		} request;
		struct {
			const char *link;
			const char *protocol; /* "tcp", "udp", "icmp" … */
			const char *src, *dst;
		} packet;
	};
};

/* A growing list of events; owns them and their texts. */
struct event_log {
	struct event *v;
	size_t n, cap;
	struct intern *texts;
};

void event_log_init(struct event_log *log);
void event_log_finish(struct event_log *log);

/* Copies `text` into the log once; equal texts give equal pointers. NULL for NULL. */
const char *event_text(struct event_log *log, const char *text);

/*
 * Appends a copy of *e, whose texts must come from event_text(). 0 or -ENOMEM.
 * Events may come slightly out of order (packets carry the kernel's stamps);
 * event_log_sort() puts them in order of t, stable; 0 or -ENOMEM.
 */
int event_add(struct event_log *log, const struct event *e);
int event_log_sort(struct event_log *log);

/* Makes room for `n` events in all, in memory that is touched. 0 or -ENOMEM. */
int event_log_reserve(struct event_log *log, size_t n);

/* Writes the list as JSON lines. 0 or -errno (-EINVAL: a number above INT64_MAX). */
int event_log_write(const struct event_log *log, FILE *f);
/* One of its lines. 0 or -errno. */
int event_write(const struct event *e, FILE *f);
/*
 * Reads JSON lines into an empty log. 0, or -errno after one message on stderr
 * (`path:line: …`) naming what is wrong.
 */
int event_log_read(struct event_log *log, const char *path);

const char *event_type_name(enum event_type t);
const char *request_result_name(enum request_result r);

#endif
