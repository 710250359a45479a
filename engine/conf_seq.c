#include "conf_seq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_def.h"

/* Three numbers with what parts them: keepalived takes no more. */
#define NUMBERS_MAX 64

#define BLANKS " \t"

struct conf_seq {
	struct conf_seq *below;
	char **name; /* of the variables (owned) */
	size_t nname;
	char *text; /* (owned) what follows the closing parenthesis */
	/* ~SEQ */
	long next, step, last;
	bool hex;
	/* ~LST: sets of nname values each (owned) */
	char **value;
	size_t nvalue, at; /* at: the next set's first */
};

static void seq_free(struct conf_seq *q)
{
	size_t i;

	if (!q)
		return;
	for (i = 0; i < q->nname; i++)
		free(q->name[i]);
	for (i = 0; i < q->nvalue; i++)
		free(q->value[i]);
	free(q->name);
	free(q->value);
	free(q->text);
	free(q);
}

static const char *skip(const char *p)
{
	return p + strspn(p, BLANKS);
}

/* Appends a copy of `len` bytes; false when memory runs out. */
static bool append(char ***v, size_t *n, const char *text, size_t len)
{
	char **more = realloc(*v, (*n + 1) * sizeof(*more));

	if (!more)
		return false;
	*v = more;
	more[*n] = strndup(text, len);
	if (!more[*n])
		return false;
	++*n;
	return true;
}

/* --- ~SEQ --- */

/* The numbers up to the parenthesis. Returns NULL or what is wrong. */
static const char *read_numbers(struct conf_seq *q, const char *p)
{
	static const char bad[] = "~SEQ takes (NAME, start, step, end), the middle two "
				  "optional";
	long v[3];
	char *end;
	int n = 0;

	for (;; p++) {
		v[n++] = strtol(p, &end, 0);
		p = skip(end);
		if (*p == ')')
			break;
		if (*p != ',' || n == 3)
			return bad;
	}
	if (n == 1) {
		q->last = v[0];
		q->step = v[0] < 1 ? -1 : 1;
		q->next = v[0] < 0 ? -1 : 1;
	} else if (n == 2) {
		q->next = v[0];
		q->last = v[1];
		q->step = v[0] <= v[1] ? 1 : -1;
	} else {
		q->next = v[0];
		q->step = v[1];
		q->last = v[2];
		if (!q->step || (q->next < q->last && q->step < 0) ||
		    (q->next > q->last && q->step > 0))
			return "~SEQ never gets to its end with this step";
	}
	if (q->hex && (q->next < 0 || q->last < 0))
		return "~SEQx is for positive numbers only";
	return NULL;
}

static const char *read_seq(struct conf_seq *q, struct conf_defs *defs, const char *p,
			    bool *nomem)
{
	char numbers[NUMBERS_MAX], *rest = NULL;
	const char *name, *end, *bad;
	size_t len, first = 0;

	if (*p == 'x') {
		q->hex = true;
		p++;
	}
	p = skip(p);
	if (*p++ != '(')
		return "~SEQ needs its parameters in (…)";
	name = skip(p);
	len = strcspn(name, BLANKS ",)");
	p = skip(name + len);
	end = strchr(p, ')');
	if (!len || *p != ',' || !end)
		return "~SEQ needs a name and a number";
	p = skip(p + 1);
	if ((size_t)(end + 1 - p) >= sizeof(numbers))
		return "~SEQ's numbers are too long";
	memcpy(numbers, p, (size_t)(end + 1 - p));
	numbers[end + 1 - p] = '\0';
	*nomem = conf_defs_replace(defs, numbers, sizeof(numbers), &first, &rest) ==
			 REPLACE_NOMEM ||
		 !append(&q->name, &q->nname, name, len);
	free(rest);
	if (rest)
		return "~SEQ's numbers cannot be a variable of several lines";
	bad = read_numbers(q, numbers);
	q->text = strdup(skip(end + 1));
	*nomem |= !q->text;
	return bad;
}

/* --- ~LST --- */

/* A parenthesis may close a list without braces, or what came after its brace. */
static bool at_end(char c, char closing)
{
	return c == closing || (c == ')' && closing == ',');
}

/*
 * One name or value, or several in braces, ended as `stop` says; *p is moved
 * behind its brace. False: not that, or more than `max`.
 */
static bool read_set(const char **p, const char *stop, bool names, size_t max,
		     char ***v, size_t *n, bool *nomem)
{
	char closing = ',';
	size_t count = 0, len;

	if (**p == '{') {
		closing = '}';
		*p = skip(*p + 1);
	}
	for (;;) {
		len = strcspn(*p, stop);
		if (count++ == max)
			return false;
		if (!append(v, n, *p, len)) {
			*nomem = true;
			return false;
		}
		*p = skip(*p + len);
		if (names ? **p == closing : at_end(**p, closing))
			break;
		if (**p != ',')
			return false;
		*p = skip(*p + 1);
	}
	for (; !names && count < max; count++) {
		if (!append(v, n, "", 0)) {
			*nomem = true;
			return false;
		}
	}
	if (closing == '}')
		*p = skip(*p + 1);
	return true;
}

static const char *read_lst(struct conf_seq *q, const char *p, bool *nomem)
{
	static const char bad[] =
		"~LST takes (NAME, value, …) or "
		"({NAME, …}, {value, …}, …), not more values than names";

	p = skip(p);
	if (*p++ != '(')
		return bad;
	p = skip(p);
	if (!read_set(&p, BLANKS ",}", true, (size_t)-1, &q->name, &q->nname, nomem))
		return bad;
	for (;;) {
		if (*p != ',')
			return bad;
		p = skip(p + 1);
		if (!read_set(&p, BLANKS ",})", false, q->nname, &q->value, &q->nvalue,
			      nomem))
			return bad;
		if (*p == ')')
			break;
	}
	q->text = strdup(skip(p + 1));
	*nomem |= !q->text;
	return NULL;
}

/* --- the stack --- */

const char *conf_seq_add(struct conf_seqs *s, struct conf_defs *defs, const char *line,
			 bool *nomem)
{
	struct conf_seq *q = calloc(1, sizeof(*q));
	const char *bad = NULL;

	*nomem = !q;
	if (q)
		bad = line[1] == 'S' ? read_seq(q, defs, line + 4, nomem)
				     : read_lst(q, line + 4, nomem);
	if (bad || *nomem) {
		seq_free(q);
		return bad ? bad : "memory ran out";
	}
	q->below = s->top;
	s->top = q;
	s->n++;
	return NULL;
}

static void pop(struct conf_seqs *s)
{
	struct conf_seq *q = s->top;

	s->top = q->below;
	s->n--;
	seq_free(q);
}

bool conf_seq_next(struct conf_seqs *s, struct conf_defs *defs, char *buf)
{
	struct conf_seq *q = s->top;
	char number[24];
	bool done, ok = true;
	size_t i;

	strcpy(buf, q->text);
	if (q->nvalue) {
		for (i = 0; i < q->nname; i++)
			ok &= conf_def_set(defs, q->name[i], q->value[q->at++]);
		done = q->at == q->nvalue;
	} else {
		snprintf(number, sizeof(number), q->hex ? "%lx" : "%ld", q->next);
		ok = conf_def_set(defs, q->name[0], number);
		done = __builtin_add_overflow(q->next, q->step, &q->next) ||
		       (q->step > 0 ? q->next > q->last : q->next < q->last);
	}
	if (done)
		pop(s);
	return ok;
}

void conf_seqs_finish(struct conf_seqs *s)
{
	while (s->top)
		pop(s);
}
