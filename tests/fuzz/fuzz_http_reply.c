/*
 * HTTP replies to the health checker, in pieces that the input chooses: its first
 * byte is the size of the pieces. In one piece or in many, the answer is the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check_http.h"
#include "http_status.h"
#include "http_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int read_in_pieces(struct http_page *p, const uint8_t *data, size_t len,
			  size_t piece, uint8_t digest[16])
{
	size_t n;
	int r = 0;

	if (http_page_init(p, true, 100) < 0)
		abort();
	for (; !r && len; data += n, len -= n) {
		n = piece && piece < len ? piece : len;
		r = http_page_feed(p, data, n);
	}
	if (!http_page_digest(p, digest))
		abort();
	http_page_finish(p);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct http_page whole, parts;
	static const struct http_url_conf url;
	uint8_t a[16], b[16];
	int r;

	if (!len)
		return 0;
	r = read_in_pieces(&whole, data + 1, len - 1, 0, a);
	if (r != read_in_pieces(&parts, data + 1, len - 1, data[0], b))
		abort();
	if (r == 0 && (whole.status != parts.status || whole.length != parts.length ||
		       whole.body != parts.body || memcmp(a, b, 16) != 0))
		abort();
	if (whole.status && (whole.status < 0 || whole.status > 999))
		abort();
	http_status_wanted(&url, whole.status);
	return 0;
}
