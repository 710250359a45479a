/* The end of an expectation: when it counts. Words to struct window. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expect_int.h"
#include "trigger.h"

const char *const budget_step_names[BS_NSTEPS] = {
	[BS_LAST_ADVERT] = "last_advert", [BS_FIRST_ADVERT] = "first_advert",
	[BS_VIP] = "vip_added",		  [BS_GARP] = "garp",
	[BS_ARP] = "arp",		  [BS_FIRST_OK] = "first_ok",
};

const char *const window_words[] = { "at", "within", "after", "before", "between", NULL };

static bool word_is(const struct block_stmt *s, size_t i, const char *word)
{
	return i < s->nword && !strcmp(s->word[i].text, word);
}

static bool is_span(const struct block_stmt *s, size_t i)
{
	int64_t ns;

	return i < s->nword && !block_span_text(s->word[i].text, &ns);
}

/* All words from i on, joined: a fault is named by its first words. */
static char *rest(const struct block_stmt *s, size_t i)
{
	size_t n = 1, k;
	char *text;

	for (k = i; k < s->nword; k++)
		n += strlen(s->word[k].text) + 1;
	text = calloc(1, n);
	for (k = i; text && k < s->nword; k++) {
		if (k > i)
			strcat(text, " ");
		strcat(text, s->word[k].text);
	}
	return text;
}

static int base_parse(struct base *b, const struct block_stmt *s, size_t *i,
		      struct block_diag *d)
{
	int64_t nr;
	int k;

	b->at = *i;
	if (*i >= s->nword) {
		block_error_at(d, s, *i, "of what? settled, start, end, fault N, the words "
					 "of a fault or a step of the failover");
		return -1;
	}
	if (word_is(s, *i, "settled")) {
		b->kind = BASE_SETTLED;
	} else if (word_is(s, *i, "start")) {
		b->kind = BASE_START;
		/* `start lvs1` is a fault's words. */
		if (*i + 1 < s->nword)
			b->kind = BASE_FAULT_WORDS;
	} else if (word_is(s, *i, "end")) {
		b->kind = BASE_END;
	} else if (word_is(s, *i, "fault")) {
		b->kind = BASE_FAULT_NR;
		if (block_int(d, s, ++*i, 1, 1000, &nr))
			return -1;
		b->nr = (int)nr;
	} else {
		b->kind = BASE_FAULT_WORDS;
		for (k = 0; k < BS_NSTEPS; k++) {
			if (word_is(s, *i, budget_step_names[k])) {
				b->kind = BASE_STEP;
				b->step = (enum budget_step)k;
			}
		}
	}
	if (b->kind != BASE_FAULT_WORDS) {
		++*i;
		return 0;
	}
	b->words = rest(s, *i);
	*i = s->nword;
	if (!b->words)
		block_error_at(d, s, b->at, "out of memory");
	return b->words ? 0 : -1;
}

/* [of BASE] */
static int opt_of(struct window *w, const struct block_stmt *s, size_t *i,
		  struct block_diag *d)
{
	if (!word_is(s, *i, "of"))
		return 0;
	++*i;
	return base_parse(&w->base, s, i, d);
}

/* after/before: a base, or a span with or without its base */
static int edge(struct window *w, int64_t *ns, const struct block_stmt *s, size_t *i,
		struct block_diag *d)
{
	*ns = 0;
	++*i;
	if (!is_span(s, *i))
		return base_parse(&w->base, s, i, d);
	if (block_span(d, s, *i, ns))
		return -1;
	++*i;
	return opt_of(w, s, i, d);
}

int window_parse(struct window *w, enum mode *mode, const struct block_stmt *s,
		 size_t *i, struct block_diag *d)
{
	const char *near;

	if (*i >= s->nword)
		return 0;
	w->given = true;
	if (word_is(s, *i, "after")) {
		w->has_from = true;
		return edge(w, &w->from_ns, s, i, d);
	}
	if (word_is(s, *i, "before")) {
		w->has_to = true;
		return edge(w, &w->to_ns, s, i, d);
	}
	w->has_from = w->has_to = true;
	if (word_is(s, *i, "at")) {
		*mode = MODE_AT;
		if (edge(w, &w->from_ns, s, i, d))
			return -1;
		w->to_ns = w->from_ns;
		return 0;
	}
	if (word_is(s, *i, "within")) {
		*mode = MODE_WITHIN;
		if (block_span(d, s, ++*i, &w->to_ns))
			return -1;
		++*i;
		return opt_of(w, s, i, d);
	}
	if (word_is(s, *i, "between")) {
		if (block_span(d, s, ++*i, &w->from_ns))
			return -1;
		if (!word_is(s, ++*i, "and")) {
			block_error_at(d, s, *i, "between 2s and 3s [of …]");
			return -1;
		}
		if (block_span(d, s, ++*i, &w->to_ns))
			return -1;
		if (w->to_ns < w->from_ns) {
			block_error_at(d, s, *i, "the window ends before it begins");
			return -1;
		}
		++*i;
		return opt_of(w, s, i, d);
	}
	near = block_nearest(s->word[*i].text, window_words, 5);
	if (near)
		block_error_at(d, s, *i, "unknown word '%s' (did you mean '%s'?)",
			       s->word[*i].text, near);
	else
		block_error_at(d, s, *i, "at, within, after, before or between, got '%s'",
			       s->word[*i].text);
	return -1;
}

void window_finish(struct window *w)
{
	free(w->base.words);
	w->base.words = NULL;
}

/* True when a fault as written begins with these words. */
static bool begins(const char *text, const char *words)
{
	size_t n = strlen(words);

	return !strncmp(text, words, n) && (!text[n] || text[n] == ' ');
}

static bool is_fault(const struct step *st)
{
	return st->argc && strcmp(st->argv[0], "end");
}

int base_check(const struct base *b, const struct block_stmt *s, const struct case_ *c,
	       struct block_diag *d)
{
	const char *names[64] = { NULL }, *near;
	size_t i, n = 0;

	for (i = 0; i < c->nstep && n < 64; i++) {
		const struct trigger *when = c->step[i].when;

		if (b->kind == BASE_FAULT_WORDS && when && begins(when->text, b->words))
			return 0;
		if (!is_fault(&c->step[i]))
			continue;
		if (b->kind == BASE_FAULT_WORDS && begins(c->step[i].text, b->words))
			return 0;
		names[n++] = c->step[i].text;
	}
	if (b->kind == BASE_FAULT_NR && (size_t)b->nr > n) {
		block_error_at(d, s, b->at, "the timeline has %zu fault%s, there is no %d", n,
			       n == 1 ? "" : "s", b->nr);
		return -1;
	}
	if (b->kind != BASE_FAULT_WORDS)
		return 0;
	near = block_nearest(b->words, names, n);
	for (i = 0; i < n && !near; i++)
		if (!strncmp(names[i], b->words, strcspn(b->words, " ")))
			near = names[i];
	if (near)
		block_error_at(d, s, b->at,
			       "no fault of the timeline begins with '%s' (did you mean '%s'?)",
			       b->words, near);
	else
		block_error_at(d, s, b->at, "no fault of the timeline begins with '%s'",
			       b->words);
	return -1;
}
