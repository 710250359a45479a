#define PCRE2_CODE_UNIT_WIDTH 8

#include "http_regex.h"

#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>

/*
 * Steps of one match. PCRE2's own limit, ten million, takes a second here on a
 * hostile page; a hundredth of it serves any sane pattern on 256 KiB.
 */
#define MATCH_LIMIT 100000

struct compiled {
	const char *pattern; /* (borrowed) */
	pcre2_code *code;    /* NULL: it is wrong */
	pcre2_match_data *data;
	struct compiled *next;
};

static struct compiled *all;
static pcre2_match_context *context;

static struct compiled *compile(const char *pattern, uint32_t options)
{
	struct compiled *c;
	PCRE2_SIZE where;
	int err;

	for (c = all; c; c = c->next)
		if (c->pattern == pattern)
			return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->pattern = pattern;
	c->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &err,
				&where, NULL);
	if (c->code)
		c->data = pcre2_match_data_create_from_pattern(c->code, NULL);
	if (c->code ? !c->data : err == PCRE2_ERROR_HEAP_FAILED) {
		pcre2_code_free(c->code); /* for want of memory: another time */
		free(c);
		return NULL;
	}
	c->next = all;
	all = c;
	return c;
}

int http_regex_match(const char *pattern, uint32_t options, const char *text, size_t len,
		     size_t min, size_t max)
{
	struct compiled *c = compile(pattern, options);
	int r;

	if (!context) {
		context = pcre2_match_context_create(NULL);
		if (context)
			pcre2_set_match_limit(context, MATCH_LIMIT);
	}
	if (!c || !context)
		return -ENOMEM;
	if (!c->code)
		return -EINVAL;
	if (min > len)
		return 0;
	r = pcre2_match(c->code, (PCRE2_SPTR)text, len, min, 0, c->data, context);
	return r >= 0 && (!max || pcre2_get_ovector_pointer(c->data)[0] < max);
}

void http_regex_reset(void)
{
	struct compiled *c;

	while ((c = all)) {
		all = c->next;
		pcre2_match_data_free(c->data);
		pcre2_code_free(c->code);
		free(c);
	}
	pcre2_match_context_free(context);
	context = NULL;
}
