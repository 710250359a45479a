/* One event as a line for people, as it happens. */
#ifndef HALBSIM_EVENT_LINE_H
#define HALBSIM_EVENT_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "sitestate.h"

/*
 * Writes the line (without a newline) and returns true; false for what is
 * nothing new: with `s`, the state before the event, an advert of whoever is
 * master, a good reply after a good one, a failure after a failure. With s NULL
 * everything is worth a line.
 */
bool event_line(char *buf, size_t size, const struct event *e, const struct sitestate *s);

#endif
