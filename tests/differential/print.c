/* Implementation of print.h. */
#include "print.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER, BEHAVIOUR, OF_KEEPALIVED, OF_HALBD, DIFFERENCE, VERDICT, COLUMNS };

/* With two spaces between them, 120 columns. */
static const int width[COLUMNS] = { 2, 41, 24, 24, 12, 7 };
#define WIDTH 120

/* How much of `text` goes on a line of `room`: whole words where there are any. */
static int fits(const char *text, int room)
{
	int len = (int)strlen(text), i;

	if (len <= room)
		return len;
	for (i = room; i > 0; i--)
		if (text[i] == ' ')
			return i;
	return room;
}

static void take_line(FILE *out, const char **text, int room, bool pad)
{
	int n = fits(*text, room);

	fprintf(out, "%-*.*s", pad ? room : 0, n, *text);
	*text += n;
	while (**text == ' ')
		(*text)++;
}

static void print_cells(FILE *out, const char *const cell[COLUMNS])
{
	const char *rest[COLUMNS];
	bool more;
	int i, last;

	memcpy(rest, cell, sizeof(rest));
	do {
		for (last = COLUMNS - 1; last > 0 && !*rest[last]; last--)
			;
		more = false;
		for (i = 0; i <= last; i++) {
			take_line(out, &rest[i], width[i], i < last);
			fputs(i < last ? "  " : "", out);
		}
		fputc('\n', out);
		for (i = 0; i < COLUMNS; i++)
			more |= *rest[i] != '\0';
	} while (more);
}

/* A row's number and text, over the whole width. */
static void print_heading(FILE *out, const char *number, const char *text)
{
	do {
		fprintf(out, "%*s  ", width[NUMBER], number);
		take_line(out, &text, WIDTH - width[NUMBER] - 2, false);
		fputc('\n', out);
		number = "";
	} while (*text);
}

/* A text below the behaviour, over the whole width. */
static void print_note(FILE *out, const char *text)
{
	const int indent = width[NUMBER] + 4;

	while (*text) {
		fprintf(out, "%*s", indent, "");
		take_line(out, &text, WIDTH - indent, false);
		fputc('\n', out);
	}
}

static void print_trouble(FILE *out, const char *text, const char *before)
{
	const char *end;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		fprintf(out, "%s%.*s\n", before, (int)(end - text), text);
	}
}

/* The same in the table, folded. */
static void fold_trouble(FILE *out, const char *text)
{
	char line[4096];
	const char *end;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		snprintf(line, sizeof(line), "! %.*s", (int)(end - text), text);
		print_note(out, line);
	}
}

static bool only_one(const struct row *row)
{
	return !row->rule->next && row->rule->what == row->rule->name;
}

/* " KEY: REASON" of a line of exceptions. */
static void exception(char *buf, size_t size, const struct block_stmt *s)
{
	size_t i, n = (size_t)snprintf(buf, size, "%s:", s->word[0].text);

	for (i = 1; i < s->nword && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, " %s", s->word[i].text);
}

static void print_exceptions(FILE *out, const struct rule *r)
{
	const struct block_stmt *s = r->except ? r->except->first : NULL;
	char note[1024];

	for (; s; s = s->next) {
		exception(note, sizeof(note), s);
		print_note(out, note);
	}
}

static void print_finding(FILE *out, const struct finding *f, bool first)
{
	char number[16] = "", behaviour[256], note[2048];
	const char *cell[COLUMNS] = { number, behaviour, f->side[KEEPALIVED], f->side[HALBD],
				      f->difference, verdict_name(f->verdict) };

	if (first)
		snprintf(number, sizeof(number), "%2d", f->row->number);
	if (only_one(f->row)) {
		snprintf(behaviour, sizeof(behaviour), "%s", f->row->text);
	} else {
		snprintf(behaviour, sizeof(behaviour), "- %s", f->rule->what);
		if (first) {
			print_heading(out, number, f->row->text);
			*number = '\0';
		}
	}
	print_cells(out, cell);
	if (f->rule->follows) {
		snprintf(note, sizeof(note), "halbd follows %s%s",
			 strcmp(f->rule->follows, "halbd") ? "keepalived: " : "",
			 f->rule->reason);
		print_note(out, note);
	}
	print_exceptions(out, f->rule);
	fold_trouble(out, f->trouble);
}

static size_t count(const struct verdicts *f, enum verdict v)
{
	size_t i, n = 0;

	for (i = 0; i < f->n; i++)
		n += f->at[i].verdict == v;
	return n;
}

/* Rows, all of whose observables held. */
static size_t rows_held(const struct verdicts *f, size_t *rows)
{
	size_t i, held = 0;
	bool ok = true;

	*rows = 0;
	for (i = 0; i < f->n; i++) {
		ok &= f->at[i].verdict != FAILED;
		if (i + 1 < f->n && f->at[i + 1].row == f->at[i].row)
			continue;
		held += ok;
		(*rows)++;
		ok = true;
	}
	return held;
}

static void print_totals(FILE *out, const struct verdicts *f)
{
	size_t rows, held = rows_held(f, &rows);

	fprintf(out,
		"%zu of %zu behaviours hold: %zu observables equal, %zu close, %zu differ as "
		"stated, %zu failed\n",
		held, rows, count(f, EQUAL), count(f, CLOSE), count(f, DIFFERS),
		count(f, FAILED));
}

void print_table(FILE *out, const struct verdicts *f)
{
	static const char *const head[COLUMNS] = { " #", "behaviour", "keepalived", "halbd",
						   "difference", "verdict" };
	size_t i;

	print_cells(out, head);
	for (i = 0; i < f->n; i++)
		print_finding(out, &f->at[i], !i || f->at[i - 1].row != f->at[i].row);
	fold_trouble(out, f->stray);
	fputc('\n', out);
	print_totals(out, f);
}

/* --- Markdown --- */

static void escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("|*_<>`", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void print_bound(FILE *out, const struct rule *r)
{
	const char *sep = "";

	if (r->nformula == 1)
		fprintf(out, "%g", r->formula->value);
	else if (r->nformula)
		fputs("formula", out);
	if (r->has_within) {
		fprintf(out, "%s%g %s", r->nformula ? " ± " : "± ", r->within, r->unit);
		sep = ", ";
	}
	if (r->has_apart) {
		fprintf(out, "%s%g %s apart", sep, r->apart, r->unit);
		sep = ", ";
	}
	if (r->has_more) {
		fprintf(out, "%sat most %g more", sep, r->more);
		sep = ", ";
	}
	if (r->has_between) {
		fprintf(out, "%s%g to %g %s", sep, r->low, r->high, r->unit);
		sep = ", ";
	}
	if (!*sep)
		fputs(r->own[HALBD] ? "as stated" : "equal", out);
}

static void markdown_line(FILE *out, const struct finding *f, bool first)
{
	if (first)
		fprintf(out, "| **%d** | **%s** | | | | | |\n", f->row->number, f->row->text);
	fputs("| | ", out);
	escaped(out, f->rule->what);
	fputs(" | ", out);
	escaped(out, f->side[KEEPALIVED]);
	fputs(" | ", out);
	escaped(out, f->side[HALBD]);
	fprintf(out, " | %s | ", f->difference);
	print_bound(out, f->rule);
	fprintf(out, " | %s |\n", verdict_name(f->verdict));
}

static void markdown_exceptions(FILE *out, const struct finding *f)
{
	const struct block_stmt *s = f->rule->except ? f->rule->except->first : NULL;
	char note[1024];

	for (; s; s = s->next) {
		exception(note, sizeof(note), s);
		fprintf(out, "- %d, ", f->row->number);
		escaped(out, note);
		fputc('\n', out);
	}
}

static void markdown_notes(FILE *out, const struct finding *f)
{
	const struct rule *r = f->rule;
	size_t i;

	if (r->follows)
		fprintf(out, "- %d, %s: halbd follows %s%s\n", f->row->number, r->what,
			strcmp(r->follows, "halbd") ? "keepalived: " : "", r->reason);
	markdown_exceptions(out, f);
	if (!r->why && r->nformula < 2)
		return;
	fprintf(out, "- %d, %s:", f->row->number, r->what);
	for (i = 0; r->nformula > 1 && i < r->nformula; i++)
		fprintf(out, "%s %s: %g %s", i ? "," : " formula", r->formula[i].key,
			r->formula[i].value, r->unit);
	fprintf(out, "%s%s\n", r->nformula > 1 && r->why ? "; " : r->why ? " " : "",
		r->why ? r->why : "");
}

void print_markdown(FILE *out, const struct verdicts *f)
{
	size_t i;

	fputs("# keepalived and halbd, behaviour by behaviour\n\n"
	      "Made by `make differential`: each was run with keepalived 2.2.7 and with halbd "
	      "in the\nvirtual-time guest. `differs`: by intention, with the reason below. "
	      "Numbers in\nbrackets: how many values (their range is shown). The rules stand "
	      "in\ntests/differential/*.conf.\n\n",
	      out);
	fputs("| # | behaviour | keepalived 2.2.7 | halbd | difference | bound | verdict |\n"
	      "| --- | --- | --- | --- | --- | --- | --- |\n",
	      out);
	for (i = 0; i < f->n; i++)
		markdown_line(out, &f->at[i], !i || f->at[i - 1].row != f->at[i].row);
	fputc('\n', out);
	print_totals(out, f);
	fputs("\n## Why\n\n", out);
	for (i = 0; i < f->n; i++)
		markdown_notes(out, &f->at[i]);
}

/* --- TAP --- */

size_t print_tap(FILE *out, const struct verdicts *f)
{
	const struct finding *g;
	size_t i;

	for (i = 0; i < f->n; i++) {
		g = &f->at[i];
		fprintf(out, "%s %zu - %d %s%s%s: %s%s%s\n",
			g->verdict == FAILED ? "not ok" : "ok", i + 1, g->row->number,
			g->row->text, only_one(g->row) ? "" : ": ",
			only_one(g->row) ? "" : g->rule->what, verdict_name(g->verdict),
			g->verdict == CLOSE ? ", " : "",
			g->verdict == CLOSE ? g->difference : "");
		print_trouble(out, g->trouble, "# ");
	}
	fprintf(out, "%s %zu - every observation has a rule\n", *f->stray ? "not ok" : "ok",
		f->n + 1);
	print_trouble(out, f->stray, "# ");
	return f->n + 1;
}
