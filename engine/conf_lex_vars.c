/*
 * $VARIABLES, ~SEQ and ~LST as they meet a line: definitions taken, variables
 * replaced, and the lines that either of them brings.
 */
#include <stdlib.h>
#include <string.h>

#include "conf_lex_priv.h"

#define EXPANDED_MAX 100000 /* lines out of variables that one line may bring */

unsigned int conf_lex_repeats_max = 2000000;

/* --- lines out of variables --- */

bool lex_next_expanded(struct conf_lex *lex)
{
	size_t top = lex->nexpand - 1;
	char *line = lex->expand_at[top];
	size_t len = strcspn(line, "\n");
	bool last = line[len] != '\n';

	/* The last line of a variable may use the variable again, for ever. */
	if (++lex->expanded > EXPANDED_MAX) {
		lex_fault(lex, LEX_LOOP, 0, lex->buf);
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
		lex_fault(lex, LEX_LOOP, 0, lex->buf);
		free(rest);
		lex->stop = true;
		return;
	}
	lex->expand[lex->nexpand] = lex->expand_at[lex->nexpand] = rest;
	lex->expand_seq[lex->nexpand] = lex->seqs.n;
	lex->nexpand++;
}

void lex_expand_clear(struct conf_lex *lex)
{
	while (lex->nexpand)
		free(lex->expand[--lex->nexpand]);
}

/* The folder of the file being read. */
static const char *dir(struct conf_lex *lex)
{
	if (!lex->dir || lex->dir_of != lex->out.file) {
		free(lex->dir);
		lex->dir = strdup(conf_files_dir(&lex->files, lex->out.file));
		lex->dir_of = lex->out.file;
		if (!lex->dir)
			lex_nomem(lex);
	}
	return lex->dir;
}

bool lex_replace(struct conf_lex *lex)
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
		lex_nomem(lex);
	if (did == REPLACE_LOOP) {
		lex_fault(lex, LEX_LOOP, 0, lex->buf);
		lex->buf[0] = '\0';
	}
	if (did != REPLACE_DONE)
		return false;
	if (first < lex->fixed)
		lex->fixed = first;
	lex_strip(lex, lex->buf);
	return lex->buf[0] == '@' || strchr(lex->buf, '$');
}

/* --- definitions --- */

bool lex_define(struct conf_lex *lex)
{
	bool more, oom;
	struct conf_def *def = conf_def_parse(&lex->defs, lex->buf, &more, &oom);

	if (oom)
		lex_nomem(lex);
	if (def && more)
		lex->def = def;
	return def || oom;
}

bool lex_continues_definition(struct conf_lex *lex)
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
		lex_nomem(lex);
	return true;
}

/* --- lines out of sequences --- */

bool lex_in_sequence(const struct conf_lex *lex)
{
	return lex->seqs.n > (lex->nexpand ? lex->expand_seq[lex->nexpand - 1] : 0);
}

bool lex_next_repeated(struct conf_lex *lex)
{
	if (lex->repeats++ == conf_lex_repeats_max) {
		lex_fault(lex, LEX_LOOP, 0, "~SEQ or ~LST");
		lex->stop = true;
		return false;
	}
	lex->expanded = 0;
	lex->fixed = 0;
	if (!conf_seq_next(&lex->seqs, &lex->defs, lex->buf)) {
		lex_nomem(lex);
		return false;
	}
	return true;
}

void lex_begin_sequence(struct conf_lex *lex)
{
	bool oom;
	const char *bad = conf_seq_add(&lex->seqs, &lex->defs, lex->buf, &oom);

	if (oom)
		lex_nomem(lex);
	else if (bad)
		lex_fault(lex, LEX_SEQUENCE, 0, bad);
}
