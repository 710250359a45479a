/* Lists and ranges of quantities, as `halbsim sweep` takes them. */
#include "quantity.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "span.h"

#define VALUES_MAX 1000000

static int refuse(char **why, char *text)
{
	*why = text;
	return -EINVAL;
}

static int add(char ***v, size_t *n, char *text)
{
	char **more = text ? realloc(*v, (*n + 1) * sizeof(*more)) : NULL;

	if (!more) {
		free(text);
		return -ENOMEM;
	}
	*v = more;
	more[(*n)++] = text;
	return 0;
}

/* Cuts FROM..TO/STEP. A rate has a slash of its own: "100/s..200/s/50/s". */
static int cut(const char *text, char **from, char **to, char **step)
{
	const char *dots = strstr(text, ".."), *slash;

	*from = *to = *step = NULL;
	if (!dots || dots == text)
		return -EINVAL;
	slash = strchr(dots + 2, '/');
	if (slash && slash[1] && !strchr("0123456789.", slash[1]))
		slash = strchr(slash + 1, '/');
	if (!slash || slash == dots + 2 || !slash[1])
		return -EINVAL;
	*from = strndup(text, (size_t)(dots - text));
	*to = strndup(dots + 2, (size_t)(slash - dots - 2));
	*step = strdup(slash + 1);
	return *from && *to && *step ? 0 : -ENOMEM;
}

static int range(const char *text, char ***v, size_t *n, char **why)
{
	char *from, *to, *step, *end[3];
	double a, b, s;
	int r = cut(text, &from, &to, &step);
	size_t i, count;

	if (r) {
		if (r == -EINVAL)
			*why = textf("'%s' is no range: say FROM..TO/STEP", text);
		goto out;
	}
	a = strtod(from, &end[0]);
	b = strtod(to, &end[1]);
	s = strtod(step, &end[2]);
	if (!quantity_is(from, strlen(from)) || !quantity_is(to, strlen(to)) ||
	    !quantity_is(step, strlen(step)) || (*end[0] && strcmp(end[0], end[1]) != 0) ||
	    (*end[2] && strcmp(end[2], end[1]) != 0)) {
		r = refuse(why, textf("'%s': FROM, TO and STEP are numbers of one unit", text));
		goto out;
	}
	if (b < a || s <= 0 || (b - a) / s > VALUES_MAX) {
		r = refuse(why, textf(b < a ? "'%s' is empty: it ends before it begins" :
				      s <= 0 ? "'%s' never ends: the step is 0" :
					       "'%s' has more than a million values",
				      text));
		goto out;
	}
	count = (size_t)floor((b - a) / s + 1e-9) + 1;
	for (i = 0; !r && i < count; i++)
		r = add(v, n, textf("%.10g%s", a + (double)i * s, end[1]));
out:
	free(from);
	free(to);
	free(step);
	return r;
}

static int list(const char *text, char ***v, size_t *n, char **why)
{
	size_t len;
	int r = 0;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (!quantity_is(text, len))
			return refuse(why, len ? textf("'%.*s' is no number", (int)len, text) :
						 textf("a value is missing"));
		r = add(v, n, strndup(text, len));
		if (r || !text[len])
			return r;
	}
}

int quantity_values(const char *text, char ***v, size_t *n, char **why)
{
	*v = NULL;
	*n = 0;
	*why = NULL;
	return strstr(text, "..") ? range(text, v, n, why) : list(text, v, n, why);
}

int quantity_spans(const char *text, long long **v, size_t *n, char **why)
{
	char *from = NULL, *to = NULL, *step = NULL;
	int64_t a, b, s = 1;
	size_t i;
	int r;

	*v = NULL;
	*n = 0;
	*why = NULL;
	r = strstr(text, "..") ? cut(text, &from, &to, &step) : 0;
	if (r == -EINVAL)
		*why = textf("'%s' is no range: say FROM..TO/STEP, as 0ms..1s/10ms", text);
	if (r)
		goto out;
	if (block_span_text(from ? from : text, &a) || block_span_text(to ? to : text, &b) ||
	    (step && block_span_text(step, &s))) {
		r = refuse(why, textf("'%s': spans have a unit, as 0ms..1s/10ms", text));
		goto out;
	}
	if (b < a || s <= 0 || (b - a) / s >= VALUES_MAX) {
		r = refuse(why, textf(b < a ? "'%s' is empty: it ends before it begins" :
				      s <= 0 ? "'%s' never ends: the step is 0" :
					       "'%s' has more than a million phases",
				      text));
		goto out;
	}
	*n = (size_t)((b - a) / s) + 1;
	*v = calloc(*n, sizeof(**v));
	r = *v ? 0 : -ENOMEM;
	for (i = 0; *v && i < *n; i++)
		(*v)[i] = a + (int64_t)i * s;
out:
	free(from);
	free(to);
	free(step);
	return r;
}
