/*
 * Passes over keepalived.conf, line by line. See conf_lex.h for what comes out, and
 * conf_lex_priv.h for which file does what to a line.
 */
#include "conf_lex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_lex_priv.h"
#include "conf_reuse.h"

void lex_fault(struct conf_lex *lex, enum conf_lex_fault what, size_t offset,
	       const char *text)
{
	lex->report(lex->arg, what, lex->out.file ? lex->out.file : lex->files.path,
		    lex->out.line, lex->col + (int)offset, lex->out.oracle_line, text);
}

static void file_fault(void *arg, bool required, const char *text)
{
	struct conf_lex *lex = arg;

	lex_fault(lex, required ? LEX_INCLUDE_REQUIRED : LEX_INCLUDE, 0, text);
}

void lex_nomem(struct conf_lex *lex)
{
	lex->stop = lex->nomem = true;
	errno = ENOMEM;
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
	if (lex_in_sequence(lex))
		return lex_next_repeated(lex);
	lex->fixed = CONF_LINE_MAX;
	if (lex->nexpand)
		return lex_next_expanded(lex);
	lex->expanded = 0;
	return lex->pass == 1 ? lex_next_from_files(lex) : lex_next_from_copy(lex);
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

/* Does all that to the line in buf. Returns false when nothing is left of it. */
static bool process(struct conf_lex *lex)
{
	int again = 0;

	do {
		if (lex->buf[0] == '@' && !for_us(lex))
			return false;
		if (lex->buf[0] == '$' && lex_define(lex))
			return false;
		if (lex->buf[0] == '~') {
			if (!strncmp(lex->buf, "~SEQ", 4) || !strncmp(lex->buf, "~LST", 4)) {
				lex_begin_sequence(lex);
				return false;
			}
			return true;
		}
		if (++again > CONF_LINE_MAX) {
			lex_fault(lex, LEX_LOOP, 0, lex->buf);
			return false;
		}
	} while (lex_replace(lex));
	return lex->buf[0] != '\0';
}

const struct conf_line *conf_lex_line(struct conf_lex *lex)
{
	while (next_source(lex)) {
		if (lex_continues_definition(lex))
			continue;
		if (!lex->plain) {
			if (!lex->buf[0] || !process(lex) || lex_include(lex))
				continue;
			lex_split_braces(lex);
		}
		lex_count_braces(lex);
		if (lex->plain)
			lex_cut_plain(lex);
		else
			lex_cut(lex);
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
	lex_expand_clear(lex);
	conf_seqs_finish(&lex->seqs);
	lex->repeats = 0;
	conf_defs_finish(&lex->defs);
	if (!conf_defs_init(&lex->defs, lex->id))
		lex_nomem(lex);
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
	lex_fault(lex, LEX_MISSING_BRACE, 0, text);
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
	lex_expand_clear(lex);
	conf_seqs_finish(&lex->seqs);
	conf_defs_finish(&lex->defs);
	conf_files_finish(&lex->files);
	conf_reuse_free(lex->notes);
	free(lex->copy_text);
	free(lex->copy);
	free(lex->dir);
	free(lex);
}
