/* One lane: its row's name, what was in force, and what its node did. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "html_lane.h"
#include "span.h"

#define LANE_H 20

static const char *const tone_class[TONE_NTONES] = {
	[TONE_MASTER] = "t-master",   [TONE_BACKUP] = "t-backup",
	[TONE_HELD] = "t-held",	      [TONE_DRAINED] = "t-drained",
	[TONE_OFF] = "t-off",	      [TONE_OWNER_A] = "t-owner-a",
	[TONE_OWNER_B] = "t-owner-b", [TONE_OWNER_C] = "t-owner-c",
};

static const char *const kind_class[] = {
	[LANE_REQUEST] = "k-request", [LANE_NEIGH] = "k-neigh", [LANE_VRRP] = "k-vrrp",
	[LANE_ADDR] = "k-addr",	      [LANE_IPVS] = "k-ipvs",	[LANE_PROC] = "k-proc",
	[LANE_ADVERT] = "k-advert",   [LANE_ARP] = "k-arp",
};

static const char *const kind_words[] = {
	[LANE_REQUEST] = "requests, each at the time it was due",
	[LANE_NEIGH] = "whom it takes for the owner of the address",
	[LANE_VRRP] = "its part in the virtual router, as seen on the wire",
	[LANE_ADDR] = "when it holds the address",
	[LANE_IPVS] = "destination in its IPVS table",
	[LANE_PROC] = "program",
	[LANE_ADVERT] = "VRRP advertisements it sent",
	[LANE_ARP] = "ARP packets it sent",
};

/* --- names, for eyes and for screen readers --- */

static const struct traffic_stats *stats_of(const struct html_page *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->r->m.ntraffic; i++)
		if (text_same(p->r->m.traffic[i].name, name))
			return &p->r->m.traffic[i];
	return NULL;
}

static void desc_requests(const struct html_page *p, const struct lane *l)
{
	const struct traffic_stats *s = stats_of(p, l->key);
	char buf[HTML_TIME_LEN];

	if (!s)
		return;
	fprintf(p->f, "%" PRIu64 " sent, %" PRIu64 " good, %" PRIu64 " failed, %zu gaps",
		s->sent, s->ok, s->failed, s->ngap);
	if (s->ngap)
		fprintf(p->f, ", the longest %s", html_span(buf, s->longest_gap_ns));
}

static bool is_packet(const struct lane *l, const struct event *e)
{
	if (!text_same(e->node, l->node))
		return false;
	if (l->kind == LANE_ADVERT)
		return e->type == EV_VRRP && !e->vrrp.delivered;
	return e->type == EV_ARP && !e->arp.delivered;
}

static void desc_packets(const struct html_page *p, const struct lane *l)
{
	size_t i, n = 0, special = 0;

	for (i = 0; i < p->r->log.n; i++) {
		const struct event *e = &p->r->log.v[i];

		if (!is_packet(l, e))
			continue;
		n++;
		special += l->kind == LANE_ARP ? e->arp.gratuitous : !e->vrrp.priority;
	}
	fprintf(p->f, "%zu in all, %zu of them %s", n, special,
		l->kind == LANE_ARP ? "gratuitous" : "with priority 0");
}

static void desc_spans(const struct html_page *p, const struct lane *l)
{
	char a[HTML_TIME_LEN], b[HTML_TIME_LEN];
	size_t i;

	for (i = 0; i < l->n; i++) {
		fputs(i ? "; " : "", p->f);
		html_text(p->f, l->v[i].label);
		fprintf(p->f, " from %s to %s", html_when(a, &p->axis, l->v[i].from),
			html_when(b, &p->axis, l->v[i].to));
	}
	if (!l->n)
		fputs("never", p->f);
}

static void lane_open(const struct html_page *p, const struct lane *l, size_t at)
{
	FILE *f = p->f;

	fprintf(f, "<div class=\"lane %s\"><span class=\"lname\" aria-hidden=\"true\">",
		kind_class[l->kind]);
	html_text(f, l->name);
	fprintf(f,
		"</span><div class=\"track\"><svg role=\"img\" tabindex=\"0\" "
		"aria-labelledby=\"%sl%zut %sl%zud\"",
		p->id, at, p->id, at);
	html_viewbox(f, &p->axis, LANE_H);
	fprintf(f, "><title id=\"%sl%zut\">", p->id, at);
	html_text(f, l->node);
	fputs(", ", f);
	html_text(f, l->name);
	fprintf(f, ": %s", kind_words[l->kind]);
	if (l->kind == LANE_IPVS) {
		fputs(", ", f);
		html_text(f, l->key);
	}
	fprintf(f, "</title><desc id=\"%sl%zud\">", p->id, at);
	if (l->kind == LANE_REQUEST)
		desc_requests(p, l);
	else if (l->kind == LANE_ADVERT || l->kind == LANE_ARP)
		desc_packets(p, l);
	else
		desc_spans(p, l);
	fputs(".</desc>", f);
}

/* --- what is in a lane --- */

static void draw_spans(const struct html_page *p, const struct lane *l)
{
	char a[HTML_TIME_LEN], b[HTML_TIME_LEN], d[HTML_TIME_LEN];
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct lane_span *s = &l->v[i];
		bool low = s->tone == TONE_BACKUP;

		html_rect(p->f, s->from, s->to, low ? 6 : 2, low ? 8 : 16,
		     tone_class[s->tone]);
		fputs("><title>", p->f);
		html_text(p->f, s->label);
		fprintf(p->f, ": %s to %s (%s)</title></rect>",
			html_when(a, &p->axis, s->from), html_when(b, &p->axis, s->to),
			html_span(d, s->to - s->from));
	}
}

/* The words on the spans are HTML, over the drawing. */
static void label_spans(const struct html_page *p, const struct lane *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		int64_t from = l->v[i].from, to = l->v[i].to;

		if (l->v[i].tone == TONE_BACKUP || !html_clip(&p->axis, &from, &to))
			continue;
		fprintf(p->f, "<span class=\"lab %s\" data-a=\"", tone_class[l->v[i].tone]);
		html_x(p->f, l->v[i].from);
		fputs("\" data-b=\"", p->f);
		html_x(p->f, l->v[i].to);
		fputs("\" style=\"left:", p->f);
		html_left(p->f, &p->axis, from);
		fputs(";width:", p->f);
		html_width(p->f, &p->axis, from, to);
		fputs("\">", p->f);
		html_text(p->f, l->v[i].label);
		fputs("</span>", p->f);
	}
}

static int by_due(const void *a, const void *b)
{
	const struct event *x = *(const struct event *const *)a;
	const struct event *y = *(const struct event *const *)b;

	if (x->request.due != y->request.due)
		return x->request.due < y->request.due ? -1 : 1;
	return (x->request.n > y->request.n) - (x->request.n < y->request.n);
}

/*
 * A traffic's requests in the order in which they were due, without those that
 * the end cut off. Malloc'd; NULL without memory.
 */
static const struct event **requests_of(const struct html_page *p, const char *traffic,
					size_t *n)
{
	const struct event_log *log = &p->r->log;
	const struct event **v = calloc(log->n + 1, sizeof(const struct event *));
	size_t i;

	for (i = *n = 0; v && i < log->n; i++)
		if (log->v[i].type == EV_REQUEST &&
		    text_same(log->v[i].request.traffic, traffic) &&
		    log->v[i].request.result != REQ_CUT)
			v[(*n)++] = &log->v[i];
	if (v && *n)
		qsort(v, *n, sizeof(const struct event *), by_due);
	return v;
}

/* Stretches of good requests: each until the next one is due. */
static void draw_good(FILE *f, const struct event *const *v, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i = k + 1) {
		for (k = i; k < n && v[k]->request.result == REQ_OK; k++)
			;
		if (k == i)
			continue;
		html_rect(f, v[i]->request.due, k < n ? v[k]->request.due : v[k - 1]->t, 11, 7,
		     "r-ok");
		fputs("/>", f);
	}
}

static void draw_failed(FILE *f, const struct event *const *v, size_t n)
{
	size_t i;

	fputs("<path class=\"r-fail\" d=\"", f);
	for (i = 0; i < n; i++) {
		if (v[i]->request.result == REQ_OK)
			continue;
		fputs("M", f);
		html_x(f, v[i]->request.due);
		fputs(" 2v7", f);
	}
	fputs("\"/>", f);
}

/* Below, the good ones; above them a mark for each that failed; behind, the gaps. */
static int draw_requests(const struct html_page *p, const struct lane *l)
{
	const struct traffic_stats *s = stats_of(p, l->key);
	char a[HTML_TIME_LEN], b[HTML_TIME_LEN], d[HTML_TIME_LEN];
	const struct event **v;
	size_t i, n;

	v = requests_of(p, l->key, &n);
	if (!v)
		return -ENOMEM;
	for (i = 0; s && i < s->ngap; i++) {
		html_rect(p->f, s->gap[i].start_ns, s->gap[i].end_ns, 0, LANE_H, "r-gap");
		fprintf(p->f, "><title>gap of %s: %s to %s, %" PRIu64 " failed</title></rect>",
			html_span(d, s->gap[i].end_ns - s->gap[i].start_ns),
			html_when(a, &p->axis, s->gap[i].start_ns),
			html_when(b, &p->axis, s->gap[i].end_ns), s->gap[i].failed);
	}
	draw_good(p->f, v, n);
	draw_failed(p->f, v, n);
	free(v);
	return 0;
}

/* Ticks: the common ones in one path, the telling ones taller in another. */
static void draw_packets(const struct html_page *p, const struct lane *l)
{
	const struct event_log *log = &p->r->log;
	int pass;
	size_t i;

	for (pass = 0; pass < 2; pass++) {
		fprintf(p->f, "<path class=\"%s\" d=\"", pass ? "p-tell" : "p-common");
		for (i = 0; i < log->n; i++) {
			const struct event *e = &log->v[i];
			bool tells;

			if (!is_packet(l, e))
				continue;
			tells = l->kind == LANE_ARP ? e->arp.gratuitous :
						      !e->vrrp.priority;
			if (tells != (pass == 1))
				continue;
			fputs("M", p->f);
			html_x(p->f, e->t);
			fputs(pass ? " 2v16" : " 5v10", p->f);
		}
		fputs("\"/>", p->f);
	}
}

/* Where a fault was in force on the lane's node. */
static void draw_bands(const struct html_page *p, const struct lane *l)
{
	size_t i;

	for (i = 0; i < p->lanes.nband; i++) {
		const struct lane_band *b = &p->lanes.band[i];

		if (!text_same(b->node, l->node))
			continue;
		html_rect(p->f, b->from, b->to, 0, LANE_H, "band");
		fputs("><title>", p->f);
		html_text(p->f, b->what);
		fputs("</title></rect>", p->f);
	}
}

int html_lane(const struct html_page *p, const struct lane *l, size_t at)
{
	int r = 0;

	lane_open(p, l, at);
	draw_bands(p, l);
	if (l->kind == LANE_REQUEST)
		r = draw_requests(p, l);
	else if (l->kind == LANE_ADVERT || l->kind == LANE_ARP)
		draw_packets(p, l);
	else
		draw_spans(p, l);
	fputs("</svg>", p->f);
	label_spans(p, l);
	fputs("</div></div>\n", p->f);
	return r;
}
