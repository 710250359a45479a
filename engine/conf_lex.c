/*
 * Files to lines. See conf_lex.h for what comes out.
 *
 * The first pass takes raw lines from a stack of files, strips them and writes
 * them into the copy; later passes take them from the copy. What happens to a
 * stripped line from there on (@id, variables, includes, braces) is the same.
 *
 * Nearly all lines of a large file are plain: nothing but words and braces. Such a
 * line goes from the file into the copy in one go (plain_from_files()), cut at its
 * braces already, and every pass takes its pieces from there.
 */
#include "conf_lex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_def.h"
#include "conf_file.h"
#include "conf_reuse.h"
#include "conf_seq.h"

#define WORDS_MAX  (CONF_LINE_MAX)
#define EXPAND_MAX 32 /* variables of several lines within each other */
#define EXPANDED_MAX 100000 /* lines out of variables that one line may bring */

unsigned int conf_lex_repeats_max = 2000000;

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
	size_t residue_fixed, fixed; /* from this offset on, columns are that of the variable */
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

static void fault(struct conf_lex *lex, enum conf_lex_fault what, size_t offset,
		  const char *text)
{
	lex->report(lex->arg, what, lex->out.file ? lex->out.file : lex->files.path,
		    lex->out.line, lex->col + (int)offset, lex->out.oracle_line, text);
}

static void file_fault(void *arg, bool required, const char *text)
{
	struct conf_lex *lex = arg;

	fault(lex, required ? LEX_INCLUDE_REQUIRED : LEX_INCLUDE, 0, text);
}

static void nomem(struct conf_lex *lex)
{
	lex->stop = lex->nomem = true;
	errno = ENOMEM;
}

/* --- stripping --- */

enum { BRACE = 1, SPECIAL = 2, DOLLAR = 4, HIDES = 8 };

static const uint8_t classes[256] = {
	['{'] = BRACE,	  ['}'] = BRACE,   ['!'] = SPECIAL, ['#'] = SPECIAL,
	['"'] = SPECIAL, ['\\'] = SPECIAL, ['$'] = DOLLAR,
	['\r'] = HIDES,  ['\0'] = HIDES, /* the line's end, or what follows */
};

/* What there is in a line, as classes. */
static unsigned int contents(const char *s)
{
	unsigned int all = 0;

	while (*s)
		all |= classes[(unsigned char)*s++];
	return all;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What conf_words() takes for a blank. */
static bool blank_or_control(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t leading(const char *s)
{
	size_t n = 0;

	while (blank(s[n]))
		n++;
	return n;
}

static void trim_end(char *s, char *end)
{
	while (end > s && blank(end[-1]))
		end--;
	*end = '\0';
}

/*
 * Removes comments, the backslash before # and !, and blanks at both ends.
 * Returns how many bytes went at the front. A backslash at the very end stays,
 * without the blanks before it.
 */
static size_t strip(struct conf_lex *lex, char *s)
{
	size_t lead = leading(s), len = strlen(s + lead);
	bool quote = false, goes_on = false;
	char *cut = NULL, *p, *end = s + len;

	if (lead)
		memmove(s, s + lead, len + 1);
	if (!(contents(s) & SPECIAL)) {
		trim_end(s, end);
		return lead;
	}
	for (p = s; (p = strpbrk(p, "!#\"\\")); p++) {
		if (*p == '"') {
			if (!cut)
				quote = !quote;
		} else if (*p == '\\') {
			if (!p[1]) {
				*p = '\0';
				goes_on = true;
				break;
			}
			if (!quote && (p[1] == '#' || p[1] == '!'))
				memmove(p, p + 1, strlen(p + 1) + 1);
			else
				p++;
		} else if (!quote && !cut) {
			cut = p;
		}
	}
	if (quote)
		fault(lex, LEX_QUOTE_OPEN, 0, s);
	if (cut)
		*cut = '\0';
	trim_end(s, s + strlen(s));
	if (goes_on)
		strcat(s, "\\");
	return lead;
}

static bool is_include(const char *s)
{
	if (strncmp(s, "include", 7) || !s[7])
		return false;
	if (strchr(" \t\n\v\f\r", s[7]))
		return true;
	return strchr("rmwba", s[7]) && s[8] && strchr(" \t\n\v\f\r", s[8]);
}

/* Is there nothing to be done to this line but to cut it into words? */
static bool is_plain(const char *s)
{
	unsigned int all = contents(s);

	if (*s == '@' || *s == '~' || is_include(s))
		return false;
	return !all || (all == BRACE && !s[1]);
}

/* --- raw lines, from the files or from the copy --- */

/* Room for `len` bytes and another line. */
static bool copy_reserve(struct conf_lex *lex, size_t len)
{
	if (lex->copy_len + len > lex->copy_cap) {
		size_t cap = (lex->copy_len + len) * 2 + 65536;
		char *text = realloc(lex->copy_text, cap);

		if (!text)
			return false;
		lex->copy_text = text;
		lex->copy_cap = cap;
	}
	if (lex->ncopy == lex->copy_room) {
		size_t room = lex->copy_room ? lex->copy_room * 2 : 1024;
		struct copy_line *copy = realloc(lex->copy, room * sizeof(*copy));

		if (!copy)
			return false;
		lex->copy = copy;
		lex->copy_room = room;
	}
	return true;
}

static void copy_add(struct conf_lex *lex, const struct conf_raw *raw)
{
	size_t len = strlen(lex->buf) + 1;

	/* An include is not copied: what it includes is. */
	if (!lex->buf[0] || is_include(lex->buf))
		return;
	if (!copy_reserve(lex, len)) {
		nomem(lex);
		return;
	}
	memcpy(lex->copy_text + lex->copy_len, lex->buf, len);
	lex->copy[lex->ncopy++] = (struct copy_line){
		.at = (uint32_t)lex->copy_len,
		.line = (uint32_t)raw->line,
		.oracle = (uint32_t)raw->piece,
		.col = (uint16_t)lex->col & 0x7fff,
		.plain = lex->plain,
		.file = (uint16_t)raw->file,
	};
	lex->copy_len += len;
}

/* Bytes up to a brace, or a brace alone; what follows goes to *rest. */
static size_t piece(const char *s, const char *end, const char **rest)
{
	const char *p = s;

	while (p < end && !(classes[(unsigned char)*p] & BRACE))
		p++;
	if (p > s) {
		*rest = p;
		while (blank(p[-1]))
			p--;
		return (size_t)(p - s);
	}
	for (p++; p < end && blank(*p);)
		p++;
	*rest = p;
	return 1;
}

/* Is what begins here more than words, although its bytes are harmless? */
static bool odd_start(const char *s, size_t len)
{
	return *s == '@' || *s == '~' || (len > 7 && !memcmp(s, "include", 7));
}

/* Puts s[0..len) into the copy, cut at its braces; false: it is odd after all. */
static bool copy_pieces(struct conf_lex *lex, const char *s, size_t len, bool braces,
			struct copy_line line)
{
	const char *end = s + len, *rest;
	size_t n, n_was = lex->ncopy, len_was = lex->copy_len;

	for (; s < end; s = rest) {
		n = len;
		rest = end;
		if (braces)
			n = piece(s, end, &rest);
		if (odd_start(s, n)) {
			lex->ncopy = n_was;
			lex->copy_len = len_was;
			return false;
		}
		if (!copy_reserve(lex, n + 1)) {
			nomem(lex);
			return true;
		}
		line.at = (uint32_t)lex->copy_len;
		lex->copy[lex->ncopy++] = line;
		line.col = (uint16_t)(line.col + (rest - s)) & 0x7fff;
		memcpy(lex->copy_text + lex->copy_len, s, n);
		lex->copy_len += n;
		lex->copy_text[lex->copy_len++] = '\0';
	}
	return true;
}

/* Blanks at the front; long indentation is usual. */
static size_t indentation(const char *s, size_t len)
{
	static const char blanks[8] = "        ";
	size_t n = 0;

	while (n + 8 <= len && !memcmp(s + n, blanks, 8))
		n += 8;
	while (n < len && blank(s[n]))
		n++;
	return n;
}

static bool is_service(const char *s, size_t len)
{
	static const char word[] = "virtual_server";

	return len >= sizeof(word) && !memcmp(s, word, sizeof(word) - 1) &&
	       blank(s[sizeof(word) - 1]);
}

/*
 * A line that begins a virtual server, s[0..len) of `text`, whose first `head` bytes
 * are the line: is its block known? Then its words go to the copy, and the file goes
 * on behind the block. If not, what it is will be noted at its end.
 */
static bool known_block(struct conf_lex *lex, const char *text, size_t head, const char *s,
			size_t len, struct copy_line line)
{
	const struct conf_reuse_block *b = NULL;
	const char *rest;
	size_t left, file;
	int lines;

	if (!lex->notes || lex->depth || !is_service(s, len))
		return false;
	conf_files_at(&lex->files, &left, &file, &lines);
	if (lex->known && !lex->skip)
		b = conf_reuse_find(lex->known, text, head, left);
	if (!b) {
		lex->block.start = text;
		lex->block.head = head;
		lex->block.file = file;
		lex->block.line = lines;
		return false;
	}
	line.reuse = (uint32_t)(b - lex->known->v) + 1;
	if (!copy_pieces(lex, s, piece(s, s + len, &rest), false, line))
		return false;
	if (conf_reuse_again(lex->notes, b, file, lines + 1) < 0)
		nomem(lex);
	lex->newlines = (int)line.line;
	conf_files_skip(&lex->files, b->len, b->lines);
	return true;
}

/* A brace closed a block of the file, in the first pass: that of a virtual server? */
static void note_block(struct conf_lex *lex)
{
	size_t left, file, len;
	int line;
	const char *end = conf_files_at(&lex->files, &left, &file, &line);
	const char *start = lex->block.start;

	lex->block.start = NULL;
	if (!start || !end || file != lex->block.file || end <= start || end[-1] != '\n' ||
	    lex->copy_at < lex->ncopy || lex->has_residue)
		return;
	len = (size_t)(end - start);
	if (conf_reuse_add(lex->notes, start, len, lex->block.head, file,
			   lex->block.line + 1, line - lex->block.line) < 0)
		nomem(lex);
}

/* Moves a plain line from its file to the copy. False: it is not plain. */
static bool plain_from_files(struct conf_lex *lex)
{
	struct conf_raw raw;
	size_t len, lead, i;
	const char *s = lex->def ? NULL : conf_files_peek(&lex->files, &len, &raw);
	unsigned int all = 0;
	struct copy_line line;

	if (!s)
		return false;
	lead = indentation(s, len);
	for (i = lead; i < len; i++)
		all |= classes[(unsigned char)s[i]];
	if (i == lead || all & ~(unsigned int)BRACE)
		return false;
	while (blank(s[i - 1]))
		i--;
	line = (struct copy_line){
		.line = (uint32_t)raw.line,
		.oracle = (uint32_t)raw.piece,
		.col = (uint16_t)(lead + 1) & 0x7fff,
		.plain = true,
		.file = (uint16_t)raw.file,
	};
	if (known_block(lex, s, len, s + lead, i - lead, line))
		return true;
	if (!copy_pieces(lex, s + lead, i - lead, all & BRACE, line))
		return false;
	conf_files_took(&lex->files, len);
	lex->newlines = raw.newlines;
	return true;
}

/* A plain line that the caller need not see: `first` is its first byte. */
static bool skipped(struct conf_lex *lex, char first)
{
	if (!(classes[(unsigned char)first] & BRACE))
		return true;
	if (first == '{') {
		++*lex->skip;
		lex->depth++;
		return true;
	}
	if (*lex->skip < 2 || lex->depth < 1)
		return false; /* the end of it, or one too many */
	--*lex->skip;
	lex->depth--;
	return true;
}

/* The next of the copy's lines, a plain one. False: the caller does not want it. */
static bool plain_from_copy(struct conf_lex *lex)
{
	const struct copy_line *c = &lex->copy[lex->copy_at++];
	const char *text = lex->copy_text + c->at;

	lex->out.line = (int)c->line; /* tells of empty lines before the next */
	if (lex->skip && !lex->def && skipped(lex, *text))
		return false;
	lex->out.file = lex->files.name[c->file];
	lex->out.oracle_line = lex->pass == 1 ? lex->newlines : (int)c->oracle;
	lex->col = c->col;
	lex->plain = true;
	lex->text = text;
	lex->out.reuse = c->reuse;
	return true;
}

/* The next stripped line; false at the end. */
static bool next_from_files(struct conf_lex *lex)
{
	struct conf_raw raw;

	lex->gap = false;
	while (!lex->stop) {
		if (lex->copy_at < lex->ncopy || plain_from_files(lex)) {
			if (lex->stop || !plain_from_copy(lex))
				continue;
			return true;
		}
		if (!conf_files_line(&lex->files, lex->buf, &raw))
			break;
		lex->out.file = lex->files.name[raw.file];
		lex->out.line = raw.line;
		lex->out.oracle_line = raw.newlines;
		lex->col = 1;
		lex->gap |= !lex->buf[0];
		if (!lex->buf[0])
			continue;
		/* What stands there may mean something else another time. */
		if (strpbrk(lex->buf, "$@~\\") || strstr(lex->buf, "include") ||
		    strlen(lex->buf) + 3 > sizeof(lex->buf))
			lex->block.start = NULL;
		lex->col += (int)strip(lex, lex->buf);
		lex->plain = is_plain(lex->buf);
		copy_add(lex, &raw);
		lex->copy_at = lex->ncopy;
		if (lex->buf[0])
			return true;
	}
	if (lex->files.failed)
		nomem(lex);
	return false;
}

static bool next_from_copy(struct conf_lex *lex)
{
	lex->gap = false;
	while (!lex->stop && lex->copy_at < lex->ncopy) {
		const struct copy_line *c = &lex->copy[lex->copy_at];
		const char *text = lex->copy_text + c->at;

		/* Empty lines were not copied; they show in the numbers. */
		lex->gap |= lex->out.line + 1 < (int)c->line;
		if (c->plain) {
			if (plain_from_copy(lex))
				return true;
			continue;
		}
		lex->copy_at++;
		lex->out.file = lex->files.name[c->file];
		lex->out.line = (int)c->line;
		lex->out.oracle_line = (int)c->oracle;
		lex->col = c->col;
		if (!*text || *text == '#' || *text == '!') {
			lex->gap = true;
			continue;
		}
		strcpy(lex->buf, text);
		if (contents(text) & SPECIAL)
			strip(lex, lex->buf);
		if (lex->buf[0])
			return true;
	}
	return false;
}

/* --- lines out of variables --- */

static bool next_expanded(struct conf_lex *lex)
{
	size_t top = lex->nexpand - 1;
	char *line = lex->expand_at[top];
	size_t len = strcspn(line, "\n");
	bool last = line[len] != '\n';

	/* The last line of a variable may use the variable again, for ever. */
	if (++lex->expanded > EXPANDED_MAX) {
		fault(lex, LEX_LOOP, 0, lex->buf);
		lex->stop = true;
		return false;
	}
	if (len >= sizeof(lex->buf))
		len = sizeof(lex->buf) - 1;
	memcpy(lex->buf, line, len);
	lex->buf[len] = '\0';
	lex->fixed = 0;
	if (last) {
		free(lex->expand[top]);
		lex->nexpand--;
	} else {
		lex->expand_at[top] = line + strcspn(line, "\n") + 1;
	}
	return true;
}

static void expand_push(struct conf_lex *lex, char *rest)
{
	if (lex->nexpand == EXPAND_MAX) {
		fault(lex, LEX_LOOP, 0, lex->buf);
		free(rest);
		lex->stop = true;
		return;
	}
	lex->expand[lex->nexpand] = lex->expand_at[lex->nexpand] = rest;
	lex->expand_seq[lex->nexpand] = lex->seqs.n;
	lex->nexpand++;
}

static void expand_clear(struct conf_lex *lex)
{
	while (lex->nexpand)
		free(lex->expand[--lex->nexpand]);
}

/* --- lines out of sequences --- */

/*
 * Whether the next line is a sequence's: one that began within the variable being
 * read, or any when none is.
 */
static bool in_sequence(const struct conf_lex *lex)
{
	return lex->seqs.n > (lex->nexpand ? lex->expand_seq[lex->nexpand - 1] : 0);
}

static bool next_repeated(struct conf_lex *lex)
{
	if (lex->repeats++ == conf_lex_repeats_max) {
		fault(lex, LEX_LOOP, 0, "~SEQ or ~LST");
		lex->stop = true;
		return false;
	}
	lex->expanded = 0;
	lex->fixed = 0;
	if (!conf_seq_next(&lex->seqs, &lex->defs, lex->buf)) {
		nomem(lex);
		return false;
	}
	return true;
}

/* Takes the line in buf as ~SEQ or ~LST. */
static void begin_sequence(struct conf_lex *lex)
{
	bool oom;
	const char *bad = conf_seq_add(&lex->seqs, &lex->defs, lex->buf, &oom);

	if (oom)
		nomem(lex);
	else if (bad)
		fault(lex, LEX_SEQUENCE, 0, bad);
}

/* --- what a line goes through --- */

/* The next line that is not a definition's; false at the end. */
static bool next_source(struct conf_lex *lex)
{
	if (lex->stop)
		return false;
	lex->gap = lex->plain = false;
	lex->text = lex->buf;
	lex->out.reuse = 0;
	if (lex->has_residue) {
		strcpy(lex->buf, lex->residue);
		lex->col = lex->residue_col;
		lex->fixed = lex->residue_fixed;
		lex->has_residue = false;
		return true;
	}
	if (in_sequence(lex))
		return next_repeated(lex);
	lex->fixed = CONF_LINE_MAX;
	if (lex->nexpand)
		return next_expanded(lex);
	lex->expanded = 0;
	return lex->pass == 1 ? next_from_files(lex) : next_from_copy(lex);
}

/* @id text, @^id text: is the text for us? Leaves it alone in buf. */
static bool for_us(struct conf_lex *lex)
{
	bool not_us = lex->buf[1] == '^', same;
	char *name = lex->buf + 1 + not_us;
	size_t len = strcspn(name, " \t");
	char *text = name + len;

	if (!*text)
		return false;
	same = lex->id && strlen(lex->id) == len && !memcmp(name, lex->id, len);
	if (same == not_us)
		return false;
	text += strspn(text, " \t");
	lex->col += (int)(text - lex->buf);
	memmove(lex->buf, text, strlen(text) + 1);
	return true;
}

/* A definition, whole or its first line? Takes it. */
static bool define(struct conf_lex *lex)
{
	bool more, oom;
	struct conf_def *def = conf_def_parse(&lex->defs, lex->buf, &more, &oom);

	if (oom)
		nomem(lex);
	if (def && more)
		lex->def = def;
	return def || oom;
}

/* The folder of the file being read. */
static const char *dir(struct conf_lex *lex)
{
	if (!lex->dir || lex->dir_of != lex->out.file) {
		free(lex->dir);
		lex->dir = strdup(conf_files_dir(&lex->files, lex->out.file));
		lex->dir_of = lex->out.file;
		if (!lex->dir)
			nomem(lex);
	}
	return lex->dir;
}

/*
 * Replaces variables. Returns whether the line must be looked at again, for
 * what the variables brought.
 */
static bool replace(struct conf_lex *lex)
{
	size_t first = lex->fixed;
	char *rest = NULL;
	enum conf_replace did;

	if (!strchr(lex->buf, '$'))
		return false;
	lex->defs.dir = dir(lex);
	did = conf_defs_replace(&lex->defs, lex->buf, sizeof(lex->buf), &first, &rest);
	if (rest && did == REPLACE_DONE)
		expand_push(lex, rest);
	else
		free(rest);
	if (did == REPLACE_NOMEM)
		nomem(lex);
	if (did == REPLACE_LOOP) {
		fault(lex, LEX_LOOP, 0, lex->buf);
		lex->buf[0] = '\0';
	}
	if (did != REPLACE_DONE)
		return false;
	if (first < lex->fixed)
		lex->fixed = first;
	strip(lex, lex->buf);
	return lex->buf[0] == '@' || strchr(lex->buf, '$');
}

/* Does all that to the line in buf. Returns false when nothing is left of it. */
static bool process(struct conf_lex *lex)
{
	int again = 0;

	do {
		if (lex->buf[0] == '@' && !for_us(lex))
			return false;
		if (lex->buf[0] == '$' && define(lex))
			return false;
		if (lex->buf[0] == '~') {
			if (!strncmp(lex->buf, "~SEQ", 4) || !strncmp(lex->buf, "~LST", 4)) {
				begin_sequence(lex);
				return false;
			}
			return true;
		}
		if (++again > CONF_LINE_MAX) {
			fault(lex, LEX_LOOP, 0, lex->buf);
			return false;
		}
	} while (replace(lex));
	return lex->buf[0] != '\0';
}

/* An include? Opens what it names; it is read next. */
static bool include(struct conf_lex *lex)
{
	unsigned int type = 0;
	const char *p = lex->buf + 8;

	if (!is_include(lex->buf))
		return false;
	switch (lex->buf[7]) {
	case 'r':
		type = INCLUDE_READABLE;
		break;
	case 'm':
		type = INCLUDE_READABLE | INCLUDE_MATCH;
		break;
	case 'w':
		type = INCLUDE_READABLE | INCLUDE_MATCH | INCLUDE_WILDCARD;
		break;
	case 'b':
		type = INCLUDE_READABLE | INCLUDE_BRACE;
		break;
	case 'a':
		type = INCLUDE_READABLE | INCLUDE_MATCH | INCLUDE_WILDCARD | INCLUDE_BRACE;
		break;
	default:
		p--;
	}
	p++;
	p += strspn(p, " \t");
	if (lex->pass == 1 && conf_files_include(&lex->files, p, type) == -ELOOP)
		fault(lex, LEX_LOOP, (size_t)(p - lex->buf), p);
	return true;
}

/* The columns of what is left of a line from `offset` on. */
static void keep_columns(struct conf_lex *lex, size_t offset)
{
	if (offset > lex->fixed) {
		lex->residue_col = lex->col + (int)lex->fixed;
		lex->residue_fixed = 0;
		return;
	}
	lex->residue_col = lex->col + (int)offset;
	lex->residue_fixed = lex->fixed < CONF_LINE_MAX ? lex->fixed - offset : lex->fixed;
}

/* Makes a brace a line of its own: what follows is the next line. */
static void split_braces(struct conf_lex *lex)
{
	char *p = lex->buf, *rest;

	if (*p != '{' && *p != '}') {
		while (*p && !(classes[(unsigned char)*p] & BRACE)) {
			if (*p == '"' && !(p = strchr(p + 1, '"')))
				return;
			p++;
		}
	}
	if (!*p)
		return;
	rest = p == lex->buf ? p + 1 + leading(p + 1) : p;
	if (!*rest)
		return;
	keep_columns(lex, (size_t)(rest - lex->buf));
	strcpy(lex->residue, rest);
	lex->has_residue = true;
	trim_end(lex->residue, lex->residue + strlen(lex->residue));
	trim_end(lex->buf, rest);
}

static void count_braces(struct conf_lex *lex)
{
	if (!(classes[(unsigned char)lex->text[0]] & BRACE) || lex->text[1])
		return;
	if (lex->text[0] == '{') {
		lex->depth++;
	} else if (lex->depth-- < 1) {
		fault(lex, LEX_EXTRA_BRACE, 0, "");
		lex->depth = 0;
	} else if (!lex->depth && lex->block.start) {
		note_block(lex);
	}
}

/* Words of a plain line: no quotes. */
static void cut_plain(struct conf_lex *lex)
{
	const char *p = lex->text;
	char *store = lex->store;
	size_t n = 0;

	for (;;) {
		while (blank_or_control(*p))
			p++;
		if (!*p)
			break;
		lex->word[n].text = store;
		lex->word[n++].col = lex->col + (int)(p - lex->text);
		do
			*store++ = *p++;
		while (*p && !blank_or_control(*p));
		*store++ = '\0';
	}
	lex->out.text = lex->text;
	lex->out.text_col = lex->col;
	lex->out.nword = n;
}

/* Words of the line, with their places. */
static void cut(struct conf_lex *lex)
{
	int limit = lex->fixed < CONF_LINE_MAX ? lex->col + (int)lex->fixed : -1;
	bool unmatched;
	size_t i;

	lex->out.text = lex->buf;
	lex->out.text_col = lex->col;
	lex->out.nword = conf_words(lex->buf, lex->col, lex->word, WORDS_MAX, lex->store,
				    &unmatched);
	for (i = 0; limit >= 0 && i < lex->out.nword; i++)
		if (lex->word[i].col > limit)
			lex->word[i].col = limit;
	if (unmatched)
		fault(lex, LEX_QUOTE_UNMATCHED, 0, lex->buf);
}

/* A line for the definition in progress? Takes it. */
static bool continues_definition(struct conf_lex *lex)
{
	bool oom;

	if (!lex->def)
		return false;
	if (lex->gap) {
		conf_def_close(lex->def);
		lex->def = NULL;
		return false;
	}
	if (lex->text != lex->buf)
		strcpy(lex->buf, lex->text);
	if (!conf_def_append(lex->def, lex->buf, &oom))
		lex->def = NULL;
	if (oom)
		nomem(lex);
	return true;
}

const struct conf_line *conf_lex_line(struct conf_lex *lex)
{
	while (next_source(lex)) {
		if (continues_definition(lex))
			continue;
		if (!lex->plain) {
			if (!lex->buf[0] || !process(lex) || include(lex))
				continue;
			split_braces(lex);
		}
		count_braces(lex);
		if (lex->plain)
			cut_plain(lex);
		else
			cut(lex);
		if (lex->out.nword && !lex->stop)
			return &lex->out;
	}
	return NULL;
}

/* --- passes --- */

static void reset(struct conf_lex *lex)
{
	lex->has_residue = false;
	lex->def = NULL;
	lex->depth = 0;
	lex->copy_at = 0;
	lex->block.start = NULL;
	expand_clear(lex);
	conf_seqs_finish(&lex->seqs);
	lex->repeats = 0;
	conf_defs_finish(&lex->defs);
	if (!conf_defs_init(&lex->defs, lex->id))
		nomem(lex);
	lex->skip = NULL;
	lex->defs.random = lex->seed;
	lex->out = (struct conf_line){ .word = lex->word };
}

int conf_lex_begin(struct conf_lex *lex)
{
	reset(lex);
	if (lex->pass++)
		return 0;
	lex->col = 1;
	return conf_files_open(&lex->files);
}

void conf_lex_end(struct conf_lex *lex)
{
	char text[32];

	if (lex->depth <= 0 || lex->stop)
		return;
	lex->out.oracle_line = 0;
	lex->col = 1;
	snprintf(text, sizeof(text), "%d", lex->depth);
	fault(lex, LEX_MISSING_BRACE, 0, text);
}

bool conf_lex_nomem(const struct conf_lex *lex)
{
	return lex->nomem || lex->files.failed;
}

void conf_lex_skip(struct conf_lex *lex, int *depth)
{
	lex->skip = depth;
}

unsigned int conf_lex_include_check(const struct conf_lex *lex)
{
	return lex->files.check;
}

void conf_lex_set_include_check(struct conf_lex *lex, unsigned int check)
{
	lex->files.check = check;
}

void conf_lex_reuse(struct conf_lex *lex, const struct conf_reuse *old)
{
	lex->known = old;
	lex->notes = calloc(1, sizeof(*lex->notes));
}

struct conf_reuse *conf_lex_take_reuse(struct conf_lex *lex)
{
	struct conf_reuse *u = lex->notes;

	lex->notes = NULL;
	return u;
}

char **conf_lex_take_names(struct conf_lex *lex)
{
	return conf_files_take_names(&lex->files);
}

struct conf_lex *conf_lex_new_text(const char *name, const char *text, size_t len,
				   const char *id, conf_lex_report *report, void *arg)
{
	struct conf_lex *lex = calloc(1, sizeof(*lex));

	if (!lex)
		return NULL;
	lex->id = id;
	lex->report = report;
	lex->arg = arg;
	lex->seed = (uintptr_t)lex;
	conf_files_init(&lex->files, name, text, len);
	lex->files.fault = file_fault;
	lex->files.arg = lex;
	return lex;
}

struct conf_lex *conf_lex_new(const char *path, const char *id, conf_lex_report *report,
			      void *arg)
{
	return conf_lex_new_text(path, NULL, 0, id, report, arg);
}

void conf_lex_free(struct conf_lex *lex)
{
	if (!lex)
		return;
	expand_clear(lex);
	conf_seqs_finish(&lex->seqs);
	conf_defs_finish(&lex->defs);
	conf_files_finish(&lex->files);
	conf_reuse_free(lex->notes);
	free(lex->copy_text);
	free(lex->copy);
	free(lex->dir);
	free(lex);
}
