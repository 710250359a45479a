/* The state of a site as JSON. */
#include "sitestate.h"

/* NULL texts become null; jansson frees what cannot be put. */
static json_t *text(const char *t)
{
	return t ? json_string(t) : json_null();
}

static json_t *routers(const struct sitestate *s, int64_t now)
{
	json_t *list = json_array(), *masters, *o;
	size_t i, k;

	for (i = 0; i < s->nrouter; i++) {
		const struct st_router *r = &s->router[i];

		masters = json_array();
		for (k = 0; k < r->nclaim; k++) {
			const struct st_claim *c = &r->claim[k];

			if (st_claim_stands(s, c, now))
				json_array_append_new(masters,
						      json_pack("{s:s, s:i, s:I}", "node", c->node,
								"priority", c->priority, "since_ns",
								(json_int_t)c->since_ns));
		}
		o = json_pack("{s:i, s:b, s:o, s:o}", "vrid", r->vrid, "ipv6", r->ipv6,
			      "link", text(r->link), "masters", masters);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *ipvs(const struct st_node *n)
{
	json_t *list = json_array(), *dests;
	size_t i, k;

	for (i = 0; i < n->nentry; i++) {
		const struct st_entry *svc = &n->entry[i];

		if (svc->dest)
			continue;
		dests = json_array();
		for (k = 0; k < n->nentry; k++) {
			const struct st_entry *d = &n->entry[k];

			if (d->dest && d->service == svc->service)
				json_array_append_new(dests,
						      json_pack("{s:s, s:o, s:i}", "dest", d->dest,
								"forward", text(d->forward), "weight",
								d->weight));
		}
		json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "service",
						      svc->service, "sched",
						      text(svc->sched), "dests", dests));
	}
	return list;
}

static json_t *node(const struct st_node *n)
{
	json_t *addrs = json_array(), *ports = json_array(), *progs = json_array();
	size_t i;

	for (i = 0; i < n->naddr; i++)
		json_array_append_new(addrs, json_pack("{s:o, s:s}", "ifname",
						       text(n->addr[i].ifname), "address",
						       n->addr[i].addr));
	for (i = 0; i < n->nport; i++) {
		const struct st_port *p = &n->port[i];
		json_t *o = json_pack("{s:o, s:o}", "ifname", text(p->ifname), "link",
				      text(p->link));

		if (p->known) {
			json_object_set_new(o, "up", json_boolean(p->up));
			json_object_set_new(o, "carrier", json_boolean(p->carrier));
		}
		json_array_append_new(ports, o);
	}
	for (i = 0; i < n->nprog; i++) {
		const struct st_prog *p = &n->prog[i];
		json_t *o = json_pack("{s:s, s:b}", "what", p->what, "running", p->running);

		if (!p->running)
			json_object_set_new(o, "status", json_integer(p->status));
		json_array_append_new(progs, o);
	}
	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o}", "name", n->name, "up", !n->down,
			 "programs", progs, "interfaces", ports, "addresses", addrs, "ipvs",
			 ipvs(n));
}

static json_t *traffic(const struct st_traffic *t, int64_t now)
{
	json_t *reasons = json_object(), *o;
	int i;

	for (i = REQ_OK + 1; i < REQ_NRESULTS; i++)
		if (t->reason[i])
			json_object_set_new(reasons, request_result_name((enum request_result)i),
					    json_integer((json_int_t)t->reason[i]));
	o = json_pack("{s:s, s:I, s:I, s:o, s:I}", "name", t->name, "ok", (json_int_t)t->ok,
		      "failed", (json_int_t)t->failed, "reasons", reasons, "longest_gap_ns",
		      (json_int_t)t->longest_gap_ns);
	if (t->gap_from_ns >= 0)
		json_object_set_new(o, "in_gap_ns", json_integer(now - t->gap_from_ns));
	if (t->last_backend)
		json_object_set_new(o, "last_backend", json_string(t->last_backend));
	return o;
}

json_t *sitestate_json(const struct sitestate *s, int64_t now)
{
	json_t *nodes = json_array(), *traffics = json_array(), *faults = json_array(), *o;
	size_t i;

	for (i = 0; i < s->nnode; i++)
		json_array_append_new(nodes, node(&s->node[i]));
	for (i = 0; i < s->ntraffic; i++)
		json_array_append_new(traffics, traffic(&s->traffic[i], now));
	for (i = 0; i < s->nfault; i++)
		json_array_append_new(faults,
				      json_pack("{s:I, s:o, s:b, s:o}", "at_ns",
						(json_int_t)s->fault[i].t, "what",
						text(s->fault[i].text), "effective",
						s->fault[i].effective, "proof",
						text(s->fault[i].proof)));
	o = json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "phase",
		      site_phase_name(s->phase), "now_ns", (json_int_t)now, "topology",
		      text(s->topology), "routers", routers(s, now), "nodes", nodes, "traffic",
		      traffics, "faults", faults);
	if (!o)
		return NULL;
	if (s->engine)
		json_object_set_new(o, "engine", json_pack("{s:s, s:o}", "name", s->engine,
							   "version", text(s->engine_version)));
	if (s->kernel)
		json_object_set_new(o, "kernel", json_string(s->kernel));
	if (s->time)
		json_object_set_new(o, "time", json_string(s->time));
	if (s->settled_ns)
		json_object_set_new(o, "settled_ns", json_integer(s->settled_ns));
	if (s->phase == PHASE_UNSETTLED && s->missing)
		json_object_set_new(o, "missing", json_string(s->missing));
	return o;
}
