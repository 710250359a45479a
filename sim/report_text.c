/* The report for people: terminal and report.txt. At most 88 columns. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "report.h"
#include "span.h"

static void header(FILE *f, const struct report *r, const struct style *s)
{
	const char *version = report_engine_version(r), *kernel = report_kernel(r);
	char right[128];
	int pad;

	snprintf(right, sizeof(right), "%s%s%s, seed %ju", report_engine(r),
		 version ? " " : "", version ? version : "", (uintmax_t)report_seed(r));
	pad = REPORT_WIDTH - text_width(r->c->name) - 3 -
	      (int)strlen(verdict_name(r->verdict)) - text_width(right);
	fprintf(f, "%s%s%s %s %s%*s%s\n", style_on(s, "\033[1m"), r->c->name, style_off(s),
		s->utf8 ? "·" : "-", style_verdict(s, r->verdict), pad > 1 ? pad : 1, "",
		right);
	if (r->c->about)
		text_wrap(f, r->c->about, 0);
	fprintf(f, "%stopology %s, kernel %s%s\n", style_on(s, "\033[2m"),
		r->c->topo->name, kernel ? kernel : "unknown", style_off(s));
	if (!strcmp(r->info.time, "virtual"))
		fprintf(f,
			"%svirtual time: all nodes share one CPU of 10^9 instructions/s; "
			"not a claim about a CPU%s\n",
			style_on(s, "\033[2m"), style_off(s));
	else
		fprintf(f, "%sreal time: this machine's own clock and load are in the figures%s\n",
			style_on(s, "\033[2m"), style_off(s));
}

static void reasons(FILE *f, const struct report *r, const struct style *s)
{
	size_t i;

	for (i = 0; i < r->nreason; i++) {
		fprintf(f, "%s %sinconclusive:%s ", i ? "" : "\n", style_on(s, "\033[1;33m"),
			style_off(s));
		text_wrap(f, r->reason[i], 15);
	}
}

static void why_failed(FILE *f, const struct traffic_stats *t)
{
	const char *sep = "    failed: ";
	int i;

	if (!t->failed)
		return;
	for (i = 0; i < REQ_NRESULTS; i++) {
		if (i == REQ_OK || i == REQ_CUT || !t->reason[i])
			continue;
		fprintf(f, "%s%s %ju", sep, request_result_name((enum request_result)i),
			(uintmax_t)t->reason[i]);
		sep = ", ";
	}
	fputc('\n', f);
}

/* More backends than this are counted, not listed. */
#define LISTED_MAX 8

static void many_answers(FILE *f, const struct traffic_stats *t)
{
	uint64_t lo = UINT64_MAX, hi = 0;
	size_t i;

	for (i = 0; i < t->nbackend; i++) {
		lo = t->backend[i].ok < lo ? t->backend[i].ok : lo;
		hi = t->backend[i].ok > hi ? t->backend[i].ok : hi;
	}
	fprintf(f, "    answered by %zu servers, %ju to %ju times each\n", t->nbackend,
		(uintmax_t)lo, (uintmax_t)hi);
}

/* Whether clients stay where they were: one alone says it by the line above. */
static void stickiness(FILE *f, const struct traffic_stats *t)
{
	size_t least, most;

	traffic_per_client(t, &least, &most);
	if (t->nclient < 2)
		return;
	fprintf(f, "    %zu clients, each answered by ", t->nclient);
	if (least == most)
		fprintf(f, "%zu server%s\n", most, most == 1 ? "" : "s");
	else
		fprintf(f, "%zu to %zu servers\n", least, most);
}

static void answers(FILE *f, const struct traffic_stats *t)
{
	size_t i;

	if (!t->nbackend)
		return;
	if (t->nbackend > LISTED_MAX) {
		many_answers(f, t);
		return;
	}
	fputs("    answered by ", f);
	for (i = 0; i < t->nbackend; i++)
		fprintf(f, "%s%s %ju", i ? ", " : "", t->backend[i].name,
			(uintmax_t)t->backend[i].ok);
	fputc('\n', f);
}

/* A gap is known no finer than requests are sent. */
static void rate(FILE *f, const struct report *r, const struct traffic_stats *t)
{
	const struct traffic_conf *c = case_traffic(r->c, t->name);
	char a[SPAN_LEN];

	if (c && c->rate_per_s > 0)
		fprintf(f, "    %s%s%s to %s, one every %s\n", traffic_kind_name(c->kind),
			c->from_text ? " from " : "", c->from_text ? c->from_text : "",
			c->target, span_text(a, (int64_t)((double)NS_PER_S / c->rate_per_s)));
}

static const char *ms_or_dash(char buf[SPAN_LEN], int64_t ns)
{
	return ns == NS_NONE ? "-" : span_ms(buf, ns);
}

static void clients(FILE *f, const struct report *r, const struct style *s)
{
	char a[SPAN_LEN], b[SPAN_LEN], c[SPAN_LEN], d[SPAN_LEN], e[SPAN_LEN];
	size_t i;

	if (!r->m.ntraffic)
		return;
	fprintf(f, "\n%sClients%s (times in ms)\n", style_on(s, "\033[1m"), style_off(s));
	fprintf(f, "  %-10s %7s %7s %6s %5s %10s %10s %7s %7s %8s\n", "traffic", "sent",
		"ok", "failed", "gaps", "longest", "total", "p50", "p99", "max");
	for (i = 0; i < r->m.ntraffic; i++) {
		const struct traffic_stats *t = &r->m.traffic[i];

		fprintf(f, "  %-10s %7ju %7ju %6ju %5zu %10s %10s %7s %7s %8s\n", t->name,
			(uintmax_t)t->sent, (uintmax_t)t->ok, (uintmax_t)t->failed, t->ngap,
			span_ms(a, t->longest_gap_ns), span_ms(b, t->total_gap_ns),
			ms_or_dash(c, t->latency_p50_ns), ms_or_dash(d, t->latency_p99_ns),
			ms_or_dash(e, t->latency_max_ns));
		rate(f, r, t);
		why_failed(f, t);
		answers(f, t);
		stickiness(f, t);
	}
}

/* Moments count from the first fault, as the timeline above them does. */
static int64_t zero_of(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->log.n; i++)
		if (r->log.v[i].type == EV_FAULT)
			return r->log.v[i].t;
	return r->m.settled ? r->m.settled_ns : 0;
}

static void expectation(FILE *f, const struct report *r, const struct style *s,
			const struct expect_result *x)
{
	const char *text = expect_text(x->of);
	char a[SPAN_LEN];
	int pad = 46 - text_width(text);
	size_t i;

	fprintf(f, "  %s %s", style_mark(s, x->outcome), text);
	if (x->outcome != EXPECT_NOT_HELD) {
		fprintf(f, "%*s", pad > 1 ? pad : 2, "");
		text_wrap(f, x->actual, 50);
		return;
	}
	fprintf(f, "\n      expected   ");
	text_wrap(f, x->expected, 17);
	fprintf(f, "      actual     ");
	text_wrap(f, x->actual, 17);
	fprintf(f, "      tolerance  ");
	text_wrap(f, x->tolerance, 17);
	for (i = 0; i < x->nmoment; i++) {
		fprintf(f, "      %10s s  ", span_offset(a, x->moment[i].t - zero_of(r)));
		text_wrap(f, x->moment[i].what, 20);
	}
}

static void expectations(FILE *f, const struct report *r, const struct style *s)
{
	size_t i;

	if (!r->expect.n)
		return;
	fprintf(f, "\n%sExpectations%s\n", style_on(s, "\033[1m"), style_off(s));
	for (i = 0; i < r->expect.n; i++)
		expectation(f, r, s, &r->expect.v[i]);
}

int report_text(FILE *f, const struct report *r, const struct style *s)
{
	size_t i;

	header(f, r, s);
	reasons(f, r, s);
	if (r->log.n)
		report_story(f, r, s);
	for (i = 0; i < r->m.nfailover; i++)
		report_budget(f, &r->m.failover[i], s);
	clients(f, r, s);
	expectations(f, r, s);
	fprintf(f, "\nreport   %s/report.json\nreplay   halbsim replay %s\n", r->dir, r->dir);
	return ferror(f) ? -EIO : 0;
}
