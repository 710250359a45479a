/* Requests as CSV (RFC 4180), one a line, in order of their end. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "report.h"

static void field(FILE *f, const char *s)
{
	if (!s)
		return;
	if (!strpbrk(s, ",\"\r\n")) {
		fputs(s, f);
		return;
	}
	putc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			putc('"', f);
		putc(*s, f);
	}
	putc('"', f);
}

int report_csv(FILE *f, const struct report *const *r, size_t n)
{
	size_t i, k;

	fputs("case,engine,seed,node,traffic,n,due_ns,end_ns,latency_ns,result,backend\r\n",
	      f);
	for (k = 0; k < n; k++) {
		for (i = 0; i < r[k]->log.n; i++) {
			const struct event *e = &r[k]->log.v[i];

			if (e->type != EV_REQUEST)
				continue;
			field(f, r[k]->c->name);
			putc(',', f);
			field(f, report_engine(r[k]));
			fprintf(f, ",%" PRIu64 ",", report_seed(r[k]));
			field(f, e->node);
			putc(',', f);
			field(f, e->request.traffic);
			fprintf(f, ",%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%s,",
				e->request.n, e->request.due, e->t, e->t - e->request.due,
				request_result_name(e->request.result));
			field(f, e->request.backend);
			fputs("\r\n", f);
		}
	}
	return ferror(f) ? -EIO : 0;
}
