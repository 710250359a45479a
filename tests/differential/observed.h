/*
 * What the scripts of the differential suite saw: lines of one engine,
 *
 *	ROW<TAB>OBSERVABLE[/KEY]<TAB>VALUE
 *
 * VALUE is the rest of the line. A line twice, or of another form, is an error.
 */
#ifndef DIFF_OBSERVED_H
#define DIFF_OBSERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct observation {
	int row;
	char *name, *value; /* (owned) */
	char *key;	    /* within name's memory; "" where there is none */
	bool judged;	    /* for the judge: a rule has looked at it */
};

/* Sorted by row, name and key. */
struct observed {
	struct observation *at;
	size_t n;
};

/* Reads all of `in`; messages, with `name`, to `err`. 0, or -1 after a message. */
int observed_read(struct observed *o, FILE *in, const char *name, FILE *err);
void observed_finish(struct observed *o);

/* Those of one observable: the first of *n, or NULL with *n = 0. */
struct observation *observed_find(const struct observed *o, int row, const char *name,
				  size_t *n);

#endif
