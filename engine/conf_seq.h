/*
 * Lines that stand for several: ~SEQ and ~LST of keepalived.conf.
 *
 *	~SEQ(NAME, [start, [step,]] end) text     $NAME counts; ~SEQx: in hexadecimal
 *	~LST(NAME, a, b) text                     $NAME is a, then b
 *	~LST({N, M}, {a, b}, {c}) text            several at once; the rest is empty
 *
 * The text is read once for each value, and may begin with another of them: they
 * are a stack, the innermost on top.
 */
#ifndef HALBD_CONF_SEQ_H
#define HALBD_CONF_SEQ_H

#include <stdbool.h>
#include <stddef.h>

struct conf_defs;
struct conf_seq;

/* Zeroed: none. */
struct conf_seqs {
	struct conf_seq *top; /* (owned) */
	size_t n;
};

/*
 * Reads a line that begins with ~SEQ or ~LST and puts it on top. `defs` has the
 * variables that its numbers may use. Returns NULL, or what is wrong with it
 * (*nomem: memory ran out).
 */
const char *conf_seq_add(struct conf_seqs *s, struct conf_defs *defs, const char *line,
			 bool *nomem);

/*
 * Sets the variables of the top one to their next values and copies its text to
 * `buf` (room for as much as the line had). Takes it off after its last value.
 * Returns false when memory ran out.
 */
bool conf_seq_next(struct conf_seqs *s, struct conf_defs *defs, char *buf);

void conf_seqs_finish(struct conf_seqs *s);

#endif
