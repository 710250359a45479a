/* What nodes sent, and what they wrote into their logs, against a bound. */
#include <stdlib.h>
#include <string.h>

#include "expect_int.h"
#include "pattern.h"
#include "span.h"

static bool is_advert(const struct event *v, const struct expect *e)
{
	return v->type == EV_VRRP && !v->vrrp.delivered && text_same(v->node, e->node) &&
	       (!e->vrid || v->vrrp.vrid == e->vrid) &&
	       (e->priority < 0 || v->vrrp.priority == e->priority);
}

/* The protocol's packets as they enter a switch, from the node or on the link. */
static bool is_packet(const struct event *v, const struct expect *e)
{
	const char *link = NULL;

	if (v->type == EV_VRRP && !v->vrrp.delivered && !strcmp(e->protocol, "vrrp"))
		link = v->vrrp.link;
	else if (v->type == EV_ARP && !v->arp.delivered && !strcmp(e->protocol, "arp"))
		link = v->arp.link;
	else if (v->type == EV_PACKET && text_same(v->packet.protocol, e->protocol))
		link = v->packet.link;
	return link && (text_same(v->node, e->node) || text_same(link, e->node));
}

static bool counts(const struct event *v, const struct expect *e)
{
	switch (e->quantity) {
	case Q_ADVERTS:
		return is_advert(v, e);
	case Q_GARPS:
		return v->type == EV_ARP && !v->arp.delivered && v->arp.gratuitous &&
		       text_same(v->node, e->node);
	case Q_PACKETS:
		return is_packet(v, e);
	case Q_LOG:
		return v->type == EV_LOG && text_same(v->node, e->node) &&
		       pattern_matches(&e->pattern, v->text);
	default:
		return false;
	}
}

int judge_count(const struct judge *j, const struct expect *e, int64_t from, int64_t to)
{
	const struct event *first = NULL, *last = NULL;
	int64_t n = 0;
	size_t i;

	for (i = 0; i < j->log->n; i++) {
		const struct event *v = &j->log->v[i];

		if (v->t < from || v->t > to || !counts(v, e))
			continue;
		if (!n++)
			first = v;
		last = v;
	}
	if (first && e->quantity == Q_LOG)
		result_moment(j->r, first->t, "%s: %s", e->node, first->text);
	else if (first)
		result_moment(j->r, first->t, "the first by %s", first->node);
	if (last != first)
		result_moment(j->r, last->t, "the last of %jd", (intmax_t)n);
	judge_int(j, e, n);
	return 0;
}

/* The advert before this one by the same router of the same node; NULL: none. */
static const struct event *before(const struct event_log *log, size_t at,
				  const struct expect *e, int64_t from)
{
	const struct event *v = &log->v[at];

	while (at-- > 0 && log->v[at].t >= from) {
		const struct event *b = &log->v[at];

		if (is_advert(b, e) && b->vrrp.vrid == v->vrrp.vrid &&
		    text_same(b->vrrp.src, v->vrrp.src))
			return b->vrrp.priority ? b : NULL;
	}
	return NULL;
}

/* Two adverts that follow each other. */
struct interval {
	const struct event *from, *to;
};

static int64_t length(const struct interval *i)
{
	return i->to->t - i->from->t;
}

/* The first that does not hold; when all do, the one that is nearest to the bound. */
static const struct interval *pick(const struct expect *e, const struct interval *least,
				   const struct interval *most, const struct interval *bad)
{
	if (e->pick == PICK_LONGEST)
		return most;
	if (e->pick == PICK_SHORTEST)
		return least;
	if (bad->to)
		return bad;
	return e->op == OP_GE || e->op == OP_GT ? least : most;
}

int judge_interval(const struct judge *j, const struct expect *e, int64_t from, int64_t to)
{
	struct interval now, least = { 0 }, most = { 0 }, bad = { 0 };
	const struct interval *shown;
	char a[SPAN_LEN], b[SPAN_LEN];
	size_t i, n = 0;

	for (i = 0; i < j->log->n && j->log->v[i].t <= to; i++) {
		now.to = &j->log->v[i];
		if (now.to->t < from || !is_advert(now.to, e) || !now.to->vrrp.priority)
			continue;
		now.from = before(j->log, i, e, from);
		if (!now.from)
			continue;
		if (!n || length(&now) < length(&least))
			least = now;
		if (!n || length(&now) > length(&most))
			most = now;
		if (!bad.to && !holds_int(length(&now), e->op, e->value))
			bad = now;
		n++;
	}
	if (!n) {
		result_undecided(j->r, "no two adverts of %s follow each other in that time",
				 e->node);
		return 0;
	}
	shown = pick(e, &least, &most, &bad);
	judge_int(j, e, length(shown));
	result_moment(j->r, shown->from->t, "an advert of %s", e->node);
	result_moment(j->r, shown->to->t, "the next one");
	result_set(&j->r->tolerance, "none; %zu intervals of %s to %s", n,
		   span_text(a, length(&least)), span_text(b, length(&most)));
	return 0;
}

/* Every advert's priority must hold, but for the 0 of a goodbye. */
int judge_priority(const struct judge *j, const struct expect *e, int64_t from, int64_t to)
{
	int last = -1;
	size_t i;

	for (i = 0; i < j->log->n && j->log->v[i].t <= to; i++) {
		const struct event *v = &j->log->v[i];

		if (v->t < from || !is_advert(v, e) || !v->vrrp.priority)
			continue;
		last = v->vrrp.priority;
		if (holds_int(last, e->op, e->value))
			continue;
		result_moment(j->r, v->t, "%s advertises %d", e->node, last);
		break;
	}
	if (last < 0)
		result_undecided(j->r, "%s sends no advert in that time", e->node);
	else
		judge_int(j, e, last);
	return 0;
}

/* --- who speaks for a virtual address --- */

/* A master of it, now or within `grace`; -1: it is nobody's virtual address. */
static int is_masters(const struct claims *cl, const struct event *v, int64_t grace)
{
	int known = -1;
	size_t i;

	for (i = 0; i < cl->n; i++) {
		const struct claim *c = &cl->v[i];

		if (!vips_contain(c->vips, v->arp.sender_ip))
			continue;
		known = 0;
		if (text_same(c->node, v->node) && v->t >= c->start_ns - grace &&
		    (c->end == CLAIM_OPEN || v->t <= c->end_ns + grace))
			return 1;
	}
	return known;
}

int judge_by_master(const struct judge *j, int64_t from, int64_t to, int64_t grace)
{
	size_t i, n = 0;
	char a[SPAN_LEN];
	int master;

	result_set(&j->r->expected, "only a master speaks ARP for its virtual addresses");
	result_set(&j->r->tolerance, "%s before the first advert and after the last",
		   span_text(a, grace));
	for (i = 0; i < j->log->n && j->log->v[i].t <= to; i++) {
		const struct event *v = &j->log->v[i];

		if (v->t < from || v->type != EV_ARP || v->arp.delivered || !v->node)
			continue;
		master = is_masters(&j->m->claims, v, grace);
		n += master == 1;
		if (master != 0)
			continue;
		j->r->outcome = EXPECT_NOT_HELD;
		result_set(&j->r->actual, "%s says that %s is at %s, and is no master of it",
			   v->node, v->arp.sender_ip, v->arp.sender_mac);
		result_moment(j->r, v->t, "%s %s for %s", v->node,
			      v->arp.gratuitous ? "sends a gratuitous ARP" :
			      v->arp.request	? "asks" :
						  "answers",
			      v->arp.sender_ip);
		return 0;
	}
	j->r->outcome = EXPECT_HELD;
	result_set(&j->r->actual, "so throughout (%zu ARP packets)", n);
	return 0;
}
