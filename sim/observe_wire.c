/*
 * What nodes send, heard where it enters a switch: one socket in the switches'
 * namespace. It hears what comes in alone (observe_rx.c hears what reaches the
 * nodes), since the kernel copies every outgoing packet before a filter may
 * refuse it; this way the clients' traffic costs next to nothing. A second one is
 * there when the case counts packets of other protocols.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "log.h"
#include "observe_impl.h"
#include "packet_sock.h"
#include "wire_event.h"
#include "wire_filter.h"

/* A port of a switch, and whose it is. */
struct port {
	unsigned int index;
	const struct topo_node *node;
	const char *node_name, *link; /* interned */
	const struct topo_if *ifc;
};

struct observe_wire {
	struct observe_env env;
	struct packet_sock sock;
	struct packet_sock counted; /* fd -1: the case counts nothing else */
	struct wire_protocols protocols;
	struct port *port;
	size_t nport;
};

/* --- what they send --- */

static const struct port *port_of(const struct observe_wire *w, int ifindex)
{
	size_t i;

	for (i = 0; i < w->nport; i++)
		if (w->port[i].index == (unsigned int)ifindex)
			return &w->port[i];
	return NULL;
}

static void counted(int ifindex, int64_t mono_ns, const uint8_t *frame, size_t len,
		    void *arg)
{
	struct observe_wire *w = arg;
	const struct port *p = port_of(w, ifindex);
	struct event e = { .type = EV_PACKET };
	struct wire_packet packet;

	if (!p || !wire_decode_packet(frame, len, &packet))
		return;
	e.t = record_time(w->env.rec, mono_ns);
	e.node = p->node_name;
	e.packet.link = p->link;
	e.packet.protocol = record_text(w->env.rec, packet.protocol);
	e.packet.src = record_text(w->env.rec, packet.src);
	e.packet.dst = record_text(w->env.rec, packet.dst);
	record_add(w->env.rec, &e);
}

static void sent(int ifindex, int64_t mono_ns, const uint8_t *frame, size_t len, void *arg)
{
	struct observe_wire *w = arg;
	const struct port *p = port_of(w, ifindex);
	struct wire wire;
	int64_t t = record_time(w->env.rec, mono_ns);

	if (!p) /* a switch's own interface: it sees what its ports saw */
		return;
	wire_decode(frame, len, &wire);
	if (wire.kind == WIRE_VRRP)
		wire_event_vrrp(w->env.rec, p->node_name, p->link, false, t, &wire.vrrp);
	else if (wire.kind == WIRE_ARP)
		wire_event_arp(w->env.rec, p->node_name, p->link, false, t, &wire.arp);
}

/* --- ports --- */

struct ports_of {
	struct observe_wire *w;
	struct site_node *n;
};

static int find_indexes(void *arg)
{
	struct ports_of *po = arg;
	struct observe_wire *w = po->w;
	size_t i;

	for (i = 0; i < w->nport; i++)
		if (w->port[i].node == site_node_topo(po->n))
			w->port[i].index = if_nametoindex(site_port_name(po->n,
									 w->port[i].ifc));
	return 0;
}

static void record_port(struct observe_wire *w, const struct port *p)
{
	struct event e = { .t = record_now(w->env.rec), .type = EV_PORT,
			   .node = p->node_name };
	char mac[WIRE_MAC_TEXT];

	wire_mac_text(p->ifc->mac, mac);
	e.port.ifname = record_text(w->env.rec, p->ifc->name);
	e.port.link = p->link;
	e.port.mac = record_text(w->env.rec, mac);
	record_add(w->env.rec, &e);
}

static void add_port(struct observe_wire *w, const struct topo_node *node,
		     const struct topo_if *ifc)
{
	struct port *p = reallocarray(w->port, w->nport + 1, sizeof(*p));

	if (!p) {
		w->env.rec->err = -ENOMEM;
		return;
	}
	w->port = p;
	p = &w->port[w->nport++];
	*p = (struct port){ .node = node, .ifc = ifc };
	p->node_name = record_text(w->env.rec, node->name);
	p->link = record_text(w->env.rec, ifc->link->name);
	record_port(w, p);
}

void observe_wire_ports(struct observe_wire *w, struct site_node *n)
{
	const struct topo_node *node = site_node_topo(n);
	struct ports_of po = { w, n };
	bool known = false;
	size_t i;

	for (i = 0; i < w->nport; i++)
		known = known || w->port[i].node == node;
	for (i = 0; !known && i < node->nif; i++)
		if (node->ifs[i].link)
			add_port(w, node, &node->ifs[i]);
	site_in_netns(w->env.site, NULL, find_indexes, &po);
}

static int open_switches(void *arg)
{
	struct observe_wire *w = arg;
	struct wire_filter f;
	int r;

	wire_filter_init(&f, false);
	r = packet_sock_open(&w->sock, ETH_P_ALL, 0, &f.prog);
	if (r < 0 || !w->protocols.n)
		return r;
	wire_filter_protocols(&f, &w->protocols);
	return packet_sock_open(&w->counted, ETH_P_ALL, 0, &f.prog);
}

/* The protocols that the case counts and that nobody records anyway. */
static void find_protocols(struct observe_wire *w)
{
	const struct expect *e;
	const char *name;

	for (e = w->env.c->expect; e; e = expect_next(e)) {
		name = expect_packets(e);
		if (name && strcmp(name, "vrrp") != 0 && strcmp(name, "arp") != 0)
			wire_protocols_add(&w->protocols, name);
	}
}

struct observe_wire *observe_wire_new(const struct observe_env *env)
{
	struct observe_wire *w = calloc(1, sizeof(*w));
	int r;

	if (!w) {
		log_warnx("observers: no memory");
		return NULL;
	}
	w->env = *env;
	w->sock = (struct packet_sock){ .frame = sent, .arg = w, .fd = -1 };
	w->counted = (struct packet_sock){ .frame = counted, .arg = w, .fd = -1 };
	find_protocols(w);
	r = site_in_netns(env->site, NULL, open_switches, w);
	if (!r)
		r = packet_sock_watch(&w->sock, env->loop);
	if (!r && w->counted.fd >= 0)
		r = packet_sock_watch(&w->counted, env->loop);
	if (r < 0) {
		errno = -r;
		log_warn("the wire's observer");
		observe_wire_free(w);
		return NULL;
	}
	return w;
}

void observe_wire_free(struct observe_wire *w)
{
	if (!w)
		return;
	packet_sock_close(&w->sock);
	packet_sock_close(&w->counted);
	free(w->port);
	free(w);
}
