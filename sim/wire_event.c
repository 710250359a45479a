/* From the wire to events. */
#include "wire_event.h"

void wire_event_vrrp(struct record *rec, const char *node, const char *link,
		     bool delivered, int64_t t, const struct wire_vrrp *v)
{
	struct event e = { .t = t, .type = EV_VRRP, .node = node };

	e.vrrp.link = link;
	e.vrrp.delivered = delivered;
	e.vrrp.src = record_text(rec, v->src);
	e.vrrp.dst = record_text(rec, v->dst);
	e.vrrp.version = v->version;
	e.vrrp.vrid = v->vrid;
	e.vrrp.priority = v->priority;
	e.vrrp.auth_type = v->auth_type;
	e.vrrp.interval = v->interval_ns;
	e.vrrp.ttl = v->ttl;
	e.vrrp.checksum_ok = v->checksum_ok;
	e.vrrp.vips = record_text(rec, v->vips);
	record_add(rec, &e);
}

void wire_event_arp(struct record *rec, const char *node, const char *link,
		    bool delivered, int64_t t, const struct wire_arp *a)
{
	struct event e = { .t = t, .type = EV_ARP, .node = node };

	e.arp.link = link;
	e.arp.delivered = delivered;
	e.arp.request = a->request;
	e.arp.gratuitous = a->gratuitous;
	e.arp.sender_mac = record_text(rec, a->sender_mac);
	e.arp.sender_ip = record_text(rec, a->sender_ip);
	e.arp.target_ip = record_text(rec, a->target_ip);
	e.arp.dst_mac = record_text(rec, a->dst_mac);
	record_add(rec, &e);
}
