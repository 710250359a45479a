/*
 * The list of events in memory, and the table that says which fields an event
 * of each type has. event_read.c and event_write.c go by the same table.
 */
#include "event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event_field.h"
#include "intern.h"

static const char *const result_names[] = {
	[REQ_OK] = "ok",
	[REQ_TIMEOUT] = "timeout",
	[REQ_REFUSED] = "refused",
	[REQ_RESET] = "reset",
	[REQ_UNREACHABLE] = "unreachable",
	[REQ_BAD_REPLY] = "bad_reply",
	[REQ_LOST] = "lost",
	[REQ_CUT] = "cut",
	NULL,
};

static const char *const ipvs_what_names[] = {
	[IPVS_SERVICE] = "service",
	[IPVS_DEST] = "dest",
	NULL,
};

static const char *const ipvs_op_names[] = {
	[IPVS_ADDED] = "added",
	[IPVS_REMOVED] = "removed",
	[IPVS_CHANGED] = "changed",
	NULL,
};

#define AT(member) offsetof(struct event, member)

#define F_TEXT(key, member)	  { key, FIELD_TEXT, AT(member), NULL }
#define F_BOOL(key, member)	  { key, FIELD_BOOL, AT(member), NULL }
#define F_INT(key, member)	  { key, FIELD_INT, AT(member), NULL }
#define F_I64(key, member)	  { key, FIELD_I64, AT(member), NULL }
#define F_U64(key, member)	  { key, FIELD_U64, AT(member), NULL }
#define F_NAME(key, member, names) { key, FIELD_NAME, AT(member), names }
#define F_END			  { NULL, FIELD_TEXT, 0, NULL }

static const struct event_field run_fields[] = {
	F_TEXT("case", run.case_name),	F_TEXT("topology", run.topology),
	F_TEXT("engine", run.engine),	F_TEXT("engine_version", run.engine_version),
	F_TEXT("kernel", run.kernel),	F_TEXT("time", run.time),
	F_U64("seed", run.seed),	F_END,
};

static const struct event_field port_fields[] = {
	F_TEXT("ifname", port.ifname),
	F_TEXT("link", port.link),
	F_TEXT("mac", port.mac),
	F_END,
};

static const struct event_field fault_fields[] = {
	F_BOOL("effective", fault.effective),
	F_I64("done", fault.done),
	F_TEXT("proof", fault.proof),
	F_END,
};

static const struct event_field start_fields[] = {
	F_TEXT("what", proc.what),
	F_END,
};

static const struct event_field exit_fields[] = {
	F_TEXT("what", proc.what),
	F_INT("status", proc.status),
	F_END,
};

static const struct event_field vrrp_fields[] = {
	F_TEXT("link", vrrp.link),
	F_BOOL("delivered", vrrp.delivered),
	F_TEXT("src", vrrp.src),
	F_TEXT("dst", vrrp.dst),
	F_INT("version", vrrp.version),
	F_INT("vrid", vrrp.vrid),
	F_INT("priority", vrrp.priority),
	F_INT("auth_type", vrrp.auth_type),
	F_I64("interval", vrrp.interval),
	F_INT("ttl", vrrp.ttl),
	F_BOOL("checksum_ok", vrrp.checksum_ok),
	F_TEXT("vips", vrrp.vips),
	F_END,
};

static const struct event_field arp_fields[] = {
	F_TEXT("link", arp.link),
	F_BOOL("delivered", arp.delivered),
	F_BOOL("request", arp.request),
	F_BOOL("gratuitous", arp.gratuitous),
	F_TEXT("sender_mac", arp.sender_mac),
	F_TEXT("sender_ip", arp.sender_ip),
	F_TEXT("target_ip", arp.target_ip),
	F_TEXT("dst_mac", arp.dst_mac),
	F_END,
};

static const struct event_field addr_fields[] = {
	F_TEXT("ifname", addr.ifname),
	F_TEXT("addr", addr.addr),
	F_BOOL("added", addr.added),
	F_END,
};

static const struct event_field link_fields[] = {
	F_TEXT("ifname", link.ifname),
	F_BOOL("up", link.up),
	F_BOOL("carrier", link.carrier),
	F_END,
};

static const struct event_field neigh_fields[] = {
	F_TEXT("ip", neigh.ip),
	F_TEXT("mac", neigh.mac),
	F_TEXT("state", neigh.state),
	F_END,
};

static const struct event_field ipvs_fields[] = {
	F_NAME("what", ipvs.what, ipvs_what_names),
	F_NAME("op", ipvs.op, ipvs_op_names),
	F_TEXT("service", ipvs.service),
	F_TEXT("dest", ipvs.dest),
	F_TEXT("sched", ipvs.sched),
	F_TEXT("forward", ipvs.forward),
	F_INT("weight", ipvs.weight),
	F_END,
};

static const struct event_field request_fields[] = {
	F_TEXT("traffic", request.traffic),
	F_U64("n", request.n),
	F_I64("due", request.due),
	F_NAME("result", request.result, result_names),
	F_TEXT("backend", request.backend),
	F_END,
};

static const struct event_field packet_fields[] = {
	F_TEXT("link", packet.link),
	F_TEXT("protocol", packet.protocol),
	F_TEXT("src", packet.src),
	F_TEXT("dst", packet.dst),
	F_END,
};

static const struct event_field no_fields[] = { F_END };

/* What every event has besides its time and type. */
const struct event_field event_common[] = {
	F_TEXT("node", node),
	F_TEXT("text", text),
	F_END,
};

static const struct {
	const char *name;
	const struct event_field *field;
} types[EV_NTYPES] = {
	[EV_RUN] = { "run", run_fields },
	[EV_PORT] = { "port", port_fields },
	[EV_SETTLED] = { "settled", no_fields },
	[EV_UNSETTLED] = { "unsettled", no_fields },
	[EV_FAULT] = { "fault", fault_fields },
	[EV_START] = { "start", start_fields },
	[EV_EXIT] = { "exit", exit_fields },
	[EV_VRRP] = { "vrrp", vrrp_fields },
	[EV_ARP] = { "arp", arp_fields },
	[EV_ADDR] = { "addr", addr_fields },
	[EV_LINK] = { "link", link_fields },
	[EV_NEIGH] = { "neigh", neigh_fields },
	[EV_IPVS] = { "ipvs", ipvs_fields },
	[EV_REQUEST] = { "request", request_fields },
	[EV_LOG] = { "log", no_fields },
	[EV_PACKET] = { "packet", packet_fields },
	[EV_NOTE] = { "note", no_fields },
	[EV_END] = { "end", no_fields },
};

const struct event_field *event_fields(enum event_type t)
{
	return types[t].field;
}

const char *event_type_name(enum event_type t)
{
	return (unsigned int)t < EV_NTYPES ? types[t].name : "?";
}

const char *request_result_name(enum request_result r)
{
	return (unsigned int)r < REQ_NRESULTS ? result_names[r] : "?";
}

void event_log_init(struct event_log *log)
{
	memset(log, 0, sizeof(*log));
}

void event_log_finish(struct event_log *log)
{
	free(log->v);
	intern_free(log->texts);
	memset(log, 0, sizeof(*log));
}

const char *event_text(struct event_log *log, const char *text)
{
	if (!log->texts)
		log->texts = intern_new();
	return log->texts ? intern_get(log->texts, text) : NULL;
}

int event_log_reserve(struct event_log *log, size_t n)
{
	struct event *v;

	if (n <= log->cap)
		return 0;
	v = realloc(log->v, n * sizeof(*v));
	if (!v)
		return -ENOMEM;
	log->v = v;
	memset(v + log->n, 0, (n - log->n) * sizeof(*v)); /* pages are there now */
	log->cap = n;
	return 0;
}

int event_add(struct event_log *log, const struct event *e)
{
	int r;

	if (log->n == log->cap) {
		r = event_log_reserve(log, log->cap ? log->cap * 2 : 64);
		if (r < 0)
			return r;
	}
	log->v[log->n++] = *e;
	return 0;
}

/* Merges the sorted runs [lo, mid) and [mid, hi) of `from` into `to`. */
static void merge(const struct event *from, struct event *to, size_t lo, size_t mid,
		  size_t hi)
{
	size_t a = lo, b = mid, at;

	for (at = lo; at < hi; at++)
		if (a < mid && (b >= hi || from[a].t <= from[b].t))
			to[at] = from[a++];
		else
			to[at] = from[b++];
}

int event_log_sort(struct event_log *log)
{
	struct event *from = log->v, *to, *swap, *tmp;
	size_t n = log->n, width, lo, mid, hi;

	for (lo = 1; lo < n && log->v[lo - 1].t <= log->v[lo].t; lo++)
		;
	if (lo >= n)
		return 0;
	tmp = to = malloc(n * sizeof(*to));
	if (!to)
		return -ENOMEM;
	for (width = 1; width < n; width *= 2) {
		for (lo = 0; lo < n; lo = hi) {
			mid = lo + width < n ? lo + width : n;
			hi = mid + width < n ? mid + width : n;
			merge(from, to, lo, mid, hi);
		}
		swap = from;
		from = to;
		to = swap;
	}
	/* The log keeps its own memory: it has room for more. */
	if (from == tmp)
		memcpy(log->v, from, n * sizeof(*from));
	free(tmp);
	return 0;
}
