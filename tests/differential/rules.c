/* Implementation of rules.h. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

static int number(struct block_diag *d, const struct block_stmt *s, size_t i, double *out)
{
	char *end;

	if (i < s->nword) {
		*out = strtod(s->word[i].text, &end);
		if (end != s->word[i].text && !*end)
			return 0;
	}
	block_error_at(d, s, i, "'%s' wants a number here", s->word[0].text);
	return -1;
}

static int text(struct block_diag *d, const struct block_stmt *s, const char **out)
{
	if (s->nword != 2) {
		block_error_at(d, s, 1, "'%s' wants one word or a quoted text",
			       s->word[0].text);
		return -1;
	}
	*out = s->word[1].text;
	return 0;
}

static int add_formula(struct block_diag *d, const struct block_stmt *s, struct rule *r)
{
	struct formula *f = reallocarray(r->formula, r->nformula + 1, sizeof(*f));

	if (!f) {
		block_error_at(d, s, 0, "out of memory");
		return -1;
	}
	r->formula = f;
	f += r->nformula++;
	f->key = s->nword > 2 ? s->word[1].text : NULL;
	return number(d, s, s->nword > 2 ? 2 : 1, &f->value);
}

static int add_follows(struct block_diag *d, const struct block_stmt *s, struct rule *r)
{
	if (s->nword != 3 || (strcmp(s->word[1].text, "keepalived") &&
			      strcmp(s->word[1].text, "halbd"))) {
		block_error_at(d, s, 1, "'follows' wants keepalived or halbd, and the reason");
		return -1;
	}
	r->follows = s->word[1].text;
	r->reason = s->word[2].text;
	return 0;
}

static int flagged(struct block_diag *d, const struct block_stmt *s, bool *has, double *out)
{
	*has = true;
	return number(d, s, 1, out);
}

static int read_word(struct block_diag *d, const struct block_stmt *s, struct rule *r)
{
	const struct {
		const char *word;
		const char **to;
	} texts[] = {
		{ "what", &r->what },
		{ "unit", &r->unit },
		{ "expect", &r->expect },
		{ "why", &r->why },
		{ "keepalived", &r->own[KEEPALIVED] },
		{ "halbd", &r->own[HALBD] },
	};
	const char *word = s->word[0].text, *path;
	int64_t keys;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(word, texts[i].word))
			return text(d, s, texts[i].to);
	if (!strcmp(word, "formula"))
		return add_formula(d, s, r);
	if (!strcmp(word, "follows"))
		return add_follows(d, s, r);
	if (!strcmp(word, "within"))
		return flagged(d, s, &r->has_within, &r->within);
	if (!strcmp(word, "apart"))
		return flagged(d, s, &r->has_apart, &r->apart);
	if (!strcmp(word, "more"))
		return flagged(d, s, &r->has_more, &r->more);
	if (!strcmp(word, "between"))
		return flagged(d, s, &r->has_between, &r->low) | number(d, s, 2, &r->high);
	if (!strcmp(word, "keys")) {
		if (block_int(d, s, 1, 1, 1000000, &keys) < 0)
			return -1;
		r->keys = (long)keys;
		return 0;
	}
	if (!strcmp(word, "except")) {
		if (text(d, s, &path) < 0)
			return -1;
		r->except = block_read(path, d);
		return r->except ? 0 : -1;
	}
	block_error_at(d, s, 0, "an observable has no '%s'", word);
	return -1;
}

/* What makes no sense together would compare nothing. */
static int coherent(struct block_diag *d, const struct block_stmt *s, const struct rule *r)
{
	const char *wrong = NULL;

	if (!r->own[KEEPALIVED] != !r->own[HALBD] || !r->own[HALBD] != !r->follows)
		wrong = "'keepalived', 'halbd' and 'follows' go together";
	else if (!r->unit && (r->nformula || r->has_within || r->has_apart || r->has_between ||
			      r->has_more))
		wrong = "a bound needs a 'unit'";
	else if (r->nformula && !r->has_within)
		wrong = "a 'formula' needs 'within'";
	else if (r->unit && !r->has_within && !r->has_apart && !r->has_more && !r->expect)
		wrong = "a number needs 'within', 'apart', 'more' or 'expect'";
	else if (r->except && !r->keys)
		wrong = "'except' needs 'keys'";
	if (!wrong)
		return 0;
	block_error_at(d, s, 0, "%s", wrong);
	return -1;
}

static int read_rule(struct block_diag *d, const struct block_stmt *s, struct row *row)
{
	const struct block_stmt *w;
	struct rule **last = &row->rule, *r;
	int result = 0;

	if (strcmp(s->word[0].text, "observe") || s->nword != 2 || !s->body) {
		block_error_at(d, s, 0, "a row has 'observe NAME { ... }'");
		return -1;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		block_error_at(d, s, 0, "out of memory");
		return -1;
	}
	while (*last)
		last = &(*last)->next;
	*last = r;
	r->name = s->word[1].text;
	for (w = s->body->first; w; w = w->next)
		result |= read_word(d, w, r);
	if (!r->what)
		r->what = r->name;
	return result | coherent(d, s, r);
}

static struct row *new_row(struct row **at, int number, const char *text)
{
	struct row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	row->number = number;
	row->text = text;
	row->next = *at;
	*at = row;
	return row;
}

/* Two scripts may see to one row: then it has the observables of both. */
static int read_row(struct rules *rules, const struct block_stmt *s, struct block_diag *d)
{
	struct row **at = &rules->row, *row;
	const struct block_stmt *o;
	int64_t n = 0;
	int result = 0;

	if (strcmp(s->word[0].text, "row") || s->nword != 3 || !s->body || !s->body->first) {
		block_error_at(d, s, 0, "wanted: row NUMBER \"TEXT\" { observe NAME ... }");
		return -1;
	}
	if (block_int(d, s, 1, 1, 999, &n) < 0)
		return -1;
	while (*at && (*at)->number < n)
		at = &(*at)->next;
	row = *at;
	if (row && row->number == n && strcmp(row->text, s->word[2].text)) {
		block_error_at(d, s, 1, "row %d is there already, as '%s'", (int)n, row->text);
		return -1;
	}
	if (!row || row->number != n)
		row = new_row(at, (int)n, s->word[2].text);
	if (!row) {
		block_error_at(d, s, 0, "out of memory");
		return -1;
	}
	for (o = s->body->first; o; o = o->next)
		result |= read_rule(d, o, row);
	return result;
}

/* Takes the tree over. */
static int add_tree(struct rules *rules, struct block *tree, struct block_diag *d)
{
	struct block **all;
	const struct block_stmt *s;
	int result = d->errors ? -1 : 0;

	if (!tree)
		return -1;
	all = reallocarray(rules->tree, rules->ntree + 1, sizeof(struct block *));
	if (!all) {
		block_free(tree);
		return -1;
	}
	rules->tree = all;
	all[rules->ntree++] = tree;
	for (s = tree->first; s; s = s->next)
		result |= read_row(rules, s, d);
	return result;
}

int rules_read(struct rules *rules, const char *path, struct block_diag *d)
{
	return add_tree(rules, block_read(path, d), d);
}

int rules_parse(struct rules *rules, const char *name, const char *input,
		struct block_diag *d)
{
	return add_tree(rules, block_parse(name, input, strlen(input), d), d);
}

void rules_finish(struct rules *rules)
{
	struct row *row, *next_row;
	struct rule *rule, *next;
	size_t i;

	for (row = rules->row; row; row = next_row) {
		next_row = row->next;
		for (rule = row->rule; rule; rule = next) {
			next = rule->next;
			block_free(rule->except);
			free(rule->formula);
			free(rule);
		}
		free(row);
	}
	for (i = 0; i < rules->ntree; i++)
		block_free(rules->tree[i]);
	free(rules->tree);
	*rules = (struct rules){ 0 };
}

const struct block_stmt *rule_excepts(const struct rule *rule, const char *key)
{
	const struct block_stmt *s = rule->except ? rule->except->first : NULL;

	while (s && strcmp(s->word[0].text, key) != 0)
		s = s->next;
	return s;
}
