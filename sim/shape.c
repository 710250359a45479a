/*
 * What happens to frames on the way: the state that faults have brought a
 * node's ports into, kept so that a node which boots finds the network as
 * broken as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <unistd.h>

#include "nl.h"
#include "site_impl.h"

struct work {
	const struct site_port *p;
	const struct netem *e;
};

/* What a node sends is treated at its own end. */
static int set_out(void *arg)
{
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	const struct work *w = arg;
	int r;

	if (!sk)
		return -errno;
	r = netem_set(sk, w->p->node_index, w->e);
	nl_socket_free(sk);
	return r;
}

static int apply(struct site_node *n, const struct site_port *p, bool out,
		 const struct netem *e)
{
	struct work w = { p, e };

	if (!out)
		return netem_set(n->site->switch_sk, p->port_index, e);
	return site_in_netns(n->site, n, set_out, &w);
}

int shape_set(struct site_node *n, struct site_port *p, bool out, const struct netem *e)
{
	int r = apply(n, p, out, e);

	if (r == 0)
		*(out ? &p->out : &p->in) = *e;
	return r;
}

static void free_filter(struct port_filter *f)
{
	if (f->counter >= 0)
		close(f->counter);
	free(f);
}

int shape_add_filter(struct site_node *n, struct site_port *p, const struct filter *of,
		     int counter)
{
	struct port_filter *f = calloc(1, sizeof(*f)), **at;
	int r;

	if (!f)
		return -ENOMEM;
	f->of = *of;
	f->prio = ++p->last_prio;
	f->counter = counter < 0 ? -1 : fcntl(counter, F_DUPFD_CLOEXEC, 0);
	r = filter_add(n->site->switch_sk, p->port_index, f->prio, of, f->counter);
	if (r < 0) {
		free_filter(f);
		return r;
	}
	for (at = &p->filters; *at; at = &(*at)->next)
		;
	*at = f;
	return 0;
}

int shape_del_filters(struct site_node *n, struct site_port *p,
		      const struct filter *like, bool any)
{
	struct port_filter **at = &p->filters, *f;
	int gone = 0, r;

	while ((f = *at)) {
		if (any ? f->of.from != like->from : !filter_same_frames(&f->of, like)) {
			at = &f->next;
			continue;
		}
		r = filter_del(n->site->switch_sk, p->port_index, f->prio, &f->of);
		if (r < 0 && n->up)
			return r;
		*at = f->next;
		free_filter(f);
		gone++;
	}
	return gone;
}

int shape_restore(struct site_node *n)
{
	struct port_filter *f;
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < n->nport; i++) {
		struct site_port *p = &n->port[i];

		if (!netem_is_none(&p->in))
			r = apply(n, p, false, &p->in);
		if (r == 0 && !netem_is_none(&p->out))
			r = apply(n, p, true, &p->out);
		for (f = p->filters; f && r == 0; f = f->next)
			r = filter_add(n->site->switch_sk, p->port_index, f->prio,
				       &f->of, f->counter);
	}
	return r;
}

void shape_free(struct site_node *n)
{
	struct port_filter *f;
	size_t i;

	for (i = 0; n->port && i < n->nport; i++)
		while ((f = n->port[i].filters)) {
			n->port[i].filters = f->next;
			free_filter(f);
		}
}
