/*
 * What is said between a live site and whoever looks at it: messages of a kind
 * and some bytes over a stream. The asker sends TALK_ASK first, one JSON object:
 *
 *	{"verb": "wait", "owner": true}
 *	                     TALK_LINE as things happen; TALK_DONE when it is settled.
 *	                     Should its owner go before that, so does the site
 *	{"verb": "status"}   TALK_JSON, TALK_DONE
 *	{"verb": "events", "json": true, "past": false, "all": false}
 *	                     TALK_LINE each, until the asker goes
 *	{"verb": "fault", "words": ["crash", "lvs1"]}
 *	                     TALK_LINE with the proof, TALK_DONE
 *	{"verb": "exec", "node": "lvs1", "argv": ["ip", "addr"],
 *	 "term": "xterm", "rows": 24, "cols": 80}   (term: wants a terminal)
 *	                     TALK_OUT, TALK_ERR; TALK_DONE with its status. To it:
 *	                     TALK_IN, TALK_IN_END, TALK_SIZE, TALK_SIGNAL
 *
 * TALK_DONE's number is the exit status; with TALK_SAY before it, one message
 * for stderr.
 */
#ifndef HALBSIM_TALK_H
#define HALBSIM_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

enum talk_kind {
	TALK_ASK = 1,
	TALK_JSON,
	TALK_LINE,
	TALK_SAY,
	TALK_DONE, /* int32 */
	TALK_IN,
	TALK_IN_END,
	TALK_SIZE,   /* two int32: rows, columns */
	TALK_SIGNAL, /* int32 */
	TALK_OUT,
	TALK_ERR,
};

/* No message is longer. */
#define TALK_MAX (UINT32_C(1) << 22)

struct talk {
	enum talk_kind kind;
	const unsigned char *data; /* in the buffer, until the next call */
	size_t len;
};

/* Appends a message. 0 or -errno. */
int talk_put(struct bytes *b, enum talk_kind kind, const void *data, size_t len);
int talk_put_number(struct bytes *b, enum talk_kind kind, int32_t n);
/*
 * Takes the next whole message: 1; 0 when more must be read first; -EPROTO. The
 * data stay where they are until the buffer is changed.
 */
int talk_take(struct bytes *b, struct talk *t);
/* A number that was put; 0 when there is none. `i`: which of several. */
int32_t talk_number(const struct talk *t, size_t i);

#endif
