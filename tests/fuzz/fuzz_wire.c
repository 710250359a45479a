/* Any bytes as a frame on the wire, as halbsim's observers read it. */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct wire w;

	wire_decode(data, len, &w);
	if (w.kind == WIRE_VRRP &&
	    (strnlen(w.vrrp.vips, WIRE_VIPS_MAX) == WIRE_VIPS_MAX ||
	     w.vrrp.priority > 255 || w.vrrp.vrid > 255))
		abort();
	if (w.kind == WIRE_ANSWER && (w.answer.port < 0 || w.answer.port > 65535))
		abort();
	return 0;
}
