/*
 * What the files of the front end share. A line goes through them in this order:
 *
 *	conf_lex_copy.c		it comes from a file, or from the copy,
 *	conf_lex_block.c	unless its block is known from the last time,
 *	conf_lex_strip.c	and loses comments and blanks;
 *	conf_lex.c		@id decides whether it is for us;
 *	conf_lex_vars.c		definitions taken, variables replaced, ~SEQ repeated;
 *	conf_lex_include.c	includes opened;
 *	conf_lex_cut.c		it is cut at its braces, and into words.
 */
#ifndef HALBD_CONF_LEX_PRIV_H
#define HALBD_CONF_LEX_PRIV_H

#include "conf_def.h"
#include "conf_file.h"
#include "conf_lex.h"
#include "conf_seq.h"

#define WORDS_MAX  (CONF_LINE_MAX)
#define EXPAND_MAX 32 /* variables of several lines within each other */

/* A stripped line of the copy. */
struct copy_line {
	uint32_t at; /* in copy_text */
	uint32_t line, oracle;
	uint16_t col : 15;
	uint16_t plain : 1;
	uint16_t file;
	uint32_t reuse; /* conf_line.reuse */
};

struct conf_lex {
	struct conf_files files;
	const char *id;
	conf_lex_report *report;
	void *arg;
	int pass;
	/* the copy, and where the pass is in it */
	char *copy_text;
	size_t copy_len, copy_cap;
	struct copy_line *copy;
	size_t ncopy, copy_room, copy_at;
	/* the line being made */
	char buf[CONF_LINE_MAX];
	char residue[CONF_LINE_MAX]; /* what follows a brace on the same line */
	bool has_residue;
	int residue_col, col;
	/* from this offset on, columns are that of the variable */
	size_t residue_fixed, fixed;
	bool gap;	/* an empty line came before this one */
	bool plain;	/* nothing in it but words, or one brace */
	int *skip;	/* (borrowed) the caller counts braces only: these */
	char *expand[EXPAND_MAX]; /* (owned) lines still to come from a variable */
	char *expand_at[EXPAND_MAX];
	size_t expand_seq[EXPAND_MAX]; /* sequences that there were when it began */
	size_t nexpand;
	size_t expanded; /* lines out of variables since one of a file or sequence */
	struct conf_seqs seqs;
	unsigned int repeats; /* lines out of sequences in this pass */
	/* where the file is that dir_of names, for $_PWD (owned) */
	char *dir;
	const char *dir_of;
	struct conf_defs defs;
	struct conf_def *def; /* being defined, over several lines */
	uint64_t seed;
	int depth;
	const char *text; /* the line: buf, or a plain one in the copy */
	int newlines;	  /* keepalived's number of a plain line, in the first pass */
	bool stop; /* an error that ends the pass */
	bool nomem; /* this one */
	/* blocks to be noted, those known, and the one being read in the first pass */
	struct conf_reuse *notes; /* (owned) */
	const struct conf_reuse *known;
	struct {
		const char *start; /* NULL: none */
		size_t head, file;
		int line;
	} block;
	struct conf_line out;
	struct conf_word word[WORDS_MAX];
	char store[2 * CONF_LINE_MAX + 2];
};

/* Reports a fault of the line in hand, `offset` bytes into it. */
void lex_fault(struct conf_lex *lex, enum conf_lex_fault what, size_t offset,
	       const char *text);
/* Memory ran out: ends the pass, and errno says so. */
void lex_nomem(struct conf_lex *lex);

/* --- conf_lex_strip.c --- */

enum { BRACE = 1, SPECIAL = 2, DOLLAR = 4, HIDES = 8 };

/* What a byte is to us: nothing, or some of the above. */
extern const uint8_t lex_class[256];

static inline bool lex_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What conf_words() takes for a blank. */
static inline bool lex_blank_or_control(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What there is in a line, as classes. */
unsigned int lex_contents(const char *s);
/* Blanks at the front. */
size_t lex_leading(const char *s);
/* Ends s at `end`, or before the blanks in front of it. */
void lex_trim_end(char *s, char *end);
/*
 * Removes comments, the backslash before # and !, and blanks at both ends.
 * Returns how many bytes went at the front. A backslash at the very end stays,
 * without the blanks before it.
 */
size_t lex_strip(struct conf_lex *lex, char *s);

/* --- conf_lex_copy.c --- */

/* The next stripped line, in buf or (plain) in text; false at the end. */
bool lex_next_from_files(struct conf_lex *lex);
bool lex_next_from_copy(struct conf_lex *lex);
/* Bytes up to a brace, or a brace alone; what follows goes to *rest. */
size_t lex_piece(const char *s, const char *end, const char **rest);
/*
 * Puts s[0..len) into the copy, cut at its braces if it has any; false: it is odd after
 * all, and nothing was done.
 */
bool lex_copy_pieces(struct conf_lex *lex, const char *s, size_t len, bool braces,
		     struct copy_line line);

/* --- conf_lex_block.c --- */

/*
 * A line that begins a virtual server, s[0..len) of `text`, whose first `head` bytes
 * are the line: is its block known? Then its words go to the copy, and the file goes
 * on behind the block. If not, what it is will be noted at its end.
 */
bool lex_known_block(struct conf_lex *lex, const char *text, size_t head, const char *s,
		     size_t len, struct copy_line line);
/* A brace closed a block of the file, in the first pass: that of a virtual server? */
void lex_note_block(struct conf_lex *lex);

/* --- conf_lex_vars.c --- */

/* A definition, whole or its first line, in buf? Takes it. */
bool lex_define(struct conf_lex *lex);
/* A line for the definition in progress? Takes it. */
bool lex_continues_definition(struct conf_lex *lex);
/*
 * Replaces variables. Returns whether the line must be looked at again, for
 * what the variables brought.
 */
bool lex_replace(struct conf_lex *lex);
/* The next of the lines that a variable brought, of which there is one. */
bool lex_next_expanded(struct conf_lex *lex);
void lex_expand_clear(struct conf_lex *lex);
/*
 * Whether the next line is a sequence's: one that began within the variable being
 * read, or any when none is.
 */
bool lex_in_sequence(const struct conf_lex *lex);
bool lex_next_repeated(struct conf_lex *lex);
/* Takes the line in buf as ~SEQ or ~LST. */
void lex_begin_sequence(struct conf_lex *lex);

/* --- conf_lex_include.c --- */

bool lex_is_include(const char *s);
/* An include in buf? Opens what it names; it is read next. */
bool lex_include(struct conf_lex *lex);

/* --- conf_lex_cut.c --- */

/* Makes a brace a line of its own: what follows is the next line. */
void lex_split_braces(struct conf_lex *lex);
/* Follows the depth of blocks. */
void lex_count_braces(struct conf_lex *lex);
/* Words of a plain line, which has no quotes, and of any other, with their places. */
void lex_cut_plain(struct conf_lex *lex);
void lex_cut(struct conf_lex *lex);

#endif
