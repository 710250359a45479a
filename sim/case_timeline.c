/* The timeline block of a case: `at WHEN { FAULT … }`, in order. */
#include "case_read.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "fault.h"
#include "timeline.h"

void step_finish(struct step *s)
{
	size_t i;

	for (i = 0; i < s->argc; i++)
		free(s->argv[i]);
	free(s->argv);
	free(s->text);
}

static void add_step(struct case_ *c, const struct block_stmt *s, enum when_base base,
		     int64_t offset_ns)
{
	struct step *st = case_append(&c->step, &c->nstep, sizeof(*st));
	size_t i;

	st->base = base;
	st->offset_ns = offset_ns;
	st->text = case_join(s, 0);
	st->stmt = s;
	st->line = s->word[0].line;
	st->col = s->word[0].col;
	for (i = 0; i < s->nword; i++) {
		char **word = case_append(&st->argv, &st->argc, sizeof(*st->argv));

		*word = case_strdup(s->word[i].text);
	}
	case_append(&st->argv, &st->argc, sizeof(*st->argv)); /* the NULL at the end */
	st->argc--;
}

static void read_at(void *to, const struct block_stmt *s, struct block_diag *d)
{
	const struct block_stmt *f;
	struct case_ *c = to;
	enum when_base base;
	int64_t offset;

	if (when_parse(d, s, 1, &base, &offset) < 0)
		return;
	if (!s->body || !s->body->first) {
		block_error_at(d, s, s->nword, "nothing happens then: say what, as "
			       "'at settled+5s { crash lvs1 }'");
		return;
	}
	if (base == WHEN_PREVIOUS && !c->nstep)
		block_error_at(d, s, 1, "there is no step before this one: say "
			       "'settled%s'", s->word[1].text);
	for (f = s->body->first; f; f = f->next) {
		if (f->body)
			block_error_at(d, f, f->nword, "a fault takes no block");
		add_step(c, f, base, offset);
		/* The rest of this block happens at the same moment. */
		base = WHEN_PREVIOUS;
		offset = 0;
	}
}

void case_read_timeline(void *to, const struct block_stmt *s, struct block_diag *d)
{
	static const struct case_word words[] = {
		{ "at", read_at, CASE_ARGS_ANY, "at settled+5s { crash lvs1 }" },
		{ NULL, NULL, 0, NULL },
	};
	struct case_ *c = to;

	if (c->nstep)
		block_error_at(d, s, 0, "a second timeline: put it all into one");
	else
		case_read_block(c, s->body, words, "timeline", d);
}

static bool is_end(const struct step *s)
{
	return strcmp(s->argv[0], "end") == 0;
}

/* A step that nothing can follow as it is written. */
static void check_order(const struct step *s, const struct moment *prev,
			const struct moment *m, struct block_diag *d)
{
	if (prev->after_settled && !m->after_settled)
		block_error_at(d, s->stmt, 0, "counts from the start, but the step before "
			       "waits for settled: put it above");
	else if (prev->after_settled == m->after_settled && m->ns < prev->ns)
		block_error_at(d, s->stmt, 0, "comes before the step above it: put the steps "
			       "in their order of time");
}

void case_finish_timeline(struct case_ *c, struct block_diag *d)
{
	struct moment prev = { false, 0 }, m = prev;
	const struct step *s = NULL;
	size_t i;

	for (i = 0; i < c->nstep; i++, prev = m) {
		s = &c->step[i];
		m = timeline_moment(c->step, i);
		if (i && is_end(s - 1)) {
			block_error_at(d, s->stmt, 0, "after the end: nothing happens any more");
			return;
		}
		check_order(s, &prev, &m, d);
		if (is_end(s) && s->argc > 1)
			block_error_at(d, s->stmt, 1, "'end' stands alone");
		else if (!is_end(s))
			fault_check(s->stmt, c->topo, d);
	}
	if (s && !is_end(s))
		block_error_at(d, s->stmt, 0, "this is the last step, and it is no end: add "
			       "'at +10s { end }'");
	c->length_ns = m.ns;
}
