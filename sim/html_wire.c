/* What was on the wire: a line for each sender, and the packets that tell something. */
#include <inttypes.h>
#include <stdlib.h>

#include "html_page.h"
#include "span.h"

#define MAX_ROWS 400

/* All advertisements of one node for one virtual router on one link. */
struct sender {
	const char *node, *link, *src;
	int vrid;
};

struct adverts {
	uint64_t n, prio0, bad_ttl, bad_sum;
	int prio_lo, prio_hi, auth;
	int64_t interval, min, max; /* seen between neighbours; min > max: none */
};

static bool is_from(const struct event *e, const struct sender *s)
{
	return e->type == EV_VRRP && !e->vrrp.delivered && text_same(e->node, s->node) &&
	       text_same(e->vrrp.link, s->link) && text_same(e->vrrp.src, s->src) &&
	       e->vrrp.vrid == s->vrid;
}

static struct sender sender_of(const struct event *e)
{
	return (struct sender){ e->node, e->vrrp.link, e->vrrp.src, e->vrrp.vrid };
}

static bool is_first(const struct event_log *log, size_t at, const struct sender *s)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (is_from(&log->v[i], s))
			return false;
	return true;
}

/* A pause of more than half an interval is another mastership. */
static void count_gap(struct adverts *a, int64_t gap_ns)
{
	if (2 * gap_ns > 3 * a->interval)
		return;
	a->min = gap_ns < a->min ? gap_ns : a->min;
	a->max = gap_ns > a->max ? gap_ns : a->max;
}

static struct adverts count(const struct event_log *log, const struct sender *s)
{
	struct adverts a = { .prio_lo = 256, .min = INT64_MAX, .max = -1 };
	int64_t before = NS_NONE;
	size_t i;

	for (i = 0; i < log->n; i++) {
		const struct event *e = &log->v[i];

		if (!is_from(e, s))
			continue;
		a.n++;
		a.bad_ttl += e->vrrp.ttl != 255;
		a.bad_sum += !e->vrrp.checksum_ok;
		a.auth = e->vrrp.auth_type;
		a.interval = e->vrrp.interval;
		if (!e->vrrp.priority) {
			a.prio0++;
			before = NS_NONE;
			continue;
		}
		if (e->vrrp.priority < a.prio_lo)
			a.prio_lo = e->vrrp.priority;
		if (e->vrrp.priority > a.prio_hi)
			a.prio_hi = e->vrrp.priority;
		if (before != NS_NONE)
			count_gap(&a, e->t - before);
		before = e->t;
	}
	return a;
}

static const char *auth_name(int auth)
{
	return auth == 0 ? "none" : auth == 1 ? "PASS" : auth == 2 ? "AH" : "?";
}

static void advert_row(FILE *f, const struct sender *s, const struct adverts *a)
{
	char lo[HTML_TIME_LEN], hi[HTML_TIME_LEN], d[HTML_TIME_LEN];

	fputs("<tr><th scope=\"row\">", f);
	html_text(f, s->node);
	fputs("</th><td>", f);
	html_textf(f, "%s, from %s", s->link ? s->link : "?", s->src ? s->src : "?");
	fprintf(f, "</td><td class=\"num\">%d</td><td class=\"num\">", s->vrid);
	if (a->prio_lo > a->prio_hi)
		fputs("0", f);
	else if (a->prio_lo == a->prio_hi)
		fprintf(f, "%d", a->prio_hi);
	else
		fprintf(f, "%d–%d", a->prio_lo, a->prio_hi);
	fprintf(f, "</td><td class=\"num\">%" PRIu64 "</td><td class=\"num\">%s</td>", a->n,
		html_exact(d, a->interval));
	if (a->max < 0)
		fputs("<td class=\"num muted\">–</td>", f);
	else
		fprintf(f, "<td class=\"num\">%s – %s</td>", html_exact(lo, a->min),
			html_exact(hi, a->max));
	fprintf(f, "<td>%s</td><td>", auth_name(a->auth));
	if (!a->bad_ttl && !a->bad_sum)
		fputs("TTL 255, checksum right", f);
	else
		fprintf(f, "<strong>%" PRIu64 " with a wrong TTL, %" PRIu64
			   " with a wrong checksum</strong>",
			a->bad_ttl, a->bad_sum);
	fputs("</td></tr>\n", f);
}

static void adverts(const struct html_page *p)
{
	const struct event_log *log = &p->r->log;
	size_t i;

	fputs("<div class=\"scroll\"><table><caption>VRRP advertisements, by sender"
	      "</caption><thead><tr><th scope=\"col\">node</th><th scope=\"col\">link</th>"
	      "<th scope=\"col\" class=\"num\">VRID</th>"
	      "<th scope=\"col\" class=\"num\">priority</th>"
	      "<th scope=\"col\" class=\"num\">sent</th>"
	      "<th scope=\"col\" class=\"num\">interval said</th>"
	      "<th scope=\"col\" class=\"num\">interval seen</th>"
	      "<th scope=\"col\">auth</th><th scope=\"col\">packets</th></tr></thead>"
	      "<tbody>\n",
	      p->f);
	for (i = 0; i < log->n; i++) {
		const struct event *e = &log->v[i];
		struct sender s;
		struct adverts a;

		if (e->type != EV_VRRP || e->vrrp.delivered || !e->node)
			continue;
		s = sender_of(e);
		if (!is_first(log, i, &s))
			continue;
		a = count(log, &s);
		advert_row(p->f, &s, &a);
	}
	fputs("</tbody></table></div>\n", p->f);
}

/* --- the packets that tell something --- */

static bool tells(const struct event_log *log, size_t at)
{
	const struct event *e = &log->v[at];
	struct sender s;

	if (e->type == EV_ARP)
		return !e->arp.delivered && e->arp.gratuitous;
	if (e->type != EV_VRRP || e->vrrp.delivered || !e->node)
		return false;
	s = sender_of(e);
	return !e->vrrp.priority || !e->vrrp.checksum_ok || e->vrrp.ttl != 255 ||
	       is_first(log, at, &s);
}

static void packet_row(const struct html_page *p, const struct event *e)
{
	FILE *f = p->f;

	fputs("<tr><td class=\"num\">", f);
	html_time(p, e->t);
	fputs("</td><td>", f);
	html_text(f, e->node ? e->node : "?");
	fputs("</td><td>", f);
	if (e->type == EV_VRRP) {
		html_textf(f, "VRRP %d, priority %d%s, from %s", e->vrrp.vrid,
			   e->vrrp.priority, e->vrrp.priority ? "" : " (goodbye)",
			   e->vrrp.src ? e->vrrp.src : "?");
		if (!e->vrrp.checksum_ok)
			fputs(", wrong checksum", f);
		if (e->vrrp.ttl != 255)
			fprintf(f, ", TTL %d", e->vrrp.ttl);
	} else {
		html_textf(f, "gratuitous ARP %s: %s is at %s",
			   e->arp.request ? "request" : "reply",
			   e->arp.sender_ip ? e->arp.sender_ip : "?",
			   e->arp.sender_mac ? e->arp.sender_mac : "?");
	}
	fputs("</td></tr>\n", f);
}

static void packets(const struct html_page *p)
{
	const struct event_log *log = &p->r->log;
	size_t i, n = 0, shown = 0;

	for (i = 0; i < log->n; i++)
		n += tells(log, i);
	fprintf(p->f,
		"<details><summary>Gratuitous ARP, goodbyes and first adverts (%zu packets)"
		"</summary><div class=\"scroll\"><table><thead><tr>"
		"<th scope=\"col\" class=\"num\">at</th><th scope=\"col\">sent by</th>"
		"<th scope=\"col\">what</th></tr></thead><tbody>\n",
		n);
	for (i = 0; i < log->n && shown < MAX_ROWS; i++) {
		if (!tells(log, i))
			continue;
		packet_row(p, &log->v[i]);
		shown++;
	}
	fputs("</tbody></table></div>\n", p->f);
	if (shown < n)
		fprintf(p->f, "<p>%zu more are in events.jsonl.</p>\n", n - shown);
	fputs("</details>\n", p->f);
}

void html_wire(const struct html_page *p)
{
	bool any = false;
	size_t i;

	for (i = 0; i < p->r->log.n && !any; i++)
		any = p->r->log.v[i].type == EV_VRRP || p->r->log.v[i].type == EV_ARP;
	if (!any)
		return;
	fprintf(p->f,
		"<section id=\"%swire\" aria-labelledby=\"%swireh\">\n<h2 id=\"%swireh\">"
		"On the wire</h2>\n",
		p->id, p->id, p->id);
	adverts(p);
	packets(p);
	fputs("</section>\n", p->f);
}
