/*
 * What happened, line by line, each timed from the fault before it: only what
 * changed something. events.jsonl has the rest.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "report.h"
#include "span.h"

#define MAX_GAPS  4  /* of each traffic; the longest ones */
#define MAX_LINES 32 /* after each fault */

struct line {
	int64_t t;
	size_t order;
	const char *node;
	char *text;
	const struct event *fault; /* a heading */
};

struct story {
	struct line *v;
	size_t n;
};

static void add(struct story *s, int64_t t, const char *node, const struct event *fault,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static void add(struct story *s, int64_t t, const char *node, const struct event *fault,
		const char *fmt, ...)
{
	struct line *v;
	va_list ap;
	char *text;

	if (t == NS_NONE)
		return;
	v = realloc(s->v, (s->n + 1) * sizeof(*v));
	if (!v)
		return;
	s->v = v;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return;
	v[s->n] = (struct line){
		.t = t, .order = s->n, .node = node, .text = text, .fault = fault
	};
	s->n++;
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	if (!x->fault != !y->fault)
		return x->fault ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static bool is_vip(const struct report *r, const char *addr)
{
	size_t i;

	for (i = 0; i < r->m.claims.n; i++)
		if (vips_contain(r->m.claims.v[i].vips, addr))
			return true;
	return false;
}

static const char *mac_owner(const struct report *r, const char *mac)
{
	size_t i;

	for (i = 0; i < r->log.n; i++)
		if (r->log.v[i].type == EV_PORT && text_same(r->log.v[i].port.mac, mac))
			return r->log.v[i].node;
	return mac;
}

static void add_claims(struct story *s, const struct report *r)
{
	const struct claims *cl = &r->m.claims;
	size_t i;

	for (i = 0; i < cl->n; i++) {
		const struct claim *c = &cl->v[i];

		if (c->start_ns > r->m.settled_ns)
			add(s, c->start_ns, c->node, NULL,
			    "first advert: VRID %d, priority %d", c->vrid, c->priority);
		if (c->end == CLAIM_PRIO0 && c->end_ns > r->m.settled_ns)
			add(s, c->end_ns, c->node, NULL, "says goodbye: VRID %d, priority 0",
			    c->vrid);
	}
	for (i = 0; i < r->m.nfailover; i++) {
		const struct failover *f = &r->m.failover[i];

		if (f->prio0_ns == NS_NONE && !f->preempt)
			add(s, f->last_advert_ns, f->from, NULL,
			    f->to ? "last advert that %s heard: VRID %d" :
				    "last advert%.0s: VRID %d",
			    f->to ? f->to : "", f->vrid);
	}
}

/* Of many clients, all of whom hear the same, the first speaks. */
static bool one_of_many(const struct report *r, const char *node)
{
	const struct topo_node *n = node && r->c->topo ? topology_node(r->c->topo, node) : NULL;

	return n && n->many && n->number != 1;
}

/* A burst of gratuitous ARPs counts as one. */
static bool garp_is_first(const struct report *r, size_t at)
{
	const struct event *e = &r->log.v[at];
	size_t i = at;

	while (i-- > 0 && r->log.v[i].t > e->t - NS_PER_S)
		if (r->log.v[i].type == EV_ARP && r->log.v[i].arp.gratuitous &&
		    !r->log.v[i].arp.delivered && text_same(r->log.v[i].node, e->node) &&
		    text_same(r->log.v[i].arp.sender_ip, e->arp.sender_ip))
			return false;
	return true;
}

static void add_ipvs(struct story *s, const struct event *e)
{
	const char *what = e->ipvs.what == IPVS_DEST ? e->ipvs.dest : e->ipvs.service;

	if (e->ipvs.op == IPVS_REMOVED)
		add(s, e->t, e->node, NULL, "ipvs: %s removed", what);
	else if (e->ipvs.what == IPVS_SERVICE)
		add(s, e->t, e->node, NULL, "ipvs: %s %s", what,
		    e->ipvs.op == IPVS_ADDED ? "added" : "changed");
	else
		add(s, e->t, e->node, NULL, "ipvs: %s %s, weight %d", what,
		    e->ipvs.op == IPVS_ADDED ? "added" : "changed", e->ipvs.weight);
}

static void add_exit(struct story *s, const struct event *e)
{
	if (e->proc.status < 0)
		add(s, e->t, e->node, NULL, "%s ends: signal %d (%s)", e->proc.what,
		    -e->proc.status, strsignal(-e->proc.status));
	else
		add(s, e->t, e->node, NULL, "%s ends: status %d", e->proc.what,
		    e->proc.status);
}

/*
 * What a node loses in its crash is not worth a line each: it has been without
 * power since.
 */
static bool is_dark(const struct report *r, size_t at)
{
	const struct event *e = &r->log.v[at];
	size_t i = at;

	while (i-- > 0) {
		const struct event *f = &r->log.v[i];

		if (f->type == EV_FAULT && f->fault.effective && text_same(f->node, e->node) &&
		    f->text)
			return !strncmp(f->text, "crash", 5);
	}
	return false;
}

static int64_t first_fault(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->log.n; i++)
		if (r->log.v[i].type == EV_FAULT)
			return r->log.v[i].t;
	return NS_NONE;
}

static void add_event(struct story *s, const struct report *r, size_t at)
{
	const struct event *e = &r->log.v[at];

	if (e->type != EV_FAULT && is_dark(r, at))
		return;
	switch (e->type) {
	case EV_FAULT:
		add(s, e->t, e->node, e, "%s", e->text);
		break;
	case EV_START:
		add(s, e->t, e->node, NULL, "%s starts", e->proc.what);
		break;
	case EV_EXIT:
		add_exit(s, e);
		break;
	case EV_ADDR:
		if (is_vip(r, e->addr.addr))
			add(s, e->t, e->node, NULL, "%s %s", e->addr.addr,
			    e->addr.added ? "added" : "removed");
		break;
	case EV_ARP:
		/* Before the first fault they are the usual repetitions. */
		if (e->arp.gratuitous && !e->arp.delivered && e->t > first_fault(r) &&
		    garp_is_first(r, at))
			add(s, e->t, e->node, NULL, "%s for %s",
			    strchr(e->arp.sender_ip, ':') ?
				    "unsolicited neighbour advertisement" :
				    "gratuitous ARP",
			    e->arp.sender_ip);
		break;
	case EV_NEIGH:
		if (e->neigh.mac && is_vip(r, e->neigh.ip) && !one_of_many(r, e->node))
			add(s, e->t, e->node, NULL, "neighbour entry: %s is at %s",
			    e->neigh.ip, mac_owner(r, e->neigh.mac));
		break;
	case EV_LINK:
		add(s, e->t, e->node, NULL, "%s %s%s", e->link.ifname,
		    e->link.up ? "up" : "down", e->link.carrier ? "" : ", no carrier");
		break;
	case EV_IPVS:
		add_ipvs(s, e);
		break;
	case EV_LOG:
		add(s, e->t, e->node, NULL, "log: %s", e->text);
		break;
	case EV_NOTE:
		add(s, e->t, e->node, NULL, "%s", e->text);
		break;
	case EV_UNSETTLED:
		add(s, e->t, e->node, NULL, "never settled: %s", e->text ? e->text : "");
		break;
	case EV_END:
		add(s, e->t, e->node, NULL, "end");
		break;
	case EV_RUN:
	case EV_PORT:
	case EV_SETTLED:
	case EV_VRRP:
	case EV_REQUEST:
	case EV_PACKET:
	case EV_NTYPES:
		break;
	}
}

/* How many gaps of this traffic are longer than this one. */
static size_t rank(const struct traffic_stats *t, size_t at)
{
	int64_t len = t->gap[at].end_ns - t->gap[at].start_ns;
	size_t i, n = 0;

	for (i = 0; i < t->ngap; i++) {
		int64_t other = t->gap[i].end_ns - t->gap[i].start_ns;

		n += other > len || (other == len && i < at);
	}
	return n;
}

static void add_gaps(struct story *s, const struct report *r)
{
	char a[SPAN_LEN];
	size_t i, k;

	for (i = 0; i < r->m.ntraffic; i++) {
		const struct traffic_stats *t = &r->m.traffic[i];

		for (k = 0; k < t->ngap; k++) {
			const struct gap *g = &t->gap[k];

			if (rank(t, k) >= MAX_GAPS)
				continue;
			add(s, g->start_ns, t->name, NULL, "%s%ju failed request%s due",
			    g->failed == 1 ? "" : "first of ", (uintmax_t)g->failed,
			    g->failed == 1 ? "" : "s");
			if (!g->open)
				add(s, g->end_ns, t->name, NULL,
				    "first good reply, %s after that",
				    span_text(a, g->end_ns - g->start_ns));
		}
	}
}

static void print_heading(FILE *f, const struct report *r, const struct style *s,
			  const struct line *l)
{
	char a[SPAN_LEN];
	bool after = r->m.settled && l->t >= r->m.settled_ns;

	fprintf(f, "\n%s%s%s at %s after %s", style_on(s, "\033[1m"), l->text,
		style_off(s), span_text(a, l->t - (after ? r->m.settled_ns : 0)),
		after ? "settled" : "the start");
	if (!l->fault->fault.effective)
		fprintf(f, " %s%s%s", style_on(s, "\033[1;33m"),
			!strncmp(l->text, "when ", 5) ? "did not come" : "without effect",
			style_off(s));
	if (l->fault->fault.proof)
		fprintf(f, "\n                 %s", l->fault->fault.proof);
	fputc('\n', f);
}

static size_t width_of_names(const struct report *r)
{
	size_t i, n = 6;

	for (i = 0; i < r->c->topo->nnode; i++)
		if (strlen(r->c->topo->node[i].name) > n)
			n = strlen(r->c->topo->node[i].name);
	for (i = 0; i < r->m.ntraffic; i++)
		if (strlen(r->m.traffic[i].name) > n)
			n = strlen(r->m.traffic[i].name);
	return n > 16 ? 16 : n;
}

/* What comes shortly before the first fault belongs to its story. */
static void print(FILE *f, const struct report *r, const struct style *s,
		  const struct story *st)
{
	int64_t zero = first_fault(r), base = r->m.settled ? r->m.settled_ns : 0;
	int width = (int)width_of_names(r);
	const struct line *head = NULL;
	size_t i, shown = 0, left = 0;
	char a[SPAN_LEN];

	for (i = 0; i < st->n; i++) {
		const struct line *l = &st->v[i];

		if (l->fault) {
			if (left)
				fprintf(f, "  … and %zu more (events.jsonl has them)\n", left);
			print_heading(f, r, s, l);
			head = l;
			shown = left = 0;
			continue;
		}
		if (l->t < base && zero != NS_NONE)
			continue;
		if (++shown > MAX_LINES && i + 1 < st->n) {
			left++;
			continue;
		}
		fprintf(f, "  %10s s  %-*s ",
			span_offset(a, l->t - (head		 ? head->t
					       : zero != NS_NONE ? zero
								 : base)),
			width, l->node ? l->node : "");
		text_wrap(f, l->text, 17 + width);
	}
	if (left)
		fprintf(f, "  … and %zu more (events.jsonl has them)\n", left);
}

void report_story(FILE *f, const struct report *r, const struct style *s)
{
	struct story st = { 0 };
	char a[SPAN_LEN];
	size_t i;

	for (i = 0; i < r->log.n; i++)
		if (!r->m.settled || r->log.v[i].t > r->m.settled_ns ||
		    r->log.v[i].type == EV_FAULT)
			add_event(&st, r, i);
	add_claims(&st, r);
	add_gaps(&st, r);
	if (st.n)
		qsort(st.v, st.n, sizeof(*st.v), by_time);
	fprintf(f, "\n%sWhat happened%s", style_on(s, "\033[1m"), style_off(s));
	if (r->m.settled)
		fprintf(f, " (settled after %s)\n", span_text(a, r->m.settled_ns));
	else
		fprintf(f, " (never settled)\n");
	print(f, r, s, &st);
	for (i = 0; i < st.n; i++)
		free(st.v[i].text);
	free(st.v);
}
