/* Settings of one network interface, under /proc/sys/net. */
#ifndef HALBD_SYSCTL_H
#define HALBD_SYSCTL_H

/* family: "ipv4" or "ipv6". Reports what cannot be set. */
void sysctl_set(const char *family, const char *ifname, const char *key, int value);
/* Its value, or -1. */
int sysctl_get(const char *family, const char *ifname, const char *key);

#endif
