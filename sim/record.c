#include "record.h"

#include <stdarg.h>
#include <stdio.h>

#include "clock.h"

int64_t record_now(const struct record *r)
{
	return record_time(r, clock_now());
}

void record_add(struct record *r, const struct event *e)
{
	int err = event_add(r->log, e);

	if (err < 0 && !r->err)
		r->err = err;
	if (r->tap)
		r->tap(e, r->tap_arg);
}

void record_note(struct record *r, const char *node, const char *fmt, ...)
{
	struct event e = { .t = record_now(r), .type = EV_NOTE };
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e.node = record_text(r, node);
	e.text = record_text(r, text);
	record_add(r, &e);
}
