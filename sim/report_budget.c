/*
 * The failover budget as a table: each step with its time since the fault, the
 * span since the step before it, and where that span lies between the last
 * advert and the first good reply, against the RFC's bound.
 */
#include <string.h>

#include "report.h"
#include "span.h"

#define BAR 24

struct row {
	char label[64];
	int64_t t;
};

static int rows_of(const struct failover *f, struct row *v)
{
	const char *to = f->to ? f->to : "a new master";
	int n = 0;

	if (f->prio0_ns != NS_NONE)
		snprintf(v[n].label, sizeof(v[n].label), "priority 0 from %s", f->from);
	else
		snprintf(v[n].label, sizeof(v[n].label), "last advert of %s",
			 f->from ? f->from : "the old master");
	v[n++].t = f->last_advert_ns;
	snprintf(v[n].label, sizeof(v[n].label), "first advert of %s", to);
	v[n++].t = f->first_advert_ns;
	snprintf(v[n].label, sizeof(v[n].label), "VIP added");
	v[n++].t = f->vip_ns;
	snprintf(v[n].label, sizeof(v[n].label), "first gratuitous ARP");
	v[n++].t = f->garp_ns;
	snprintf(v[n].label, sizeof(v[n].label), "neighbour entry changes");
	v[n++].t = f->arp_ns;
	snprintf(v[n].label, sizeof(v[n].label), "first good reply");
	v[n++].t = f->first_ok_ns;
	return n;
}

static int column(int64_t t, int64_t lo, int64_t hi)
{
	int64_t at;

	if (hi <= lo || t <= lo)
		return 0;
	at = (int64_t)((double)(t - lo) * BAR / (double)(hi - lo));
	return at >= BAR ? BAR - 1 : (int)at;
}

/* One row's stretch [from, to], with the bound's column marked. */
static void bar(FILE *f, const struct style *s, int from, int to, int bound)
{
	int i;

	for (i = 0; i < BAR; i++) {
		if (i >= from && i <= to)
			fputs(s->utf8 ? "█" : "#", f);
		else if (i == bound)
			fputs(s->utf8 ? "┊" : ":", f);
		else
			fputc(' ', f);
	}
}

static void head(FILE *f, const struct failover *fo, const struct style *s)
{
	char title[160];

	snprintf(title, sizeof(title), "Failover of VRID %d: %s %s %s", fo->vrid,
		 fo->from ? fo->from : "nobody", s->utf8 ? "→" : "->",
		 fo->to ? fo->to : "nobody");
	fprintf(f, "\n%s%s%s%s%s\n", style_on(s, "\033[1m"), title, style_off(s),
		fo->fault ? ", after " : "", fo->fault ? fo->fault : "");
}

static void verdict_line(FILE *f, const struct failover *fo)
{
	char a[SPAN_LEN], b[SPAN_LEN];
	int64_t d;

	if (fo->bound_ns == NS_NONE)
		return;
	d = fo->first_advert_ns - fo->bound_ns;
	fprintf(f, "  first advert %s %s the bound", span_text(a, d < 0 ? -d : d),
		d <= 0 ? "before" : "after");
	if (fo->first_ok_ns != NS_NONE) {
		d = fo->first_ok_ns - fo->bound_ns;
		fprintf(f, ", first good reply %s %s it", span_text(b, d < 0 ? -d : d),
			d <= 0 ? "before" : "after");
	}
	fputc('\n', f);
}

void report_budget(FILE *f, const struct failover *fo, const struct style *s)
{
	struct row row[8];
	char a[SPAN_LEN], b[SPAN_LEN];
	int64_t zero = fo->fault_ns != NS_NONE ? fo->fault_ns : fo->first_advert_ns;
	int64_t lo = zero, hi = zero, before;
	int n = rows_of(fo, row), i, bound;

	head(f, fo, s);
	for (i = 0; i < n; i++) {
		if (row[i].t == NS_NONE)
			continue;
		lo = row[i].t < lo ? row[i].t : lo;
		hi = row[i].t > hi ? row[i].t : hi;
	}
	if (fo->bound_ns != NS_NONE && fo->bound_ns > hi)
		hi = fo->bound_ns;
	bound = fo->bound_ns == NS_NONE ? -1 : column(fo->bound_ns, lo, hi);
	fprintf(f, "  %-26s %14s %13s\n", "", "since fault", "step");
	before = NS_NONE;
	for (i = 0; i < n; i++) {
		if (row[i].t == NS_NONE) {
			fprintf(f, "  %-26s %14s\n", row[i].label, "not seen");
			continue;
		}
		fprintf(f, "  %-26s %11s ms", row[i].label, span_ms(a, row[i].t - zero));
		if (before != NS_NONE) {
			fprintf(f, " %10s ms  ", span_ms(b, row[i].t - before));
			bar(f, s, column(before, lo, hi), column(row[i].t, lo, hi), bound);
		}
		fputc('\n', f);
		before = row[i].t;
	}
	if (fo->bound_ns != NS_NONE)
		fprintf(f, "  %-26s %11s ms  (%s)\n", "RFC bound",
			span_ms(a, fo->bound_ns - zero),
			fo->preempt		  ? "start + 3 x advert + skew"
			: fo->prio0_ns != NS_NONE ? "priority 0 + skew"
						  : "last advert + 3 x advert + skew");
	else
		fprintf(f, "  %-26s %14s\n", "RFC bound", "none");
	verdict_line(f, fo);
}
