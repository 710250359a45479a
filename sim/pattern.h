/* Regular expressions in cases: POSIX extended ones, for lines of a node's log. */
#ifndef HALBSIM_PATTERN_H
#define HALBSIM_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

struct block_diag;
struct block_stmt;

/* Compiles word `i`. 0, or -1 after an error at it. Free with regfree(). */
int pattern_compile(regex_t *re, const struct block_stmt *s, size_t i,
		    struct block_diag *d);
bool pattern_matches(const regex_t *re, const char *line);

#endif
