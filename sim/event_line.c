#include "event_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "span.h"

static bool was_master(const struct sitestate *s, const struct event *e)
{
	size_t i, k;

	for (i = 0; i < s->nrouter; i++)
		for (k = 0; s->router[i].vrid == e->vrrp.vrid && k < s->router[i].nclaim; k++)
			if (!strcmp(s->router[i].claim[k].node, e->node) &&
			    st_claim_stands(s, &s->router[i].claim[k], e->t))
				return true;
	return false;
}

/* Whether the traffic was in a gap before this request ended. */
static bool in_gap(const struct sitestate *s, const struct event *e)
{
	size_t i;

	for (i = 0; i < s->ntraffic; i++)
		if (!strcmp(s->traffic[i].name, e->request.traffic))
			return s->traffic[i].gap_from_ns >= 0;
	return false;
}

static bool is_news(const struct event *e, const struct sitestate *s)
{
	switch (e->type) {
	case EV_PORT:
	case EV_PACKET:
		return false;
	case EV_VRRP:
		return !e->vrrp.delivered &&
		       (!e->vrrp.priority || !was_master(s, e));
	case EV_ARP:
		return !e->arp.delivered && e->arp.gratuitous;
	case EV_REQUEST:
		return e->request.result != REQ_CUT &&
		       (e->request.result == REQ_OK) == in_gap(s, e);
	default:
		return true;
	}
}

static void request(char *buf, size_t size, const struct event *e)
{
	char a[SPAN_LEN];

	if (e->request.result == REQ_OK)
		snprintf(buf, size, "request %ju answered by %s after %s",
			 (uintmax_t)e->request.n,
			 e->request.backend ? e->request.backend : "nobody known",
			 span_text(a, e->t - e->request.due));
	else
		snprintf(buf, size, "request %ju failed: %s", (uintmax_t)e->request.n,
			 request_result_name(e->request.result));
}

static void ipvs(char *buf, size_t size, const struct event *e)
{
	static const char *const ops[] = { [IPVS_ADDED] = "added", [IPVS_REMOVED] = "removed",
					   [IPVS_CHANGED] = "changed" };

	if (!e->ipvs.dest)
		snprintf(buf, size, "IPVS: %s %s", e->ipvs.service, ops[e->ipvs.op]);
	else if (e->ipvs.op == IPVS_REMOVED)
		snprintf(buf, size, "IPVS: %s -> %s removed", e->ipvs.service, e->ipvs.dest);
	else
		snprintf(buf, size, "IPVS: %s -> %s %s, weight %d", e->ipvs.service,
			 e->ipvs.dest, ops[e->ipvs.op], e->ipvs.weight);
}

static void words(char *buf, size_t size, const struct event *e)
{
	switch (e->type) {
	case EV_RUN:
		snprintf(buf, size, "%s on %s with %s %s", e->run.case_name,
			 e->run.topology, e->run.engine, e->run.engine_version);
		break;
	case EV_PORT:
		snprintf(buf, size, "%s is %s on %s", e->port.ifname, e->port.mac,
			 e->port.link);
		break;
	case EV_SETTLED:
		snprintf(buf, size, "settled");
		break;
	case EV_UNSETTLED:
		snprintf(buf, size, "not settled: %s", e->text);
		break;
	case EV_FAULT:
		snprintf(buf, size, "%s: %s%s", e->text,
			 e->fault.effective ? "" : "NO EFFECT: ", e->fault.proof);
		break;
	case EV_START:
		snprintf(buf, size, "%s started", e->proc.what);
		break;
	case EV_EXIT:
		snprintf(buf, size, "%s ended, %s %d", e->proc.what,
			 e->proc.status < 0 ? "signal" : "status", abs(e->proc.status));
		break;
	case EV_VRRP:
		snprintf(buf, size, "%s: VRID %d, priority %d%s",
			 e->vrrp.delivered ? "advert received" : "advert", e->vrrp.vrid,
			 e->vrrp.priority, e->vrrp.priority ? "" : " (it resigns)");
		break;
	case EV_ARP:
		snprintf(buf, size, "%s%s %s", e->arp.delivered ? "received " : "",
			 e->arp.gratuitous ? "gratuitous ARP for" :
			 e->arp.request	   ? "ARP asks for" : "ARP answers to",
			 e->arp.gratuitous ? e->arp.sender_ip : e->arp.target_ip);
		break;
	case EV_ADDR:
		snprintf(buf, size, "%s %s", e->addr.addr, e->addr.added ? "added" : "removed");
		break;
	case EV_LINK:
		snprintf(buf, size, "%s is %s%s", e->link.ifname, e->link.up ? "up" : "down",
			 e->link.up && !e->link.carrier ? ", no carrier" : "");
		break;
	case EV_NEIGH:
		snprintf(buf, size, "neighbour %s is %s (%s)", e->neigh.ip,
			 e->neigh.mac ? e->neigh.mac : "unresolved",
			 e->neigh.state ? e->neigh.state : "");
		break;
	case EV_IPVS:
		ipvs(buf, size, e);
		break;
	case EV_REQUEST:
		request(buf, size, e);
		break;
	case EV_PACKET:
		snprintf(buf, size, "%s from %s to %s", e->packet.protocol, e->packet.src,
			 e->packet.dst);
		break;
	case EV_LOG:
	case EV_NOTE:
		snprintf(buf, size, "%s", e->text ? e->text : "");
		break;
	case EV_END:
		snprintf(buf, size, "the timeline is over");
		break;
	case EV_NTYPES:
		buf[0] = '\0';
		break;
	}
}

bool event_line(char *buf, size_t size, const struct event *e, const struct sitestate *s)
{
	const char *who = e->type == EV_REQUEST ? e->request.traffic :
			  e->node		? e->node : "";
	char what[400], a[SPAN_LEN];
	int64_t zero = s && s->settled_ns && e->t >= s->settled_ns ? s->settled_ns : 0;

	if (s && !is_news(e, s))
		return false;
	words(what, sizeof(what), e);
	snprintf(buf, size, "%13s s  %-8s %s", span_offset(a, e->t - zero), who, what);
	return true;
}
