#include "when.h"

#include <stdio.h>
#include <string.h>

#include "block.h"

#define FORMS "'settled+5s', '+10s' (after the step before) or 'start+2s'"

static const char *const bases[] = { "settled", "start" };

/* The words of the moment without the blanks. 0, or -1 when it is too long. */
static int join(const struct block_stmt *s, size_t from, char *buf, size_t size)
{
	size_t i, len = 0, n;

	buf[0] = '\0';
	for (i = from; i < s->nword; i++) {
		n = strlen(s->word[i].text);
		if (len + n + 1 > size)
			return -1;
		memcpy(buf + len, s->word[i].text, n + 1);
		len += n;
	}
	return 0;
}

static int base_parse(struct block_diag *d, const struct block_stmt *s, size_t from,
		      const char *word, enum when_base *base)
{
	const char *near;

	if (!*word) {
		*base = WHEN_PREVIOUS;
	} else if (strcmp(word, "settled") == 0) {
		*base = WHEN_SETTLED;
	} else if (strcmp(word, "start") == 0) {
		*base = WHEN_START;
	} else {
		near = block_nearest(word, bases, sizeof(bases) / sizeof(bases[0]));
		if (near)
			block_error_at(d, s, from, "unknown moment '%s', did you mean '%s'?",
				       word, near);
		else
			block_error_at(d, s, from, "'%s' is no moment: say " FORMS, word);
		return -1;
	}
	return 0;
}

int when_parse(struct block_diag *d, const struct block_stmt *s, size_t from,
	       enum when_base *base, int64_t *offset_ns)
{
	char text[64], *sign;

	*base = WHEN_PREVIOUS;
	*offset_ns = 0;
	if (s->nword <= from) {
		block_error_at(d, s, from, "no moment after '%s': say " FORMS,
			       s->word[0].text);
		return -1;
	}
	if (join(s, from, text, sizeof(text)) < 0) {
		block_error_at(d, s, from, "too long for a moment: say " FORMS);
		return -1;
	}
	if (strchr("0123456789", text[0])) {
		block_error_at(d, s, from, "'%s' counts from nothing: say '+%s' (after the "
			       "step before) or 'settled+%s'", text, text, text);
		return -1;
	}
	sign = strpbrk(text, "+-");
	if (sign && *sign == '-') {
		block_error_at(d, s, from, "'%s' goes back in time; steps only wait", text);
		return -1;
	}
	if (sign)
		*sign++ = '\0';
	if (base_parse(d, s, from, text, base) < 0)
		return -1;
	if (sign && block_span_text(sign, offset_ns) < 0) {
		block_error_at(d, s, from, "'+%s' is not a span of time with its unit, "
			       "like +10s or +200ms", sign);
		return -1;
	}
	return 0;
}
