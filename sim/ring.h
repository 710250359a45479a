/*
 * A ring of bytes in memory that two programs share: one writes, one reads,
 * nobody waits. Either side may be a guest; what the other one has written is
 * checked like any input.
 */
#ifndef HALBSIM_RING_H
#define HALBSIM_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_BYTES (UINT32_C(1) << 19) /* a power of two */

/* Zeroed memory is an empty ring. */
struct ring {
	_Atomic uint32_t head, tail; /* bytes written, bytes read; they wrap */
	unsigned char data[RING_BYTES];
};

/* How many bytes can be read, or written. */
size_t ring_used(const struct ring *r);
size_t ring_room(const struct ring *r);

/* Writes both parts (b may be NULL with blen 0) or, without room, nothing. */
bool ring_put(struct ring *r, const void *a, size_t alen, const void *b, size_t blen);
/* Copies `len` bytes, from `at` bytes after the next one on, without taking them. */
bool ring_peek(const struct ring *r, size_t at, void *buf, size_t len);
/* Takes them. */
void ring_skip(struct ring *r, size_t len);

#endif
