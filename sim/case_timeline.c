/*
 * The timeline block of a case, in order: `at WHEN { … }` and `when EVENT { … }`.
 * In the blocks are faults, `wait`, `repeat` and `flap`; what is repeated is
 * written out here, so that whoever carries it out sees plain steps.
 */
#include "case_read.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "fault.h"
#include "timeline.h"
#include "trigger.h"

#define REPEAT_MAX 1000 /* steps in all */

void step_finish(struct step *s)
{
	size_t i;

	for (i = 0; i < s->argc; i++)
		free(s->argv[i]);
	free(s->argv);
	free(s->text);
	trigger_free(s->when);
}

/*
 * Putting the steps of one block down: a cursor in time that `wait` and
 * `repeat` move on. Spans count from the block's own moment.
 */
struct placer {
	struct case_ *c;
	struct block_diag *d;
	enum when_base base; /* of the step that comes next */
	int64_t offset_ns;
	struct trigger *when; /* (owned until it is a step's) */
	int64_t at_ns, last_ns; /* the cursor; where the last step was put */
	const struct block_stmt *waited; /* a wait that nothing has followed yet */
	bool again;
};

/* Words from..to of a statement as a step whose first word is `verb`. */
static void add_step(struct placer *p, const struct block_stmt *s, const char *verb,
		     size_t nword)
{
	struct case_ *c = p->c;
	struct step *st = case_append(&c->step, &c->nstep, sizeof(*st));
	size_t i;

	st->base = p->base;
	st->offset_ns = p->offset_ns + p->at_ns - p->last_ns;
	st->when = p->when;
	st->again = p->again;
	st->stmt = s;
	st->line = s->word[0].line;
	st->col = s->word[0].col;
	for (i = 0; i < nword; i++) {
		char **word = case_append(&st->argv, &st->argc, sizeof(*st->argv));

		*word = case_strdup(i ? s->word[i].text : verb);
	}
	case_append(&st->argv, &st->argc, sizeof(*st->argv)); /* the NULL at the end */
	st->argc--;
	st->text = case_join_words(st->argv, st->argc);
	/* The rest of the block counts from here. */
	p->base = WHEN_PREVIOUS;
	p->offset_ns = 0;
	p->when = NULL;
	p->last_ns = p->at_ns;
	p->waited = NULL;
}

static void place_block(struct placer *p, const struct block *b, bool inside);

/* "N times every SPAN" or "N every SPAN", from word i on to the end. */
static int read_often(struct placer *p, const struct block_stmt *s, size_t i, int64_t *n,
		      int64_t *every)
{
	if (block_int(p->d, s, i, 1, REPEAT_MAX, n) < 0)
		return -1;
	i++;
	if (i < s->nword && strcmp(s->word[i].text, "times") == 0)
		i++;
	if (i >= s->nword || strcmp(s->word[i].text, "every") != 0) {
		block_error_at(p->d, s, i, "how often? say '%s every 300ms'",
			       s->word[i - 1].text);
		return -1;
	}
	if (block_span(p->d, s, i + 1, every) < 0)
		return -1;
	if (*every <= 0) {
		block_error_at(p->d, s, i + 1, "a repetition takes its time: every how long?");
		return -1;
	}
	if (i + 2 < s->nword) {
		block_error_at(p->d, s, i + 2, "'%s' is one word too many",
			       s->word[i + 2].text);
		return -1;
	}
	return 0;
}

/* repeat N [times] every SPAN { … } */
static void read_repeat(struct placer *p, const struct block_stmt *s)
{
	int64_t n, every, k, from = p->at_ns;
	bool was = p->again;

	if (s->nword < 2) {
		block_error_at(p->d, s, 1, "say 'repeat 5 every 300ms { … }'");
		return;
	}
	if (read_often(p, s, 1, &n, &every) < 0)
		return;
	if (!s->body || !s->body->first) {
		block_error_at(p->d, s, s->nword, "nothing is repeated: say what, as "
			       "'repeat 5 every 300ms { reload lvs1 }'");
		return;
	}
	for (k = 0; k < n && p->c->nstep < REPEAT_MAX; k++) {
		p->at_ns = from + k * every;
		place_block(p, s->body, true);
		if (p->at_ns > from + (k + 1) * every) {
			block_error_at(p->d, s, s->nword - 1,
				       "the next comes before this one is over");
			break;
		}
		p->again = true;
	}
	if (k < n && p->c->nstep >= REPEAT_MAX)
		block_error_at(p->d, s, 1, "that is more than %d steps", REPEAT_MAX);
	p->again = was;
	p->waited = NULL;
}

/* flap NODE[:IF] [node|switch|cable] N times every SPAN: half of it down */
static void read_flap(struct placer *p, const struct block_stmt *s)
{
	int64_t n, every, k, from = p->at_ns;
	bool was = p->again;
	size_t i;

	for (i = 1; i < s->nword && strspn(s->word[i].text, "0123456789") == 0; i++)
		;
	if (i < 2 || i >= s->nword) {
		block_error_at(p->d, s, i, "say 'flap lvs1 5 times every 300ms'");
		return;
	}
	if (read_often(p, s, i, &n, &every) < 0)
		return;
	if (s->body)
		block_error_at(p->d, s, s->nword, "flap takes no block");
	for (k = 0; k < n; k++) {
		p->at_ns = from + k * every;
		add_step(p, s, "link_down", i);
		p->at_ns += every / 2;
		add_step(p, s, "link_up", i);
		p->again = true;
	}
	p->again = was;
}

static void read_wait(struct placer *p, const struct block_stmt *s)
{
	int64_t ns;

	if (s->nword != 2 || s->body) {
		block_error_at(p->d, s, s->nword > 2 ? 2 : s->nword, "say 'wait 150ms'");
		return;
	}
	if (block_span(p->d, s, 1, &ns) < 0)
		return;
	p->at_ns += ns;
	p->waited = s;
}

static void place_block(struct placer *p, const struct block *b, bool inside)
{
	const struct block_stmt *s;
	const char *word;

	for (s = b->first; s; s = s->next) {
		word = s->word[0].text;
		if (strcmp(word, "wait") == 0) {
			read_wait(p, s);
		} else if (strcmp(word, "repeat") == 0) {
			read_repeat(p, s);
		} else if (strcmp(word, "flap") == 0) {
			read_flap(p, s);
		} else {
			if (s->body && !p->again)
				block_error_at(p->d, s, s->nword, "a fault takes no block");
			if (inside && !p->again && strcmp(word, "end") == 0)
				block_error_at(p->d, s, 0, "the end comes once: put it "
					       "outside");
			add_step(p, s, word, s->nword);
		}
	}
}

static void place(struct placer *p, const struct block_stmt *s)
{
	if (!s->body || !s->body->first) {
		block_error_at(p->d, s, s->nword, "nothing happens then: say what, as "
			       "'at settled+5s { crash lvs1 }'");
		return;
	}
	place_block(p, s->body, false);
	if (p->waited)
		block_error_at(p->d, p->waited, 0, "nothing follows in this block: say when "
			       "the next one comes, as 'at +2s'");
}

static void read_at(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;
	struct placer p = { .c = c, .d = d };

	if (when_parse(d, s, 1, &p.base, &p.offset_ns) < 0)
		return;
	if (p.base == WHEN_PREVIOUS && !c->nstep)
		block_error_at(d, s, 1, "there is no step before this one: say "
			       "'settled%s'", s->word[1].text);
	place(&p, s);
}

static void read_when(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct placer p = { .c = to, .d = d, .base = WHEN_EVENT };

	p.when = trigger_parse(s, d);
	if (!p.when)
		return;
	place(&p, s);
	trigger_free(p.when); /* when no step took it */
}

const char *const case_step_words[] = { "wait", "repeat", "flap", "end", NULL };

const struct case_word case_timeline_words[] = {
	{ "at", read_at, CASE_ARGS_ANY, "at settled+5s { crash lvs1 }" },
	{ "when", read_when, CASE_ARGS_ANY, "when lvs2 becomes master { boot lvs1 }" },
	{ NULL, NULL, 0, NULL },
};

void case_read_timeline(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;

	if (c->nstep)
		block_error_at(d, s, 0, "a second timeline: put it all into one");
	else
		case_read_block(c, s->body, case_timeline_words, "timeline", d);
}

static bool is_end(const struct step *s)
{
	return strcmp(s->argv[0], "end") == 0;
}

/* A step that nothing can follow as it is written. */
static void check_order(const struct step *s, const struct moment *prev,
			const struct moment *m, struct block_diag *d)
{
	if (prev->event && !m->event)
		block_error_at(d, s->stmt, 0, "the step before waits for an event, and nobody "
			       "knows when that comes: count from it, as 'at +5s'");
	else if (prev->after_settled && !m->after_settled)
		block_error_at(d, s->stmt, 0, "counts from the start, but the step before "
			       "waits for settled: put it above");
	else if (timeline_same_base(prev, m) && m->ns < prev->ns)
		block_error_at(d, s->stmt, 0, "comes before the step above it: put the steps "
			       "in their order of time");
}

void case_finish_timeline(struct case_ *c, struct block_diag *d)
{
	struct moment prev = { false, 0, 0 }, m = prev;
	const struct step *s = NULL;
	size_t i;

	for (i = 0; i < c->nstep; i++, prev = m) {
		s = &c->step[i];
		m = timeline_moment(c->step, i);
		if (i && is_end(s - 1)) {
			block_error_at(d, s->stmt, 0, "after the end: nothing happens any more");
			return;
		}
		if (!s->again)
			check_order(s, &prev, &m, d);
		if (s->when)
			trigger_check(s->when, c, d);
		if (is_end(s) && s->argc > 1)
			block_error_at(d, s->stmt, 1, "'end' stands alone");
		else if (!is_end(s) && !s->again)
			fault_check_words(s->stmt, s->argv, s->argc, c->topo, d);
	}
	if (s && !is_end(s))
		block_error_at(d, s->stmt, 0, "this is the last step, and it is no end: add "
			       "'at +10s { end }'");
	c->length_ns = timeline_length(c->step, c->nstep);
}
