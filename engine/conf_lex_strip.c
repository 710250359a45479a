/* A line without its comments and blanks, and what there is in it. */
#include <string.h>

#include "conf_lex_priv.h"

const uint8_t lex_class[256] = {
	['{'] = BRACE,	  ['}'] = BRACE,   ['!'] = SPECIAL, ['#'] = SPECIAL,
	['"'] = SPECIAL, ['\\'] = SPECIAL, ['$'] = DOLLAR,
	['\r'] = HIDES,  ['\0'] = HIDES, /* the line's end, or what follows */
};

unsigned int lex_contents(const char *s)
{
	unsigned int all = 0;

	while (*s)
		all |= lex_class[(unsigned char)*s++];
	return all;
}

size_t lex_leading(const char *s)
{
	size_t n = 0;

	while (lex_blank(s[n]))
		n++;
	return n;
}

void lex_trim_end(char *s, char *end)
{
	while (end > s && lex_blank(end[-1]))
		end--;
	*end = '\0';
}

size_t lex_strip(struct conf_lex *lex, char *s)
{
	size_t lead = lex_leading(s), len = strlen(s + lead);
	bool quote = false, goes_on = false;
	char *cut = NULL, *p, *end = s + len;

	if (lead)
		memmove(s, s + lead, len + 1);
	if (!(lex_contents(s) & SPECIAL)) {
		lex_trim_end(s, end);
		return lead;
	}
	for (p = s; (p = strpbrk(p, "!#\"\\")); p++) {
		if (*p == '"') {
			if (!cut)
				quote = !quote;
		} else if (*p == '\\') {
			if (!p[1]) {
				*p = '\0';
				goes_on = true;
				break;
			}
			if (!quote && (p[1] == '#' || p[1] == '!'))
				memmove(p, p + 1, strlen(p + 1) + 1);
			else
				p++;
		} else if (!quote && !cut) {
			cut = p;
		}
	}
	if (quote)
		lex_fault(lex, LEX_QUOTE_OPEN, 0, s);
	if (cut)
		*cut = '\0';
	lex_trim_end(s, s + strlen(s));
	if (goes_on)
		strcat(s, "\\");
	return lead;
}
