/* The findings of the differential suite, for people, for files and for tests. */
#ifndef DIFF_PRINT_H
#define DIFF_PRINT_H

#include <stdio.h>

#include "judge.h"

/* A table of at most 120 columns: number, behaviour, both, difference, verdict. */
void print_table(FILE *out, const struct verdicts *f);
/* The same as Markdown, with every bound and its reason. */
void print_markdown(FILE *out, const struct verdicts *f);
/* One line of TAP each, strays as one more. Without the plan; returns how many. */
size_t print_tap(FILE *out, const struct verdicts *f);

#endif
