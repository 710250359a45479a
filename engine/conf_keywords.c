/* The words that the reader knows, for people and for the test of the manual. */
#include "conf_int.h"
#include "conf_test.h"

/* The word, not supported, that alone opens a block; NULL: there is another. */
static const struct conf_kw *opened_by(const struct conf_block *b)
{
	const struct conf_kw *found = NULL;
	const struct conf_words *w;
	size_t i, j, k;

	for (i = 0; i < conf_nroots; i++) {
		if (conf_roots[i].kw.sub != b)
			continue;
		if (!conf_roots[i].kw.later)
			return NULL;
		found = &conf_roots[i].kw;
	}
	for (i = 0; conf_all_blocks[i]; i++)
		for (j = 0; (w = conf_block_words(conf_all_blocks[i], j)); j++)
			for (k = 0; k < w->n; k++)
				if (w->kw[k].sub == b)
					found = w->kw[k].later ? &w->kw[k] : NULL;
	return found;
}

/* `by`: whose text counts for the word. */
static void print(FILE *out, const char *block, const char *word,
		  const struct conf_kw *by)
{
	fprintf(out, "%s\t%s\t", block, word);
	if (!by->later)
		fputs("works\n", out);
	else if (!by->unsafe)
		fprintf(out, "safe\tkeepalived would %s\n", by->later);
	else
		fprintf(out, "unsafe\tkeepalived would %s; %s\n", by->later,
			by->unsafe);
}

static void print_block(FILE *out, const struct conf_block *b)
{
	const struct conf_kw *parent = opened_by(b);
	const struct conf_words *w;
	size_t i, k;

	for (i = 0; (w = conf_block_words(b, i)); i++)
		for (k = 0; k < w->n; k++)
			print(out, b->what, w->kw[k].name,
			      parent && !w->kw[k].later ? parent : &w->kw[k]);
}

void conf_print_keywords(FILE *out)
{
	/* The lexer's own: they are no words of a block. */
	static const char *const includes[] = { "include",  "includea", "includeb",
						"includem", "includer", "includew" };
	size_t i;

	for (i = 0; i < sizeof(includes) / sizeof(includes[0]); i++)
		fprintf(out, "-\t%s\tworks\n", includes[i]);
	for (i = 0; i < conf_nroots; i++)
		print(out, "-", conf_roots[i].kw.name, &conf_roots[i].kw);
	for (i = 0; conf_all_blocks[i]; i++)
		print_block(out, conf_all_blocks[i]);
}
