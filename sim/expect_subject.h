/* What an expectation is about: its first word and how the rest is read. */
#ifndef HALBSIM_EXPECT_SUBJECT_H
#define HALBSIM_EXPECT_SUBJECT_H

#include "expect_int.h"

/* The reader's place in one statement. */
struct cursor {
	const struct block_stmt *s;
	struct block_diag *d;
	size_t i;
};

/* The word here, or NULL at the end; whether it is this one; then past it. */
const char *cursor_word(const struct cursor *c);
bool cursor_is(const struct cursor *c, const char *w);
bool cursor_take(struct cursor *c, const char *w);
/*
 * A word that names something, and past it; `what` says what in the message. Where it
 * was goes to *at (NULL: nowhere). NULL after a message.
 */
const char *cursor_name(struct cursor *c, size_t *at, const char *what);
/* [vrid N]: 0, or -1 after a message. */
int cursor_vrid(struct cursor *c, struct expect *e);

/* expect_amount.c: what follows the names of amounts. 0, or -1 after a message. */
int amount_traffic(struct cursor *c, struct expect *e);
int amount_latency(struct cursor *c, struct expect *e);
int amount_backend(struct cursor *c, struct expect *e);
int amount_node_count(struct cursor *c, struct expect *e);
int amount_packets(struct cursor *c, struct expect *e);
int amount_log(struct cursor *c, struct expect *e);
int amount_fair(struct cursor *c, struct expect *e);
int amount_plain_count(struct cursor *c, struct expect *e);

struct subject {
	const char *name;
	/* Reads what follows the name. 0, or -1 after a message. */
	int (*parse)(struct cursor *c, struct expect *e);
	enum expect_kind kind;
	int detail; /* enum quantity, state or budget_step */
};

/* In the order in which "did you mean" should prefer them. */
extern const struct subject expect_subjects[];
extern const size_t expect_nsubjects;
/* What may stand before one; ended by NULL. */
extern const char *const expect_modes[];

#endif
