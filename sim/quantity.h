/*
 * Quantities by name: a number in a case (`rate`, `timeout`, the share of a
 * `loss`) or in its directors' configuration (`advert_int`, `delay_loop`). The
 * name is the statement's first word, the quantity the first number after it.
 * All statements of that name are meant. `case.NAME` and `conf.NAME` say where,
 * when both have one.
 */
#ifndef HALBSIM_QUANTITY_H
#define HALBSIM_QUANTITY_H

#include <stddef.h>

struct quantity_files {
	const char *case_dir; /* a case's folder: case.conf and NODE/….conf */
	const char *topo_dir; /* its topology's: NODE/….conf */
};

/*
 * Writes `value` in all those places (NULL: looks only). Returns how many there are (at least 1), or
 * -errno after a message: -ENOENT no such quantity (with the nearest name and
 * its file and line), -EEXIST both the case and the configuration have one.
 */
int quantity_set(const struct quantity_files *q, const char *name, const char *value);

/* Is this word a number, perhaps with a unit: 5 0.1 200ms 10% 200/s? */
int quantity_is(const char *word, size_t len);

/*
 * The values of `V1,V2,…` or `FROM..TO/STEP` (one unit): malloc'd texts and
 * their list. Returns 0, or -EINVAL with a malloc'd reason in *why.
 */
int quantity_values(const char *text, char ***v, size_t *n, char **why);
/* The same for moments, in nanoseconds. `FROM..TO/STEP` or one span. */
int quantity_spans(const char *text, long long **v, size_t *n, char **why);

#endif
