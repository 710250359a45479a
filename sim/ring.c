#include "ring.h"

#include <stdatomic.h>
#include <string.h>

size_t ring_used(const struct ring *r)
{
	uint32_t used = atomic_load_explicit(&r->head, memory_order_acquire) -
			atomic_load_explicit(&r->tail, memory_order_relaxed);

	return used <= RING_BYTES ? used : 0; /* nonsense from the other side */
}

size_t ring_room(const struct ring *r)
{
	uint32_t used = atomic_load_explicit(&r->head, memory_order_relaxed) -
			atomic_load_explicit(&r->tail, memory_order_acquire);

	return used <= RING_BYTES ? RING_BYTES - used : 0;
}

/* Copies to or from the ring's bytes, around its end. */
static size_t first_part(uint32_t at, size_t len)
{
	size_t left = RING_BYTES - at % RING_BYTES;

	return len < left ? len : left;
}

static uint32_t copy_in(struct ring *r, uint32_t at, const void *from, size_t len)
{
	size_t n = first_part(at, len);

	if (!len)
		return at;
	memcpy(r->data + at % RING_BYTES, from, n);
	memcpy(r->data, (const unsigned char *)from + n, len - n);
	return at + (uint32_t)len;
}

bool ring_put(struct ring *r, const void *a, size_t alen, const void *b, size_t blen)
{
	uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

	if (alen + blen > ring_room(r))
		return false;
	head = copy_in(r, head, a, alen);
	head = copy_in(r, head, b, blen);
	atomic_store_explicit(&r->head, head, memory_order_release);
	return true;
}

bool ring_peek(const struct ring *r, size_t at, void *buf, size_t len)
{
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint32_t from = tail + (uint32_t)at;
	size_t n = first_part(from, len), used = ring_used(r);

	if (at > used || len > used - at)
		return false;
	memcpy(buf, r->data + from % RING_BYTES, n);
	memcpy((unsigned char *)buf + n, r->data, len - n);
	return true;
}

void ring_skip(struct ring *r, size_t len)
{
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	size_t used = ring_used(r);

	tail += (uint32_t)(len < used ? len : used);
	atomic_store_explicit(&r->tail, tail, memory_order_release);
}
