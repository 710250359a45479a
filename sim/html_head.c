/* The top of a run's report: verdict, the figures that matter, what ran. */
#include <inttypes.h>

#include "html_page.h"

const char *html_verdict_text(enum verdict v)
{
	switch (v) {
	case VERDICT_HELD:
		return "Every expectation held";
	case VERDICT_FAILED:
		return "An expectation did not hold";
	case VERDICT_INCONCLUSIVE:
		break;
	}
	return "Inconclusive";
}

static const char *verdict_sign(enum verdict v)
{
	switch (v) {
	case VERDICT_HELD:
		return "✓";
	case VERDICT_FAILED:
		return "✗";
	case VERDICT_INCONCLUSIVE:
		break;
	}
	return "?";
}

void html_time(const struct html_page *p, int64_t t)
{
	char buf[HTML_TIME_LEN];

	fprintf(p->f, "<time title=\"%" PRId64 " ns into the run\">%s</time>", t,
		html_when(buf, &p->axis, t));
}

static void verdict(const struct html_page *p)
{
	const struct report *r = p->r;
	size_t i, held = 0;

	for (i = 0; i < r->expect.n; i++)
		held += r->expect.v[i].outcome == EXPECT_HELD;
	fprintf(p->f,
		"<div class=\"verdict %s\"><span class=\"sign\" aria-hidden=\"true\">%s"
		"</span><p><strong>%s</strong> <span>%zu of %zu expectations held</span>"
		"</p></div>\n",
		verdict_name(r->verdict), verdict_sign(r->verdict),
		html_verdict_text(r->verdict), held, r->expect.n);
	if (!r->nreason)
		return;
	fputs("<ul class=\"reasons\">", p->f);
	for (i = 0; i < r->nreason; i++) {
		fputs("<li>", p->f);
		html_text(p->f, r->reason[i]);
		fputs("</li>", p->f);
	}
	fputs("</ul>\n", p->f);
}

static void card(FILE *f, const char *name, const char *class)
{
	fprintf(f, "<div class=\"card %s\"><dt>%s</dt><dd>", class, name);
}

/* Of all traffics the one that suffered most. */
static const struct traffic_stats *worst(const struct measures *m)
{
	const struct traffic_stats *s = NULL;
	size_t i;

	for (i = 0; i < m->ntraffic; i++)
		if (!s || m->traffic[i].longest_gap_ns > s->longest_gap_ns)
			s = &m->traffic[i];
	return s;
}

static void card_gap(FILE *f, const struct measures *m)
{
	const struct traffic_stats *s = worst(m);
	char a[HTML_TIME_LEN];

	if (!s)
		return;
	card(f, "Longest gap in service", s->ngap ? "bad" : "good");
	fprintf(f, "<b>%s</b> <small>", html_span(a, s->longest_gap_ns));
	html_text(f, s->name);
	fprintf(f, ", %zu gap%s, %s in all</small></dd></div>\n", s->ngap,
		s->ngap == 1 ? "" : "s", html_span(a, s->total_gap_ns));
}

static void card_requests(FILE *f, const struct measures *m)
{
	uint64_t sent = 0, failed = 0;
	size_t i;

	for (i = 0; i < m->ntraffic; i++) {
		sent += m->traffic[i].sent;
		failed += m->traffic[i].failed;
	}
	if (!sent)
		return;
	card(f, "Failed requests", failed ? "bad" : "good");
	fprintf(f, "<b>%" PRIu64 "</b> <small>of %" PRIu64 " sent</small></dd></div>\n",
		failed, sent);
}

static void card_failover(FILE *f, const struct measures *m)
{
	const struct failover *fo = m->nfailover ? &m->failover[0] : NULL;
	char a[HTML_TIME_LEN];
	int64_t late;

	if (!fo)
		return;
	if (!fo->to || fo->bound_ns == NS_NONE) {
		card(f, "Takeover", fo->to ? "" : "bad");
		fputs("<b>", f);
		html_text(f, fo->to ? fo->to : "nobody");
		fputs("</b> <small>took over from ", f);
		html_text(f, fo->from);
		fputs("</small></dd></div>\n", f);
		return;
	}
	late = fo->first_advert_ns - fo->bound_ns;
	card(f, "Takeover against the RFC's bound", "");
	fprintf(f, "<b>%s%s</b> <small>", late < 0 ? "" : "+", html_span(a, late));
	html_textf(f, "%s → %s", fo->from ? fo->from : "nobody", fo->to);
	if (m->nfailover > 1)
		fprintf(f, ", the first of %zu", m->nfailover);
	fputs("</small></dd></div>\n", f);
}

static void card_faults(FILE *f, const struct report *r)
{
	const struct event *first = NULL;
	size_t i, n = 0;

	for (i = 0; i < r->log.n; i++) {
		if (r->log.v[i].type != EV_FAULT)
			continue;
		if (!first)
			first = &r->log.v[i];
		n++;
	}
	if (!first)
		return;
	card(f, n > 1 ? "Faults" : "Fault", "");
	fputs("<b><code>", f);
	html_text(f, first->text);
	fputs("</code></b> <small>", f);
	html_text(f, first->fault.effective ? first->fault.proof : "without effect");
	if (n > 1)
		fprintf(f, ", and %zu more", n - 1);
	fputs("</small></dd></div>\n", f);
}

static void fact(FILE *f, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(f, "<div><dt>%s</dt><dd>", name);
	html_text(f, value);
	fputs("</dd></div>\n", f);
}

static void facts(const struct html_page *p)
{
	const struct report *r = p->r;
	const char *time = r->info.time;
	char buf[32];

	fputs("<dl class=\"facts\">\n<div><dt>engine</dt><dd>", p->f);
	html_textf(p->f, "%s %s", report_engine(r),
		   report_engine_version(r) ? report_engine_version(r) : "");
	fputs("</dd></div>\n", p->f);
	fact(p->f, "topology", r->c->topo ? r->c->topo->name : NULL);
	fact(p->f, "kernel", report_kernel(r));
	fact(p->f, "time", time);
	snprintf(buf, sizeof(buf), "%" PRIu64, report_seed(r));
	fact(p->f, "seed", buf);
	fputs("</dl>\n<p class=\"again\"><span>The same again:</span> <code>halbsim replay ",
	      p->f);
	html_text(p->f, r->dir);
	fputs("</code></p>\n", p->f);
	if (time && time[0] == 'v')
		fputs("<p class=\"fine\">Virtual time: all nodes share one CPU of 10⁹ "
		      "instructions a second, which is idle for free. Timers are exact; "
		      "how fast a CPU is, is not measured.</p>\n",
		      p->f);
}

void html_headline(const struct html_page *p)
{
	verdict(p);
	fputs("<dl class=\"cards\">\n", p->f);
	card_gap(p->f, &p->r->m);
	card_failover(p->f, &p->r->m);
	card_requests(p->f, &p->r->m);
	card_faults(p->f, p->r);
	fputs("</dl>\n", p->f);
	facts(p);
}
