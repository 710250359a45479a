/* Bytes that grow at the end and are used up from the front. Zeroed is empty. */
#ifndef HALBSIM_BYTES_H
#define HALBSIM_BYTES_H

#include <stddef.h>

struct bytes {
	unsigned char *v; /* (owned) */
	size_t at, len, cap; /* v[at..len) is there */
};

static inline size_t bytes_left(const struct bytes *b)
{
	return b->len - b->at;
}

/* 0 or -ENOMEM. */
int bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_use(struct bytes *b, size_t len);
void bytes_finish(struct bytes *b);

#endif
