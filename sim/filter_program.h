/* The programs of filters: which frames they are about, and what they say of them. */
#ifndef HALBSIM_FILTER_PROGRAM_H
#define HALBSIM_FILTER_PROGRAM_H

#include "filter.h"

/* What a program says of a frame. */
struct verdicts {
	int pass, match;
};

/*
 * Gives the kernel the program of a filter, which counts what it is about in `counter`
 * (-1: does not). A descriptor, which the caller closes, or -errno.
 */
int filter_program(const struct filter *f, int counter, const struct verdicts *v);

#endif
