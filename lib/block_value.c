/* Values in the block syntax: spans, rates, shares, numbers, and near misses. */
#include "block.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	int64_t ns;
};

static const struct unit units[] = {
	{ "ns", 1 },		     { "us", 1000 },
	{ "ms", 1000000 },	     { "s", 1000000000 },
	{ "m", INT64_C(60000000000) }, { "h", INT64_C(3600000000000) },
};

static const struct unit *find_unit(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, name))
			return &units[i];
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What is left after a number such as 12 or 3.75; NULL where there is none. */
static const char *after_number(const char *p)
{
	if (!is_digit(*p))
		return NULL;
	while (is_digit(*p))
		p++;
	if (*p != '.')
		return p;
	if (!is_digit(*++p))
		return NULL;
	while (is_digit(*p))
		p++;
	return p;
}

int block_span_text(const char *text, int64_t *ns)
{
	const char *rest = after_number(text);
	const struct unit *u = rest ? find_unit(rest) : NULL;
	int64_t total = 0, scale;

	if (!u)
		return -1;
	for (; is_digit(*text); text++)
		if (__builtin_mul_overflow(total, 10, &total) ||
		    __builtin_add_overflow(total, *text - '0', &total))
			return -1;
	if (__builtin_mul_overflow(total, u->ns, &total))
		return -1;
	if (*text == '.')
		text++;
	/* Digit by digit: exact, and finer than a nanosecond is refused. */
	for (scale = u->ns; is_digit(*text); text++) {
		if (*text == '0' && scale < 10)
			continue;
		/* Minutes and hours are not powers of ten: 0.25m, 1.5h are fine. */
		if (scale % 10)
			return -1;
		scale /= 10;
		if (__builtin_add_overflow(total, (*text - '0') * scale, &total))
			return -1;
	}
	*ns = total;
	return 0;
}

/* Whether word i is there; reports what is missing. */
static bool have(struct block_diag *d, const struct block_stmt *s, size_t i,
		 const char *what)
{
	if (i < s->nword)
		return true;
	block_error_at(d, s, i, "'%s' needs %s", s->word[0].text, what);
	return false;
}

int block_span(struct block_diag *d, const struct block_stmt *s, size_t i, int64_t *ns)
{
	const char *text, *rest;

	if (!have(d, s, i, "a time, say 200ms"))
		return -1;
	text = s->word[i].text;
	if (!block_span_text(text, ns))
		return 0;
	rest = after_number(text);
	if (rest && !*rest)
		block_error_at(d, s, i,
			       "'%s' has no unit; did you mean '%ss' or '%sms'?", text,
			       text, text);
	else if (rest && !find_unit(rest))
		block_error_at(d, s, i, "'%s' is no unit of time; they are ns us ms s m h",
			       rest);
	else if (rest)
		block_error_at(d, s, i, "'%s' is too long or finer than 1ns", text);
	else
		block_error_at(d, s, i, "expected a time such as 200ms or 3.7s, got '%s'",
			       text);
	return -1;
}

int block_rate(struct block_diag *d, const struct block_stmt *s, size_t i, double *per_s)
{
	const char *text, *rest;
	const struct unit *u;
	double n;

	if (!have(d, s, i, "a rate, say 200/s"))
		return -1;
	text = s->word[i].text;
	rest = after_number(text);
	if (rest && !*rest) {
		block_error_at(d, s, i, "'%s' has no unit; did you mean '%s/s'?", text,
			       text);
		return -1;
	}
	u = rest && *rest == '/' ? find_unit(rest + 1) : NULL;
	n = rest ? strtod(text, NULL) : 0;
	if (!u || !isfinite(n) || n <= 0) {
		block_error_at(d, s, i,
			       "expected a rate above 0 such as 200/s or 10/ms, got '%s'",
			       text);
		return -1;
	}
	*per_s = n * 1e9 / (double)u->ns;
	return 0;
}

int block_percent(struct block_diag *d, const struct block_stmt *s, size_t i, double *f)
{
	const char *text, *rest;
	double n;

	if (!have(d, s, i, "a share, say 1%"))
		return -1;
	text = s->word[i].text;
	rest = after_number(text);
	if (rest && !*rest) {
		block_error_at(d, s, i, "'%s' has no unit; did you mean '%s%%'?", text,
			       text);
		return -1;
	}
	n = rest ? strtod(text, NULL) : 0;
	if (!rest || strcmp(rest, "%") || n > 100) {
		block_error_at(d, s, i, "expected a share of 0%% to 100%%, got '%s'", text);
		return -1;
	}
	*f = n / 100;
	return 0;
}

int block_int(struct block_diag *d, const struct block_stmt *s, size_t i, int64_t lo,
	      int64_t hi, int64_t *out)
{
	const char *text;
	char *rest;
	long long n;

	if (!have(d, s, i, "a number"))
		return -1;
	text = s->word[i].text;
	errno = 0;
	n = strtoll(text, &rest, 10);
	if (errno || *rest || (!is_digit(*text) && *text != '-') || n < lo || n > hi) {
		block_error_at(d, s, i,
			       "'%s' must be %" PRId64 "-%" PRId64 ", got '%s'",
			       s->word[i ? i - 1 : 0].text, lo, hi, text);
		return -1;
	}
	*out = n;
	return 0;
}

/* --- near misses --- */

#define NEAR_MAX 48

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : (unsigned char)c;
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

/* Edits between two words (insert, delete, replace, swap neighbours). */
static int distance(const char *a, size_t na, const char *b, size_t nb)
{
	int row[3][NEAR_MAX + 1];
	int *before = row[0], *prev = row[1], *cur = row[2], *spare;
	size_t i, j;

	for (j = 0; j <= nb; j++)
		prev[j] = (int)j;
	for (i = 1; i <= na; i++) {
		cur[0] = (int)i;
		for (j = 1; j <= nb; j++) {
			int same = lower(a[i - 1]) == lower(b[j - 1]);

			cur[j] = min(prev[j - 1] + !same, min(prev[j], cur[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				cur[j] = min(cur[j], before[j - 2] + 1);
		}
		spare = before;
		before = prev;
		prev = cur;
		cur = spare;
	}
	return prev[nb];
}

const char *block_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t len = strlen(word), i;
	int limit, d;

	if (!len || len > NEAR_MAX)
		return NULL;
	limit = len <= 4 ? 1 : len <= 8 ? 2 : 3;
	for (i = 0; i < n; i++) {
		size_t other = strlen(names[i]);

		if (other > NEAR_MAX || other > len + 3 || len > other + 3)
			continue;
		d = distance(word, len, names[i], other);
		/* A name replaced whole is not near. */
		if (d > limit || d >= (int)other)
			continue;
		limit = d - 1;
		best = names[i];
		if (!d)
			break;
	}
	return best;
}
