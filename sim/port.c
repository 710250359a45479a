/* Breaking and mending a node's links, on either side. */
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/socket.h>

#include "link.h"
#include "nl.h"
#include "nlbatch.h"
#include "site_impl.h"

struct work {
	struct site_node *n;
	struct site_port *p;
	bool up;
};

/*
 * Addresses of IPv6 and routes go when an interface goes down; whatever
 * configures the machine puts them back when it comes up.
 */
static void restore(const struct work *w, struct nl_sock *sk)
{
	const struct topo_if *ifc = w->p->ifc;
	struct nl_batch b;
	size_t i;

	nl_batch_init(&b, sk);
	for (i = 0; i < ifc->naddr; i++)
		if (ifc->addr[i].family == AF_INET6)
			link_add_addr(&b, w->p->node_index, &ifc->addr[i], NULL);
	site_queue_routes(w->n, &b);
	nl_batch_commit(&b, NULL); /* those of other, broken links are refused */
	nl_batch_finish(&b);
}

/* In the node's namespace. */
static int set_node_side(void *arg)
{
	const struct work *w = arg;
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	struct link_state st;
	struct nl_batch b;
	int r;

	if (!sk)
		return -errno;
	nl_batch_init(&b, sk);
	link_set_up(&b, w->p->node_index, w->p->ifc->name, w->up);
	r = nl_batch_commit(&b, NULL);
	nl_batch_finish(&b);
	if (r == 0)
		r = link_get(sk, w->p->node_index, &st);
	if (r == 0 && st.up != w->up)
		r = -EIO;
	if (r == 0 && w->up)
		restore(w, sk);
	nl_socket_free(sk);
	return r;
}

static int set_switch_side(const struct work *w, enum link_side side)
{
	struct nl_sock *sk = w->n->site->switch_sk;
	struct site_port *p = w->p;
	struct link_state st;
	struct nl_batch b;
	int r;

	nl_batch_init(&b, sk);
	if (side == LINK_CABLE)
		link_set_up(&b, p->port_index, p->name, w->up);
	else
		link_set_bridge(&b, p->port_index, p->name, w->up ? p->bridge : 0);
	r = nl_batch_commit(&b, NULL);
	nl_batch_finish(&b);
	if (r == 0)
		r = link_get(sk, p->port_index, &st);
	if (r < 0)
		return r;
	if (side == LINK_CABLE)
		return st.up == w->up ? 0 : -EIO;
	return (st.bridge == p->bridge) == w->up ? 0 : -EIO;
}

struct question {
	const struct site_port *p;
	bool up;
};

static int look_at_node_side(void *arg)
{
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	struct question *q = arg;
	struct link_state st;
	int r;

	if (!sk)
		return -errno;
	r = link_get(sk, q->p->node_index, &st);
	q->up = r == 0 && st.up;
	nl_socket_free(sk);
	return r;
}

int node_link_is_up(struct site_node *n, const struct site_port *p, enum link_side side,
		    bool *up)
{
	struct question q = { .p = p };
	struct link_state st;
	int r;

	if (side == LINK_NODE) {
		r = site_in_netns(n->site, n, look_at_node_side, &q);
		*up = q.up;
		return r;
	}
	r = link_get(n->site->switch_sk, p->port_index, &st);
	*up = r == 0 && (side == LINK_CABLE ? st.up : st.bridge == p->bridge);
	return r;
}

int site_link_set(struct site_node *n, const char *ifname, enum link_side side, bool up)
{
	struct work w = { .n = n, .p = node_port(n, ifname), .up = up };

	if (!n->up || n->dying)
		return -ENETDOWN;
	if (!w.p)
		return -ENODEV;
	if (side == LINK_NODE)
		return site_in_netns(n->site, n, set_node_side, &w);
	return set_switch_side(&w, side);
}
