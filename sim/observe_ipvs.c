/*
 * A director's IPVS table: read every OBSERVE_IPVS_POLL_NS, compared with the
 * last reading, and what differs recorded.
 */
#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ipvs_read.h"
#include "log.h"
#include "nl.h"
#include "observe_impl.h"
#include "rtnl_watch.h"

/* One entry as the last reading had it; texts are interned. */
struct row {
	const char *service, *dest; /* dest NULL: the service itself */
	const char *sched, *forward;
	int weight;
	bool seen; /* in the present reading */
};

struct observe_ipvs {
	struct record *rec;
	struct loop *loop;
	const char *node; /* interned */
	struct nl_sock *sk;
	int family;
	struct ipvs_table table;
	struct row *row;
	size_t n;
	struct loop_timer timer;
	int64_t now_ns; /* run time of the present reading */
};

static void record_row(struct observe_ipvs *o, const struct row *r, enum ipvs_op op)
{
	struct event e = { .t = o->now_ns, .type = EV_IPVS, .node = o->node };

	e.ipvs.what = r->dest ? IPVS_DEST : IPVS_SERVICE;
	e.ipvs.op = op;
	e.ipvs.service = r->service;
	e.ipvs.dest = r->dest;
	e.ipvs.sched = r->sched;
	e.ipvs.forward = r->forward;
	e.ipvs.weight = r->weight;
	record_add(o->rec, &e);
}

static const char *text_or_null(struct record *rec, const char *s)
{
	return *s ? record_text(rec, s) : NULL;
}

static void compare(struct observe_ipvs *o, const struct ipvs_entry *e, size_t hint)
{
	struct row now = {
		.service = record_text(o->rec, e->service),
		.dest = text_or_null(o->rec, e->dest),
		.sched = text_or_null(o->rec, e->sched),
		.forward = text_or_null(o->rec, e->forward),
		.weight = e->weight,
		.seen = true,
	};
	struct row *r = NULL;
	size_t i, at;

	/* The kernel's order rarely changes: begin where it was last time. */
	for (i = 0; i < o->n && !r; i++) {
		at = (hint + i) % o->n;
		if (o->row[at].service == now.service && o->row[at].dest == now.dest)
			r = &o->row[at];
	}
	if (!r) {
		r = reallocarray(o->row, o->n + 1, sizeof(*r));
		if (!r)
			return;
		o->row = r;
		o->row[o->n++] = now;
		record_row(o, &now, IPVS_ADDED);
		return;
	}
	if (r->sched != now.sched || r->forward != now.forward || r->weight != now.weight)
		record_row(o, &now, IPVS_CHANGED);
	*r = now;
}

/* Drops the rows that the reading did not have, and says so. */
static void sweep(struct observe_ipvs *o)
{
	size_t i, kept = 0;

	for (i = 0; i < o->n; i++) {
		if (o->row[i].seen)
			o->row[kept++] = o->row[i];
		else
			record_row(o, &o->row[i], IPVS_REMOVED);
	}
	o->n = kept;
}

static void read_table(struct observe_ipvs *o)
{
	size_t i;

	if (ipvs_dump(o->sk, o->family, &o->table) < 0)
		return; /* the next reading will tell */
	o->now_ns = record_now(o->rec);
	for (i = 0; i < o->n; i++)
		o->row[i].seen = false;
	for (i = 0; i < o->table.n; i++)
		compare(o, &o->table.v[i], i);
	sweep(o);
}

static void poll_due(struct loop_timer *t, void *arg)
{
	struct observe_ipvs *o = arg;

	read_table(o);
	loop_timer_set(o->loop, t, t->due_ns + OBSERVE_IPVS_POLL_NS);
}

static void ipvs_close(void *observer, bool gone)
{
	struct observe_ipvs *o = observer;
	size_t i;

	loop_timer_cancel(o->loop, &o->timer);
	if (gone) {
		o->now_ns = record_now(o->rec);
		for (i = 0; i < o->n; i++)
			o->row[i].seen = false;
		sweep(o);
	}
	ipvs_table_finish(&o->table);
	nl_socket_free(o->sk);
	free(o->row);
	free(o);
}

static void *ipvs_open(const struct observe_env *env, struct site_node *n)
{
	const char *name = site_node_topo(n)->name;
	struct observe_ipvs *o = calloc(1, sizeof(*o));

	if (!o) {
		log_warnx("observers: no memory");
		return NULL;
	}
	o->rec = env->rec;
	o->loop = env->loop;
	o->node = record_text(env->rec, name);
	loop_timer_init(&o->timer, poll_due, o);
	o->sk = node_nl_open(env->site, n, NETLINK_GENERIC);
	if (!o->sk) {
		log_warn("%s: generic netlink", name);
		free(o);
		return NULL;
	}
	o->family = ipvs_family(o->sk);
	/* A kernel without IPVS is fine for cases without virtual servers (run.c). */
	if (o->family >= 0)
		loop_timer_set(o->loop, &o->timer, clock_now() + OBSERVE_IPVS_POLL_NS);
	return o;
}

const struct observer_ops observe_ipvs_ops = { ipvs_open, ipvs_close };
