/* Words to struct expect. expect_int.h has the grammar. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expect_subject.h"

static void unknown_subject(struct cursor *c)
{
	const char *names[64], *near;
	size_t k;

	for (k = 0; k < expect_nsubjects && k < 60; k++)
		names[k] = expect_subjects[k].name;
	names[k++] = "always";
	names[k++] = "never";
	names[k++] = "eventually";
	near = cursor_word(c) ? block_nearest(cursor_word(c), names, k) : NULL;
	if (near)
		block_error_at(c->d, c->s, c->i,
			       "unknown expectation '%s' (did you mean '%s'?)", cursor_word(c), near);
	else if (cursor_word(c))
		block_error_at(c->d, c->s, c->i,
			       "unknown expectation '%s' (say longest_gap, failed, vip, "
			       "master, ipvs, takeover …)",
			       cursor_word(c));
	else
		block_error_at(c->d, c->s, c->i, "of what?");
}

static enum request_result reason_of(const char *w)
{
	int k;

	for (k = 0; k < REQ_NRESULTS; k++)
		if (!strcmp(request_result_name((enum request_result)k), w))
			return (enum request_result)k;
	return REQ_TIMEOUT;
}

static int parse_subject(struct cursor *c, struct expect *e)
{
	const struct subject *sub = NULL;
	bool moded = true;
	size_t k;

	e->mode = MODE_AT;
	if (cursor_take(c, "always"))
		e->mode = MODE_ALWAYS;
	else if (cursor_take(c, "never"))
		e->mode = MODE_NEVER;
	else if (cursor_take(c, "eventually"))
		e->mode = MODE_EVENTUALLY;
	else
		moded = false;
	for (k = 0; k < expect_nsubjects && !sub; k++)
		if (cursor_is(c, expect_subjects[k].name))
			sub = &expect_subjects[k];
	if (!sub) {
		unknown_subject(c);
		return -1;
	}
	if (moded && sub->kind != EX_STATE) {
		block_error_at(c->d, c->s, 0,
			       "%s goes with vip, master, ipvs, one_master, one_vip_holder, "
			       "vip_answered_by_master; not with '%s'",
			       c->s->word[0].text, sub->name);
		return -1;
	}
	e->kind = sub->kind;
	if (sub->kind == EX_QUANTITY)
		e->quantity = (enum quantity)sub->detail;
	else if (sub->kind == EX_STATE)
		e->state = (enum state)sub->detail;
	else if (sub->kind == EX_STEP)
		e->step = (enum budget_step)sub->detail;
	if (sub->kind == EX_QUANTITY && sub->detail == Q_REASON)
		e->reason = reason_of(sub->name);
	c->i++;
	return sub->parse(c, e);
}

/* The statement as written, quotes put back where they matter. */
static char *as_written(const struct block_stmt *s)
{
	size_t n = 1, k;
	char *t;

	for (k = 0; k < s->nword; k++)
		n += strlen(s->word[k].text) + 3;
	t = calloc(1, n);
	for (k = 0; t && k < s->nword; k++) {
		const char *q = s->word[k].quoted ? "\"" : "";

		snprintf(t + strlen(t), n - strlen(t), "%s%s%s%s", k ? " " : "", q,
			 s->word[k].text, q);
	}
	return t;
}

static struct expect *parse_one_stmt(const struct block_stmt *s, struct block_diag *d)
{
	struct cursor c = { .s = s, .d = d };
	struct expect *e = calloc(1, sizeof(*e));

	if (!e) {
		block_error_at(d, s, 0, "out of memory");
		return NULL;
	}
	e->stmt = s;
	e->line = s->word[0].line;
	e->weight = e->priority = -1;
	e->text = as_written(s);
	if (!e->text || parse_subject(&c, e))
		goto bad;
	if (c.i < s->nword) {
		block_error_at(d, s, c.i, "'%s' is one word too many", s->word[c.i].text);
		goto bad;
	}
	if (e->kind == EX_STATE && e->state == ST_TABLE) {
		if (!s->body) {
			block_error_at(d, s, s->nword, "the table's lines in braces: "
				       "{ TCP 192.168.31.200:80 rr … }");
			goto bad;
		}
		if (table_parse(e, s->body, d) < 0)
			goto bad;
	} else if (s->body) {
		block_error_at(d, s, s->nword, "an expectation has no braces");
		goto bad;
	}
	return e;
bad:
	expect_free(e);
	return NULL;
}

struct expect *expect_parse(const struct block *body, struct block_diag *d)
{
	struct expect *list = NULL, **end = &list;
	const struct block_stmt *s;

	for (s = body ? body->first : NULL; s; s = s->next) {
		*end = parse_one_stmt(s, d);
		if (*end)
			end = &(*end)->next;
	}
	return list;
}

void expect_free(struct expect *list)
{
	struct expect *next;

	for (; list; list = next) {
		next = list->next;
		window_finish(&list->window);
		table_finish(list);
		if (list->compiled)
			regfree(&list->pattern);
		free(list->text);
		free(list);
	}
}

const char *expect_text(const struct expect *e)
{
	return e->text;
}

int expect_line(const struct expect *e)
{
	return e->line;
}

const regex_t *expect_log_pattern(const struct expect *e, const char **node)
{
	if (e->kind != EX_QUANTITY || e->quantity != Q_LOG)
		return NULL;
	*node = e->node;
	return &e->pattern;
}

const char *expect_packets(const struct expect *e)
{
	return e->kind == EX_QUANTITY && e->quantity == Q_PACKETS ? e->protocol : NULL;
}

const struct expect *expect_next(const struct expect *e)
{
	return e->next;
}
