/* Times and spans as people read them. */
#ifndef HALBSIM_SPAN_H
#define HALBSIM_SPAN_H

#include <stdint.h>
#include <stdio.h>

#define SPAN_LEN 40

/* "3.616102 s", "12.345 ms", "225.1 µs", "0 s"; zeros at the end left out. */
const char *span_text(char buf[SPAN_LEN], int64_t ns);

/* Seconds with microseconds and a sign, for columns: "+3.616102". */
const char *span_offset(char buf[SPAN_LEN], int64_t ns);

/* Milliseconds with three decimals, for columns: "3616.102". */
const char *span_ms(char buf[SPAN_LEN], int64_t ns);

/* How many columns a text takes: UTF-8 characters, not bytes. */
int text_width(const char *s);

/* asprintf() that returns the text, or NULL without memory. The caller frees. */
char *textf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
