/* Between case.c and the files that read the parts of a case block. */
#ifndef HALBSIM_CASE_READ_H
#define HALBSIM_CASE_READ_H

#include <stddef.h>

#include "case.h"

struct block;
struct block_diag;
struct block_stmt;

/*
 * One word that may open a statement. `read` gets the statement and reports its
 * own mistakes.
 */
struct case_word {
	const char *name;
	void (*read)(void *to, const struct block_stmt *s, struct block_diag *d);
	size_t nargs;	   /* words after the name; CASE_ARGS_ANY: read() checks */
	const char *usage; /* "rate 200/s", for whoever got it wrong */
};

#define CASE_ARGS_ANY ((size_t)-1)

/*
 * Reads every statement of `b` by the table (ended by a NULL name); `what`
 * names the block in messages about unknown words.
 */
void case_read_block(void *to, const struct block *b, const struct case_word *words,
		     const char *what, struct block_diag *d);

/* The tables, for words.c; ended by a NULL name. */
extern const struct case_word case_words[], case_settle_words[], case_node_words[],
	case_traffic_words[], case_timeline_words[];
/* What a timeline's blocks may have besides faults; ended by NULL. */
extern const char *const case_step_words[];

/* strdup that gives up the program: cases are read before anything runs. */
char *case_strdup(const char *s);
/* Replaces an owned text by a copy of word `i`. */
void case_set_text(char **to, const struct block_stmt *s, size_t i);
/* One more zeroed element at the end of an owned array; returns it. */
void *case_append(void *array, size_t *n, size_t size);
/* All words from `from` on, with single blanks; malloc'd. */
char *case_join(const struct block_stmt *s, size_t from);
char *case_join_words(char *const *word, size_t n);

void case_read_traffic(void *c, const struct block_stmt *s, struct block_diag *d);
void case_read_timeline(void *c, const struct block_stmt *s, struct block_diag *d);
void case_read_node(void *c, const struct block_stmt *s, struct block_diag *d);

/* Once everything is read: defaults that come from other parts, and what does
 * not fit together. */
void case_finish_traffic(struct case_ *c, struct block_diag *d);
void case_finish_timeline(struct case_ *c, struct block_diag *d);

void traffic_conf_finish(struct traffic_conf *t);
void step_finish(struct step *s);

#endif
