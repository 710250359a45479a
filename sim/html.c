#include "html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "span.h"

/* --- text --- */

/* Length of the UTF-8 sequence at s, or 0 when there is none (RFC 3629). */
static size_t utf8_len(const unsigned char *s)
{
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static const char *escaped(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f ? "\xef\xbf\xbd" : NULL;
}

void html_text(FILE *f, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	while (p && *p) {
		size_t n = utf8_len(p);
		const char *esc = n == 1 ? escaped(*p) : NULL;

		if (!n) {
			fputs("\xef\xbf\xbd", f);
			n = 1;
		} else if (esc) {
			fputs(esc, f);
		} else {
			fwrite(p, 1, n, f);
		}
		p += n;
	}
}

void html_textf(FILE *f, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	html_text(f, buf);
}

/* --- times --- */

/* |ns| in `unit` with at most `decimals` digits, rounded, no zeros at the end. */
static void decimal(char *buf, size_t size, uint64_t ns, uint64_t unit, int decimals)
{
	uint64_t scale = 1, v;
	size_t n;
	int i;

	for (i = 0; i < decimals && scale < unit; i++)
		scale *= 10;
	v = unit / scale ? (ns + unit / scale / 2) / (unit / scale) : ns;
	snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64, v / scale, decimals, v % scale);
	n = strlen(buf);
	while (n && buf[n - 1] == '0')
		buf[--n] = '\0';
	if (n && buf[n - 1] == '.')
		buf[n - 1] = '\0';
}

static uint64_t magnitude(int64_t ns)
{
	return ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
}

static const char *sign_of(int64_t ns)
{
	return ns < 0 ? "−" : ns > 0 ? "+" : "";
}

const char *html_when(char buf[HTML_TIME_LEN], const struct html_axis *a, int64_t t)
{
	char num[HTML_TIME_LEN - 8];

	decimal(num, sizeof(num), magnitude(t - a->zero), NS_PER_S, 6);
	snprintf(buf, HTML_TIME_LEN, "%s%s s", sign_of(t - a->zero), num);
	return buf;
}

const char *html_span(char buf[HTML_TIME_LEN], int64_t ns)
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = { { NS_PER_S, "s" }, { NS_PER_MS, "ms" }, { NS_PER_US, "µs" } };
	uint64_t m = magnitude(ns);
	char num[HTML_TIME_LEN - 8];
	size_t u = 0;

	/* 999.96 ms is shown as 1 s, not as 1000 ms. */
	while (u < 2 && m + units[u].unit / 2000 < units[u].unit)
		u++;
	decimal(num, sizeof(num), m, units[u].unit,
		m < 10 * units[u].unit	? 3 :
		m < 100 * units[u].unit ? 2 :
					  1);
	if (!ns)
		u = 0;
	snprintf(buf, HTML_TIME_LEN, "%s%s %s", ns < 0 ? "−" : "", num, units[u].name);
	return buf;
}

const char *html_exact(char buf[HTML_TIME_LEN], int64_t ns)
{
	char span[SPAN_LEN];
	const char *s = span_text(span, ns);

	snprintf(buf, HTML_TIME_LEN, "%s%s", *s == '-' ? "−" : "", *s == '-' ? s + 1 : s);
	return buf;
}

const char *html_column(char buf[HTML_TIME_LEN], int64_t ns)
{
	char span[SPAN_LEN];
	const char *s = span_offset(span, ns);

	snprintf(buf, HTML_TIME_LEN, "%s%s", *s == '-' ? "−" : "+", s + 1);
	return buf;
}

/* --- places --- */

void html_x(FILE *f, int64_t t)
{
	char num[HTML_TIME_LEN];

	decimal(num, sizeof(num), magnitude(t), NS_PER_MS, 3);
	fprintf(f, "%s%s", t < 0 && strcmp(num, "0") ? "-" : "", num);
}

void html_rect(FILE *f, int64_t from, int64_t to, int y, int h, const char *class)
{
	fputs("<rect x=\"", f);
	html_x(f, from);
	fprintf(f, "\" y=\"%d\" width=\"", y);
	html_x(f, to - from);
	fprintf(f, "\" height=\"%d\" class=\"%s\"", h, class);
}

static void percent(FILE *f, const struct html_axis *a, int64_t part)
{
	double p = 100.0 * (double)part / (double)(a->to - a->from);

	fprintf(f, "%.3f%%", p);
}

void html_left(FILE *f, const struct html_axis *a, int64_t t)
{
	percent(f, a, t - a->from);
}

void html_width(FILE *f, const struct html_axis *a, int64_t from, int64_t to)
{
	percent(f, a, to - from);
}

void html_viewbox(FILE *f, const struct html_axis *a, int height)
{
	fputs(" viewBox=\"", f);
	html_x(f, a->from);
	fputs(" 0 ", f);
	html_x(f, a->to - a->from);
	fprintf(f, " %d\" preserveAspectRatio=\"none\"", height);
}

bool html_clip(const struct html_axis *a, int64_t *from, int64_t *to)
{
	if (*from < a->from)
		*from = a->from;
	if (*to > a->to)
		*to = a->to;
	return *from < *to;
}

/* --- ticks --- */

/* 1, 2 or 5 times a power of ten, so that there are at most eight of them. */
static int64_t tick_step(int64_t span)
{
	static const int mul[] = { 1, 2, 5 };
	int64_t p;
	int i;

	for (p = 1; p < INT64_MAX / 100; p *= 10)
		for (i = 0; i < 3; i++)
			if (span / (p * mul[i]) < 8)
				return p * mul[i];
	return span;
}

void html_ticks(FILE *f, const struct html_axis *a)
{
	int64_t step = tick_step(a->to - a->from);
	int64_t unit = step >= NS_PER_S / 10 ? NS_PER_S :
		       step >= NS_PER_US * 100 ? NS_PER_MS :
						 NS_PER_US;
	const char *name = unit == NS_PER_S ? "s" : unit == NS_PER_MS ? "ms" : "µs";
	int64_t k = (a->from - a->zero) / step - 1;
	char num[HTML_TIME_LEN];

	fputs("<div class=\"axis\" aria-hidden=\"true\">", f);
	for (; a->zero + k * step <= a->to; k++) {
		int64_t t = a->zero + k * step;
		double at = (double)(t - a->from) / (double)(a->to - a->from);

		/* Labels are centred on their tick; none hangs over the edge. */
		if (at < 0.03 || at > 0.97)
			continue;
		decimal(num, sizeof(num), magnitude(k * step), (uint64_t)unit, 3);
		fprintf(f, "<span class=\"tick%s%s\" style=\"left:", k % 2 ? " alt" : "",
			at < 0.1 || at > 0.9 ? " edge" : "");
		html_left(f, a, t);
		fprintf(f, "\">%s%s %s</span>", sign_of(k), num, name);
	}
	fputs("</div>", f);
}
