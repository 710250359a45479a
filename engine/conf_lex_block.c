/* Blocks of virtual servers that a reload need not read again (conf_reuse.h). */
#include <stdlib.h>
#include <string.h>

#include "conf_lex_priv.h"
#include "conf_reuse.h"

static bool is_service(const char *s, size_t len)
{
	static const char word[] = "virtual_server";

	return len >= sizeof(word) && !memcmp(s, word, sizeof(word) - 1) &&
	       lex_blank(s[sizeof(word) - 1]);
}

bool lex_known_block(struct conf_lex *lex, const char *text, size_t head, const char *s,
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
	if (!lex_copy_pieces(lex, s, lex_piece(s, s + len, &rest), false, line))
		return false;
	if (conf_reuse_again(lex->notes, b, file, lines + 1) < 0)
		lex_nomem(lex);
	lex->newlines = (int)line.line;
	conf_files_skip(&lex->files, b->len, b->lines);
	return true;
}

void lex_note_block(struct conf_lex *lex)
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
		lex_nomem(lex);
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
