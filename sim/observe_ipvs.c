/*
 * A director's IPVS table: read whenever somebody has changed it (nlmon.h), and
 * compared with the last reading; what differs is recorded, with the time of
 * the change. Where the kernel has no nlmon it is read every POLL_NS instead,
 * and events are as late as that; with it every CHECK_NS, for changes that
 * nobody was told of.
 *
 * A change that comes soon after a reading, within BATCH times what that one
 * took, waits until then: a director with a thousand services is not read a
 * thousand times.
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
#include "nlmon.h"
#include "observe_impl.h"
#include "rtnl_watch.h"

#define POLL_NS	 (50 * NS_PER_MS)
#define CHECK_NS (2 * NS_PER_S)
#define BATCH	 10

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
	struct nlmon nlmon;
	bool told; /* of changes, by nlmon */
	struct loop_timer timer, batch;
	int64_t read_ns;   /* when the table was last read */
	int64_t batch_ns;  /* no other reading for so long */
	int64_t change_ns; /* of the last change that is not read yet */
	int64_t now_ns;	   /* run time of what the present reading finds */
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

/* What differs happened at `at` (CLOCK_MONOTONIC). */
static void read_table(struct observe_ipvs *o, int64_t at)
{
	size_t i;

	o->read_ns = clock_now();
	if (ipvs_dump(o->sk, o->family, &o->table) < 0)
		return; /* the next reading will tell */
	o->batch_ns = BATCH * (clock_now() - o->read_ns);
	o->now_ns = record_time(o->rec, at);
	for (i = 0; i < o->n; i++)
		o->row[i].seen = false;
	for (i = 0; i < o->table.n; i++)
		compare(o, &o->table.v[i], i);
	sweep(o);
}

static void poll_due(struct loop_timer *t, void *arg)
{
	struct observe_ipvs *o = arg;

	read_table(o, clock_now());
	loop_timer_set(o->loop, t, t->due_ns + (o->told ? CHECK_NS : POLL_NS));
}

static void batch_due(struct loop_timer *t, void *arg)
{
	struct observe_ipvs *o = arg;

	(void)t;
	read_table(o, o->change_ns);
}

static void changed(int64_t mono_ns, void *arg)
{
	struct observe_ipvs *o = arg;

	o->change_ns = mono_ns;
	if (loop_timer_is_set(&o->batch))
		return;
	if (mono_ns >= o->read_ns + o->batch_ns)
		read_table(o, mono_ns);
	else
		loop_timer_set(o->loop, &o->batch, o->read_ns + o->batch_ns);
}

static void ipvs_close(void *observer, bool gone)
{
	struct observe_ipvs *o = observer;
	size_t i;

	loop_timer_cancel(o->loop, &o->timer);
	loop_timer_cancel(o->loop, &o->batch);
	if (o->told)
		nlmon_close(&o->nlmon);
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
	loop_timer_init(&o->batch, batch_due, o);
	o->nlmon.done = changed;
	o->nlmon.arg = o;
	o->sk = node_nl_open(env->site, n, NETLINK_GENERIC);
	if (!o->sk) {
		log_warn("%s: generic netlink", name);
		free(o);
		return NULL;
	}
	o->family = ipvs_family(o->sk);
	/* A kernel without IPVS is fine for cases without virtual servers (run.c). */
	if (o->family < 0)
		return o;
	o->told = nlmon_open(&o->nlmon, env->site, n, env->loop, o->family) == 0;
	loop_timer_set(o->loop, &o->timer, clock_now() + POLL_NS);
	return o;
}

const struct observer_ops observe_ipvs_ops = { ipvs_open, ipvs_close, NULL };
