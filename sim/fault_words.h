/*
 * How the words of faults are read: each function takes what it knows from
 * w->at on, and leaves w->at behind it, or at the mistake.
 */
#ifndef HALBSIM_FAULT_WORDS_H
#define HALBSIM_FAULT_WORDS_H

#include "fault_impl.h"

/* A mistake at word w->at. Always -1. */
int fault_wrong(struct fault_words *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, showing how the fault is written. */
int fault_wrong_shape(const struct fault_call *c, struct fault_words *w);
/* The same, with the nearest of `names`. */
int fault_wrong_name(struct fault_words *w, const char *kind, const char *name,
		     const char *const *names, size_t n);

/* The next word, or NULL. */
const char *fault_next(struct fault_words *w);
/* 0 when there is none, else the mistake. */
int fault_no_more(const struct fault_call *c, struct fault_words *w);

/* A node into *n. */
int fault_take_node(const struct fault_call *c, struct fault_words *w,
		    const struct topo_node **n);
/* "NODE[:IF]" into c->node and c->ifc; without IF it must have just one. */
int fault_take_interface(struct fault_call *c, struct fault_words *w);
/* "200ms". */
int fault_take_span(struct fault_words *w, const char *example, int64_t *ns);

#endif
