/* A node's side of a site: sysctls, links, addresses, routes. */
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>

#include "link.h"
#include "log.h"
#include "nl.h"
#include "nlbatch.h"
#include "site_impl.h"
#include "sysctl.h"

#define LO_INDEX 1

int site_commit(struct nl_batch *b, const char *where)
{
	struct nl_batch_item bad;
	int r = nl_batch_commit(b, &bad);

	if (r < 0 && bad.verb)
		log_warnx("%s: cannot %s '%s': %s", where, bad.verb, bad.noun,
			  strerror(-r));
	else if (r < 0)
		log_warnx("%s: netlink: %s", where, strerror(-r));
	return r;
}

bool site_has_ipv6(const struct site_node *n)
{
	size_t i;

	for (i = 0; i < n->topo->nif; i++)
		if (topology_if_has(&n->topo->ifs[i], AF_INET6))
			return true;
	return false;
}

static void set_for_if(const struct topo_if *i, const char *key, const char *value)
{
	char path[128]; /* with slashes: an interface's name may have dots */

	snprintf(path, sizeof(path), "net/ipv6/conf/%s/%s", i->name, key);
	sysctl_set(path, value);
}

/*
 * Where there is no IPv6 address, IPv6 is off: nothing is sent that nobody
 * asked for. Where there is one, only what the topology says is configured.
 * A kernel without IPv6 has none of these keys, and needs none.
 */
static void set_ipv6(const struct site_node *n)
{
	static const char *const off[] = { "accept_ra", "autoconf",
					   "router_solicitations", "accept_dad",
					   "dad_transmits" };
	size_t i, k;

	if (!site_has_ipv6(n)) { /* `all` sets `default` as well */
		sysctl_set("net.ipv6.conf.all.disable_ipv6", "1");
		return;
	}
	for (i = 0; i < n->topo->nif; i++) {
		const struct topo_if *ifc = &n->topo->ifs[i];

		if (ifc->link && !topology_if_has(ifc, AF_INET6))
			set_for_if(ifc, "disable_ipv6", "1");
		for (k = 0; ifc->link && k < sizeof(off) / sizeof(off[0]); k++)
			set_for_if(ifc, off[k], "0");
	}
}

static int set_sysctls(const struct site_node *n)
{
	size_t i;
	int r;

	set_ipv6(n);
	for (i = 0; i < n->topo->nsysctl; i++) {
		const struct topo_sysctl *c = &n->topo->sysctl[i];

		r = sysctl_set(c->key, c->value);
		if (r < 0) {
			log_warnx("%s: cannot set %s to '%s': %s%s", n->topo->name,
				  c->key, c->value, strerror(-r),
				  r == -ENOENT ? " (is its module loaded?)" : "");
			return r;
		}
	}
	return 0;
}

static int node_index(const struct site_node *n, const char *ifname)
{
	struct site_port *p = ifname ? node_port(n, ifname) : NULL;

	return p ? p->node_index : 0;
}

/* Index of an interface that is no port: lo, or a tunnel. */
static int inner_index(const struct site_node *n, const struct topo_if *ifc)
{
	return ifc->tunnel ? FIRST_TUNNEL_INDEX + (int)(ifc - n->topo->ifs) : LO_INDEX;
}

/*
 * Before the sysctls, which may be about them. Where the kernel gives every
 * namespace a tunl0, that one is taken; its index is the kernel's.
 */
static int add_tunnels(const struct site_node *n, struct nl_sock *sk)
{
	struct nl_batch b;
	size_t i;
	int r;

	nl_batch_init(&b, sk);
	for (i = 0; i < n->topo->nif; i++)
		if (n->topo->ifs[i].tunnel && !if_nametoindex(n->topo->ifs[i].name))
			link_add_tunnel(&b, n->topo->ifs[i].name,
					inner_index(n, &n->topo->ifs[i]));
	r = site_commit(&b, n->topo->name);
	nl_batch_finish(&b);
	if (r == -EOPNOTSUPP)
		log_warnx("IP-in-IP needs the kernel's ipip: modprobe ipip");
	return r;
}

static void queue_addresses(const struct site_node *n, struct nl_batch *b)
{
	size_t i, k;

	for (i = 0; i < n->topo->nif; i++) {
		const struct topo_if *ifc = &n->topo->ifs[i];
		int index = ifc->link ? node_index(n, ifc->name) : inner_index(n, ifc);

		if (ifc->tunnel) {
			index = (int)if_nametoindex(ifc->name);
			link_set_up(b, index, ifc->name, true);
		}
		for (k = 0; k < ifc->naddr; k++)
			link_add_addr(b, index, &ifc->addr[k],
				      ifc->link || ifc->tunnel ? NULL : "lo:0");
	}
}

void site_queue_routes(const struct site_node *n, struct nl_batch *b)
{
	size_t i;

	for (i = 0; i < n->topo->nroute; i++)
		link_add_route(b, &n->topo->route[i],
			       node_index(n, n->topo->route[i].dev));
}

int site_configure_inside(void *arg)
{
	struct site_node *n = arg;
	struct nl_batch b;
	struct nl_sock *sk;
	size_t i;
	int r;

	sk = nl_open(NETLINK_ROUTE);
	if (!sk) {
		r = -errno;
		log_warnx("%s: netlink: %s", n->topo->name, strerror(-r));
		return r;
	}
	r = add_tunnels(n, sk);
	if (r == 0)
		r = set_sysctls(n);
	if (r < 0) {
		nl_socket_free(sk);
		return r;
	}
	nl_batch_init(&b, sk);
	link_set_up(&b, LO_INDEX, "lo", true);
	for (i = 0; i < n->nport; i++)
		link_set_up(&b, n->port[i].node_index, n->port[i].ifc->name, true);
	queue_addresses(n, &b);
	site_queue_routes(n, &b);
	r = site_commit(&b, n->topo->name);
	nl_batch_finish(&b);
	nl_socket_free(sk);
	return r;
}
