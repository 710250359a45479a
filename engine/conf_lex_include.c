/* include, and its kinds: includer, includem, includew, includeb, includea. */
#include <errno.h>
#include <string.h>

#include "conf_lex_priv.h"

static const struct {
	char letter;
	unsigned int check; /* enum conf_include_check */
} kinds[] = {
	{ 'r', INCLUDE_READABLE },
	{ 'm', INCLUDE_READABLE | INCLUDE_MATCH },
	{ 'w', INCLUDE_READABLE | INCLUDE_MATCH | INCLUDE_WILDCARD },
	{ 'b', INCLUDE_READABLE | INCLUDE_BRACE },
	{ 'a', INCLUDE_READABLE | INCLUDE_MATCH | INCLUDE_WILDCARD | INCLUDE_BRACE },
};

/* What must not fail in an include with this letter; 0: there is none such. */
static unsigned int kind_of(char letter)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].letter == letter)
			return kinds[i].check;
	return 0;
}

/* How long the word of an include at s is, with *check; 0: there is none. */
static size_t include_word(const char *s, unsigned int *check)
{
	size_t len = 7;

	if (strncmp(s, "include", len))
		return 0;
	*check = kind_of(s[len]);
	if (*check)
		len++;
	return lex_blank_or_control(s[len]) ? len : 0;
}

bool lex_is_include(const char *s)
{
	unsigned int check;

	return include_word(s, &check);
}

bool lex_include(struct conf_lex *lex)
{
	unsigned int check;
	const char *what;
	size_t len = include_word(lex->buf, &check);

	if (!len)
		return false;
	what = lex->buf + len + 1;
	what += lex_leading(what);
	if (lex->pass == 1 && conf_files_include(&lex->files, what, check) == -ELOOP)
		lex_fault(lex, LEX_LOOP, (size_t)(what - lex->buf), what);
	return true;
}
