/* libnl sockets and its error numbers, in one place. */
#ifndef HALB_NL_H
#define HALB_NL_H

#include <netlink/netlink.h>

/*
 * Opens a netlink socket of `protocol` (NETLINK_ROUTE, NETLINK_GENERIC) in the
 * caller's network namespace, with close-on-exec and 1 MiB of receive buffer. Returns it, or NULL with errno
 * set. The caller frees it with nl_socket_free().
 */
struct nl_sock *nl_open(int protocol);

/* Turns a libnl result (0 or -NLE_…) into 0 or -errno. */
int nl_errno(int nlerr);

#endif
