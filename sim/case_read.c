#include "case_read.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "log.h"
#include "run.h"

#define NAMES_MAX 32

static void *must(void *p)
{
	if (!p)
		fatal(EXIT_SOFTWARE, "reading a case");
	return p;
}

char *case_strdup(const char *s)
{
	return must(strdup(s));
}

void case_set_text(char **to, const struct block_stmt *s, size_t i)
{
	free(*to);
	*to = case_strdup(s->word[i].text);
}

void *case_append(void *array, size_t *n, size_t size)
{
	char **a = array;

	*a = must(reallocarray(*a, *n + 1, size));
	memset(*a + *n * size, 0, size);
	return *a + (*n)++ * size;
}

char *case_join(const struct block_stmt *s, size_t from)
{
	size_t len = 1, i;
	char *text;

	for (i = from; i < s->nword; i++)
		len += strlen(s->word[i].text) + 1;
	text = must(malloc(len));
	text[0] = '\0';
	for (i = from; i < s->nword; i++) {
		if (i > from)
			strcat(text, " ");
		strcat(text, s->word[i].text);
	}
	return text;
}

char *case_join_words(char *const *word, size_t n)
{
	size_t len = 1, i;
	char *text;

	for (i = 0; i < n; i++)
		len += strlen(word[i]) + 1;
	text = must(malloc(len));
	text[0] = '\0';
	for (i = 0; i < n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, word[i]);
	}
	return text;
}

static void unknown(const struct block_stmt *s, const struct case_word *words,
		    const char *what, struct block_diag *d)
{
	const char *names[NAMES_MAX], *near;
	size_t n = 0;

	for (; words->name && n < NAMES_MAX; words++)
		names[n++] = words->name;
	near = block_nearest(s->word[0].text, names, n);
	if (near)
		block_error_at(d, s, 0, "unknown word '%s' in %s, did you mean '%s'?",
			       s->word[0].text, what, near);
	else
		block_error_at(d, s, 0, "unknown word '%s' in %s", s->word[0].text, what);
}

void case_read_block(void *to, const struct block *b, const struct case_word *words,
		     const char *what, struct block_diag *d)
{
	const struct block_stmt *s;
	const struct case_word *w;

	for (s = b ? b->first : NULL; s; s = s->next) {
		for (w = words; w->name && strcmp(w->name, s->word[0].text) != 0; w++)
			;
		if (!w->name)
			unknown(s, words, what, d);
		else if (w->nargs != CASE_ARGS_ANY && s->nword < w->nargs + 1)
			block_error_at(d, s, s->nword, "too few words: say '%s'", w->usage);
		else if (w->nargs != CASE_ARGS_ANY && s->nword > w->nargs + 1)
			block_error_at(d, s, w->nargs + 1, "'%s' is one too many: say '%s'",
				       s->word[w->nargs + 1].text, w->usage);
		else
			w->read(to, s, d);
	}
}
