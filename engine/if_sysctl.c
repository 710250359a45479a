#include "if_sysctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"

static int open_key(const char *family, const char *ifname, const char *key, int flags)
{
	char path[160];

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, ifname, key);
	return open(path, flags | O_CLOEXEC);
}

void if_sysctl_set(const char *family, const char *ifname, const char *key, int value)
{
	int fd = open_key(family, ifname, key, O_WRONLY), n;
	char text[16];

	n = snprintf(text, sizeof(text), "%d", value);
	if (fd < 0 || write(fd, text, (size_t)n) < 0)
		log_warn("cannot set net.%s.conf.%s.%s", family, ifname, key);
	if (fd >= 0)
		close(fd);
}

int if_sysctl_get(const char *family, const char *ifname, const char *key)
{
	int fd = open_key(family, ifname, key, O_RDONLY);
	char text[16] = "";
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atoi(text) : -1;
}
