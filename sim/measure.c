#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

static void read_milestones(struct measures *m, const struct event_log *log)
{
	size_t i;

	m->settled_ns = NS_NONE;
	m->end_ns = 0;
	for (i = 0; i < log->n; i++) {
		const struct event *e = &log->v[i];

		if (!m->complete && e->t > m->end_ns)
			m->end_ns = e->t;
		if (e->type == EV_SETTLED && !m->settled) {
			m->settled = true;
			m->settled_ns = e->t;
		} else if (e->type == EV_FAULT && !e->fault.effective) {
			m->fault_without_effect = true;
		} else if (e->type == EV_END) {
			m->complete = true;
			m->end_ns = e->t;
		}
	}
}

int measure(struct measures *m, const struct case_ *c, const struct event_log *log)
{
	size_t i;
	int r;

	*m = (struct measures){ 0 };
	read_milestones(m, log);
	r = claims_find(&m->claims, log);
	if (r)
		goto out;
	r = -ENOMEM;
	m->traffic = calloc(c->ntraffic + 1, sizeof(*m->traffic));
	if (!m->traffic)
		goto out;
	for (i = 0; i < c->ntraffic; i++) {
		/* What failed while the site was coming up is nobody's outage. */
		r = measure_traffic(&m->traffic[i], log, c->traffic[i].name,
				    m->settled ? m->settled_ns : INT64_MIN, INT64_MAX);
		if (r)
			goto out;
		m->ntraffic++;
	}
	r = measure_failovers(m, c, log);
out:
	if (r)
		measures_finish(m);
	return r;
}

void measures_finish(struct measures *m)
{
	size_t i;

	for (i = 0; i < m->ntraffic; i++)
		traffic_stats_finish(&m->traffic[i]);
	free(m->traffic);
	free(m->failover);
	claims_finish(&m->claims);
	*m = (struct measures){ 0 };
}

void measures_totals(const struct measures *m, int64_t *longest_gap_ns, uint64_t *failed)
{
	size_t i;

	*longest_gap_ns = 0;
	*failed = 0;
	for (i = 0; i < m->ntraffic; i++) {
		if (m->traffic[i].longest_gap_ns > *longest_gap_ns)
			*longest_gap_ns = m->traffic[i].longest_gap_ns;
		*failed += m->traffic[i].failed;
	}
}
