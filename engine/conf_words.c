/* Cutting a line into words, in keepalived's two ways. */
#include "conf_lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf_lex_priv.h"

size_t conf_words(const char *text, int col, struct conf_word *word, size_t max,
		  char *store, bool *unmatched)
{
	const char *p = text, *start, *end;
	size_t n = 0;

	*unmatched = false;
	while (n < max) {
		while (lex_blank_or_control(*p))
			p++;
		if (!*p)
			break;
		start = p;
		if (*p == '"') {
			end = strchr(++start, '"');
			if (!end) {
				*unmatched = true;
				break;
			}
			p = end + 1;
		} else {
			while (*p && !lex_blank_or_control(*p) && *p != '"')
				p++;
			end = p;
		}
		word[n].text = store;
		word[n].col = col + (int)(start - text);
		n++;
		memcpy(store, start, (size_t)(end - start));
		store += end - start;
		*store++ = '\0';
	}
	return n;
}

void conf_words_free(char **words)
{
	size_t i;

	if (!words)
		return;
	for (i = 0; words[i]; i++)
		free(words[i]);
	free(words);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char named_escape(char c)
{
	static const char names[] = "abEfnrtv";
	static const char values[] = "\a\b\033\f\n\r\t\v";
	const char *at = strchr(names, c);

	return at ? values[at - names] : c;
}

/* Reads what follows a backslash at *p; moves *p past it. */
static char escaped(const char **p)
{
	const char *s = *p;
	unsigned int c = 0;
	int i;

	if (*s == 'x' && hex_digit(s[1]) >= 0) {
		for (s++; hex_digit(*s) >= 0; s++)
			c = c << 4 | (unsigned int)hex_digit(*s);
	} else if (*s == 'c' && s[1]) {
		c = (unsigned int)s[1] & 0x1f;
		s += 2;
	} else if (*s >= '0' && *s <= '7') {
		for (i = 0; i < 3 && *s >= '0' && *s <= '7'; i++)
			c = c << 3 | (unsigned int)(*s++ - '0');
	} else {
		c = (unsigned char)named_escape(*s++);
	}
	*p = s;
	return (char)c;
}

/*
 * Reads one word from *p into `out`; quotes may begin and end inside it.
 * Returns its end, or NULL where a quote or an escape is left open.
 */
static char *escaped_word(const char **p, char *out)
{
	const char *s = *p;
	char quote = '\0';

	for (; *s; s++) {
		if (*s == '\\') {
			if (!*++s)
				return NULL;
			*out++ = escaped(&s);
			s--;
		} else if (quote ? *s == quote : *s == '"' || *s == '\'') {
			quote = quote ? '\0' : *s;
		} else if (!quote && lex_blank_or_control(*s)) {
			break;
		} else {
			*out++ = *s;
		}
	}
	*p = s;
	return quote ? NULL : out;
}

char **conf_words_escaped(const char *text)
{
	/* A word is never longer than what it was written as. */
	char *buf = malloc(strlen(text) + 1), *end;
	char **words = NULL, **more;
	size_t n = 0;
	int err = EINVAL;

	if (!buf)
		return NULL;
	for (;;) {
		while (lex_blank_or_control(*text))
			text++;
		more = realloc(words, (n + 2) * sizeof(*words));
		if (!more)
			goto nomem;
		words = more;
		words[n] = words[n + 1] = NULL;
		if (!*text)
			break;
		end = escaped_word(&text, buf);
		if (!end)
			goto fail;
		*end = '\0';
		words[n] = strdup(buf);
		if (!words[n])
			goto nomem;
		n++;
	}
	free(buf);
	if (n)
		return words;
	conf_words_free(words);
	errno = EINVAL;
	return NULL;
nomem:
	err = ENOMEM;
fail:
	free(buf);
	conf_words_free(words);
	errno = err;
	return NULL;
}
