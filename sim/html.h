/*
 * Writing HTML: text that is escaped, times, and plots that stretch.
 *
 * Markup is written as it is, with fputs(). Everything that came from outside
 * (names, file contents, programs' output) goes through html_text().
 *
 * Plots are SVGs whose x axis is milliseconds since the run's zero and which
 * stretch to whatever width there is; text is never inside them, but in HTML
 * beside or above, placed in percent. So a phone shows the same plot with text
 * that can be read.
 */
#ifndef HALBSIM_HTML_H
#define HALBSIM_HTML_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes text, with & < > " ' escaped. Bytes that are not UTF-8 and control
 * characters other than tab and newline come out as U+FFFD. NULL writes nothing.
 */
void html_text(FILE *f, const char *s);
void html_textf(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The part of time that a plot shows, and what its labels count from. */
struct html_axis {
	int64_t from, to; /* to > from */
	int64_t zero;
};

#define HTML_TIME_LEN 48

/* "+3.616102 s", "−5 s", "0 s": t as the axis counts it. */
const char *html_when(char buf[HTML_TIME_LEN], const struct html_axis *a, int64_t t);

/*
 * A span with as many digits as a reader needs (four or so): "3.616 s",
 * "481 µs". For running text and figures.
 */
const char *html_span(char buf[HTML_TIME_LEN], int64_t ns);

/* The same with every digit there is: "3.616102 s". For tables. */
const char *html_exact(char buf[HTML_TIME_LEN], int64_t ns);

/* Seconds with six decimals, for columns that align: "+3.616102", "−0.250000". */
const char *html_column(char buf[HTML_TIME_LEN], int64_t ns);

/* t as an x coordinate: milliseconds, up to three decimals. */
void html_x(FILE *f, int64_t t);
/* A rectangle from one instant to another: `<rect …`, which the caller closes. */
void html_rect(FILE *f, int64_t from, int64_t to, int y, int h, const char *class);
/* Where t is, in percent of the axis, and how wide a span is: "41.207%". */
void html_left(FILE *f, const struct html_axis *a, int64_t t);
void html_width(FILE *f, const struct html_axis *a, int64_t from, int64_t to);

/* ` viewBox="…" preserveAspectRatio="none"` for a plot of this height. */
void html_viewbox(FILE *f, const struct html_axis *a, int height);

/* Clips [*from, *to) to the axis; false when nothing of it is left. */
bool html_clip(const struct html_axis *a, int64_t *from, int64_t *to);

/* A row of labelled ticks: <div class="axis">…</div>. */
void html_ticks(FILE *f, const struct html_axis *a);

#endif
