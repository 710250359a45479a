/* Times and spans as people read them, and other small work on texts. */
#ifndef HALBSIM_SPAN_H
#define HALBSIM_SPAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SPAN_LEN 40

/*
 * "3.616102 s", "12.345 ms", "225.1 µs", "0 s": no finer than a microsecond
 * (below one millisecond: a nanosecond), cut, zeros at the end left out.
 */
const char *span_text(char buf[SPAN_LEN], int64_t ns);
/* The same to the nanosecond. */
const char *span_exact(char buf[SPAN_LEN], int64_t ns);

/* Seconds with microseconds and a sign, for columns: "+3.616102". */
const char *span_offset(char buf[SPAN_LEN], int64_t ns);

/* Milliseconds with three decimals, for columns: "3616.102". */
const char *span_ms(char buf[SPAN_LEN], int64_t ns);

/* Both are there, and say the same. */
static inline bool text_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* How many columns a text takes: UTF-8 characters, not bytes. */
int text_width(const char *s);

/* Reports for people have this many columns. */
#define REPORT_WIDTH 88

/*
 * Writes the words of a text and a newline; lines after the first begin with
 * `indent` columns, which the caller has already written before the first.
 */
void text_wrap(FILE *f, const char *text, int indent);

/* asprintf() that returns the text, or NULL without memory. The caller frees. */
char *textf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
