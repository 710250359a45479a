/*
 * Replies to halbsim's clients, in pieces that the input chooses: its first byte is
 * their size. In one piece or in many, the answer is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "web_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void read_in_pieces(struct web_reply *r, const uint8_t *data, size_t len,
			   size_t piece)
{
	size_t n;

	web_reply_init(r);
	for (; len && (r->state == REPLY_HEAD || r->state == REPLY_BODY);
	     data += n, len -= n) {
		n = piece && piece < len ? piece : len;
		web_reply_feed(r, (const char *)data, n);
	}
	if (r->state == REPLY_HEAD || r->state == REPLY_BODY)
		web_reply_eof(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct web_reply whole, parts;

	if (!len)
		return 0;
	read_in_pieces(&whole, data + 1, len - 1, 0);
	read_in_pieces(&parts, data + 1, len - 1, data[0]);
	/* Bytes after the end are seen in one piece only. */
	if (whole.state == REPLY_DONE &&
	    (parts.state != REPLY_DONE || whole.status != parts.status ||
	     strcmp(web_reply_body(&whole), web_reply_body(&parts)) != 0))
		abort();
	return 0;
}
