#include "bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bytes_add(struct bytes *b, const void *data, size_t len)
{
	unsigned char *more;
	size_t cap;

	if (!len)
		return 0;
	if (b->at) {
		memmove(b->v, b->v + b->at, b->len - b->at);
		b->len -= b->at;
		b->at = 0;
	}
	if (b->cap - b->len < len) {
		cap = b->cap * 2 > b->len + len ? b->cap * 2 : b->len + len;
		more = realloc(b->v, cap);
		if (!more)
			return -ENOMEM;
		b->v = more;
		b->cap = cap;
	}
	memcpy(b->v + b->len, data, len);
	b->len += len;
	return 0;
}

void bytes_use(struct bytes *b, size_t len)
{
	b->at += len;
	if (b->at >= b->len)
		b->at = b->len = 0;
}

void bytes_finish(struct bytes *b)
{
	free(b->v);
	*b = (struct bytes){ 0 };
}
