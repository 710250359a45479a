#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "span.h"

static void drop_zeros(char *s)
{
	size_t n = strlen(s);

	if (!strchr(s, '.'))
		return;
	while (s[n - 1] == '0')
		s[--n] = '\0';
	if (s[n - 1] == '.')
		s[n - 1] = '\0';
}

/* value/unit with `decimals` digits, cut, not rounded, so that 3.7 s is not met by
 * 3.7000004 s in print only. */
static void decimal(char *buf, size_t size, int64_t ns, int64_t unit, int decimals)
{
	int64_t whole = ns / unit, part = ns % unit;
	int64_t step = unit;
	int i;

	for (i = 0; i < decimals; i++)
		step /= 10;
	if (step < 1)
		step = 1;
	snprintf(buf, size, "%jd.%0*jd", (intmax_t)whole, decimals,
		 (intmax_t)(part / step));
}

/* `digits` after the point of a millisecond: 3 for microseconds, 6 for nanoseconds. */
static const char *text_with(char buf[SPAN_LEN], int64_t ns, int digits)
{
	const char *sign = ns < 0 ? "-" : "";
	char num[SPAN_LEN - 8];
	int64_t a = ns < 0 ? -ns : ns;
	const char *unit;

	if (a >= NS_PER_S) {
		decimal(num, sizeof(num), a, NS_PER_S, digits + 3);
		unit = "s";
	} else if (a >= NS_PER_MS) {
		decimal(num, sizeof(num), a, NS_PER_MS, digits);
		unit = "ms";
	} else if (a >= NS_PER_US) {
		decimal(num, sizeof(num), a, NS_PER_US, 3);
		unit = "µs";
	} else {
		snprintf(num, sizeof(num), "%jd", (intmax_t)a);
		unit = a ? "ns" : "s";
	}
	drop_zeros(num);
	snprintf(buf, SPAN_LEN, "%s%s %s", sign, num, unit);
	return buf;
}

const char *span_text(char buf[SPAN_LEN], int64_t ns)
{
	return text_with(buf, ns, 3);
}

const char *span_exact(char buf[SPAN_LEN], int64_t ns)
{
	return text_with(buf, ns, 6);
}

const char *span_offset(char buf[SPAN_LEN], int64_t ns)
{
	char num[SPAN_LEN - 2];
	int64_t a = ns < 0 ? -ns : ns;

	decimal(num, sizeof(num), a, NS_PER_S, 6);
	snprintf(buf, SPAN_LEN, "%c%s", ns < 0 ? '-' : '+', num);
	return buf;
}

const char *span_ms(char buf[SPAN_LEN], int64_t ns)
{
	char num[SPAN_LEN - 2];
	int64_t a = ns < 0 ? -ns : ns;

	decimal(num, sizeof(num), a, NS_PER_MS, 3);
	snprintf(buf, SPAN_LEN, "%s%s", ns < 0 ? "-" : "", num);
	return buf;
}

int text_width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

void text_wrap(FILE *f, const char *text, int indent)
{
	int col = indent;

	while (*text) {
		int bytes = (int)strcspn(text, " "), width = 0, i;

		for (i = 0; i < bytes; i++)
			width += (text[i] & 0xc0) != 0x80;
		if (col > indent && col + 1 + width > REPORT_WIDTH) {
			fprintf(f, "\n%*s", indent, "");
			col = indent;
		}
		fprintf(f, "%s%.*s", col > indent ? " " : "", bytes, text);
		col += width + (col > indent);
		text += bytes;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}

char *textf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int r;

	va_start(ap, fmt);
	r = vasprintf(&s, fmt, ap);
	va_end(ap);
	return r < 0 ? NULL : s;
}
