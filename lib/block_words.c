/* The block syntax, bytes to words: quotes, escapes, comments. */
#include <stdlib.h>
#include <string.h>

#include "block_priv.h"

static void advance(struct block_reader *r)
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
static bool at_comment(const struct block_reader *r)
{
	if (*r->p == '#')
		return true;
	return *r->p == '!' && !(r->end - r->p > 1 && r->p[1] == '=');
}

static void skip_blanks(struct block_reader *r)
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

static char unescape(struct block_reader *r)
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
static char *quoted_word(struct block_reader *r, char *out)
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

static char *plain_word(struct block_reader *r, char *out)
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

static size_t word_room(const struct block_reader *r)
{
	const char *nl = memchr(r->p, '\n', (size_t)(r->end - r->p));

	return (size_t)((nl ? nl : r->end) - r->p) + 1;
}

static void read_word(struct block_reader *r)
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

void block_next(struct block_reader *r)
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
