/* Instants that expectations count from, and the texts of a result. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "expect_int.h"
#include "span.h"

void result_set(char **slot, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	free(*slot);
	*slot = s;
}

void result_moment(struct expect_result *r, int64_t t, const char *fmt, ...)
{
	struct expect_moment *v;
	va_list ap;
	char *s;

	if (t == NS_NONE)
		return;
	v = realloc(r->moment, (r->nmoment + 1) * sizeof(*v));
	if (!v)
		return;
	r->moment = v;
	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	if (s)
		v[r->nmoment++] = (struct expect_moment){ .t = t, .what = s };
}

void result_undecided(struct expect_result *r, const char *fmt, ...)
{
	va_list ap;
	char *s;

	r->outcome = EXPECT_UNDECIDED;
	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	free(r->actual);
	r->actual = s;
}

int64_t step_time(const struct failover *f, enum budget_step s)
{
	switch (s) {
	case BS_LAST_ADVERT:
		return f->last_advert_ns;
	case BS_FIRST_ADVERT:
		return f->first_advert_ns;
	case BS_VIP:
		return f->vip_ns;
	case BS_GARP:
		return f->garp_ns;
	case BS_ARP:
		return f->arp_ns;
	case BS_FIRST_OK:
		return f->first_ok_ns;
	case BS_NSTEPS:
		break;
	}
	return NS_NONE;
}

static bool begins(const char *text, const char *words)
{
	size_t n = strlen(words);

	return text && !strncmp(text, words, n) && (!text[n] || text[n] == ' ');
}

static int64_t fault_time(const struct event_log *log, int nr, const char *words)
{
	size_t i;

	for (i = 0; i < log->n; i++) {
		bool came = log->v[i].type == EV_NOTE && log->v[i].text &&
			    !strncmp(log->v[i].text, "when ", 5);

		if (log->v[i].type != EV_FAULT && !(words && came))
			continue;
		if (words ? begins(log->v[i].text, words) : --nr == 0)
			return log->v[i].t;
	}
	return NS_NONE;
}

int64_t base_time(const struct judge *j, const struct base *b)
{
	int64_t t;

	switch (b->kind) {
	case BASE_DEFAULT:
		t = fault_time(j->log, 1, NULL);
		return t == NS_NONE ? j->m->settled_ns : t;
	case BASE_SETTLED:
		return j->m->settled_ns;
	case BASE_START:
		return 0;
	case BASE_END:
		return j->m->end_ns;
	case BASE_FAULT_NR:
		return fault_time(j->log, b->nr, NULL);
	case BASE_FAULT_WORDS:
		return fault_time(j->log, 0, b->words);
	case BASE_STEP:
		return j->m->nfailover ? step_time(&j->m->failover[0], b->step) : NS_NONE;
	}
	return NS_NONE;
}

const char *base_name(const struct base *b)
{
	switch (b->kind) {
	case BASE_SETTLED:
		return "settled";
	case BASE_START:
		return "the start";
	case BASE_END:
		return "the end";
	case BASE_FAULT_WORDS:
		return b->words;
	case BASE_STEP:
		return budget_step_names[b->step];
	case BASE_DEFAULT:
	case BASE_FAULT_NR:
		break;
	}
	return "the fault";
}

bool window_times(const struct judge *j, const struct window *w, int64_t *from,
		  int64_t *to)
{
	int64_t base;

	*from = j->m->settled ? j->m->settled_ns : 0;
	*to = j->m->end_ns;
	if (!w->given)
		return true;
	base = base_time(j, &w->base);
	if (base == NS_NONE) {
		result_undecided(j->r, "%s never came", base_name(&w->base));
		return false;
	}
	if (w->has_from)
		*from = base + w->from_ns;
	if (w->has_to)
		*to = base + w->to_ns;
	if (w->has_to && !w->has_from)
		*to -= 1; /* `before` ends before */
	if (*from > j->m->end_ns) {
		char a[SPAN_LEN];

		result_undecided(j->r, "the run ended %s before that",
				 span_text(a, *from - j->m->end_ns));
		return false;
	}
	return true;
}
