/* What a director's configuration calls things, as events have them. */
#include "siteconf.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "../engine/conf.h"
#include "endpoint.h"

static const char *protocol_name(int protocol)
{
	return protocol == IPPROTO_TCP ? "TCP" : protocol == IPPROTO_UDP ? "UDP" : "SCTP";
}

void siteconf_service_text(const struct lvs_service_conf *s, char *buf, size_t size)
{
	char where[ENDPOINT_TEXT_MAX];

	if (!s->addr.family) {
		snprintf(buf, size, "FWM %u%s", s->fwmark,
			 s->family == AF_INET6 ? " IPv6" : "");
		return;
	}
	endpoint_format(where, sizeof(where), s->addr.family, &s->addr.v4, s->port);
	snprintf(buf, size, "%s %s", protocol_name(s->protocol), where);
}

void siteconf_real_text(const struct lvs_real_conf *r, char *buf, size_t size)
{
	endpoint_format(buf, size, r->addr.family, &r->addr.v4, r->port);
}

void siteconf_addr_text(const struct conf_addr *a, char *buf, size_t size)
{
	if (!inet_ntop(a->family, &a->v4, buf, (socklen_t)size))
		snprintf(buf, size, "?");
}

bool siteconf_check_target(const struct lvs_real_conf *r, const struct checker_conf *k,
			   struct conf_addr *addr, int *port)
{
	switch (k->type) {
	case CHECK_TCP:
	case CHECK_HTTP:
	case CHECK_SSL:
	case CHECK_SMTP:
		*addr = k->connect_ip.family ? k->connect_ip : r->addr;
		*port = k->connect_port ? k->connect_port : r->port;
		return true;
	case CHECK_MISC:
	case CHECK_UDP:
	case CHECK_DNS:
	case CHECK_PING:
		break;
	}
	return false;
}
