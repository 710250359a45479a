/*
 * The judge of the differential suite: rules and what was seen, to verdicts. Pure.
 */
#ifndef DIFF_JUDGE_H
#define DIFF_JUDGE_H

#include <stddef.h>

#include "observed.h"
#include "rules.h"

enum verdict {
	EQUAL,	 /* the same, to the letter */
	CLOSE,	 /* within the bounds */
	DIFFERS, /* as the rule says that it does, and why */
	FAILED,
};

/* One observable of both engines. Texts are owned, and never NULL but where said. */
struct finding {
	const struct row *row;
	const struct rule *rule;
	enum verdict verdict;
	char *side[SIDES]; /* what is shown of each: "missing" where there is none */
	char *difference;  /* "" where there is none */
	char *trouble;	   /* what is wrong, a line each; "" where nothing is */
};

struct verdicts {
	struct finding *at;
	size_t n;
	char *stray; /* (owned) observations without a rule, a line each; "" if none */
};

/* All of `rules` on what was seen. 0, or -1 when memory runs out. */
int judge(struct verdicts *f, const struct rules *rules, const struct observed seen[SIDES]);
void verdicts_finish(struct verdicts *f);

/* Failures, counting strays as one. */
size_t verdicts_failed(const struct verdicts *f);
const char *verdict_name(enum verdict v);

#endif
