/*
 * The tolerant front end of keepalived.conf: files to lines to words, as
 * keepalived 2.2.7 cuts them.
 *
 * keepalived reads its configuration line by line, once in each of its
 * processes: the parent, the checker, VRRP, BFD. The first pass reads the files
 * and keeps a copy of every line, stripped of comments; the others read the
 * copy. So does conf_lex: conf_lex_begin() starts a pass, conf_lex_line() gives
 * the next line of it. A line, as it comes out,
 *
 *	- has no comment, no surrounding blanks, no @id before it;
 *	- has its $VARIABLES replaced; definitions and includes never come out, and
 *	  ~SEQ and ~LST as the lines that they stand for;
 *	- is either a brace alone, or has no brace outside quotes.
 *
 * Lines longer than CONF_LINE_MAX - 1 bytes come in pieces, as in keepalived.
 */
#ifndef HALBD_CONF_LEX_H
#define HALBD_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_LINE_MAX 1024

struct conf_word {
	const char *text;
	int col; /* 1-based, of its first byte in the file, as near as can be told */
};

/* One line; overwritten by the next. */
struct conf_line {
	const char *file;
	int line;	 /* where it begins in the file */
	int oracle_line; /* the number that keepalived would give it */
	struct conf_word *word;
	size_t nword;
	const char *text; /* unsplit: scripts are cut by another rule */
	int text_col;	  /* of text[0] */
	/* One more than the block of conf_lex_reuse()'s that this stands for; 0: none. */
	uint32_t reuse;
};

/* What is wrong with the text itself. */
enum conf_lex_fault {
	LEX_QUOTE_OPEN,	      /* a quote without its second, seen while stripping */
	LEX_QUOTE_UNMATCHED,  /* the same, seen while cutting words */
	LEX_EXTRA_BRACE,      /* } without a block */
	LEX_MISSING_BRACE,    /* the file ended inside blocks */
	LEX_INCLUDE,	      /* an included file cannot be read */
	LEX_INCLUDE_REQUIRED, /* … and it was one that must be there */
	LEX_TOO_MANY_FILES,   /* the name given matches several */
	LEX_LOOP,	      /* a variable, or an include, that never ends */
	LEX_SEQUENCE,	      /* ~SEQ or ~LST that makes no sense */
};

struct conf_lex;

/*
 * How many lines ~SEQ and ~LST may bring in a pass: 2 million. keepalived has no
 * bound; its manual shows a line that brings one million.
 */
extern unsigned int conf_lex_repeats_max;

/* Called for each fault, with what is to be said of it. */
typedef void conf_lex_report(void *arg, enum conf_lex_fault fault, const char *file,
			     int line, int col, int oracle_line, const char *text);

/*
 * Makes a reader for `path` (a glob pattern, as keepalived's -f takes). `id` is
 * the instance name that @id lines are compared with (borrowed; NULL: none).
 * Returns NULL when memory runs out. Free with conf_lex_free().
 */
struct conf_lex *conf_lex_new(const char *path, const char *id, conf_lex_report *report,
			      void *arg);
/* The same from memory; `name` is what messages call it. */
struct conf_lex *conf_lex_new_text(const char *name, const char *text, size_t len,
				   const char *id, conf_lex_report *report, void *arg);
void conf_lex_free(struct conf_lex *lex);

/*
 * Starts the next pass: the first reads the files. Returns 0, -ENOENT when
 * there is nothing to read (keepalived calls that success), -EACCES when it
 * cannot be read, or another -errno.
 */
int conf_lex_begin(struct conf_lex *lex);

/*
 * Notes the blocks of virtual servers from here on; of those that `old` (borrowed,
 * NULL: none) has too, only the first line comes. conf_lex_take_reuse() hands the
 * notes over, NULL when memory ran out. Before the first pass.
 */
struct conf_reuse;
void conf_lex_reuse(struct conf_lex *lex, const struct conf_reuse *old);
struct conf_reuse *conf_lex_take_reuse(struct conf_lex *lex);

/* The next line with at least one word, or NULL at the end. */
const struct conf_line *conf_lex_line(struct conf_lex *lex);

/*
 * While `depth` is not NULL, lines that have no brace need not come, and braces need
 * not that leave *depth, of which they are taken off or added to, above 0.
 */
void conf_lex_skip(struct conf_lex *lex, int *depth);

/* Did memory run out? Then lines were left out, and nothing that was read counts. */
bool conf_lex_nomem(const struct conf_lex *lex);

/* Reports the blocks still open, once a pass has been read to its end. */
void conf_lex_end(struct conf_lex *lex);

/*
 * Hands over the names of the files read (a NULL-terminated vector, each and it
 * malloc'd): what conf_line.file pointed to. NULL when memory ran out.
 */
char **conf_lex_take_names(struct conf_lex *lex);

/* What `include_check` asks of includes from here on. */
enum conf_include_check {
	INCLUDE_READABLE = 1,
	INCLUDE_MATCH = 2,
	INCLUDE_WILDCARD = 4,
	INCLUDE_BRACE = 8,
};
unsigned int conf_lex_include_check(const struct conf_lex *lex);
void conf_lex_set_include_check(struct conf_lex *lex, unsigned int check);

/*
 * Cuts text into words at blanks; "…" is one word. Returns how many, at most
 * `max`; the words lie in `store` (as long as text + 2). Sets *unmatched when a
 * quote has no second.
 */
size_t conf_words(const char *text, int col, struct conf_word *word, size_t max,
		  char *store, bool *unmatched);

/*
 * Cuts text as for a script: both kinds of quotes, backslash escapes, quotes
 * inside words. Returns a NULL-terminated vector (free each and it), or NULL
 * with errno: EINVAL for an open quote or a backslash at the end.
 */
char **conf_words_escaped(const char *text);
void conf_words_free(char **words);

#endif
