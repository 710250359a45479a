/*
 * Every word that cases and topologies may have, from the tables by which they
 * are read: what halbsim.case(5) and halbsim.topology(5) are compared with.
 */
#ifndef HALBSIM_WORDS_H
#define HALBSIM_WORDS_H

#include <stdio.h>

/* One a line: section, word, and how it is written, with tabs between. */
void words_print(FILE *out);

#endif
