/* The walk over the lines of a pass: blocks and their words. */
#include <stdlib.h>
#include <string.h>

#include "conf_int.h"

/* --- finding words --- */

struct key {
	const char *text;
};

static const struct conf_kw *find_word(const struct conf_words *w, const char *word)
{
	size_t lo = 0, hi = w->n, mid;
	const char *name;
	int d;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		name = w->kw[mid].name;
		d = (unsigned char)*word - (unsigned char)*name; /* says it mostly */
		if (!d)
			d = strcmp(word, name);
		if (!d)
			return &w->kw[mid];
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static const struct conf_kw *find_kw(const struct conf_block *b, const char *word)
{
	const struct conf_words *w;
	const struct conf_kw *kw = NULL;
	size_t i;

	for (i = 0; !kw && (w = conf_block_words(b, i)); i++)
		kw = find_word(w, word);
	return kw;
}

const struct conf_words *conf_block_words(const struct conf_block *b, size_t i)
{
	if (!i)
		return &b->words;
	return i <= sizeof(b->more) / sizeof(b->more[0]) ? b->more[i - 1] : NULL;
}

static int by_root_name(const void *key, const void *root)
{
	return strcmp(((const struct key *)key)->text,
		      ((const struct conf_root *)root)->kw.name);
}

static const struct conf_root *find_root(const char *word)
{
	struct key key = { word };

	return bsearch(&key, conf_roots, conf_nroots, sizeof(*conf_roots), by_root_name);
}

/* --- lines --- */

static bool next_line(struct conf_ctx *c)
{
	conf_lex_skip(c->lex, c->skip > 0 ? &c->skip : NULL);
	c->line = c->give_up ? NULL : conf_lex_line(c->lex);
	return c->line != NULL;
}

static bool last_word_is(const struct conf_ctx *c, const char *text)
{
	return !strcmp(c->line->word[c->line->nword - 1].text, text);
}

void conf_skip_block(struct conf_ctx *c)
{
	c->skip = -1;
}

/*
 * While a block is being skipped: counts its braces. Returns 0 when the line is
 * to be read after all, 1 when it is done with, 2 when it ended the block that
 * the caller is reading.
 */
static int skipping(struct conf_ctx *c)
{
	const char *word = c->line->word[0].text;
	size_t i;

	if (c->skip < 0) {
		if (!strcmp(word, "{")) {
			c->skip = 1;
			return 1;
		}
		/* There was no block to skip. */
		c->skip = 0;
	}
	if (!c->skip)
		return 0;
	for (i = 0; i < c->line->nword; i++) {
		word = c->line->word[i].text;
		if (!strcmp(word, "{"))
			c->skip++;
		else if (!strcmp(word, "}") && !--c->skip)
			break;
	}
	return !strcmp(word, "}") && !c->skip && c->level > 0 ? 2 : 1;
}

void conf_value_block(struct conf_ctx *c, void (*fn)(struct conf_ctx *c))
{
	conf_value_lines(c, 1, fn);
}

void conf_value_lines(struct conf_ctx *c, size_t nword, void (*fn)(struct conf_ctx *c))
{
	bool need_brace = true;
	const char *word;

	if (conf_nword(c) > nword && !conf_is(c, nword, "{"))
		conf_say(c, K_VALUE, nword, "'%s' has a word too many; '%s' is ignored",
			 conf_word(c, 0), conf_word(c, nword));
	while (!c->give_up && next_line(c)) {
		word = c->line->word[0].text;
		if (need_brace) {
			need_brace = false;
			if (!strcmp(word, "{"))
				continue;
			conf_say(c, K_NOTE, 0,
				 "'{' is missing before this line; it is read as the "
				 "block's first");
		}
		if (!strcmp(word, "}"))
			return;
		fn(c);
	}
}

/* --- words and their blocks --- */

static bool walk(struct conf_ctx *c, const struct conf_block *b, bool need_brace);

static bool alive(const struct conf_ctx *c, const struct conf_block *b)
{
	return !c->give_up && (!b->alive || b->alive(c));
}

/* Acts on a word that is known and read in this pass. */
static void act(struct conf_ctx *c, const struct conf_kw *kw)
{
	bool need_brace = true;

	if (kw->sub && c->line->nword > 1 && last_word_is(c, "{"))
		need_brace = false;
	if (kw->later)
		conf_say_later(c, kw);
	if (kw->fn)
		kw->fn(c);
	if (!kw->sub || c->give_up)
		return;
	c->level++;
	if (!walk(c, kw->sub, need_brace) && kw->sub->end && alive(c, kw->sub))
		kw->sub->end(c);
	c->level--;
}

/* The braces that stand where a word should. Returns whether it was one. */
static bool stray_brace(struct conf_ctx *c, bool *need_brace)
{
	bool open = !strcmp(c->line->word[0].text, "{");

	if (*need_brace) {
		*need_brace = false;
		if (open && c->level > 0)
			return true;
		conf_say(c, K_BRACE, 0,
			 "'{' is missing before this line; it is read as if it were there");
		return false;
	}
	if (!open)
		return false;
	conf_say(c, K_BRACE, 0,
		 "'{' without a word that opens a block, ignored; the '}' that closes it "
		 "will close the block around it");
	return true;
}

static void one_word(struct conf_ctx *c, const struct conf_block *b)
{
	const char *word = c->line->word[0].text;
	const struct conf_root *root;
	const struct conf_kw *kw;

	if (b) {
		kw = find_kw(b, word);
		if (!kw)
			conf_say_unknown(c, b);
		else if (alive(c, b))
			act(c, kw);
		return;
	}
	if (c->line->reuse) { /* with all that is in its block */
		if (c->pass == PASS_CHECKER)
			conf_service_reuse(c);
		return;
	}
	root = find_root(word);
	if (!root)
		conf_say_unknown(c, NULL);
	else if (root->passes & c->pass)
		act(c, &root->kw);
	else
		c->skip = last_word_is(c, "{") ? 1 : -1;
}

/*
 * Reads the lines of a block (NULL: of the file) to its closing brace. Returns
 * whether it was skipped, so that it is not to be completed.
 */
static bool walk(struct conf_ctx *c, const struct conf_block *b, bool need_brace)
{
	int skip;

	while (next_line(c)) {
		if (c->skip < 0 && !strcmp(c->line->word[0].text, "{"))
			need_brace = false;
		skip = skipping(c);
		if (skip == 2)
			return true;
		if (skip || stray_brace(c, &need_brace))
			continue;
		if (!strcmp(c->line->word[0].text, "}") && c->level > 0)
			return false;
		one_word(c, b);
	}
	return false;
}

void conf_walk(struct conf_ctx *c)
{
	c->skip = 0;
	c->level = 0;
	walk(c, NULL, false);
	c->line = NULL;
}
