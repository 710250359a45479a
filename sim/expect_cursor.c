/* The reader's place in one statement of an expectation. */
#include <string.h>

#include "expect_subject.h"

const char *cursor_word(const struct cursor *c)
{
	return c->i < c->s->nword ? c->s->word[c->i].text : NULL;
}

bool cursor_is(const struct cursor *c, const char *w)
{
	return cursor_word(c) && !strcmp(cursor_word(c), w);
}

bool cursor_take(struct cursor *c, const char *w)
{
	if (!cursor_is(c, w))
		return false;
	c->i++;
	return true;
}

const char *cursor_name(struct cursor *c, size_t *at, const char *what)
{
	const char *w = cursor_word(c);

	if (!w) {
		block_error_at(c->d, c->s, c->i, "%s is missing here", what);
		return NULL;
	}
	if (at)
		*at = c->i;
	c->i++;
	return w;
}

int cursor_vrid(struct cursor *c, struct expect *e)
{
	int64_t vrid;

	if (!cursor_take(c, "vrid"))
		return 0;
	if (block_int(c->d, c->s, c->i, 1, 255, &vrid))
		return -1;
	c->i++;
	e->vrid = (int)vrid;
	return 0;
}
