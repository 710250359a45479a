/*
 * The rules of the differential suite: what is compared, and how closely.
 *
 * Each script NN_name.sh has its rows beside it in NN_name.conf (block syntax):
 *
 *	row 7 "killed master: from its last advert to the takeover" {
 *		observe takeover {
 *			unit ms
 *			formula 3609.375
 *			within 1
 *			keys 20
 *			why "the formula of RFC 3768 6.1; what is over is the engine's work"
 *		}
 *	}
 *
 * A row may stand in two files, with the same text, when two scripts see to it.
 *
 * Words of an observable:
 *	what TEXT	what it is, in words (its name)
 *	unit UNIT	its values are numbers; without this, texts, to be equal
 *	formula [KEY] N	what both must be, each by at most `within`; per key
 *	within N	see there
 *	apart N		how far the engines may be from each other (`within`)
 *	between LO HI	both lie there
 *	more N		halbd's is at most keepalived's + N
 *	expect VALUE	both are that, to the letter
 *	keys N		values are "NAME/KEY" and there are at least N keys
 *	except FILE	keys (first word of a line; the rest says why) whose values must
 *			differ; FILE is relative to where the judge runs
 *	keepalived VALUE, halbd VALUE	what each is, where they differ by intention;
 *			numbers by at most `within`
 *	follows ENGINE TEXT	goes with these: which of the two halbd follows, and why; with
 *			halbd, TEXT goes on from "halbd follows" (RFC 3768, section 7.1: ...)
 *	why TEXT	the reason of the bound
 */
#ifndef DIFF_RULES_H
#define DIFF_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "block.h"

enum side { KEEPALIVED, HALBD, SIDES };

struct formula {
	const char *key; /* NULL: of every key */
	double value;
};

/* All text is borrowed from the files' trees. */
struct rule {
	const char *name, *what, *unit, *expect, *follows, *reason, *why;
	const char *own[SIDES]; /* both or none */
	struct formula *formula;
	size_t nformula;
	bool has_within, has_apart, has_between, has_more;
	double within, apart, low, high, more;
	long keys; /* 0: a single value */
	struct block *except; /* (owned) NULL: none */
	struct rule *next;
};

struct row {
	int number;
	const char *text;
	struct rule *rule;
	struct row *next; /* by number */
};

struct rules {
	struct row *row;
	struct block **tree;
	size_t ntree;
};

/* Adds the rows of a file. 0, or -1 after messages in `d`. */
int rules_read(struct rules *rules, const char *path, struct block_diag *d);
/* The same from memory. */
int rules_parse(struct rules *rules, const char *name, const char *text,
		struct block_diag *d);
void rules_finish(struct rules *rules);

/* The line on which a key is excepted (key, then the reason); NULL: it is not. */
const struct block_stmt *rule_excepts(const struct rule *rule, const char *key);

#endif
