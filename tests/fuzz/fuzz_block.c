/* The block reader and its values: any bytes. */
#include <stddef.h>
#include <stdint.h>

#include "block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct block *b, struct block_diag *d)
{
	static const char *const names[] = { "case", "topology", "at", "node", "crash" };
	const struct block_stmt *s;
	int64_t n;
	double x;
	size_t i;

	for (s = b->first; s; s = s->next) {
		for (i = 0; i <= s->nword; i++) {
			block_span(d, s, i, &n);
			block_rate(d, s, i, &x);
			block_percent(d, s, i, &x);
			block_int(d, s, i, -5, 500, &n);
		}
		block_nearest(s->word[0].text, names, sizeof(names) / sizeof(names[0]));
		if (s->body)
			use(s->body, d);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct block_diag d = { .out = NULL };
	struct block *b = block_parse("fuzz", (const char *)data, size, &d);

	if (b)
		use(b, &d);
	block_free(b);
	return 0;
}
