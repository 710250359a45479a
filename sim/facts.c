#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "span.h"

void fact_finish(struct fact *f)
{
	free(f->v);
	*f = (struct fact){ 0 };
}

int fact_set(struct fact *f, int64_t t, bool value)
{
	struct fact_change *v;

	if (value == (f->n ? f->v[f->n - 1].value : false))
		return 0;
	if (f->n == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 8;

		v = realloc(f->v, cap * sizeof(*v));
		if (!v)
			return -ENOMEM;
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n++] = (struct fact_change){ .t = t, .value = value };
	return 0;
}

/* A crash takes all of a node's state with it. */
static bool is_crash(const struct event *e, const char *node)
{
	return e->type == EV_FAULT && e->fault.effective && e->text &&
	       !strncmp(e->text, "crash", 5) && text_same(e->node, node);
}

static bool addr_is(const char *addr, const char *ip)
{
	size_t n = strcspn(ip, "/");

	return addr && !strncmp(addr, ip, n) && (addr[n] == '/' || !addr[n]);
}

int fact_address(struct fact *f, const struct event_log *log, const char *node,
		 const char *ip)
{
	size_t i;
	int r = 0;

	*f = (struct fact){ 0 };
	for (i = 0; i < log->n && !r; i++) {
		const struct event *e = &log->v[i];

		if (is_crash(e, node))
			r = fact_set(f, e->t, false);
		else if (e->type == EV_ADDR && text_same(e->node, node) &&
			 addr_is(e->addr.addr, ip))
			r = fact_set(f, e->t, e->addr.added);
	}
	return r;
}

int fact_master(struct fact *f, const struct claims *cl, const char *node, int vrid)
{
	size_t i;
	int r = 0;

	*f = (struct fact){ 0 };
	for (i = 0; i < cl->n && !r; i++) {
		const struct claim *c = &cl->v[i];

		if (!text_same(c->node, node) || (vrid && c->vrid != vrid))
			continue;
		/* Claims of several routers may overlap: the union of them. */
		if (f->n && f->v[f->n - 1].t > c->start_ns) {
			if (f->v[f->n - 1].t < c->end_ns && !f->v[f->n - 1].value)
				f->v[f->n - 1].t = c->end_ns;
			if (c->end == CLAIM_OPEN && !f->v[f->n - 1].value)
				f->n--;
			continue;
		}
		r = fact_set(f, c->start_ns, true);
		if (!r && c->end != CLAIM_OPEN)
			r = fact_set(f, c->end_ns, false);
	}
	return r;
}

int fact_ipvs(struct fact *f, const struct event_log *log, const char *node,
	      const char *service, const char *dest, int weight)
{
	size_t i;
	int r = 0;

	*f = (struct fact){ 0 };
	for (i = 0; i < log->n && !r; i++) {
		const struct event *e = &log->v[i];

		if (is_crash(e, node)) {
			r = fact_set(f, e->t, false);
			continue;
		}
		if (e->type != EV_IPVS || !text_same(e->node, node) ||
		    !text_same(e->ipvs.service, service))
			continue;
		if (e->ipvs.what == IPVS_SERVICE) {
			if (e->ipvs.op == IPVS_REMOVED)
				r = fact_set(f, e->t, false);
			else if (!dest)
				r = fact_set(f, e->t, true);
		} else if (dest && text_same(e->ipvs.dest, dest)) {
			r = fact_set(f, e->t,
				e->ipvs.op != IPVS_REMOVED &&
					(weight < 0 || e->ipvs.weight == weight));
		}
	}
	return r;
}

/* One address and the nodes that may hold it. */
struct holder {
	const char *ip, *node;
	size_t len; /* of ip */
	bool has;
};

static int list_holders(struct holder **list, size_t *n, const struct claims *cl)
{
	size_t i, j;

	for (i = 0; i < cl->n; i++) {
		const char *p = cl->v[i].vips;

		for (; p && *(p += strspn(p, " ")); p += strcspn(p, " ")) {
			size_t len = strcspn(p, "/ ");
			struct holder *v;

			for (j = 0; j < *n; j++)
				if ((*list)[j].len == len &&
				    !strncmp((*list)[j].ip, p, len) &&
				    text_same((*list)[j].node, cl->v[i].node))
					break;
			if (j < *n)
				continue;
			v = realloc(*list, (*n + 1) * sizeof(*v));
			if (!v)
				return -ENOMEM;
			*list = v;
			v[(*n)++] = (struct holder){ .ip = p,
						     .len = len,
						     .node = cl->v[i].node };
		}
	}
	return 0;
}

static bool any_shared(const struct holder *h, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = i + 1; j < n; j++)
			if (h[i].has && h[j].has && h[i].len == h[j].len &&
			    !strncmp(h[i].ip, h[j].ip, h[i].len))
				return true;
	return false;
}

int fact_one_holder(struct fact *f, const struct event_log *log, const struct claims *cl)
{
	struct holder *h = NULL;
	size_t i, j, n = 0;
	int r;

	*f = (struct fact){ 0 };
	r = list_holders(&h, &n, cl);
	if (!r)
		r = fact_set(f, INT64_MIN + 1, true);
	for (i = 0; i < log->n && !r; i++) {
		const struct event *e = &log->v[i];

		for (j = 0; j < n; j++) {
			if (is_crash(e, h[j].node))
				h[j].has = false;
			else if (e->type == EV_ADDR && text_same(e->node, h[j].node) &&
				 strcspn(e->addr.addr, "/") == h[j].len &&
				 !strncmp(e->addr.addr, h[j].ip, h[j].len))
				h[j].has = e->addr.added;
		}
		r = fact_set(f, e->t, !any_shared(h, n));
	}
	free(h);
	return r;
}

int fact_negate(struct fact *f)
{
	struct fact out = { 0 };
	size_t i;
	int r;

	r = fact_set(&out, INT64_MIN + 1, true);
	for (i = 0; i < f->n && !r; i++)
		r = fact_set(&out, f->v[i].t, !f->v[i].value);
	fact_finish(f);
	*f = out;
	return r;
}

bool fact_at(const struct fact *f, int64_t t)
{
	size_t i = f->n;

	while (i-- > 0)
		if (f->v[i].t <= t)
			return f->v[i].value;
	return false;
}

int64_t fact_first(const struct fact *f, int64_t from, int64_t to, bool value)
{
	size_t i;

	if (from > to)
		return NS_NONE;
	if (fact_at(f, from) == value)
		return from;
	for (i = 0; i < f->n; i++)
		if (f->v[i].t > from && f->v[i].t <= to && f->v[i].value == value)
			return f->v[i].t;
	return NS_NONE;
}
