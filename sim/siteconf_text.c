/* What a director's configuration calls things, as events have them. */
#include "siteconf.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "../engine/conf.h"
#include "endpoint.h"

static const char *protocol_name(int protocol)
{
	return protocol == IPPROTO_TCP ? "TCP" : protocol == IPPROTO_UDP ? "UDP" : "SCTP";
}

static void address_text(int protocol, const struct conf_addr *a, int port, char *buf,
			 size_t size)
{
	char where[ENDPOINT_TEXT_MAX];

	endpoint_format(where, sizeof(where), a->family, &a->v4, port);
	snprintf(buf, size, "%s %s", protocol_name(protocol), where);
}

static void mark_text(uint32_t fwmark, int family, char *buf, size_t size)
{
	snprintf(buf, size, "FWM %u%s", fwmark, family == AF_INET6 ? " IPv6" : "");
}

void siteconf_service_text(const struct lvs_service_conf *s, char *buf, size_t size)
{
	if (s->group)
		snprintf(buf, size, "group %s", s->group->name);
	else if (s->addr.family)
		address_text(s->protocol, &s->addr, s->port, buf, size);
	else
		mark_text(s->fwmark, s->family, buf, size);
}

/* A range counts in its last part: the last byte, or of IPv6 the last two. */
static struct conf_addr nth(const struct conf_addr *first, uint32_t k)
{
	struct conf_addr a = *first;

	if (a.family == AF_INET6) {
		k += (uint32_t)(a.v6.s6_addr[14] << 8 | a.v6.s6_addr[15]);
		a.v6.s6_addr[14] = (uint8_t)(k >> 8);
		a.v6.s6_addr[15] = (uint8_t)k;
	} else {
		a.v4.s_addr = htonl(ntohl(a.v4.s_addr) + k);
	}
	return a;
}

bool siteconf_each_service(const struct lvs_service_conf *s, size_t at, char *buf,
			   size_t size)
{
	const struct lvs_group_entry_conf *e;
	struct conf_addr a;
	size_t i;

	if (!s->group) {
		siteconf_service_text(s, buf, size);
		return at == 0;
	}
	for (i = 0; i < s->group->nentry; i++) {
		e = &s->group->entry[i];
		if (!e->addr.family && !at--) {
			mark_text(e->fwmark, e->family ? e->family : s->family, buf, size);
			return true;
		}
		if (!e->addr.family)
			continue;
		if (at < e->count) {
			a = nth(&e->addr, (uint32_t)at);
			address_text(s->protocol, &a, e->port, buf, size);
			return true;
		}
		at -= e->count;
	}
	return false;
}

void siteconf_real_text(const struct lvs_real_conf *r, char *buf, size_t size)
{
	endpoint_format(buf, size, r->addr.family, &r->addr.v4, r->port);
}

void siteconf_entry_text(const char *service, const struct lvs_real_conf *r, char *buf,
			 size_t size)
{
	/* A mark has no port, and without NAT a packet keeps the one it came with. */
	bool keeps = !strncmp(service, "FWM ", 4) && r->forward != LVS_NAT;

	endpoint_format(buf, size, r->addr.family, &r->addr.v4, keeps ? 0 : r->port);
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
