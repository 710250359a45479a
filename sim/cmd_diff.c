/* halbsim diff: the figures of two runs side by side. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "report.h"
#include "run.h"
#include "span.h"

struct diff {
	size_t shown, differ;
	bool all;
};

static void row(struct diff *d, const char *name, const char *a, const char *b,
		const char *delta)
{
	bool equal = !strcmp(a, b);

	d->differ += !equal;
	if (equal && !d->all)
		return;
	d->shown++;
	/* A name that is too long has a line of its own. */
	if (strlen(name) > 28)
		printf("  %s\n", name);
	printf("  %-28s %20s %20s", strlen(name) > 28 ? "" : name, a, b);
	if (!equal && *delta)
		printf(" %14s", delta);
	putchar('\n');
}

static void row_text(struct diff *d, const char *name, const char *a, const char *b)
{
	row(d, name, a ? a : "-", b ? b : "-", "");
}

static void row_ns(struct diff *d, const char *name, int64_t a, int64_t b)
{
	char x[SPAN_LEN] = "not seen", y[SPAN_LEN] = "not seen", z[SPAN_LEN + 1] = "", w[SPAN_LEN];

	if (a != NS_NONE)
		span_ms(x, a);
	if (b != NS_NONE)
		span_ms(y, b);
	if (a != NS_NONE && b != NS_NONE) {
		span_ms(w, b - a);
		snprintf(z, sizeof(z), "%s%s", b >= a ? "+" : "", w);
	}
	row(d, name, x, y, z);
}

static void row_count(struct diff *d, const char *name, uint64_t a, uint64_t b)
{
	char x[24], y[24], z[24];

	snprintf(x, sizeof(x), "%" PRIu64, a);
	snprintf(y, sizeof(y), "%" PRIu64, b);
	snprintf(z, sizeof(z), "%+" PRId64, (int64_t)(b - a));
	row(d, name, x, y, z);
}

static int64_t since(int64_t t, int64_t zero)
{
	return t == NS_NONE || zero == NS_NONE ? NS_NONE : t - zero;
}

static void one_failover(struct diff *d, const struct failover *a,
			 const struct failover *b)
{
	printf("\nfailover of VRID %d after %s (ms since the fault)\n", a->vrid,
	       a->fault ? a->fault : "nothing");
	row_text(d, "from", a->from, b->from);
	row_text(d, "to", a->to, b->to);
#define STEP(name, field) \
	row_ns(d, name, since(a->field, a->fault_ns), since(b->field, b->fault_ns))
	STEP("last advert", last_advert_ns);
	STEP("first advert", first_advert_ns);
	STEP("VIP added", vip_ns);
	STEP("first gratuitous ARP", garp_ns);
	STEP("neighbour entry changes", arp_ns);
	STEP("first good reply", first_ok_ns);
	STEP("RFC bound", bound_ns);
#undef STEP
	row_ns(d, "first advert after the bound", since(a->first_advert_ns, a->bound_ns),
	       since(b->first_advert_ns, b->bound_ns));
	row_ns(d, "good reply after the bound", since(a->first_ok_ns, a->bound_ns),
	       since(b->first_ok_ns, b->bound_ns));
}

static void failovers(struct diff *d, const struct report *a, const struct report *b)
{
	size_t i, n = a->m.nfailover < b->m.nfailover ? a->m.nfailover : b->m.nfailover;

	for (i = 0; i < n; i++)
		one_failover(d, &a->m.failover[i], &b->m.failover[i]);
	if (a->m.nfailover != b->m.nfailover) {
		putchar('\n');
		row_count(d, "failovers", a->m.nfailover, b->m.nfailover);
	}
}

static void one_traffic(struct diff *d, const struct traffic_stats *a,
			const struct traffic_stats *b)
{
	printf("\ntraffic %s (times in ms)\n", a->name);
	row_count(d, "sent", a->sent, b->sent);
	row_count(d, "ok", a->ok, b->ok);
	row_count(d, "failed", a->failed, b->failed);
	row_count(d, "gaps", a->ngap, b->ngap);
	row_ns(d, "longest gap", a->longest_gap_ns, b->longest_gap_ns);
	row_ns(d, "total of gaps", a->total_gap_ns, b->total_gap_ns);
	row_ns(d, "latency p50", a->latency_p50_ns, b->latency_p50_ns);
	row_ns(d, "latency p99", a->latency_p99_ns, b->latency_p99_ns);
	row_ns(d, "latency max", a->latency_max_ns, b->latency_max_ns);
}

static void traffics(struct diff *d, const struct report *a, const struct report *b)
{
	size_t i, k;

	for (i = 0; i < a->m.ntraffic; i++)
		for (k = 0; k < b->m.ntraffic; k++)
			if (!strcmp(a->m.traffic[i].name, b->m.traffic[k].name))
				one_traffic(d, &a->m.traffic[i], &b->m.traffic[k]);
}

static const char *outcome(enum expect_outcome o)
{
	return o == EXPECT_HELD ? "held" : o == EXPECT_NOT_HELD ? "failed" : "undecided";
}

static void expectations(struct diff *d, const struct report *a, const struct report *b)
{
	size_t i, k;

	if (a->expect.n && b->expect.n)
		puts("\nexpectations");
	for (i = 0; i < a->expect.n; i++) {
		const char *text = expect_text(a->expect.v[i].of);

		for (k = 0; k < b->expect.n; k++) {
			if (strcmp(text, expect_text(b->expect.v[k].of)))
				continue;
			row_text(d, text, outcome(a->expect.v[i].outcome),
				 outcome(b->expect.v[k].outcome));
			break;
		}
	}
}

static void compare(struct diff *d, const struct report *a, const struct report *b)
{
	char seed[2][24];

	printf("  %-28s %20s %20s %14s\n", "", "first", "second", "difference");
	row_text(d, "case", a->c->name, b->c->name);
	row_text(d, "verdict", verdict_name(a->verdict), verdict_name(b->verdict));
	row_text(d, "engine", report_engine(a), report_engine(b));
	row_text(d, "engine version", report_engine_version(a), report_engine_version(b));
	row_text(d, "kernel", report_kernel(a), report_kernel(b));
	row_text(d, "time", a->info.time, b->info.time);
	snprintf(seed[0], sizeof(seed[0]), "%ju", (uintmax_t)report_seed(a));
	snprintf(seed[1], sizeof(seed[1]), "%ju", (uintmax_t)report_seed(b));
	row_text(d, "seed", seed[0], seed[1]);
	row_ns(d, "settled after (ms)", a->m.settled_ns, b->m.settled_ns);
	failovers(d, a, b);
	traffics(d, a, b);
	expectations(d, a, b);
}

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *out = "reports";
	struct report a = { 0 }, b = { 0 };
	struct diff d = { .all = true };
	bool brief = false;
	const struct opt opt[] = {
		{ "brief", 'b', OPT_FLAG, &brief, NULL, "only what differs", 0, 0, NULL },
		{ "out", 'o', OPT_TEXT, &out, "DIR", "where run folders are (reports)", 0, 0,
		  NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc != 2)
		return opts_usage_error(v, "two runs");
	d.all = !brief;
	r = report_load_run(&a, argv[0], out);
	if (!r)
		r = report_load_run(&b, argv[1], out);
	if (!r) {
		compare(&d, &a, &b);
		printf("\n%zu figure%s differ%s\n", d.differ, d.differ == 1 ? "" : "s",
		       d.differ == 1 ? "s" : "");
		r = d.differ ? EXIT_FAILED : EXIT_HELD;
	}
	report_finish(&a);
	report_finish(&b);
	return r;
}

const struct verb verb_diff = {
	.name = "diff",
	.args = "RUN RUN",
	.summary = "the figures of two runs side by side",
	.about = "RUN is a run's folder, its report.json, or a case's name for its latest "
		 "run.\n\nExit: 0 no figure differs, 1 some do, 64 not a whole run.",
	.run = main_,
};
