/*
 * The reader of the block syntax: bytes to words to a tree, in one pass.
 *
 * The reader never stops at a mistake. It reports it, takes the likeliest
 * meaning and goes on, so that one run finds as many mistakes as possible.
 */
#include "block.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 64
#define FILE_MAX  (64L << 20)

enum token { T_WORD, T_OPEN, T_CLOSE, T_NEWLINE, T_END };

struct reader {
	const char *name, *p, *end;
	int line, col;
	enum token tok;
	int tok_line, tok_col;
	char *word; /* (owned) of a T_WORD, until somebody takes it */
	bool quoted;
	bool nomem;
	struct block_diag *d;
};

/* --- messages --- */

static void report(struct block_diag *d, const char *file, int line, int col,
		   const char *kind, const char *fmt, va_list ap)
	__attribute__((format(printf, 6, 0)));

static void report(struct block_diag *d, const char *file, int line, int col,
		   const char *kind, const char *fmt, va_list ap)
{
	if (!d->out)
		return;
	fprintf(d->out, "%s:%d:%d: %s", file, line, col, kind);
	vfprintf(d->out, fmt, ap);
	fputc('\n', d->out);
}

void block_error(struct block_diag *d, const char *file, int line, int col,
		 const char *fmt, ...)
{
	va_list ap;

	d->errors++;
	va_start(ap, fmt);
	report(d, file, line, col, "", fmt, ap);
	va_end(ap);
}

void block_warning(struct block_diag *d, const char *file, int line, int col,
		   const char *fmt, ...)
{
	va_list ap;

	d->warnings++;
	va_start(ap, fmt);
	report(d, file, line, col, "warning: ", fmt, ap);
	va_end(ap);
}

/* Where word i is; past the last word where there are fewer. */
static void position(const struct block_stmt *s, size_t i, int *line, int *col)
{
	const struct block_word *w = &s->word[i < s->nword ? i : s->nword - 1];

	*line = w->line;
	*col = w->col;
	if (i >= s->nword)
		*col += (int)strlen(w->text) + (w->quoted ? 2 : 0);
}

void block_error_at(struct block_diag *d, const struct block_stmt *s, size_t i,
		    const char *fmt, ...)
{
	va_list ap;
	int line, col;

	position(s, i, &line, &col);
	d->errors++;
	va_start(ap, fmt);
	report(d, s->file, line, col, "", fmt, ap);
	va_end(ap);
}

void block_warning_at(struct block_diag *d, const struct block_stmt *s, size_t i,
		      const char *fmt, ...)
{
	va_list ap;
	int line, col;

	position(s, i, &line, &col);
	d->warnings++;
	va_start(ap, fmt);
	report(d, s->file, line, col, "warning: ", fmt, ap);
	va_end(ap);
}

/* --- words --- */

static void advance(struct reader *r)
{
	if (*r->p == '\n') {
		r->line++;
		r->col = 1;
	} else {
		r->col++;
	}
	r->p++;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || !c;
}

/* A comment runs from # or ! to the end of the line; != is a word. */
static bool at_comment(const struct reader *r)
{
	if (*r->p == '#')
		return true;
	return *r->p == '!' && !(r->end - r->p > 1 && r->p[1] == '=');
}

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end) {
		if (is_blank(*r->p)) {
			if (!*r->p)
				block_error(r->d, r->name, r->line, r->col,
					    "a NUL byte; is this a text file?");
			advance(r);
		} else if (at_comment(r)) {
			while (r->p < r->end && *r->p != '\n')
				advance(r);
		} else {
			return;
		}
	}
}

static char unescape(struct reader *r)
{
	switch (*r->p) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
		break;
	default:
		block_error(r->d, r->name, r->line, r->col - 1,
			    "in quotes a backslash comes before \" \\ n or t only");
	}
	return *r->p;
}

/* Reads what is in quotes into `out` (as long as the rest of the file). */
static char *quoted_word(struct reader *r, char *out)
{
	advance(r);
	while (r->p < r->end && *r->p != '\n' && *r->p) {
		if (*r->p == '"') {
			advance(r);
			return out;
		}
		if (*r->p == '\\' && r->end - r->p > 1 && r->p[1] != '\n' && r->p[1]) {
			advance(r);
			*out++ = unescape(r);
		} else {
			*out++ = *r->p;
		}
		advance(r);
	}
	block_error(r->d, r->name, r->tok_line, r->tok_col,
		    "this quote is not closed on its line");
	return out;
}

static char *plain_word(struct reader *r, char *out)
{
	while (r->p < r->end && !is_blank(*r->p) && *r->p != '\n' && *r->p != '{' &&
	       *r->p != '}' && !at_comment(r)) {
		if (*r->p == '"')
			block_error(r->d, r->name, r->line, r->col,
				    "a quote inside a word; put the whole word in quotes");
		*out++ = *r->p;
		advance(r);
	}
	return out;
}

static size_t word_room(const struct reader *r)
{
	const char *nl = memchr(r->p, '\n', (size_t)(r->end - r->p));

	return (size_t)((nl ? nl : r->end) - r->p) + 1;
}

static void read_word(struct reader *r)
{
	char *start, *out, *fit;

	r->tok = T_WORD;
	r->quoted = *r->p == '"';
	start = malloc(word_room(r));
	if (!start) {
		r->nomem = true;
		r->tok = T_END;
		return;
	}
	out = r->quoted ? quoted_word(r, start) : plain_word(r, start);
	*out++ = '\0';
	fit = realloc(start, (size_t)(out - start));
	r->word = fit ? fit : start;
}

static void next(struct reader *r)
{
	free(r->word);
	r->word = NULL;
	skip_blanks(r);
	r->tok_line = r->line;
	r->tok_col = r->col;
	if (r->nomem || r->p == r->end) {
		r->tok = T_END;
		return;
	}
	switch (*r->p) {
	case '\n':
		r->tok = T_NEWLINE;
		break;
	case '{':
		r->tok = T_OPEN;
		break;
	case '}':
		r->tok = T_CLOSE;
		break;
	default:
		read_word(r);
		return;
	}
	advance(r);
}

/* --- the tree --- */

static bool stmt_add_word(struct reader *r, struct block_stmt *s)
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

static struct block_stmt *read_stmt(struct reader *r)
{
	struct block_stmt *s = calloc(1, sizeof(*s));

	if (!s) {
		r->nomem = true;
		return NULL;
	}
	s->file = r->name;
	for (; r->tok == T_WORD; next(r)) {
		if (!stmt_add_word(r, s)) {
			r->nomem = true;
			break;
		}
	}
	return s;
}

static struct block *read_body(struct reader *r, int depth);

/* At an opening brace: reads the body into the statement it belongs to. */
static void attach_body(struct reader *r, struct block_stmt *owner, int depth)
{
	int line = r->tok_line, col = r->tok_col;
	struct block *body;

	if (depth >= DEPTH_MAX) {
		block_error(r->d, r->name, line, col,
			    "blocks more than %d deep; the rest is not read", DEPTH_MAX);
		r->p = r->end;
		next(r);
		return;
	}
	next(r);
	body = read_body(r, depth + 1);
	if (!body)
		return;
	if (r->tok == T_CLOSE)
		next(r);
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
static struct block *read_body(struct reader *r, int depth)
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
			next(r);
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

static struct block *read_file(struct reader *r)
{
	struct block *b;

	next(r);
	b = read_body(r, 0);
	while (b && r->tok == T_CLOSE) {
		struct block *more;

		block_error(r->d, r->name, r->tok_line, r->tok_col,
			    "a closing brace that closes nothing");
		next(r);
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
	struct reader r = { .p = text, .end = text + len, .line = 1, .col = 1, .d = d };
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
