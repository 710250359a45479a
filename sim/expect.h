/*
 * Expectations: the `expect { … }` block of a case. Read when the case is
 * loaded, judged afterwards from the events alone.
 *
 *	longest_gap http <= 3.7s
 *	vip 192.168.31.200 on lvs2 within 3.7s of crash
 *	always one_master
 *
 * expect_parse() reads the words (expect_parse.c), expect_check() holds them
 * against the case (expect_check.c), expect_judge() decides (expect_judge.c).
 * docs and halbsim.case(5) have the grammar.
 */
#ifndef HALBSIM_EXPECT_H
#define HALBSIM_EXPECT_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block;
struct block_diag;
struct case_;
struct event_log;
struct expect;
struct measures;

/* A moment that decides a judgement, for the reader of the report. */
struct expect_moment {
	int64_t t;
	char *what; /* (owned) "lvs1 still sends adverts" */
};

enum expect_outcome { EXPECT_HELD, EXPECT_NOT_HELD, EXPECT_UNDECIDED };

/* One expectation, judged. Texts are owned. */
struct expect_result {
	const struct expect *of; /* (borrowed) */
	enum expect_outcome outcome;
	char *expected;	 /* "at most 3.7 s" */
	char *actual;	 /* "3.616 s"; undecided: why */
	char *tolerance; /* "none", or what was allowed and why */
	struct expect_moment *moment;
	size_t nmoment;
};

struct expect_results {
	struct expect_result *v;
	size_t n;
};

/*
 * Reads the body of an `expect` block into a list, in the file's order (NULL
 * when it is empty). Mistakes go to `d`, with the nearest right word.
 * Free with expect_free() (NULL is fine).
 */
struct expect *expect_parse(const struct block *body, struct block_diag *d);
void expect_free(struct expect *list);

/*
 * Refuses what can never be judged on this case: an unknown node, traffic,
 * fault or address, a span past the end. case_load() calls it once everything
 * else of the case is in place. Returns 0, or -1 after errors in `d`.
 */
int expect_check(const struct expect *list, const struct case_ *c, struct block_diag *d);

/* The words as written, and where. */
const char *expect_text(const struct expect *e);
int expect_line(const struct expect *e);
const struct expect *expect_next(const struct expect *e);

/* The lines of a node's log that it asks about; NULL: it asks about none. */
const regex_t *expect_log_pattern(const struct expect *e, const char **node);
/* The protocol whose packets it counts; NULL: it counts none. */
const char *expect_packets(const struct expect *e);

/*
 * Judges every expectation of the case. Pure. Returns 0 or -ENOMEM; free with
 * expect_results_finish().
 */
int expect_judge(struct expect_results *r, const struct case_ *c,
		 const struct event_log *log, const struct measures *m);
void expect_results_finish(struct expect_results *r);

#endif
