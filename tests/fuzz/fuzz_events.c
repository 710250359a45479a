/*
 * events.jsonl, which may come from anywhere: what is read can be written, and
 * reading that gives the same again.
 */
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "fuzz_file.h"
#include "log.h"

static char *text_of(const struct event_log *log, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out || event_log_write(log, out) || fclose(out))
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_log first, second;
	size_t len[2];
	char *text[2];

	log_init("fuzz", LOG_LVL_ERR, 0);
	event_log_init(&first);
	event_log_init(&second);
	if (!event_log_read(&first, fuzz_file("events.jsonl", data, size))) {
		text[0] = text_of(&first, &len[0]);
		if (event_log_read(&second,
				   fuzz_file("events.jsonl", (uint8_t *)text[0], len[0])))
			abort();
		text[1] = text_of(&second, &len[1]);
		if (len[0] != len[1] || memcmp(text[0], text[1], len[0]) != 0)
			abort();
		free(text[0]);
		free(text[1]);
	}
	event_log_finish(&first);
	event_log_finish(&second);
	return 0;
}
