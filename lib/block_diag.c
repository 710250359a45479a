/* Messages about a file in the block syntax: file:line:column. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "block.h"

static void report(struct block_diag *d, const char *file, int line, int col,
		   const char *kind, const char *fmt, va_list ap)
	__attribute__((format(printf, 6, 0)));

static void report(struct block_diag *d, const char *file, int line, int col,
		   const char *kind, const char *fmt, va_list ap)
{
	size_t len = d->below ? strlen(d->below) : 0;

	if (!d->out)
		return;
	if (len && !strncmp(file, d->below, len) && file[len] == '/')
		file += len + 1;
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
