#include "intern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define START_SLOTS 256 /* a power of two */

struct intern {
	char **slot; /* open addressing; (owned) texts */
	size_t nslot, used;
};

static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(1099511628211);
	return h;
}

struct intern *intern_new(void)
{
	struct intern *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->slot = calloc(START_SLOTS, sizeof(*in->slot));
	if (!in->slot) {
		free(in);
		return NULL;
	}
	in->nslot = START_SLOTS;
	return in;
}

void intern_free(struct intern *in)
{
	size_t i;

	if (!in)
		return;
	for (i = 0; i < in->nslot; i++)
		free(in->slot[i]);
	free(in->slot);
	free(in);
}

/* The slot that holds `text`, or the free one where it belongs. */
static char **find(char **slot, size_t nslot, const char *text)
{
	size_t at = hash(text) & (nslot - 1);

	while (slot[at] && strcmp(slot[at], text) != 0)
		at = (at + 1) & (nslot - 1);
	return &slot[at];
}

static bool grow(struct intern *in)
{
	size_t nslot = in->nslot * 2, i;
	char **slot = calloc(nslot, sizeof(*slot));

	if (!slot)
		return false;
	for (i = 0; i < in->nslot; i++)
		if (in->slot[i])
			*find(slot, nslot, in->slot[i]) = in->slot[i];
	free(in->slot);
	in->slot = slot;
	in->nslot = nslot;
	return true;
}

const char *intern_get(struct intern *in, const char *text)
{
	char **slot;

	if (!text)
		return NULL;
	slot = find(in->slot, in->nslot, text);
	if (*slot)
		return *slot;
	if (in->used * 2 >= in->nslot) {
		if (!grow(in))
			return NULL;
		slot = find(in->slot, in->nslot, text);
	}
	*slot = strdup(text);
	if (*slot)
		in->used++;
	return *slot;
}
