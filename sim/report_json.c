/*
 * report.json. Key order and indentation are fixed, and nothing of the host, the
 * date or a path is in it: equal runs give equal bytes.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "report.h"

static json_t *ns(int64_t t)
{
	return t == NS_NONE ? json_null() : json_integer(t);
}

static json_t *text(const char *s)
{
	return s ? json_string(s) : json_null();
}

/* json_object_set_new() takes the value over even when it fails, and NULL fails. */
static int put(json_t *o, const char *key, json_t *value)
{
	return json_object_set_new_nocheck(o, key, value);
}

static json_t *engine(const struct report *r)
{
	json_t *o = json_object();
	int e = put(o, "name", text(report_engine(r)));

	e |= put(o, "version", text(report_engine_version(r)));
	if (e) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *reasons(const struct report *r)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < r->nreason; i++)
		json_array_append_new(a, text(r->reason[i]));
	return a;
}

static json_t *faults(const struct report *r)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < r->log.n; i++) {
		const struct event *e = &r->log.v[i];

		if (e->type != EV_FAULT)
			continue;
		o = json_object();
		put(o, "at_ns", ns(e->t));
		put(o, "done_ns", ns(e->fault.done));
		put(o, "what", text(e->text));
		put(o, "node", text(e->node));
		put(o, "effective", json_boolean(e->fault.effective));
		put(o, "proof", text(e->fault.proof));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *failovers(const struct report *r)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < r->m.nfailover; i++) {
		const struct failover *f = &r->m.failover[i];

		o = json_object();
		put(o, "fault", text(f->fault));
		put(o, "fault_ns", ns(f->fault_ns));
		put(o, "vrid", json_integer(f->vrid));
		put(o, "link", text(f->link));
		put(o, "from", text(f->from));
		put(o, "to", text(f->to));
		put(o, "preempt", json_boolean(f->preempt));
		put(o, "last_advert_ns", ns(f->last_advert_ns));
		put(o, "prio0_ns", ns(f->prio0_ns));
		put(o, "first_advert_ns", ns(f->first_advert_ns));
		put(o, "vip_ns", ns(f->vip_ns));
		put(o, "garp_ns", ns(f->garp_ns));
		put(o, "arp_ns", ns(f->arp_ns));
		put(o, "first_ok_ns", ns(f->first_ok_ns));
		put(o, "bound_ns", ns(f->bound_ns));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *gaps(const struct traffic_stats *s)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < s->ngap; i++) {
		o = json_object();
		put(o, "start_ns", ns(s->gap[i].start_ns));
		put(o, "end_ns", s->gap[i].open ? json_null() : ns(s->gap[i].end_ns));
		put(o, "length_ns", ns(s->gap[i].end_ns - s->gap[i].start_ns));
		put(o, "failed", json_integer((json_int_t)s->gap[i].failed));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *why_failed(const struct traffic_stats *s)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < REQ_NRESULTS; i++)
		if (i != REQ_OK && i != REQ_CUT && s->reason[i])
			put(o, request_result_name((enum request_result)i),
			    json_integer((json_int_t)s->reason[i]));
	return o;
}

static json_t *backends(const struct traffic_stats *s)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < s->nbackend; i++)
		put(o, s->backend[i].name, json_integer((json_int_t)s->backend[i].ok));
	return o;
}

/* Each client's address, and how many backends it was answered by. */
static json_t *clients(const struct traffic_stats *s)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < s->nclient; i++)
		put(o, s->client[i].name, json_integer((json_int_t)s->client[i].nbackend));
	return o;
}

static json_t *latency(const struct traffic_stats *s)
{
	json_t *o = json_object();

	put(o, "p50_ns", ns(s->latency_p50_ns));
	put(o, "p99_ns", ns(s->latency_p99_ns));
	put(o, "max_ns", ns(s->latency_max_ns));
	return o;
}

static json_t *traffic(const struct report *r)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < r->m.ntraffic; i++) {
		const struct traffic_stats *s = &r->m.traffic[i];
		double rate = i < r->c->ntraffic ? r->c->traffic[i].rate_per_s : 0;

		o = json_object();
		put(o, "name", text(s->name));
		put(o, "every_ns", rate > 0 ? ns((int64_t)(1e9 / rate)) : json_null());
		put(o, "sent", json_integer((json_int_t)s->sent));
		put(o, "ok", json_integer((json_int_t)s->ok));
		put(o, "failed", json_integer((json_int_t)s->failed));
		put(o, "cut", json_integer((json_int_t)s->cut));
		put(o, "reasons", why_failed(s));
		put(o, "gaps", gaps(s));
		put(o, "longest_gap_ns", ns(s->longest_gap_ns));
		put(o, "total_gap_ns", ns(s->total_gap_ns));
		put(o, "latency", latency(s));
		put(o, "backends", backends(s));
		put(o, "clients", clients(s));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *moments(const struct expect_result *x)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < x->nmoment; i++) {
		o = json_object();
		put(o, "at_ns", ns(x->moment[i].t));
		put(o, "what", text(x->moment[i].what));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *expectations(const struct report *r)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < r->expect.n; i++) {
		const struct expect_result *x = &r->expect.v[i];

		o = json_object();
		put(o, "text", text(expect_text(x->of)));
		put(o, "line", json_integer(expect_line(x->of)));
		/* ok is null where it could not be judged */
		put(o, "ok",
		    x->outcome == EXPECT_UNDECIDED ? json_null() :
						     json_boolean(x->outcome == EXPECT_HELD));
		put(o, "expected", text(x->expected));
		put(o, "actual", text(x->actual));
		put(o, "tolerance", text(x->tolerance));
		put(o, "moments", moments(x));
		json_array_append_new(a, o);
	}
	return a;
}

int report_json(FILE *f, const struct report *r)
{
	json_t *o = json_object();
	int e = 0;

	e |= put(o, "schema", text("halbsim-report-1"));
	e |= put(o, "case", text(r->c->name));
	e |= put(o, "about", text(r->c->about));
	e |= put(o, "topology", text(r->c->topo->name));
	e |= put(o, "verdict", text(verdict_name(r->verdict)));
	e |= put(o, "reasons", reasons(r));
	e |= put(o, "seed", json_integer((json_int_t)report_seed(r)));
	e |= put(o, "time", text(r->info.time));
	e |= put(o, "engine", engine(r));
	e |= put(o, "kernel", text(report_kernel(r)));
	e |= put(o, "settled_ns", ns(r->m.settled_ns));
	e |= put(o, "end_ns", ns(r->m.end_ns));
	e |= put(o, "faults", faults(r));
	e |= put(o, "failovers", failovers(r));
	e |= put(o, "traffic", traffic(r));
	e |= put(o, "expect", expectations(r));
	if (e)
		e = -ENOMEM;
	else if (json_dumpf(o, f, JSON_INDENT(2)) || fputc('\n', f) == EOF)
		e = -EIO;
	json_decref(o);
	return e;
}
