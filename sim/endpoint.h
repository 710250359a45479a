/* "192.168.31.200:80" and "[fd00::200]:80": addresses with a port, as text. */
#ifndef HALBSIM_ENDPOINT_H
#define HALBSIM_ENDPOINT_H

#include <stddef.h>
#include <sys/socket.h>

#define ENDPOINT_TEXT_MAX 56 /* "[IPv6]:65535" and its end */

/* Reads one; the port must be 1-65535. 0 or -EINVAL. */
int endpoint_parse(const char *text, struct sockaddr_storage *ss);
/* Length of its sockaddr_in or sockaddr_in6. */
socklen_t endpoint_len(const struct sockaddr_storage *ss);
/* Writes `addr` (in_addr or in6_addr) with `port` (host order) as text. */
void endpoint_format(char *buf, size_t size, int family, const void *addr, int port);

#endif
