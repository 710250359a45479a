#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "span.h"

struct builder {
	struct claims *cl;
	size_t cap;
	int *held; /* per claim: how many of its addresses its node has */
};

bool claim_same_router(const struct claim *a, const struct claim *b)
{
	return a->vrid == b->vrid && a->ipv6 == b->ipv6 && text_same(a->link, b->link);
}

bool vips_contain(const char *vips, const char *ip)
{
	size_t len, bare;

	if (!vips || !ip)
		return false;
	bare = strcspn(ip, "/");
	for (vips += strspn(vips, " "); *vips; vips += strspn(vips, " ")) {
		len = strcspn(vips, " ");
		if (strcspn(vips, "/ ") == bare && !strncmp(vips, ip, bare))
			return true;
		vips += len;
	}
	return false;
}

static void close_claim(struct claim *c, int64_t t, enum claim_end why)
{
	c->end_ns = t < c->start_ns ? c->start_ns : t;
	c->end = why;
}

/* When the next advertisement, with half an interval of grace, is overdue. */
static int64_t overdue(const struct claim *c)
{
	return c->last_advert_ns + c->interval_ns + c->interval_ns / 2;
}

static void close_silent(struct claims *cl, int64_t now)
{
	size_t i;

	for (i = 0; i < cl->n; i++)
		if (cl->v[i].end == CLAIM_OPEN && cl->v[i].interval_ns > 0 &&
		    now > overdue(&cl->v[i]))
			close_claim(&cl->v[i],
				    cl->v[i].last_advert_ns + cl->v[i].interval_ns,
				    CLAIM_SILENT);
}

static struct claim *open_claim(struct claims *cl, const struct event *e)
{
	struct claim *c;
	size_t i;

	for (i = cl->n; i-- > 0;) {
		c = &cl->v[i];
		if (c->end == CLAIM_OPEN && c->vrid == e->vrrp.vrid &&
		    text_same(c->node, e->node) && text_same(c->link, e->vrrp.link) &&
		    c->ipv6 == (e->vrrp.src && strchr(e->vrrp.src, ':')))
			return c;
	}
	return NULL;
}

/* How many of a claim's addresses its node had at event number `at`. */
static int held_before(const struct event_log *log, size_t at, const struct claim *c)
{
	int held = 0;
	size_t i;

	for (i = 0; i < at; i++) {
		const struct event *e = &log->v[i];

		if (e->type == EV_ADDR && text_same(e->node, c->node) &&
		    vips_contain(c->vips, e->addr.addr))
			held += e->addr.added ? 1 : -1;
		else if (e->type == EV_FAULT && e->fault.effective && e->text &&
			 !strncmp(e->text, "crash", 5) && text_same(e->node, c->node))
			held = 0;
	}
	return held < 0 ? 0 : held;
}

static int new_claim(struct builder *b, const struct event_log *log, size_t at)
{
	const struct event *e = &log->v[at];
	struct claim *c;

	if (b->cl->n == b->cap) {
		size_t cap = b->cap ? 2 * b->cap : 16;
		struct claim *v = realloc(b->cl->v, cap * sizeof(*v));
		int *held;

		if (!v)
			return -ENOMEM;
		b->cl->v = v;
		held = realloc(b->held, cap * sizeof(*held));
		if (!held)
			return -ENOMEM;
		b->held = held;
		b->cap = cap;
	}
	c = &b->cl->v[b->cl->n];
	*c = (struct claim){
		.node = e->node,
		.link = e->vrrp.link,
		.src = e->vrrp.src,
		.vips = e->vrrp.vips,
		.vrid = e->vrrp.vrid,
		.version = e->vrrp.version,
		.priority = e->vrrp.priority,
		.ipv6 = e->vrrp.src && strchr(e->vrrp.src, ':'),
		.interval_ns = e->vrrp.interval,
		.start_ns = e->t,
		.end_ns = e->t,
		.last_advert_ns = e->t,
	};
	b->held[b->cl->n++] = held_before(log, at, c);
	return 0;
}

static int on_advert(struct builder *b, const struct event_log *log, size_t at)
{
	const struct event *e = &log->v[at];
	struct claim *c = open_claim(b->cl, e);

	if (!e->vrrp.priority) {
		if (c)
			close_claim(c, e->t, CLAIM_PRIO0);
		return 0;
	}
	if (!c)
		return new_claim(b, log, at);
	c->last_advert_ns = e->t;
	c->interval_ns = e->vrrp.interval;
	c->priority = e->vrrp.priority;
	return 0;
}

static void on_address(struct builder *b, const struct event *e)
{
	struct claim *c;
	size_t i;

	for (i = 0; i < b->cl->n; i++) {
		c = &b->cl->v[i];
		if (c->end != CLAIM_OPEN || !text_same(c->node, e->node) ||
		    !vips_contain(c->vips, e->addr.addr))
			continue;
		if (e->addr.added)
			b->held[i]++;
		else if (b->held[i] > 0 && --b->held[i] == 0)
			close_claim(c, e->t, CLAIM_ADDRESS);
	}
}

static void on_crash(struct claims *cl, const struct event *e)
{
	size_t i;

	for (i = 0; i < cl->n; i++)
		if (cl->v[i].end == CLAIM_OPEN && text_same(cl->v[i].node, e->node))
			close_claim(&cl->v[i], e->t, CLAIM_CRASH);
}

int claims_find(struct claims *cl, const struct event_log *log)
{
	struct builder b = { .cl = cl };
	int64_t last = 0;
	size_t i;
	int r = 0;

	*cl = (struct claims){ 0 };
	for (i = 0; i < log->n && !r; i++) {
		const struct event *e = &log->v[i];

		last = e->t;
		close_silent(cl, e->t);
		if (e->type == EV_VRRP && !e->vrrp.delivered && e->node)
			r = on_advert(&b, log, i);
		else if (e->type == EV_ADDR)
			on_address(&b, e);
		else if (e->type == EV_FAULT && e->fault.effective && e->text &&
			 !strncmp(e->text, "crash", 5))
			on_crash(cl, e);
	}
	for (i = 0; i < cl->n; i++)
		if (cl->v[i].end == CLAIM_OPEN)
			cl->v[i].end_ns = last;
	free(b.held);
	if (r)
		claims_finish(cl);
	return r;
}

void claims_finish(struct claims *cl)
{
	free(cl->v);
	*cl = (struct claims){ 0 };
}

/* -1, 0, 1 as address a is lower than, equal to, higher than b (RFC 3768 6.4.3). */
static int ip_cmp(const char *a, const char *b)
{
	unsigned char x[16], y[16];
	int family = a && strchr(a, ':') ? AF_INET6 : AF_INET;

	if (!a || !b || inet_pton(family, a, x) != 1 || inet_pton(family, b, y) != 1)
		return 0;
	return memcmp(x, y, family == AF_INET ? 4 : 16);
}

static bool is_advert_of(const struct event *e, const struct claim *c)
{
	return e->type == EV_VRRP && e->vrrp.vrid == c->vrid && e->vrrp.priority > 0 &&
	       text_same(e->vrrp.link, c->link) && text_same(e->vrrp.src, c->src);
}

/* When `yields` first heard, from `from` on, that it must yield to `wins`. */
static int64_t heard_at(const struct event_log *log, const struct claim *wins,
			const struct claim *yields, int64_t from, int64_t to)
{
	int own = yields->priority;
	size_t i;

	for (i = 0; i < log->n && log->v[i].t < to; i++) {
		const struct event *e = &log->v[i];

		if (is_advert_of(e, yields) && !e->vrrp.delivered)
			own = e->vrrp.priority;
		if (e->t < from || !is_advert_of(e, wins) || !e->vrrp.delivered ||
		    !text_same(e->node, yields->node))
			continue;
		if (e->vrrp.priority > own ||
		    (e->vrrp.priority == own && ip_cmp(wins->src, yields->src) > 0))
			return e->t;
	}
	return INT64_MAX;
}

bool claims_breach(const struct claims *cl, const struct event_log *log, int64_t from_ns,
		   int64_t to_ns, int64_t grace_ns, struct claim_breach *b)
{
	int64_t best = INT64_MAX;
	size_t i, j;

	for (i = 0; i < cl->n; i++) {
		for (j = 0; j < cl->n; j++) {
			const struct claim *w = &cl->v[i], *l = &cl->v[j];
			int64_t s, e, heard, decided;

			s = w->start_ns > l->start_ns ? w->start_ns : l->start_ns;
			e = w->end_ns < l->end_ns ? w->end_ns : l->end_ns;
			if (i == j || s >= e || text_same(w->node, l->node) ||
			    !claim_same_router(w, l))
				continue;
			heard = heard_at(log, w, l, s, e);
			if (heard == INT64_MAX || heard + grace_ns >= e)
				continue;
			decided = heard + grace_ns;
			if (decided < from_ns || decided > to_ns || decided >= best)
				continue;
			best = decided;
			*b = (struct claim_breach){ .winner = w,
						    .loser = l,
						    .both_from_ns = s,
						    .heard_ns = heard,
						    .until_ns = e };
		}
	}
	return best != INT64_MAX;
}
