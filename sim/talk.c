#include "talk.h"

#include <errno.h>
#include <string.h>

struct head {
	uint32_t kind, len;
};

int talk_put(struct bytes *b, enum talk_kind kind, const void *data, size_t len)
{
	struct head h = { kind, (uint32_t)len };
	int r;

	if (len > TALK_MAX)
		return -EMSGSIZE;
	r = bytes_add(b, &h, sizeof(h));
	return r < 0 ? r : bytes_add(b, data, len);
}

int talk_put_number(struct bytes *b, enum talk_kind kind, int32_t n)
{
	return talk_put(b, kind, &n, sizeof(n));
}

int talk_take(struct bytes *b, struct talk *t)
{
	struct head h;

	if (bytes_left(b) < sizeof(h))
		return 0;
	memcpy(&h, b->v + b->at, sizeof(h));
	if (h.kind < TALK_ASK || h.kind > TALK_ERR || h.len > TALK_MAX)
		return -EPROTO;
	if (bytes_left(b) - sizeof(h) < h.len)
		return 0;
	*t = (struct talk){ (enum talk_kind)h.kind, b->v + b->at + sizeof(h), h.len };
	bytes_use(b, sizeof(h) + h.len);
	return 1;
}

int32_t talk_number(const struct talk *t, size_t i)
{
	int32_t n = 0;

	if (t->len >= (i + 1) * sizeof(n))
		memcpy(&n, t->data + i * sizeof(n), sizeof(n));
	return n;
}
