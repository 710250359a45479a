/*
 * The reader of the block syntax: bytes to words to a tree, in one pass.
 *
 * The reader never stops at a mistake. It reports it, takes the likeliest
 * meaning and goes on, so that one run finds as many mistakes as possible.
 */
#include "block.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_priv.h"

#define DEPTH_MAX 64
#define FILE_MAX  (64L << 20)

static bool stmt_add_word(struct block_reader *r, struct block_stmt *s)
{
	struct block_word *w;

	/* Room doubles at 4, 8, 16…; nword alone tells when it is full. */
	if (!(s->nword & (s->nword - 1)) && (s->nword >= 4 || !s->nword)) {
		w = realloc(s->word, (s->nword ? s->nword * 2 : 4) * sizeof(*w));
		if (!w)
			return false;
		s->word = w;
	}
	w = &s->word[s->nword++];
	w->text = r->word;
	w->line = r->tok_line;
	w->col = r->tok_col;
	w->quoted = r->quoted;
	r->word = NULL;
	return true;
}

static struct block_stmt *read_stmt(struct block_reader *r)
{
	struct block_stmt *s = calloc(1, sizeof(*s));

	if (!s) {
		r->nomem = true;
		return NULL;
	}
	s->file = r->name;
	for (; r->tok == T_WORD; block_next(r)) {
		if (!stmt_add_word(r, s)) {
			r->nomem = true;
			break;
		}
	}
	return s;
}

static struct block *read_body(struct block_reader *r, int depth);

/* At an opening brace: reads the body into the statement it belongs to. */
static void attach_body(struct block_reader *r, struct block_stmt *owner, int depth)
{
	int line = r->tok_line, col = r->tok_col;
	struct block *body;

	if (depth >= DEPTH_MAX) {
		block_error(r->d, r->name, line, col,
			    "blocks more than %d deep; the rest is not read", DEPTH_MAX);
		r->p = r->end;
		block_next(r);
		return;
	}
	block_next(r);
	body = read_body(r, depth + 1);
	if (!body)
		return;
	if (r->tok == T_CLOSE)
		block_next(r);
	else if (!r->nomem && depth < DEPTH_MAX)
		block_error(r->d, r->name, line, col, "this brace is never closed");
	if (owner && !owner->body) {
		owner->body = body;
		return;
	}
	block_error(r->d, r->name, line, col, "a block without a name before it");
	block_free(body);
}

/* Statements up to a closing brace (not taken) or the end of the file. */
static struct block *read_body(struct block_reader *r, int depth)
{
	struct block *b = calloc(1, sizeof(*b));
	struct block_stmt **tail, *last = NULL;

	if (!b) {
		r->nomem = true;
		return NULL;
	}
	tail = &b->first;
	while (r->tok != T_END && r->tok != T_CLOSE) {
		if (r->tok == T_NEWLINE) {
			block_next(r);
		} else if (r->tok == T_OPEN) {
			attach_body(r, last, depth);
		} else {
			last = read_stmt(r);
			if (!last)
				break;
			*tail = last;
			tail = &last->next;
		}
	}
	b->end_line = r->tok_line;
	b->end_col = r->tok_col;
	return b;
}

static struct block *read_file(struct block_reader *r)
{
	struct block *b;

	block_next(r);
	b = read_body(r, 0);
	while (b && r->tok == T_CLOSE) {
		struct block *more;

		block_error(r->d, r->name, r->tok_line, r->tok_col,
			    "a closing brace that closes nothing");
		block_next(r);
		more = read_body(r, 0);
		if (!more)
			break;
		/* Append what followed the stray brace. */
		struct block_stmt **tail = &b->first;
		while (*tail)
			tail = &(*tail)->next;
		*tail = more->first;
		b->end_line = more->end_line;
		b->end_col = more->end_col;
		free(more);
	}
	return b;
}

struct block *block_parse(const char *name, const char *text, size_t len,
			  struct block_diag *d)
{
	struct block_reader r = { .p = text, .end = text + len, .line = 1, .col = 1, .d = d };
	char *own = strdup(name);
	struct block *b = NULL;

	if (!own)
		goto out;
	r.name = own;
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		r.p += 3;
	b = read_file(&r);
	free(r.word);
	if (b)
		b->name = own;
	else
		free(own);
	if (r.nomem) {
		block_free(b);
		b = NULL;
	}
out:
	if (!b) {
		block_error(d, name, 1, 1, "out of memory");
		errno = ENOMEM;
	}
	return b;
}

/* Reads all of an open file; returns malloc'd bytes, or NULL with errno set. */
static char *slurp(FILE *f, size_t *len)
{
	char *text = NULL;
	size_t cap = 0, n;
	int err;

	*len = 0;
	do {
		if (cap - *len < 4096) {
			char *more = realloc(text, cap ? cap *= 2 : (cap = 16384));

			if (!more)
				goto fail;
			text = more;
		}
		n = fread(text + *len, 1, cap - *len, f);
		*len += n;
		if (*len > FILE_MAX) {
			errno = EFBIG;
			goto fail;
		}
	} while (n);
	if (!ferror(f))
		return text;
fail:
	err = errno;
	free(text);
	errno = err;
	return NULL;
}

struct block *block_read(const char *path, struct block_diag *d)
{
	struct block *b = NULL;
	char *text = NULL;
	size_t len;
	FILE *f;
	int err;

	f = fopen(path, "re");
	if (f)
		text = slurp(f, &len);
	if (!text) {
		err = errno;
		block_error(d, path, 1, 1, "cannot read this file: %s", strerror(err));
	} else {
		b = block_parse(path, text, len, d);
		err = errno;
	}
	free(text);
	if (f)
		fclose(f);
	errno = err;
	return b;
}

void block_free(struct block *b)
{
	struct block_stmt *s, *following;
	size_t i;

	if (!b)
		return;
	for (s = b->first; s; s = following) {
		following = s->next;
		for (i = 0; i < s->nword; i++)
			free(s->word[i].text);
		free(s->word);
		block_free(s->body);
		free(s);
	}
	free(b->name);
	free(b);
}

struct block_stmt *block_find(const struct block *b, const char *name,
			      const struct block_stmt *after)
{
	struct block_stmt *s = after ? after->next : b->first;

	while (s && strcmp(s->word[0].text, name))
		s = s->next;
	return s;
}
