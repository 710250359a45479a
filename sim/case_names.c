/* What the enums of a case are called, in files and reports. */
#include "case.h"

static const char *const engines[] = {
	[ENGINE_HALBD] = "halbd",
	[ENGINE_KEEPALIVED] = "keepalived",
};

static const char *const backends[] = {
	[BACKEND_HALBWEB] = "halbweb",
	[BACKEND_NGINX] = "nginx",
};

static const char *const kinds[] = {
	[TRAFFIC_HTTP] = "http",
	[TRAFFIC_KEEPALIVE] = "keepalive",
	[TRAFFIC_STREAM] = "stream",
	[TRAFFIC_UDP] = "udp",
};

const char *engine_name(enum engine e)
{
	return engines[e];
}

const char *backend_name(enum backend b)
{
	return backends[b];
}

const char *traffic_kind_name(enum traffic_kind k)
{
	return kinds[k];
}
