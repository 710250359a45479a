/*
 * The block syntax: keepalived's own, for every file that halbsim reads.
 *
 *	word word "quoted words" {     # a comment; so is ! this
 *		word word
 *	}
 *
 * A statement is the words of one line, with an optional body in braces. A
 * one-line body, `at +10s { end }`, is the same thing, and so is a brace on the
 * next line. A comment runs from # or ! outside quotes to the end of the line;
 * != alone is a word. In quotes, \" \\ \n and \t are escapes. The reader keeps file,
 * line and column of every word, so that whoever gives the words a meaning can
 * say exactly where it went wrong.
 *
 * Ownership: a struct block owns everything below it; block_free() frees it.
 */
#ifndef HALB_BLOCK_H
#define HALB_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct block_word {
	char *text;
	int line, col; /* 1-based; col counts bytes */
	bool quoted;
};

struct block_stmt {
	const char *file; /* as it was named; lives as long as the tree */
	struct block_word *word;
	size_t nword; /* at least 1 */
	struct block *body; /* NULL: no braces */
	struct block_stmt *next;
};

struct block {
	struct block_stmt *first; /* in the file's order */
	int end_line, end_col;	  /* of the closing brace, or of the file's end */
	char *name; /* of the file (owned); set in the outermost block only */
};

/*
 * Messages about a file. Each is one line, `FILE:LINE:COL: text`, on `out`.
 * Zero it, set `out` (a FILE, stderr as a rule), pass it around.
 */
struct block_diag {
	FILE *out;
	unsigned int errors, warnings;
	const char *below; /* files below this folder are named from there; or NULL */
};

void block_error(struct block_diag *d, const char *file, int line, int col,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void block_warning(struct block_diag *d, const char *file, int line, int col,
		   const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same, at word `i` of a statement (its end when there are fewer words). */
void block_error_at(struct block_diag *d, const struct block_stmt *s, size_t i,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void block_warning_at(struct block_diag *d, const struct block_stmt *s, size_t i,
		      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Reads a whole file. Strict: an unclosed brace or quote is an error, counted
 * in `d`; what could be read is returned all the same, so that one pass finds
 * as many mistakes as possible. Returns NULL only when the file cannot be
 * opened or memory runs out (reported in `d`, errno set).
 * (keepalived.conf has its own, tolerant reader: engine/conf_lex.c.)
 */
struct block *block_read(const char *path, struct block_diag *d);
/* The same from memory; `name` is what messages call it. */
struct block *block_parse(const char *name, const char *text, size_t len,
			  struct block_diag *d);
void block_free(struct block *b);

/* First statement called `name` after `after` (NULL: from the start), or NULL. */
struct block_stmt *block_find(const struct block *b, const char *name,
			      const struct block_stmt *after);

/* --- values: 0, or -1 after an error at that word --- */

/* A span with its unit: 5us 200ms 3.7s 2m 1h. A bare number is an error. */
int block_span(struct block_diag *d, const struct block_stmt *s, size_t i, int64_t *ns);
/* A rate: 200/s 10/ms; in events a second. */
int block_rate(struct block_diag *d, const struct block_stmt *s, size_t i, double *per_s);
/* A share: 1% 0.5%; as a fraction of one. */
int block_percent(struct block_diag *d, const struct block_stmt *s, size_t i, double *f);
/* A whole number in lo..hi. */
int block_int(struct block_diag *d, const struct block_stmt *s, size_t i, int64_t lo,
	      int64_t hi, int64_t *out);
/* Number from text alone, for callers with words inside words ("settled+5s"). */
int block_span_text(const char *text, int64_t *ns);

/*
 * The nearest of `names` (n of them) to `word`, for "did you mean"; NULL when
 * none is near.
 */
const char *block_nearest(const char *word, const char *const *names, size_t n);

#endif
