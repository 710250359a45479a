#include "http_status.h"

#include <stddef.h>

#include "conf.h"

bool http_status_wanted(const struct http_url_conf *url, int status)
{
	unsigned int bit = (unsigned int)(status - HTTP_STATUS_MIN);
	uint64_t any = 0;
	size_t i;

	if (status < HTTP_STATUS_MIN || status > HTTP_STATUS_MAX)
		return false;
	for (i = 0; i < sizeof(url->status_set) / sizeof(url->status_set[0]); i++)
		any |= url->status_set[i];
	if (any)
		return url->status_set[bit / 64] >> (bit % 64) & 1;
	if (url->status_min)
		return status >= url->status_min && status <= url->status_max;
	return status >= 200 && status <= 299;
}
