/*
 * Where stripped lines come from. The first pass takes raw lines from a stack of
 * files, strips them and writes them into the copy; later passes take them from the
 * copy.
 *
 * Nearly all lines of a large file are plain: nothing but words and braces. Such a
 * line goes from the file into the copy in one go (plain_from_files()), cut at its
 * braces already, and every pass takes its pieces from there.
 */
#include <stdlib.h>
#include <string.h>

#include "conf_lex_priv.h"

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
	if (!lex->buf[0] || lex_is_include(lex->buf))
		return;
	if (!copy_reserve(lex, len)) {
		lex_nomem(lex);
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

size_t lex_piece(const char *s, const char *end, const char **rest)
{
	const char *p = s;

	while (p < end && !(lex_class[(unsigned char)*p] & BRACE))
		p++;
	if (p > s) {
		*rest = p;
		while (lex_blank(p[-1]))
			p--;
		return (size_t)(p - s);
	}
	for (p++; p < end && lex_blank(*p);)
		p++;
	*rest = p;
	return 1;
}

/* Is what begins here more than words, although its bytes are harmless? */
static bool odd_start(const char *s, size_t len)
{
	return *s == '@' || *s == '~' || (len > 7 && !memcmp(s, "include", 7));
}

bool lex_copy_pieces(struct conf_lex *lex, const char *s, size_t len, bool braces,
		     struct copy_line line)
{
	const char *end = s + len, *rest;
	size_t n, n_was = lex->ncopy, len_was = lex->copy_len;

	for (; s < end; s = rest) {
		n = len;
		rest = end;
		if (braces)
			n = lex_piece(s, end, &rest);
		if (odd_start(s, n)) {
			lex->ncopy = n_was;
			lex->copy_len = len_was;
			return false;
		}
		if (!copy_reserve(lex, n + 1)) {
			lex_nomem(lex);
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
	while (n < len && lex_blank(s[n]))
		n++;
	return n;
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
		all |= lex_class[(unsigned char)s[i]];
	if (i == lead || all & ~(unsigned int)BRACE)
		return false;
	while (lex_blank(s[i - 1]))
		i--;
	line = (struct copy_line){
		.line = (uint32_t)raw.line,
		.oracle = (uint32_t)raw.piece,
		.col = (uint16_t)(lead + 1) & 0x7fff,
		.plain = true,
		.file = (uint16_t)raw.file,
	};
	if (lex_known_block(lex, s, len, s + lead, i - lead, line))
		return true;
	if (!lex_copy_pieces(lex, s + lead, i - lead, all & BRACE, line))
		return false;
	conf_files_took(&lex->files, len);
	lex->newlines = raw.newlines;
	return true;
}

/* A plain line that the caller need not see: `first` is its first byte. */
static bool skipped(struct conf_lex *lex, char first)
{
	if (!(lex_class[(unsigned char)first] & BRACE))
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

/* Is there nothing to be done to this line but to cut it into words? */
static bool is_plain(const char *s)
{
	unsigned int all = lex_contents(s);

	if (*s == '@' || *s == '~' || lex_is_include(s))
		return false;
	return !all || (all == BRACE && !s[1]);
}

/* The next stripped line; false at the end. */
bool lex_next_from_files(struct conf_lex *lex)
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
		lex->col += (int)lex_strip(lex, lex->buf);
		lex->plain = is_plain(lex->buf);
		copy_add(lex, &raw);
		lex->copy_at = lex->ncopy;
		if (lex->buf[0])
			return true;
	}
	if (lex->files.failed)
		lex_nomem(lex);
	return false;
}

bool lex_next_from_copy(struct conf_lex *lex)
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
		if (lex_contents(text) & SPECIAL)
			lex_strip(lex, lex->buf);
		if (lex->buf[0])
			return true;
	}
	return false;
}
