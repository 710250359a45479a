/* The swim lanes: every node's rows over one axis, faults and gaps across all. */
#include <inttypes.h>
#include <string.h>

#include "html_lane.h"
#include "span.h"

#define MAX_FLAG_ROWS 4

/* --- what goes across all lanes --- */

/* The row in which a fault's flag does not cover those before it. */
static int flag_row(const struct html_page *p, const struct event *e,
		    double busy[MAX_FLAG_ROWS])
{
	double at = 100.0 * (double)(e->t - p->axis.from) /
		    (double)(p->axis.to - p->axis.from);
	int row = 0;

	while (row < MAX_FLAG_ROWS - 1 && busy[row] > at)
		row++;
	/* A letter takes about one percent of a wide plot. */
	busy[row] = at + 6 + 1.1 * (double)strlen(e->text ? e->text : "?");
	return row;
}

static bool has_flag(const struct html_page *p, const struct event *e)
{
	return e->type == EV_FAULT && e->t >= p->axis.from && e->t <= p->axis.to;
}

static int flag_rows(const struct html_page *p)
{
	double busy[MAX_FLAG_ROWS] = { 0 };
	int rows = 1, row;
	size_t i;

	for (i = 0; i < p->r->log.n; i++) {
		if (!has_flag(p, &p->r->log.v[i]))
			continue;
		row = flag_row(p, &p->r->log.v[i], busy) + 1;
		rows = row > rows ? row : rows;
	}
	return rows;
}

static void flags(const struct html_page *p)
{
	double busy[MAX_FLAG_ROWS] = { 0 };
	char buf[HTML_TIME_LEN];
	size_t i;

	fprintf(p->f, "<div class=\"flags rows%d\" aria-hidden=\"true\">", flag_rows(p));
	for (i = 0; i < p->r->log.n; i++) {
		const struct event *e = &p->r->log.v[i];

		if (!has_flag(p, e))
			continue;
		fprintf(p->f, "<span class=\"flag row%d%s%s\" data-a=\"",
			flag_row(p, e, busy), e->fault.effective ? "" : " void",
			10 * (e->t - p->axis.from) > 7 * (p->axis.to - p->axis.from) ?
				" left" :
				"");
		html_x(p->f, e->t);
		fputs("\" style=\"left:", p->f);
		html_left(p->f, &p->axis, e->t);
		fputs("\"><b>", p->f);
		html_text(p->f, e->text ? e->text : "fault");
		fprintf(p->f, "</b> <small>%s</small></span>",
			html_when(buf, &p->axis, e->t));
	}
	fputs("</div>\n", p->f);
}

static void across(const struct html_page *p)
{
	const struct measures *m = &p->r->m;
	size_t i, j;

	fputs("<svg class=\"over\" aria-hidden=\"true\"", p->f);
	html_viewbox(p->f, &p->axis, 100);
	fputs(">", p->f);
	for (i = 0; i < m->ntraffic; i++)
		for (j = 0; j < m->traffic[i].ngap; j++) {
			const struct gap *g = &m->traffic[i].gap[j];

			html_rect(p->f, g->start_ns, g->end_ns, 0, 100, "o-gap");
			fputs("/>", p->f);
		}
	for (i = 0; i < p->r->log.n; i++) {
		const struct event *e = &p->r->log.v[i];

		if (e->type != EV_FAULT && e->type != EV_SETTLED)
			continue;
		fprintf(p->f, "<path class=\"%s\" d=\"M",
			e->type == EV_FAULT ? "o-fault" : "o-settled");
		html_x(p->f, e->t);
		fputs(" 0v100\"/>", p->f);
	}
	fputs("</svg>\n", p->f);
}

static const char *role_name(const struct case_ *c, const char *node)
{
	const struct topo_node *n = c->topo ? topology_node(c->topo, node) : NULL;

	switch (n ? n->role : ROLE_OTHER) {
	case ROLE_DIRECTOR:
		return "director";
	case ROLE_SERVER:
		return "real server";
	case ROLE_CLIENT:
		return "client";
	case ROLE_ROUTER:
		return "router";
	case ROLE_OTHER:
		break;
	}
	return "";
}

static void legend(FILE *f)
{
	static const struct {
		const char *class, *word;
	} keys[] = {
		{ "t-master", "VRRP master" }, { "t-backup", "backup" },
		{ "t-addr", "holds the VIP" }, { "t-held", "in service" },
		{ "t-drained", "weight 0" },   { "t-off", "off" },
		{ "r-ok", "good replies" },    { "r-fail", "failed request" },
		{ "p-tell", "gratuitous ARP, or priority 0" },
		{ "o-gap", "service gap" },
	};
	size_t i;

	fputs("<ul class=\"legend\" aria-label=\"Legend\">", f);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		fprintf(f,
			"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\">"
			"<rect width=\"18\" height=\"12\" class=\"%s\"/></svg>%s</li>",
			keys[i].class, keys[i].word);
	fputs("</ul>\n", f);
}

/* What the axis counts from, and what it leaves out. */
static void caption(const struct html_page *p)
{
	const struct event *fault = NULL;
	char a[HTML_TIME_LEN];
	size_t i;

	for (i = 0; i < p->r->log.n && !fault; i++)
		if (p->r->log.v[i].type == EV_FAULT)
			fault = &p->r->log.v[i];
	fputs("<p class=\"fine\">", p->f);
	if (p->r->m.settled)
		fprintf(p->f, "From %s, when the site had settled, to the end",
			html_when(a, &p->axis, p->r->m.settled_ns));
	else
		fputs("The site never settled: this is the whole run", p->f);
	if (fault) {
		fputs("; 0 s is <code>", p->f);
		html_text(p->f, fault->text);
		fputs("</code>", p->f);
	}
	fputs(".</p>\n", p->f);
}

int html_lanes(const struct html_page *p)
{
	const char *node = NULL;
	size_t i;
	int r = 0;

	fprintf(p->f,
		"<section id=\"%slanes\" aria-labelledby=\"%slanesh\">\n<h2 id=\"%slanesh\">"
		"What each node was, and when</h2>\n",
		p->id, p->id, p->id);
	caption(p);
	fputs("<div class=\"lanes\" data-from=\"", p->f);
	html_x(p->f, p->axis.from);
	fputs("\" data-to=\"", p->f);
	html_x(p->f, p->axis.to);
	fputs("\" data-zero=\"", p->f);
	html_x(p->f, p->axis.zero);
	fputs("\" data-end=\"", p->f);
	html_x(p->f, p->r->m.end_ns);
	fputs("\">\n", p->f);
	flags(p);
	fputs("<div class=\"rows\">\n", p->f);
	across(p);
	for (i = 0; i < p->lanes.n && !r; i++) {
		const struct lane *l = &p->lanes.v[i];

		if (!text_same(node, l->node)) {
			node = l->node;
			fputs("<h3 class=\"node\">", p->f);
			html_text(p->f, node);
			fprintf(p->f, " <small>%s</small></h3>\n",
				role_name(p->r->c, node));
		}
		r = html_lane(p, l, i);
	}
	fputs("</div>\n", p->f);
	html_ticks(p->f, &p->axis);
	fputs("</div>\n", p->f);
	legend(p->f);
	fputs("</section>\n", p->f);
	return r;
}
