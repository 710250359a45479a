/* Power loss, and power again. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "clock.h"
#include "link.h"
#include "nlbatch.h"
#include "site_impl.h"

/*
 * Once its ports on the switch are down nothing leaves the node: no FIN, no
 * reset, no goodbye, and no IGMP report. That is the instant of the power loss.
 * Its processes are stopped before, so that none sees its cable go.
 */
int site_node_crash(struct site_node *n, int64_t *at_ns)
{
	struct nl_batch b;
	size_t i;
	int r;

	if (!n->up || n->dying)
		return -ENETDOWN;
	node_init_kill(&n->init, SIGSTOP, NULL, 0);
	nl_batch_init(&b, n->site->switch_sk);
	for (i = 0; i < n->nport; i++)
		link_set_up(&b, n->port[i].port_index, n->port[i].name, false);
	r = nl_batch_commit(&b, NULL);
	if (at_ns)
		*at_ns = clock_now();
	nl_batch_finish(&b);
	/* Whatever the netlink answer: the power is off. */
	if (n->site->o.node_cb)
		n->site->o.node_cb(n->topo->name, false, n->site->o.arg);
	node_kill(n);
	return r;
}

bool site_node_is_gone(const struct site_node *n)
{
	struct link_state st;
	size_t i;

	if (n->init.pidfd >= 0)
		return false;
	for (i = 0; i < n->nport; i++)
		if (link_get(n->site->switch_sk, n->port[i].port_index, &st) == 0 &&
		    (st.up || st.carrier))
			return false;
	return true;
}

/* The kernel deletes the cables with the namespace, in its own time. */
static int remove_old_cables(struct site_node *n)
{
	struct link_state st;
	struct nl_batch b;
	size_t i;
	int r;

	nl_batch_init(&b, n->site->switch_sk);
	for (i = 0; i < n->nport; i++)
		if (link_get(n->site->switch_sk, n->port[i].port_index, &st) == 0)
			link_del(&b, n->port[i].port_index, n->port[i].name);
	r = nl_batch_commit(&b, NULL);
	nl_batch_finish(&b);
	return r == -ENODEV ? 0 : r; /* it was faster */
}

static int commit(struct site_node *n, void (*queue)(struct site_node *n, struct nl_batch *b))
{
	struct nl_batch b;
	int r;

	nl_batch_init(&b, n->site->switch_sk);
	queue(n, &b);
	r = site_commit(&b, n->topo->name);
	nl_batch_finish(&b);
	return r;
}

int site_node_boot(struct site_node *n)
{
	int r;

	if (n->up && !n->dying)
		return -EALREADY;
	node_reap(n);
	r = remove_old_cables(n);
	if (r == 0)
		r = site_start_init(n);
	if (r == 0)
		r = commit(n, site_queue_cables);
	if (r == 0)
		r = site_wait_init(n);
	if (r == 0)
		r = node_init_configure(&n->init);
	if (r == 0)
		r = commit(n, site_queue_ports);
	if (r == 0)
		r = shape_restore(n);
	if (r == 0)
		r = node_put_files(n);
	if (r < 0)
		node_reap(n);
	else if (n->site->o.node_cb)
		n->site->o.node_cb(n->topo->name, true, n->site->o.arg);
	return r;
}
