/*
 * What reaches a node, heard in its own namespace. A director: the others'
 * adverts, and until the site has settled the answers to its checks. A client
 * or router: ARP and neighbour discovery, by sockets for these protocols alone,
 * which cost nothing when other packets come.
 *
 * Each socket is bound to an interface. One that is not is asked about every frame
 * in the kernel, whichever namespace it is in: with hundreds of clients, that is most
 * of what a broadcast costs.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "observe_impl.h"
#include "packet_sock.h"
#include "wire_event.h"
#include "wire_filter.h"

#define SOCKETS_MAX 2

/* An interface of the node, and the switch behind it. */
struct rx_if {
	int index;
	const char *link; /* interned */
};

struct observe_rx {
	struct observe_env env;
	const struct topo_node *topo;
	const char *node; /* interned */
	bool director;
	struct rx_if *ifs;
	size_t nif;
	struct packet_sock *sock; /* up to SOCKETS_MAX an interface */
	size_t nsock;
};

static void delivered(int ifindex, int64_t mono_ns, const uint8_t *frame, size_t len,
		      void *arg)
{
	struct observe_rx *o = arg;
	const char *link = NULL;
	struct wire wire;
	int64_t t = record_time(o->env.rec, mono_ns);
	size_t i;

	for (i = 0; i < o->nif && !link; i++)
		if (o->ifs[i].index == ifindex)
			link = o->ifs[i].link;
	if (!link) /* a device on top of one of them, say for a virtual MAC */
		return;
	wire_decode(frame, len, &wire);
	if (wire.kind == WIRE_VRRP && o->director)
		wire_event_vrrp(o->env.rec, o->node, link, true, t, &wire.vrrp);
	else if (wire.kind == WIRE_ARP && !o->director)
		wire_event_arp(o->env.rec, o->node, link, true, t, &wire.arp);
	else if (wire.kind == WIRE_ANSWER && o->director && o->env.answer)
		o->env.answer(o->topo->name, &wire.answer, o->env.arg);
}

static int find_interfaces(struct observe_rx *o)
{
	const struct topo_if *ifc;
	size_t i;

	o->ifs = calloc(o->topo->nif + 1, sizeof(*o->ifs));
	if (!o->ifs)
		return -ENOMEM;
	for (i = 0; i < o->topo->nif; i++) {
		ifc = &o->topo->ifs[i];
		if (!ifc->link)
			continue;
		o->ifs[o->nif].index = (int)if_nametoindex(ifc->name);
		o->ifs[o->nif++].link = record_text(o->env.rec, ifc->link->name);
	}
	return 0;
}

/* Runs in the node's namespace. */
static int open_here(void *arg)
{
	static const int of_director[] = { ETH_P_ALL, 0 };
	static const int of_others[] = { ETH_P_ARP, ETH_P_IPV6, 0 };
	struct observe_rx *o = arg;
	const int *protocol = o->director ? of_director : of_others;
	struct wire_filter f;
	int r = find_interfaces(o);
	size_t i;

	if (!r && !(o->sock = calloc(o->nif * SOCKETS_MAX + 1, sizeof(*o->sock))))
		r = -ENOMEM;
	wire_filter_delivered(&f, o->director, o->director);
	for (; !r && *protocol; protocol++)
		for (i = 0; !r && i < o->nif; i++) {
			o->sock[o->nsock] =
				(struct packet_sock){ .frame = delivered, .arg = o };
			r = packet_sock_open(&o->sock[o->nsock], *protocol,
					     o->ifs[i].index, &f.prog);
			o->nsock += !r;
		}
	return r;
}

static void rx_close(void *observer, bool gone)
{
	struct observe_rx *o = observer;

	(void)gone;
	while (o->nsock)
		packet_sock_close(&o->sock[--o->nsock]);
	free(o->sock);
	free(o->ifs);
	free(o);
}

static void *rx_open(const struct observe_env *env, struct site_node *n)
{
	struct observe_rx *o = calloc(1, sizeof(*o));
	size_t i;
	int r;

	if (!o) {
		log_warnx("observers: no memory");
		return NULL;
	}
	o->env = *env;
	o->topo = site_node_topo(n);
	o->node = record_text(env->rec, o->topo->name);
	o->director = o->topo->role == ROLE_DIRECTOR;
	r = site_in_netns(env->site, n, open_here, o);
	for (i = 0; !r && i < o->nsock; i++)
		r = packet_sock_watch(&o->sock[i], env->loop);
	if (!r)
		return o;
	errno = -r;
	log_warn("%s: what reaches it", o->topo->name);
	rx_close(o, false);
	return NULL;
}

static void rx_no_answers(void *observer)
{
	struct observe_rx *o = observer;
	struct wire_filter f;
	size_t i;

	wire_filter_delivered(&f, o->director, false);
	for (i = 0; i < o->nsock; i++)
		wire_filter_replace(&f, o->sock[i].fd);
}

const struct observer_ops observe_rx_ops = { rx_open, rx_close, rx_no_answers };
