#include "pattern.h"

#include "block.h"

int pattern_compile(regex_t *re, const struct block_stmt *s, size_t i,
		    struct block_diag *d)
{
	char why[120];
	int r;

	if (i >= s->nword) {
		block_error_at(d, s, i, "a regular expression is missing here");
		return -1;
	}
	if (!*s->word[i].text) {
		block_error_at(d, s, i, "an empty pattern matches every line");
		return -1;
	}
	r = regcomp(re, s->word[i].text, REG_EXTENDED | REG_NOSUB);
	if (!r)
		return 0;
	regerror(r, re, why, sizeof(why));
	block_error_at(d, s, i, "'%s' is no regular expression: %s", s->word[i].text, why);
	return -1;
}

bool pattern_matches(const regex_t *re, const char *line)
{
	return line && regexec(re, line, 0, NULL, 0) == 0;
}
