/* Interface for the network sysctls of the namespace the caller is in. */
#ifndef HALBSIM_SYSCTL_H
#define HALBSIM_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes a value to a key as sysctl(8) names it; "/" and "." may change roles
 * as there ("net/ipv4/conf/eth0.5/arp_ignore"). 0 or -errno; -ENOENT: this
 * kernel has no such key (or its module is not loaded).
 */
int sysctl_set(const char *key, const char *value);
/* Reads a value without its newline. 0 or -errno. */
int sysctl_get(const char *key, char *buf, size_t len);

/*
 * Whether a key belongs to a network namespace. Only these may be set for a
 * node: any other would change the machine.
 */
bool sysctl_is_per_node(const char *key);

#endif
