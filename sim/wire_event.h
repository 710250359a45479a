/*
 * Records what was decoded from a frame: sent by `node`, or delivered to it, on
 * switch `link` (both interned), at run time t.
 */
#ifndef HALBSIM_WIRE_EVENT_H
#define HALBSIM_WIRE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"
#include "wire.h"

void wire_event_vrrp(struct record *rec, const char *node, const char *link,
		     bool delivered, int64_t t, const struct wire_vrrp *v);
void wire_event_arp(struct record *rec, const char *node, const char *link,
		    bool delivered, int64_t t, const struct wire_arp *a);

#endif
