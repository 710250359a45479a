/* DNS replies to the health checker, and queries made of any name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check_dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t query[DNS_QUERY_MAX];
	char name[600];
	size_t n = len < sizeof(name) - 1 ? len : sizeof(name) - 1;
	uint16_t id = len >= 2 ? (uint16_t)(data[0] << 8 | data[1]) : 0;
	int r = dns_reply(data, len, id);

	if (r < -1 || r > 15 || (r >= 0 && len < 12))
		abort();
	memcpy(name, data, n);
	name[n] = '\0';
	r = dns_query(query, id, name, 6);
	if (r > (int)sizeof(query))
		abort();
	/* Our own question is no answer. */
	if (r > 0 && dns_reply(query, (size_t)r, id) != -1)
		abort();
	return 0;
}
