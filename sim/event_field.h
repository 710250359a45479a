/*
 * Which fields an event of each type has: the table that events.jsonl is both
 * written and read by. Only event.c, event_read.c, event_write.c and their test need it.
 */
#ifndef HALBSIM_EVENT_FIELD_H
#define HALBSIM_EVENT_FIELD_H

#include <stddef.h>

#include "event.h"

enum field_kind {
	FIELD_TEXT, /* const char *; NULL: the key is left out */
	FIELD_BOOL,
	FIELD_INT,
	FIELD_I64,
	FIELD_U64,  /* at most INT64_MAX: JSON readers stop there */
	FIELD_NAME, /* an enum, written as its name */
};

struct event_field {
	const char *key; /* NULL ends a table */
	enum field_kind kind;
	size_t at; /* offset in struct event */
	const char *const *names; /* FIELD_NAME: indexed by the enum, NULL ends */
};

extern const struct event_field event_common[];
const struct event_field *event_fields(enum event_type t);

#endif
