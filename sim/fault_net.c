/* Faults: frames that get lost, late, doubled, or do not get through at all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "fault_impl.h"

/* --- whom it concerns --- */

/* Calls fn for each port meant: NODE:IF, all of NODE, or all of a LINK. */
static int each_port(struct fault_job *j,
		     int (*fn)(struct fault_job *j, struct site_node *n,
			       struct site_port *p))
{
	const struct fault_call *c = &j->call;
	struct site *s = j->env->site;
	size_t i, k;
	int r = 0;

	for (i = 0; i < s->nnode; i++) {
		struct site_node *n = &s->node[i];

		if (c->node && n->topo != c->node)
			continue;
		for (k = 0; r == 0 && k < n->nport; k++) {
			if (c->ifc && n->port[k].ifc != c->ifc)
				continue;
			if (c->link && n->port[k].ifc->link != c->link)
				continue;
			r = fn(j, n, &n->port[k]);
		}
	}
	return r;
}

/* A node without power keeps its place on the switch: it is told at its boot. */
static bool powered(const struct site_node *n)
{
	return n->up && !n->dying;
}

/* No module in the kernel is no failure of the harness's. */
static int missing(struct fault_job *j, int r, const char *module)
{
	if (r != -ENOENT && r != -EOPNOTSUPP)
		return r;
	fault_done(j, false, "the kernel has no %s", module);
	return 0;
}

/* --- loss, delay and so on --- */

static void change(const struct fault_call *c, struct netem *e)
{
	const char *what = c->type->name;

	if (!strcmp(what, "loss"))
		e->loss = c->share;
	else if (!strcmp(what, "duplicate"))
		e->duplicate = c->share;
	else if (!strcmp(what, "reorder"))
		e->reorder = c->share;
	else if (!strcmp(what, "delay"))
		e->delay_ns = c->ns;
	else if (!strcmp(what, "jitter"))
		e->jitter_ns = c->ns;
	else if (!strcmp(what, "rate"))
		e->bits_per_s = (uint64_t)c->number;
}

static int impair_one_way(struct fault_job *j, struct site_node *n, struct site_port *p,
			  bool out)
{
	const struct filter of = { .kind = j->call.kind, .port = j->call.port, .sent = out,
				   .share = 1 };
	const struct netem none = { 0 }, *old = out ? &p->out : &p->in;
	struct netem e;
	int r = 0;

	if (j->call.some && !(old = shape_class(p, &of)))
		old = &none;
	e = *old;
	change(&j->call, &e);
	if (netem_same(&e, old))
		return 0;
	if (j->call.some)
		r = shape_set_class(n, p, &of, &e);
	else if (powered(n))
		r = shape_set(n, p, out, &e);
	else
		*(out ? &p->out : &p->in) = e;
	if (r == 0 && powered(n))
		j->npids++; /* directions changed */
	return r;
}

static int impair_port(struct fault_job *j, struct site_node *n, struct site_port *p)
{
	int r = 0;

	if (j->call.in)
		r = impair_one_way(j, n, p, false);
	if (r == 0 && j->call.out)
		r = impair_one_way(j, n, p, true);
	return r;
}

static bool is_delayed(const struct fault_call *c, const struct site_port *p, bool out)
{
	const struct filter of = { .kind = c->kind, .port = c->port, .sent = out };
	const struct netem *e = out ? &p->out : &p->in;

	if (c->some)
		e = shape_class(p, &of);
	return e && e->delay_ns;
}

static int needs_delay(struct fault_job *j, struct site_node *n, struct site_port *p)
{
	(void)n;
	return (j->call.in && !is_delayed(&j->call, p, false)) ||
	       (j->call.out && !is_delayed(&j->call, p, true));
}

static const char *frames_text(const struct fault_call *c, char *buf, size_t size);

int fault_impair(struct fault_job *j)
{
	const char *what = j->call.type->name;
	char of[32] = "", frames[24];
	int r;

	if (j->n && !powered(j->n)) {
		fault_done(j, false, "%s has no power", j->call.node->name);
		return 0;
	}
	/* Frames overtake only those that are held up. */
	if (!strcmp(what, "reorder") && j->call.share > 0 &&
	    each_port(j, needs_delay)) {
		fault_done(j, false, "nothing to overtake: there is no delay");
		return 0;
	}
	r = each_port(j, impair_port);
	if (r == -EINVAL) { /* since 2025: a netem that duplicates is alone in its tree */
		fault_done(j, false, "the kernel takes no duplicates beside what another "
				     "fault does to other frames of that direction");
		return 0;
	}
	if (r < 0)
		return missing(j, r, j->call.some ? "sch_netem, sch_prio and cls_bpf" :
						    "sch_netem");
	if (j->call.some)
		snprintf(of, sizeof(of), " of %s",
			 frames_text(&j->call, frames, sizeof(frames)));
	j->res.at_ns = clock_now();
	if (j->npids)
		fault_done(j, true, "%s%s set in %zu directions and read back", what, of,
			   j->npids);
	else
		fault_done(j, false, "%s%s is that already", what, of);
	return 0;
}

/* --- filters --- */

/* The frames that the words mean. */
static struct filter filter_of(const struct fault_call *c)
{
	return (struct filter){ .kind = c->kind, .port = c->port, .share = c->share };
}

static const char *frames_text(const struct fault_call *c, char *buf, size_t size)
{
	static const char *const names[] = {
		[FILTER_ALL] = "everything", [FILTER_VRRP] = "VRRP", [FILTER_ARP] = "ARP",
		[FILTER_TCP] = "TCP",	     [FILTER_UDP] = "UDP",   [FILTER_ICMP] = "ICMP",
		[FILTER_GARP] = "gratuitous ARP",
	};

	if (c->port)
		snprintf(buf, size, "%s port %d", names[c->kind], c->port);
	else
		snprintf(buf, size, "%s", names[c->kind]);
	return buf;
}

/* On all switches that both are on, frames from `a` do not reach `b`. */
static int cut_one_way(struct fault_job *j, const struct topo_node *a,
		       const struct topo_node *b,
		       int (*fn)(struct fault_job *j, struct site_node *to,
				 struct site_port *p, int from))
{
	struct site_node *from = site_node(j->env->site, a->name);
	struct site_node *to = site_node(j->env->site, b->name);
	size_t i, k;
	int r = 0;

	for (i = 0; i < from->nport; i++)
		for (k = 0; r >= 0 && k < to->nport; k++)
			if (from->port[i].bridge == to->port[k].bridge)
				r = fn(j, to, &to->port[k], from->port[i].port_index);
	return r < 0 ? r : 0;
}

/* Whether a filter there holds all of those frames back already. */
static bool is_held(const struct site_port *p, const struct filter *of)
{
	struct filter all = *of;
	const struct port_filter *f;

	all.kind = FILTER_ALL;
	all.port = 0;
	for (f = p->filters; f; f = f->next)
		if (f->of.share >= 1 && (filter_same_frames(&f->of, of) ||
					 filter_same_frames(&f->of, &all)))
			return true;
	return false;
}

static int hold(struct fault_job *j, struct site_node *n, struct site_port *p,
		const struct filter *of)
{
	int r = 0;

	if (is_held(p, of))
		return 0;
	r = shape_add_filter(n, p, of, fault_counter(j));
	if (r == 0)
		j->npids++;
	return r;
}

static int cut_port(struct fault_job *j, struct site_node *to, struct site_port *p,
		    int from)
{
	struct filter of = filter_of(&j->call);

	of.from = from;
	return hold(j, to, p, &of);
}

int fault_cut(struct fault_job *j)
{
	const struct fault_call *c = &j->call;
	struct site_node *peer = site_node(j->env->site, c->peer->name);
	char what[32];
	int r;

	if (!powered(j->n) || !powered(peer)) {
		fault_done(j, false, "%s has no power",
			   powered(j->n) ? c->peer->name : c->node->name);
		return 0;
	}
	r = cut_one_way(j, c->node, c->peer, cut_port);
	if (r == 0 && !c->one_way)
		r = cut_one_way(j, c->peer, c->node, cut_port);
	if (r < 0)
		return missing(j, r, "clsact and cls_bpf");
	j->res.at_ns = clock_now();
	if (j->npids)
		fault_done(j, true, "%zu filters on the switch hold %s back", j->npids,
			   frames_text(c, what, sizeof(what)));
	else
		fault_done(j, false, "it is cut already");
	return 0;
}

/* --- held back at a node's ports --- */

/* In each direction that the fault names. */
static int each_way(struct fault_job *j, struct site_node *n, struct site_port *p,
		    int (*fn)(struct fault_job *j, struct site_node *n,
			      struct site_port *p, const struct filter *of))
{
	struct filter of = filter_of(&j->call);
	int r = 0;

	if (!powered(n))
		return 0;
	if (j->call.in)
		r = fn(j, n, p, &of);
	of.sent = true;
	if (r == 0 && j->call.out)
		r = fn(j, n, p, &of);
	return r;
}

static int drop_port(struct fault_job *j, struct site_node *n, struct site_port *p)
{
	return each_way(j, n, p, hold);
}

static bool without_power(struct fault_job *j)
{
	if (!j->n || powered(j->n))
		return false;
	fault_done(j, false, "%s has no power", j->call.node->name);
	return true;
}

int fault_drop(struct fault_job *j)
{
	char what[32];
	int r;

	if (without_power(j))
		return 0;
	r = each_port(j, drop_port);
	if (r < 0)
		return missing(j, r, "clsact and cls_bpf");
	j->res.at_ns = clock_now();
	frames_text(&j->call, what, sizeof(what));
	if (j->npids)
		fault_done(j, true, "%zu filters on the switch hold %s back", j->npids, what);
	else
		fault_done(j, false, "%s is held back already", what);
	return 0;
}

/* A share of one protocol; another share of the same takes its place. */
static int lose_one_way(struct fault_job *j, struct site_node *n, struct site_port *p,
			const struct filter *of)
{
	const struct port_filter *f;
	int r;

	for (f = p->filters; f; f = f->next)
		if (filter_same_frames(&f->of, of) && f->of.share == of->share)
			return 0;
	r = shape_del_filters(n, p, of, false);
	if (r > 0)
		j->npids++;
	if (r < 0 || of->share <= 0)
		return r < 0 ? r : 0;
	j->npids += r == 0;
	return shape_add_filter(n, p, of, fault_counter(j));
}

static int lose_port(struct fault_job *j, struct site_node *n, struct site_port *p)
{
	return each_way(j, n, p, lose_one_way);
}

/* All traffic is netem's; of one protocol a filter throws the dice. */
int fault_loss(struct fault_job *j)
{
	char what[32];
	int r;

	if (!j->call.some)
		return fault_impair(j);
	if (without_power(j))
		return 0;
	r = each_port(j, lose_port);
	if (r < 0)
		return missing(j, r, "clsact and cls_bpf");
	j->res.at_ns = clock_now();
	frames_text(&j->call, what, sizeof(what));
	if (j->npids)
		fault_done(j, true, "loss of %s set in %zu directions", what, j->npids);
	else
		fault_done(j, false, "loss of %s is that already", what);
	return 0;
}

/* --- neighbours that are not told --- */

static int freeze_port(struct fault_job *j, struct site_node *n, struct site_port *p)
{
	const struct filter of = { .kind = FILTER_GARP, .share = 1 };

	return powered(n) ? hold(j, n, p, &of) : 0;
}

int fault_arp_freeze(struct fault_job *j)
{
	int r = each_port(j, freeze_port);

	if (r < 0)
		return missing(j, r, "clsact and cls_bpf");
	j->res.at_ns = clock_now();
	if (j->npids)
		fault_done(j, true, "%zu ports hold gratuitous ARP back", j->npids);
	else
		fault_done(j, false, "it is frozen already");
	return 0;
}

/* --- reverts --- */

static int heal_cut_port(struct fault_job *j, struct site_node *to, struct site_port *p,
			 int from)
{
	const struct filter of = { .from = from };
	int r = shape_del_filters(to, p, &of, true);

	if (r > 0)
		j->npids += (size_t)r;
	return r;
}

static int heal_port(struct fault_job *j, struct site_node *n, struct site_port *p)
{
	const struct filter any = { .from = 0 };
	const struct netem none = { 0 };
	int i, r = shape_del_filters(n, p, &any, true);

	if (r >= 0)
		j->npids += (size_t)r;
	for (i = 0; r >= 0 && i < 2; i++) {
		struct netem *e = i ? &p->out : &p->in;

		if (netem_is_none(e))
			continue;
		r = powered(n) ? shape_set(n, p, i, &none) : 0;
		*e = none;
		j->npids++;
	}
	while (r >= 0 && p->classes) {
		const struct filter of = p->classes->of;

		r = shape_set_class(n, p, &of, &none);
		j->npids++;
	}
	return r < 0 ? r : 0;
}

int fault_heal(struct fault_job *j)
{
	const struct fault_call *c = &j->call;
	int r;

	if (c->peer) {
		r = cut_one_way(j, c->node, c->peer, heal_cut_port);
		if (r == 0)
			r = cut_one_way(j, c->peer, c->node, heal_cut_port);
	} else {
		r = each_port(j, heal_port);
	}
	if (r < 0)
		return r;
	j->res.at_ns = clock_now();
	if (j->npids)
		fault_done(j, true, "%zu impairments removed", j->npids);
	else
		fault_done(j, false, "there was nothing to heal");
	return 0;
}
