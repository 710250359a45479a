/* The run as a list: what changed, in order. Single requests are not in it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html_page.h"

#define MAX_ROWS 1000

enum row_kind { ROW_EVENT, ROW_MASTER, ROW_NOT_MASTER, ROW_GAP, ROW_GAP_END };

struct row {
	int64_t t;
	size_t seq; /* breaks ties */
	enum row_kind kind;
	const struct event *e;
	const struct claim *c;
	const struct traffic_stats *s;
	const struct gap *g;
};

struct rows {
	struct row *v;
	size_t n, cap;
};

static int add(struct rows *rows, struct row r)
{
	if (rows->n == rows->cap) {
		size_t cap = rows->cap ? 2 * rows->cap : 64;
		struct row *v = realloc(rows->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		rows->v = v;
		rows->cap = cap;
	}
	r.seq = rows->n;
	rows->v[rows->n++] = r;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static bool is_told(const struct event *e)
{
	switch (e->type) {
	case EV_SETTLED:
	case EV_UNSETTLED:
	case EV_FAULT:
	case EV_START:
	case EV_EXIT:
	case EV_ADDR:
	case EV_LINK:
	case EV_NEIGH:
	case EV_IPVS:
	case EV_LOG:
	case EV_NOTE:
	case EV_END:
		return true;
	case EV_RUN:
	case EV_PORT:
	case EV_VRRP:
	case EV_ARP:
	case EV_REQUEST:
	case EV_PACKET:
	case EV_NTYPES:
		break;
	}
	return false;
}

static int collect(struct rows *rows, const struct report *r)
{
	size_t i, j;
	int e = 0;

	for (i = 0; i < r->log.n && !e; i++)
		if (is_told(&r->log.v[i]))
			e = add(rows, (struct row){ .t = r->log.v[i].t,
						    .kind = ROW_EVENT,
						    .e = &r->log.v[i] });
	for (i = 0; i < r->m.claims.n && !e; i++) {
		const struct claim *c = &r->m.claims.v[i];

		e = add(rows, (struct row){ .t = c->start_ns, .kind = ROW_MASTER, .c = c });
		if (!e && c->end != CLAIM_OPEN)
			e = add(rows, (struct row){ .t = c->end_ns,
						    .kind = ROW_NOT_MASTER,
						    .c = c });
	}
	for (i = 0; i < r->m.ntraffic; i++) {
		const struct traffic_stats *s = &r->m.traffic[i];

		for (j = 0; j < s->ngap && !e; j++) {
			struct row row = { .s = s, .g = &s->gap[j] };

			row.t = s->gap[j].start_ns;
			row.kind = ROW_GAP;
			e = add(rows, row);
			row.t = s->gap[j].end_ns;
			row.kind = ROW_GAP_END;
			if (!e && !s->gap[j].open)
				e = add(rows, row);
		}
	}
	if (!e && rows->n)
		qsort(rows->v, rows->n, sizeof(*rows->v), by_time);
	return e;
}

/* --- words --- */

static const char *or_q(const char *s)
{
	return s ? s : "?";
}

static void tell_fault(FILE *f, const struct event *e)
{
	fputs("fault <code>", f);
	html_text(f, or_q(e->text));
	fputs(e->fault.effective ? "</code>" : "</code> <strong>without effect</strong>", f);
	if (e->fault.proof) {
		fputs(": ", f);
		html_text(f, e->fault.proof);
	}
}

static void tell_exit(FILE *f, const struct event *e)
{
	html_text(f, or_q(e->proc.what));
	if (e->proc.status < 0)
		fprintf(f, " ended by signal %d", -e->proc.status);
	else
		fprintf(f, " ended with status %d", e->proc.status);
}

static void tell_ipvs(FILE *f, const struct event *e)
{
	static const char *const ops[] = { [IPVS_ADDED] = "added",
					   [IPVS_REMOVED] = "removed",
					   [IPVS_CHANGED] = "changed" };

	if (e->ipvs.what == IPVS_SERVICE)
		html_textf(f, "IPVS service %s %s", or_q(e->ipvs.service),
			   ops[e->ipvs.op]);
	else
		html_textf(f, "IPVS destination %s of %s %s", or_q(e->ipvs.dest),
			   or_q(e->ipvs.service), ops[e->ipvs.op]);
	if (e->ipvs.what == IPVS_DEST && e->ipvs.op != IPVS_REMOVED)
		fprintf(f, ", weight %d", e->ipvs.weight);
}

static void tell_event(FILE *f, const struct event *e)
{
	if (e->type == EV_FAULT)
		tell_fault(f, e);
	else if (e->type == EV_START)
		html_textf(f, "%s started", or_q(e->proc.what));
	else if (e->type == EV_EXIT)
		tell_exit(f, e);
	else if (e->type == EV_ADDR)
		html_textf(f, "address %s %s %s", or_q(e->addr.addr),
			   e->addr.added ? "added to" : "removed from",
			   or_q(e->addr.ifname));
	else if (e->type == EV_LINK)
		html_textf(f, "%s %s, %s", or_q(e->link.ifname),
			   e->link.up ? "up" : "down",
			   e->link.carrier ? "carrier" : "no carrier");
	else if (e->type == EV_NEIGH)
		html_textf(f, "neighbour %s is at %s%s%s", or_q(e->neigh.ip),
			   e->neigh.mac ? e->neigh.mac : "nowhere",
			   e->neigh.state ? ", " : "",
			   e->neigh.state ? e->neigh.state : "");
	else if (e->type == EV_IPVS)
		tell_ipvs(f, e);
	else if (e->type == EV_SETTLED)
		fputs("<strong>settled</strong>: the site is up and serving", f);
	else if (e->type == EV_UNSETTLED)
		html_textf(f, "never settled: %s", or_q(e->text));
	else if (e->type == EV_END)
		fputs("end of the timeline", f);
	else
		html_text(f, or_q(e->text));
}

static void tell_end_of_claim(FILE *f, const struct claim *c)
{
	static const char *const why[] = {
		[CLAIM_OPEN] = "",
		[CLAIM_PRIO0] = "it said so (priority 0)",
		[CLAIM_ADDRESS] = "its addresses were removed",
		[CLAIM_CRASH] = "its power was lost",
		[CLAIM_SILENT] = "its next advert did not come",
	};

	html_textf(f, "no longer master of VRRP %d: %s", c->vrid, why[c->end]);
}

static void tell_gap(FILE *f, const struct row *r)
{
	char d[HTML_TIME_LEN];

	if (r->kind == ROW_GAP)
		html_textf(f, "%s: first request of a gap fails", or_q(r->s->name));
	else
		html_textf(f, "%s: good replies again after %s", or_q(r->s->name),
			   html_span(d, r->g->end_ns - r->g->start_ns));
}

static void tell(const struct html_page *p, const struct row *r)
{
	const char *node = r->e ? r->e->node : r->c ? r->c->node : NULL;
	const char *class = "";

	if (r->kind == ROW_EVENT && r->e->type == EV_FAULT)
		class = " class=\"is-fault\"";
	else if (r->kind == ROW_GAP || r->kind == ROW_GAP_END)
		class = " class=\"is-gap\"";
	fprintf(p->f, "<tr%s><td class=\"num\">", class);
	html_time(p, r->t);
	fputs("</td><td>", p->f);
	html_text(p->f, node);
	fputs("</td><td>", p->f);
	if (r->kind == ROW_EVENT)
		tell_event(p->f, r->e);
	else if (r->kind == ROW_MASTER)
		html_textf(p->f, "master of VRRP %d: first advert, priority %d",
			   r->c->vrid, r->c->priority);
	else if (r->kind == ROW_NOT_MASTER)
		tell_end_of_claim(p->f, r->c);
	else
		tell_gap(p->f, r);
	fputs("</td></tr>\n", p->f);
}

int html_events(const struct html_page *p)
{
	struct rows rows = { 0 };
	size_t i;
	int r = collect(&rows, p->r);

	if (r)
		goto out;
	fprintf(p->f,
		"<section id=\"%sevents\" class=\"folded\" aria-labelledby=\"%seventsh\">\n"
		"<h2 id=\"%seventsh\">What changed, in order</h2>\n"
		"<details><summary>%zu changes</summary>\n<div class=\"scroll\"><table>"
		"<thead><tr><th scope=\"col\" class=\"num\">at</th><th scope=\"col\">node"
		"</th><th scope=\"col\">what</th></tr></thead><tbody>\n",
		p->id, p->id, p->id, rows.n);
	for (i = 0; i < rows.n && i < MAX_ROWS; i++)
		tell(p, &rows.v[i]);
	fputs("</tbody></table></div>\n", p->f);
	if (rows.n > MAX_ROWS)
		fprintf(p->f, "<p>%zu more are in events.jsonl.</p>\n", rows.n - MAX_ROWS);
	fputs("</details>\n</section>\n", p->f);
out:
	free(rows.v);
	return r;
}
