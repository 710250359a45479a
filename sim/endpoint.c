#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int port_parse(const char *text, in_port_t *port)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	n = strtoul(text, &end, 10);
	if (*end || n < 1 || n > 65535)
		return -EINVAL;
	*port = htons((uint16_t)n);
	return 0;
}

int endpoint_parse(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len;

	memset(ss, 0, sizeof(*ss));
	len = colon ? (size_t)(colon - text) : sizeof(host);
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		ss->ss_family = AF_INET6;
		if (inet_pton(AF_INET6, host + 1, &v6->sin6_addr) != 1)
			return -EINVAL;
		return port_parse(colon + 1, &v6->sin6_port);
	}
	ss->ss_family = AF_INET;
	if (inet_pton(AF_INET, host, &v4->sin_addr) != 1)
		return -EINVAL;
	return port_parse(colon + 1, &v4->sin_port);
}

socklen_t endpoint_len(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					   sizeof(struct sockaddr_in);
}

void endpoint_format(char *buf, size_t size, int family, const void *addr, int port)
{
	char host[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, addr, host, sizeof(host));
	snprintf(buf, size, family == AF_INET6 ? "[%s]:%d" : "%s:%d", host, port);
}
