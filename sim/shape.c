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

/* Something that is done to an interface in its namespace. */
struct work {
	int (*fn)(struct nl_sock *sk, int index, const struct work *w);
	int index;
	const struct site_port *p;
	const struct port_class *c;
	const struct netem *e;
	bool out;
};

static int in_namespace(void *arg)
{
	const struct work *w = arg;
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	int r;

	if (!sk)
		return -errno;
	r = w->fn(sk, w->index, w);
	nl_socket_free(sk);
	return r;
}

/* What a node sends is treated at its own end, what goes to it at the switch's. */
static int do_work(struct site_node *n, struct work *w)
{
	w->index = w->out ? w->p->node_index : w->p->port_index;
	if (!w->out)
		return w->fn(n->site->switch_sk, w->index, w);
	return site_in_netns(n->site, n, in_namespace, w);
}

static bool is_sorted(const struct site_port *p, bool out)
{
	const struct port_class *c;

	for (c = p->classes; c; c = c->next)
		if (c->of.sent == out)
			return true;
	return false;
}

/* --- all frames --- */

static int set_all(struct nl_sock *sk, int index, const struct work *w)
{
	return is_sorted(w->p, w->out) ? netem_set_band(sk, index, 0, w->e) :
					 netem_set(sk, index, w->e);
}

static int apply(struct site_node *n, const struct site_port *p, bool out,
		 const struct netem *e)
{
	struct work w = { .fn = set_all, .p = p, .e = e, .out = out };

	return do_work(n, &w);
}

int shape_set(struct site_node *n, struct site_port *p, bool out, const struct netem *e)
{
	int r = apply(n, p, out, e);

	if (r == 0)
		*(out ? &p->out : &p->in) = *e;
	return r;
}

/* --- frames of some kinds --- */

/* One port's frames are asked about before those of the whole protocol. */
static int class_prio(const struct port_class *c)
{
	return c->band + (c->of.port ? 0 : NETEM_BANDS);
}

static int add_class(struct nl_sock *sk, int index, const struct port_class *c,
		     const struct netem *e)
{
	int r = netem_set_band(sk, index, c->band, e);

	return r < 0 ? r : filter_classify(sk, index, NETEM_SORTER, class_prio(c), &c->of,
					   netem_band_class(c->band));
}

/* The first of its direction: bands come first, with what happens to all in one. */
static int begin_sorting(struct nl_sock *sk, int index, const struct work *w)
{
	const struct netem *all = w->out ? &w->p->out : &w->p->in;
	int r = netem_sort(sk, index);

	if (r == 0 && !netem_is_none(all))
		r = netem_set_band(sk, index, 0, all);
	if (r == 0)
		r = add_class(sk, index, w->c, w->e);
	if (r < 0) {
		netem_unsort(sk, index);
		netem_set(sk, index, all);
	}
	return r;
}

static int add_another(struct nl_sock *sk, int index, const struct work *w)
{
	return add_class(sk, index, w->c, w->e);
}

static int change_class(struct nl_sock *sk, int index, const struct work *w)
{
	return netem_set_band(sk, index, w->c->band, w->e);
}

static int remove_class(struct nl_sock *sk, int index, const struct work *w)
{
	int r = filter_declassify(sk, index, NETEM_SORTER, class_prio(w->c));

	return r < 0 ? r : netem_set_band(sk, index, w->c->band, w->e);
}

/* The last of its direction is gone. */
static int end_sorting(struct nl_sock *sk, int index, const struct work *w)
{
	int r = netem_unsort(sk, index);

	return r < 0 ? r : netem_set(sk, index, w->out ? &w->p->out : &w->p->in);
}

static struct port_class **find_class(struct site_port *p, const struct filter *of)
{
	struct port_class **at = &p->classes;

	while (*at && !filter_same_frames(&(*at)->of, of))
		at = &(*at)->next;
	return at;
}

const struct netem *shape_class(const struct site_port *p, const struct filter *of)
{
	const struct port_class *c = *find_class((struct site_port *)(uintptr_t)p, of);

	return c ? &c->e : NULL;
}

static int free_band(const struct site_port *p, bool out)
{
	const struct port_class *c;
	int band;

	for (band = 1; band < NETEM_BANDS; band++) {
		for (c = p->classes; c; c = c->next)
			if (c->of.sent == out && c->band == band)
				break;
		if (!c)
			return band;
	}
	return -ENOSPC;
}

static int new_class(struct site_node *n, struct site_port *p, const struct filter *of,
		     const struct netem *e)
{
	struct port_class *c = calloc(1, sizeof(*c));
	struct work w = { .p = p, .c = c, .e = e, .out = of->sent };
	int r;

	if (!c)
		return -ENOMEM;
	c->of = *of;
	c->of.share = 1;
	c->e = *e;
	c->band = r = free_band(p, of->sent);
	w.fn = is_sorted(p, of->sent) ? add_another : begin_sorting;
	if (r > 0)
		r = n->up && !n->dying ? do_work(n, &w) : 0;
	if (r < 0) {
		free(c);
		return r;
	}
	c->next = p->classes;
	p->classes = c;
	return 0;
}

int shape_set_class(struct site_node *n, struct site_port *p, const struct filter *of,
		    const struct netem *e)
{
	struct port_class **at = find_class(p, of), *c = *at;
	struct work w = { .p = p, .c = c, .e = e, .out = of->sent };
	bool live = n->up && !n->dying;
	int r = 0;

	if (!c)
		return netem_is_none(e) ? 0 : new_class(n, p, of, e);
	w.fn = netem_is_none(e) ? remove_class : change_class;
	if (live)
		r = do_work(n, &w);
	if (r < 0)
		return r;
	c->e = *e;
	if (!netem_is_none(e))
		return 0;
	*at = c->next;
	free(c);
	w.c = NULL;
	w.fn = end_sorting;
	return live && !is_sorted(p, of->sent) ? do_work(n, &w) : 0;
}

/* All of a direction again, on a new interface. */
static int sort_again(struct nl_sock *sk, int index, const struct work *w)
{
	const struct netem *all = w->out ? &w->p->out : &w->p->in;
	const struct port_class *c;
	int r = netem_sort(sk, index);

	if (r == 0 && !netem_is_none(all))
		r = netem_set_band(sk, index, 0, all);
	for (c = w->p->classes; c && r == 0; c = c->next)
		if (c->of.sent == w->out)
			r = add_class(sk, index, c, &c->e);
	return r;
}

static void free_classes(struct site_port *p)
{
	struct port_class *c;

	while ((c = p->classes)) {
		p->classes = c->next;
		free(c);
	}
}

/* --- filters --- */

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

static int restore_direction(struct site_node *n, const struct site_port *p, bool out)
{
	struct work w = { .fn = sort_again, .p = p, .out = out };
	const struct netem *all = out ? &p->out : &p->in;

	if (is_sorted(p, out))
		return do_work(n, &w);
	return netem_is_none(all) ? 0 : apply(n, p, out, all);
}

int shape_restore(struct site_node *n)
{
	struct port_filter *f;
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < n->nport; i++) {
		struct site_port *p = &n->port[i];

		r = restore_direction(n, p, false);
		if (r == 0)
			r = restore_direction(n, p, true);
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

	for (i = 0; n->port && i < n->nport; i++) {
		free_classes(&n->port[i]);
		while ((f = n->port[i].filters)) {
			n->port[i].filters = f->next;
			free_filter(f);
		}
	}
}
