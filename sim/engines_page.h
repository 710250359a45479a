/* OUT/CASE/engines-seedN.html: a case's runs with each engine side by side. */
#ifndef HALBSIM_ENGINES_PAGE_H
#define HALBSIM_ENGINES_PAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "report.h"

/*
 * Writes the page of several runs of one case to `f`, each with the configuration
 * that its folder keeps. 0 or -errno.
 */
int engines_page(FILE *f, const struct report *const *r, size_t n);

/*
 * The same for run folders, into a file beside them: whole, or not at all.
 * *path (malloc'd) is where it is. 0 or -errno, after a message.
 */
int engines_page_write(char **path, const char *const *dirs, size_t n, uint64_t seed);

#endif
