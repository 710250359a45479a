/* What was in each lane, from when to when. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intern.h"
#include "lanes_impl.h"
#include "span.h"

bool lane_is_engine(const char *what)
{
	return text_same(what, "engine") || text_same(what, "halbd") || text_same(what, "keepalived");
}

/* --- one lane under construction --- */

/* Appends [from, to); spans without length are left out. */
static int put(struct lane *l, int64_t from, int64_t to, enum lane_tone tone,
	       const char *label)
{
	struct lane_span *last = l->n ? &l->v[l->n - 1] : NULL, *v;

	if (to <= from)
		return 0;
	if (last && last->to == from && last->tone == tone && text_same(last->label, label)) {
		last->to = to;
		return 0;
	}
	v = realloc(l->v, (l->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = (struct lane_span){ from, to, tone, label };
	return 0;
}

/* A span that is not over yet. */
struct open_span {
	bool on;
	int64_t from;
	enum lane_tone tone;
	const char *label;
};

static int end(struct lane *l, struct open_span *o, int64_t t)
{
	bool was = o->on;

	o->on = false;
	return was ? put(l, o->from, t, o->tone, o->label) : 0;
}

static int begin(struct lane *l, struct open_span *o, int64_t t, enum lane_tone tone,
		 const char *label)
{
	int r = end(l, o, t);

	*o = (struct open_span){ true, t, tone, label };
	return r;
}

/* --- one kind each; all walk the events once --- */

static int fill_addr(struct lane_work *w, struct lane *l)
{
	struct open_span o = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; i < w->log->n && !r; i++) {
		const struct event *e = &w->log->v[i];

		if (lane_is_fault(e, "crash", l->node))
			r = end(l, &o, e->t);
		else if (e->type != EV_ADDR || !text_same(e->node, l->node) ||
			 !text_same(e->addr.addr, l->key))
			continue;
		else if (!e->addr.added)
			r = end(l, &o, e->t);
		else if (!o.on)
			r = begin(l, &o, e->t, TONE_HELD, "held");
	}
	return r ? r : end(l, &o, w->m->end_ns);
}

static int fill_proc(struct lane_work *w, struct lane *l)
{
	struct open_span o = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; i < w->log->n && !r; i++) {
		const struct event *e = &w->log->v[i];
		bool mine = text_same(e->node, l->node) &&
			    (e->type == EV_START || e->type == EV_EXIT) &&
			    text_same(e->proc.what, l->key);

		if (lane_is_fault(e, "crash", l->node) || (mine && e->type == EV_EXIT)) {
			if (!o.on || o.tone == TONE_HELD)
				r = begin(l, &o, e->t, TONE_OFF, "off");
		} else if (mine) {
			r = begin(l, &o, e->t, TONE_HELD, "running");
		}
	}
	return r ? r : end(l, &o, w->m->end_ns);
}

static bool is_ipvs_key(const struct lane *l, const struct event *e)
{
	size_t len = strlen(e->ipvs.service);

	return !strncmp(l->key, e->ipvs.service, len) &&
	       !strncmp(l->key + len, " → ", strlen(" → ")) &&
	       text_same(l->key + len + strlen(" → "), e->ipvs.dest);
}

static int fill_ipvs(struct lane_work *w, struct lane *l)
{
	struct open_span o = { 0 };
	char buf[32];
	size_t i;
	int r = 0;

	for (i = 0; i < w->log->n && !r; i++) {
		const struct event *e = &w->log->v[i];

		if (lane_is_fault(e, "crash", l->node)) {
			r = end(l, &o, e->t);
			continue;
		}
		if (e->type != EV_IPVS || !text_same(e->node, l->node) || !e->ipvs.service)
			continue;
		if (e->ipvs.what == IPVS_SERVICE) {
			size_t len = strlen(e->ipvs.service);

			if (e->ipvs.op == IPVS_REMOVED &&
			    !strncmp(l->key, e->ipvs.service, len) &&
			    !strncmp(l->key + len, " → ", strlen(" → ")))
				r = end(l, &o, e->t);
		} else if (!is_ipvs_key(l, e)) {
			continue;
		} else if (e->ipvs.op == IPVS_REMOVED) {
			r = end(l, &o, e->t);
		} else {
			const char *label;

			snprintf(buf, sizeof(buf), "weight %d", e->ipvs.weight);
			label = intern_get(w->l->texts, buf);
			if (!label)
				return -ENOMEM;
			r = begin(l, &o, e->t,
				  e->ipvs.weight ? TONE_HELD : TONE_DRAINED, label);
		}
	}
	return r ? r : end(l, &o, w->m->end_ns);
}

static const char *owner_of(const struct lane_work *w, const char *mac)
{
	size_t i;

	for (i = 0; i < w->log->n; i++)
		if (w->log->v[i].type == EV_PORT && text_same(w->log->v[i].port.mac, mac))
			return w->log->v[i].node;
	return mac;
}

static enum lane_tone owner_tone(const struct lane *l, const struct open_span *o,
				 const char *owner)
{
	int known = 0;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (text_same(l->v[i].label, owner))
			return l->v[i].tone;
		if ((int)l->v[i].tone - (int)TONE_OWNER_A + 1 > known)
			known = (int)l->v[i].tone - (int)TONE_OWNER_A + 1;
	}
	if (o->on) {
		if (text_same(o->label, owner))
			return o->tone;
		if ((int)o->tone - (int)TONE_OWNER_A + 1 > known)
			known = (int)o->tone - (int)TONE_OWNER_A + 1;
	}
	return known > 2 ? TONE_OWNER_C : (enum lane_tone)(TONE_OWNER_A + known);
}

static int fill_neigh(struct lane_work *w, struct lane *l)
{
	struct open_span o = { 0 };
	const char *owner;
	size_t i;
	int r = 0;

	for (i = 0; i < w->log->n && !r; i++) {
		const struct event *e = &w->log->v[i];

		if (e->type != EV_NEIGH || !text_same(e->node, l->node) ||
		    !text_same(e->neigh.ip, l->key))
			continue;
		if (!e->neigh.mac) {
			r = end(l, &o, e->t);
			continue;
		}
		owner = owner_of(w, e->neigh.mac);
		if (!o.on || !text_same(o.label, owner))
			r = begin(l, &o, e->t, owner_tone(l, &o, owner), owner);
	}
	return r ? r : end(l, &o, w->m->end_ns);
}

/* Backup spans around this node's claims in [from, to). */
static int fill_vrrp_life(struct lane_work *w, struct lane *l, int64_t from, int64_t to)
{
	int64_t at = from;
	size_t i;
	int r = 0;

	for (i = 0; i < w->m->claims.n && !r; i++) {
		const struct claim *c = &w->m->claims.v[i];
		int64_t s = c->start_ns > at ? c->start_ns : at;
		int64_t e = c->end_ns < to ? c->end_ns : to;

		if (!text_same(c->node, l->node) || !text_same(c->link, l->key) ||
		    c->vrid != l->vrid || e <= s)
			continue;
		r = put(l, at, s, TONE_BACKUP, "backup");
		if (!r)
			r = put(l, s, e, TONE_MASTER, "master");
		at = e;
	}
	return r ? r : put(l, at, to, TONE_BACKUP, "backup");
}

/* The engine's lives, one after the other, and "off" between them. */
static int fill_vrrp(struct lane_work *w, struct lane *l)
{
	int64_t since = 0;
	bool up = true, known = false;
	size_t i;
	int r = 0;

	for (i = 0; i < w->log->n && !known; i++)
		known = w->log->v[i].type == EV_START && text_same(w->log->v[i].node, l->node) &&
			lane_is_engine(w->log->v[i].proc.what);
	if (known) {
		up = false;
		since = NS_NONE;
	}
	for (i = 0; i < w->log->n && !r; i++) {
		const struct event *e = &w->log->v[i];
		bool mine = text_same(e->node, l->node) &&
			    (e->type == EV_START || e->type == EV_EXIT) &&
			    lane_is_engine(e->proc.what);
		bool off = lane_is_fault(e, "crash", l->node) ||
			   (mine && e->type == EV_EXIT);

		if (off && up) {
			r = fill_vrrp_life(w, l, since, e->t);
			up = false;
			since = e->t;
		} else if (mine && e->type == EV_START && !up) {
			if (since != NS_NONE)
				r = put(l, since, e->t, TONE_OFF, "off");
			up = true;
			since = e->t;
		}
	}
	if (r || since == NS_NONE)
		return r;
	return up ? fill_vrrp_life(w, l, since, w->m->end_ns) :
		    put(l, since, w->m->end_ns, TONE_OFF, "off");
}

int lane_fill(struct lane_work *w, struct lane *lane)
{
	switch (lane->kind) {
	case LANE_NEIGH:
		return fill_neigh(w, lane);
	case LANE_VRRP:
		return fill_vrrp(w, lane);
	case LANE_ADDR:
		return fill_addr(w, lane);
	case LANE_IPVS:
		return fill_ipvs(w, lane);
	case LANE_PROC:
		return fill_proc(w, lane);
	case LANE_REQUEST:
	case LANE_ADVERT:
	case LANE_ARP:
		return 0;
	}
	return 0;
}
