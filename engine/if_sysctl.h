/* Settings of one network interface, under /proc/sys/net. */
#ifndef HALBD_IF_SYSCTL_H
#define HALBD_IF_SYSCTL_H

/* family: "ipv4" or "ipv6". Reports what cannot be set. */
void if_sysctl_set(const char *family, const char *ifname, const char *key, int value);
/* Its value, or -1. */
int if_sysctl_get(const char *family, const char *ifname, const char *key);

#endif
