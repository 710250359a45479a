/* A line cut at its braces, and into words. */
#include <string.h>

#include "conf_lex_priv.h"

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

void lex_split_braces(struct conf_lex *lex)
{
	char *p = lex->buf, *rest;

	if (*p != '{' && *p != '}') {
		while (*p && !(lex_class[(unsigned char)*p] & BRACE)) {
			if (*p == '"' && !(p = strchr(p + 1, '"')))
				return;
			p++;
		}
	}
	if (!*p)
		return;
	rest = p == lex->buf ? p + 1 + lex_leading(p + 1) : p;
	if (!*rest)
		return;
	keep_columns(lex, (size_t)(rest - lex->buf));
	strcpy(lex->residue, rest);
	lex->has_residue = true;
	lex_trim_end(lex->residue, lex->residue + strlen(lex->residue));
	lex_trim_end(lex->buf, rest);
}

void lex_count_braces(struct conf_lex *lex)
{
	if (!(lex_class[(unsigned char)lex->text[0]] & BRACE) || lex->text[1])
		return;
	if (lex->text[0] == '{') {
		lex->depth++;
	} else if (lex->depth-- < 1) {
		lex_fault(lex, LEX_EXTRA_BRACE, 0, "");
		lex->depth = 0;
	} else if (!lex->depth && lex->block.start) {
		lex_note_block(lex);
	}
}

/* Words of a plain line: no quotes. */
void lex_cut_plain(struct conf_lex *lex)
{
	const char *p = lex->text;
	char *store = lex->store;
	size_t n = 0;

	for (;;) {
		while (lex_blank_or_control(*p))
			p++;
		if (!*p)
			break;
		lex->word[n].text = store;
		lex->word[n++].col = lex->col + (int)(p - lex->text);
		do
			*store++ = *p++;
		while (*p && !lex_blank_or_control(*p));
		*store++ = '\0';
	}
	lex->out.text = lex->text;
	lex->out.text_col = lex->col;
	lex->out.nword = n;
}

/* Words of the line, with their places. */
void lex_cut(struct conf_lex *lex)
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
		lex_fault(lex, LEX_QUOTE_UNMATCHED, 0, lex->buf);
}
