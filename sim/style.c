/* Colours and marks of the text report. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

static bool locale_is_utf8(void)
{
	locale_t loc = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool yes;

	if (!loc)
		return false;
	yes = !strcmp(nl_langinfo_l(CODESET, loc), "UTF-8");
	freelocale(loc);
	return yes;
}

struct style style_for(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	struct style s = { 0 };

	s.color = isatty(fileno(f)) && (!no || !*no) && term && strcmp(term, "dumb");
	s.utf8 = locale_is_utf8();
	return s;
}

const char *style_on(const struct style *s, const char *code)
{
	return s->color ? code : "";
}

const char *style_off(const struct style *s)
{
	return s->color ? "\033[0m" : "";
}

const char *style_mark(const struct style *s, enum expect_outcome o)
{
	switch (o) {
	case EXPECT_HELD:
		if (!s->utf8)
			return s->color ? "\033[32mok  \033[0m" : "ok  ";
		return s->color ? "\033[32m✓\033[0m" : "✓";
	case EXPECT_NOT_HELD:
		if (!s->utf8)
			return s->color ? "\033[1;31mFAIL\033[0m" : "FAIL";
		return s->color ? "\033[1;31m✗\033[0m" : "✗";
	case EXPECT_UNDECIDED:
		break;
	}
	if (!s->utf8)
		return s->color ? "\033[33m?   \033[0m" : "?   ";
	return s->color ? "\033[33m?\033[0m" : "?";
}

const char *style_verdict(const struct style *s, enum verdict v)
{
	if (!s->color)
		return verdict_name(v);
	switch (v) {
	case VERDICT_HELD:
		return "\033[1;32mheld\033[0m";
	case VERDICT_FAILED:
		return "\033[1;31mfailed\033[0m";
	case VERDICT_INCONCLUSIVE:
		break;
	}
	return "\033[1;33minconclusive\033[0m";
}
