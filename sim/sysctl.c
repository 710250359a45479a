/* Implementation for the network sysctls. /proc/sys/net follows the caller. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int key_path(const char *key, char *path, size_t len)
{
	bool dots = strcspn(key, ".") < strcspn(key, "/");
	size_t at = sizeof("/proc/sys/") - 1;
	char *c;

	if ((size_t)snprintf(path, len, "/proc/sys/%s", key) >= len)
		return -ENAMETOOLONG;
	if (strstr(key, "..") || strstr(key, "//"))
		return -EINVAL;
	for (c = path + at; dots && *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return 0;
}

int sysctl_set(const char *key, const char *value)
{
	char path[256];
	size_t len = strlen(value);
	ssize_t n;
	int fd, r = key_path(key, path, sizeof(path));

	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, value, len);
	r = n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
	close(fd);
	return r;
}

int sysctl_get(const char *key, char *buf, size_t len)
{
	char path[256];
	ssize_t n;
	int fd, r = key_path(key, path, sizeof(path));

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, len - 1);
	r = n < 0 ? -errno : 0;
	close(fd);
	if (r == 0) {
		buf[n] = '\0';
		buf[strcspn(buf, "\n")] = '\0';
	}
	return r;
}

bool sysctl_is_per_node(const char *key)
{
	return !strncmp(key, "net.", 4) || !strncmp(key, "net/", 4);
}
