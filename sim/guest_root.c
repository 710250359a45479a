#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "guest_image.h"
#include "guest_rehearsal.h"
#include "guest_root.h"
#include "log.h"
#include "paths.h"

/* Taken along when the host has them. */
static const char *const host_programs[] = { "keepalived", "nginx", "ipvsadm", "ip",
					     "tc",	   "bash",  "dash",    "busybox",
					     "curl",	   "tcpdump" };
static const char *const own_programs[] = { "halbd", "halbweb", "halbweb-tls" };

static const struct {
	const char *path, *text;
} etc[] = {
	{ "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
			 "www-data:x:33:33:www-data:/var/www:/bin/sh\n"
			 "nginx:x:101:101:nginx:/var/www:/bin/sh\n"
			 "keepalived_script:x:102:102:keepalived:/tmp:/bin/sh\n"
			 "tcpdump:x:103:103:tcpdump:/tmp:/bin/sh\n"
			 "nobody:x:65534:65534:nobody:/tmp:/bin/sh\n" },
	{ "/etc/group", "root:x:0:\nadm:x:4:\nwww-data:x:33:\nnginx:x:101:\n"
			"keepalived_script:x:102:\ntcpdump:x:103:\nnogroup:x:65534:\n" },
	{ "/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n" },
	{ "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"
				"services: files\nprotocols: files\n" },
	{ "/etc/protocols", "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\n"
			    "vrrp 112 VRRP\nsctp 132 SCTP\n" },
	{ "/etc/services", "ssh 22/tcp\nsmtp 25/tcp\ndomain 53/tcp\ndomain 53/udp\n"
			   "http 80/tcp\nhttps 443/tcp\n" },
};

/* Mount points, and what programs expect to exist. */
static const char *const dirs[] = {
	"/proc",    "/sys",	    "/dev",	      "/run",
	"/tmp",	    "/in",	    "/out",	      "/root",
	"/var/run", "/var/log/nginx", "/var/lib/nginx", "/etc/keepalived",
	"/var/www", "/usr/lib/busybox",
};

/* --- finding programs --- */

int guest_own_program(const char *name, char *path, size_t size)
{
	static const char *const where[] = { "", "/../sbin", "/../libexec/halbsim" };
	char dir[PATH_MAX - 64];
	size_t i;

	if (path_own_dir(dir, sizeof(dir)) < 0)
		return -ENOENT;
	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		if (snprintf(path, size, "%s%s/%s", dir, where[i], name) < (int)size &&
		    access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

static int try_dirs(const char *list, const char *name, char *path, size_t size)
{
	size_t len;

	for (; *list; list += len + (list[len] == ':')) {
		len = strcspn(list, ":");
		if (len && *list == '/' &&
		    snprintf(path, size, "%.*s/%s", (int)len, list, name) < (int)size &&
		    access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

int guest_find_program(const char *name, char *path, size_t size)
{
	const char *env = getenv("PATH");

	if (env && try_dirs(env, name, path, size) == 0)
		return 0;
	return try_dirs("/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
			name, path, size);
}

/* --- the root --- */

/* /usr/bin/NAME, and a link at the path it has on the host. */
static int add_program(struct guest_image *img, const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	char dst[PATH_MAX];
	int ret;

	snprintf(dst, sizeof(dst), "/usr/bin/%s", base);
	ret = guest_image_add_program(img, dst, path);
	if (ret == 0 && strcmp(path, dst) != 0 &&
	    (strncmp(path, "/usr/", 5) == 0 || strncmp(path, "/bin/", 5) == 0 ||
	     strncmp(path, "/sbin/", 6) == 0))
		ret = guest_image_add_link(img, path, dst);
	return ret;
}

/*
 * The links that scripts rely on. busybox is the last choice for a shell: its own
 * ip and ping come before those in PATH.
 */
static int add_shell_links(struct guest_image *img)
{
	static const char *const shells[] = { "dash", "bash", "busybox" };
	char target[64];
	size_t i;
	int ret = guest_image_add_link(img, "/bin/bash", "/usr/bin/bash");

	if (ret == 0)
		ret = guest_image_add_link(img, "/usr/bin/env", "/usr/bin/busybox");
	for (i = 0; ret == 0 && i < sizeof(shells) / sizeof(shells[0]); i++) {
		snprintf(target, sizeof(target), "/usr/bin/%s", shells[i]);
		if (guest_image_has(img, target))
			return guest_image_add_link(img, "/bin/sh", target);
	}
	return ret;
}

int guest_root_add(struct guest_image *img, const char *const *more)
{
	char path[PATH_MAX];
	size_t i;
	int ret = 0;

	for (i = 0; ret == 0 && i < sizeof(dirs) / sizeof(dirs[0]); i++)
		ret = guest_image_add_dir(img, dirs[i]);
	for (i = 0; ret == 0 && i < sizeof(etc) / sizeof(etc[0]); i++)
		ret = guest_image_add_data(img, etc[i].path, etc[i].text,
					   strlen(etc[i].text), 0644);
	/* (not /proc/self/exe itself: the loader would list itself) */
	if (ret == 0)
		ret = realpath("/proc/self/exe", path) ? 0 : -errno;
	if (ret == 0)
		ret = guest_image_add_program(img, "/usr/bin/halbsim", path);
	for (i = 0; ret == 0 && i < sizeof(own_programs) / sizeof(own_programs[0]); i++) {
		if (guest_own_program(own_programs[i], path, sizeof(path)) == 0)
			ret = add_program(img, path);
	}
	for (; ret == 0 && more && *more; more++)
		ret = add_program(img, *more);
	for (i = 0; ret == 0 && i < sizeof(host_programs) / sizeof(host_programs[0]);
	     i++) {
		if (guest_find_program(host_programs[i], path, sizeof(path)) != 0)
			continue;
		ret = add_program(img, path);
		if (ret == -EEXIST)
			ret = 0; /* the caller named another one of that name */
	}
	if (ret == 0)
		ret = add_shell_links(img);
	if (ret == 0)
		ret = guest_rehearsal_add(img);
	if (ret < 0) {
		errno = -ret;
		log_warn("cannot gather the guest's root");
	}
	return ret;
}
