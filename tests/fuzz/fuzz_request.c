/*
 * Requests to halbweb. A head that is whole stays what it is when more follows,
 * and every part of it lies inside.
 */
#include <stdlib.h>
#include <string.h>

#include "http_req.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void inside(const char *from, size_t len, const char *part, size_t part_len)
{
	if (part && (part < from || part_len > len || part > from + len - part_len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct http_req whole, shorter;
	int r = http_req_read(text, len, &whole);

	if (r && r != -1 && r != 400 && r != 405 && r != 431 && r != 501 && r != 505)
		abort();
	if (r && r != 405)
		return 0;
	if (!whole.head_len || whole.head_len > len)
		abort();
	if (http_req_read(text, whole.head_len, &shorter) != r ||
	    shorter.head_len != whole.head_len || shorter.body_len != whole.body_len)
		abort();
	if (r)
		return 0;
	if (!whole.path_len || whole.path[0] != '/')
		abort();
	if (whole.path_len > 1)
		inside(text, whole.head_len, whole.path, whole.path_len);
	inside(text, whole.head_len, whole.query, whole.query_len);
	if (http_req_number(&whole, "size", 7) < -1)
		abort();
	return 0;
}
