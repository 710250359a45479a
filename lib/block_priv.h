/* Inside the reader of the block syntax: what block.c asks of block_words.c. */
#ifndef HALB_BLOCK_PRIV_H
#define HALB_BLOCK_PRIV_H

#include "block.h"

enum token { T_WORD, T_OPEN, T_CLOSE, T_NEWLINE, T_END };

struct block_reader {
	const char *name, *p, *end;
	int line, col;
	enum token tok;
	int tok_line, tok_col;
	char *word; /* (owned) of a T_WORD, until somebody takes it */
	bool quoted;
	bool nomem;
	struct block_diag *d;
};

/* Reads the next token into r->tok; T_END also when memory ran out (r->nomem). */
void block_next(struct block_reader *r);

#endif
