/* The state of a live site (sitestate_json()) as a table for people. */
#ifndef HALBSIM_LIVE_TABLE_H
#define HALBSIM_LIVE_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "report.h"

/* `about` is site.json (NULL: nothing is known). */
void live_table(FILE *f, const json_t *about, const json_t *state, const struct style *s);

#endif
