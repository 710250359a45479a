/* Moments of a timeline: what stands after `at`. */
#ifndef HALBSIM_WHEN_H
#define HALBSIM_WHEN_H

#include <stddef.h>
#include <stdint.h>

struct block_diag;
struct block_stmt;

/* What a moment counts from. */
enum when_base {
	WHEN_SETTLED,  /* settled, settled+5s */
	WHEN_PREVIOUS, /* +10s: the step before (when it was due, not when done) */
	WHEN_START,    /* start, start+2s: the engines were just started */
	WHEN_EVENT,    /* not after `at`: what a `when` waits for has come */
};

/*
 * Reads words `from` and on of a statement, as one moment; blanks around the
 * plus are fine. 0, or -1 after an error at the word.
 */
int when_parse(struct block_diag *d, const struct block_stmt *s, size_t from,
	       enum when_base *base, int64_t *offset_ns);

#endif
