/* Quantiles of a sweep's groups. */
#include "sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *sweep_measure_name(enum sweep_measure m)
{
	switch (m) {
	case SWEEP_GAP:
		return "longest gap";
	case SWEEP_ADVERT:
		return "fault to new master's advert";
	case SWEEP_OK:
		return "fault to first good reply";
	case SWEEP_ABOVE:
		return "advert after its RFC bound";
	case SWEEP_MEASURES:
		break;
	}
	return "?";
}

const char *const sweep_quantile_name[SWEEP_QUANTILES] = { "min", "p50", "p90", "p99",
							   "max" };

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int64_t *sweep_values(const struct sweep_results *r, size_t g, enum sweep_measure m,
		      size_t *n)
{
	int64_t *v = calloc(r->n + 1, sizeof(*v));
	size_t i;

	*n = 0;
	for (i = 0; v && i < r->n; i++)
		if (r->v[i].at.group == g && r->v[i].measure[m] != SWEEP_NONE)
			v[(*n)++] = r->v[i].measure[m];
	if (v)
		qsort(v, *n, sizeof(*v), by_value);
	return v;
}

/* The smallest value that so many percent do not exceed. */
static int64_t rank(const int64_t *v, size_t n, size_t percent)
{
	size_t k = (n * percent + 99) / 100;

	return v[k ? k - 1 : 0];
}

int sweep_quantiles(struct sweep_quantiles *q, const struct sweep_results *r, size_t g,
		    enum sweep_measure m)
{
	static const unsigned char percent[SWEEP_QUANTILES] = { 0, 50, 90, 99, 100 };
	int64_t *v = sweep_values(r, g, m, &q->n);
	size_t i;

	if (!v)
		return -ENOMEM;
	for (i = 0; q->n && i < SWEEP_QUANTILES; i++)
		q->at[i] = rank(v, q->n, percent[i]);
	free(v);
	return 0;
}

const struct sweep_result *sweep_worst(const struct sweep_results *r)
{
	const struct sweep_result *w = NULL;
	enum sweep_measure m = SWEEP_GAP;
	size_t i;

	/* Without traffic the adverts decide. */
	for (i = 0; i < r->n && r->v[i].measure[SWEEP_GAP] == SWEEP_NONE; i++)
		;
	if (i == r->n)
		m = SWEEP_ADVERT;
	for (i = 0; i < r->n; i++)
		if (r->v[i].measure[m] != SWEEP_NONE &&
		    (!w || r->v[i].measure[m] > w->measure[m]))
			w = &r->v[i];
	return w;
}

void sweep_histogram(struct sweep_histogram *h, const int64_t *v, size_t n)
{
	size_t i, bin;

	*h = (struct sweep_histogram){ .step_ns = 1, .n = n };
	if (!n)
		return;
	h->lo_ns = v[0];
	h->step_ns = (v[n - 1] - v[0]) / SWEEP_BINS + 1;
	for (i = 0; i < n; i++) {
		bin = (size_t)((v[i] - h->lo_ns) / h->step_ns);
		h->count[bin < SWEEP_BINS ? bin : SWEEP_BINS - 1]++;
	}
}

size_t sweep_failures(const struct sweep_results *r, size_t g, struct sweep_failure *v,
		      size_t max)
{
	size_t i, k, x, n = 0;

	for (i = 0; i < r->n; i++) {
		const struct sweep_result *t = &r->v[i];

		for (k = 0; t->at.group == g && k < t->nnot_held; k++) {
			for (x = 0; x < n && strcmp(v[x].text, t->not_held[k]) != 0; x++)
				;
			if (x == max)
				continue;
			if (x == n)
				v[n++] = (struct sweep_failure){ t->not_held[k], 0, t };
			v[x].count++;
			if (t->at.phase_ns < v[x].first->at.phase_ns)
				v[x].first = t;
		}
	}
	return n;
}
