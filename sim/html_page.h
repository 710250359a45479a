/* The sections of report.html, one html_x.c each, and what they share. */
#ifndef HALBSIM_HTML_PAGE_H
#define HALBSIM_HTML_PAGE_H

#include "html.h"
#include "lanes.h"
#include "report_html.h"

struct html_page {
	FILE *f;
	const struct report *r;
	const struct conf_texts *conf; /* NULL: none to show */
	struct lanes lanes;
	struct html_axis axis; /* from the settled site to the end; zero: first fault */
	const char *id;	       /* before each id, so that runs do not share any */
};

/* report.css and report.js as they are in the source tree (html_asset.c). */
extern const char html_css[], html_js[];

/* "Every expectation held"; verdict_name() is its class. */
const char *html_verdict_text(enum verdict v);

/* Everything up to the header, with the style in it; <body> is open then. */
void html_head(FILE *f, const char *title, const char *heading, const char *about);

/* Writes a time as the page counts it, the run's own time as its tooltip. */
void html_time(const struct html_page *p, int64_t t);

void html_headline(const struct html_page *p);
void html_budgets(const struct html_page *p);
void html_traffic(const struct html_page *p);
void html_expect(const struct html_page *p);
void html_wire(const struct html_page *p);
/* 0 or -ENOMEM. */
int html_lanes(const struct html_page *p);
int html_events(const struct html_page *p);
void html_conf(const struct html_page *p);

/* Figures of several runs beside each other, and their budgets on one scale. */
void html_compare(FILE *f, const struct html_page *page, size_t n);

/* One failover as a bar on `axis`; used by html_budgets() and html_compare(). */
void html_budget_bar(FILE *f, const struct failover *fo, const struct html_axis *axis,
		     const char *title);
/* First and last instant that a failover's bar has to show. */
void html_budget_span(const struct failover *fo, int64_t *from, int64_t *to);

#endif
