#include "guest_cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "guest_save.h"

/* Each is a byte of one file. */
static int try_one(int fd, int cpu)
{
	struct flock byte = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = cpu,
			      .l_len = 1 };

	if (fcntl(fd, F_OFD_SETLK, &byte) == 0)
		return cpu;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

static int open_file(void)
{
	char dir[PATH_MAX], path[PATH_MAX];
	int fd = guest_cache_dir(dir, sizeof(dir));

	if (fd < 0)
		return fd;
	if (snprintf(path, sizeof(path), "%s/processors", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

int guest_cpu_take(int *lock)
{
	int here = sched_getcpu(), i, cpu = -EBUSY;
	cpu_set_t set;
	int fd;

	*lock = -1;
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -errno;
	fd = open_file();
	if (fd < 0)
		return fd;
	if (here >= 0 && here < CPU_SETSIZE && CPU_ISSET(here, &set))
		cpu = try_one(fd, here);
	for (i = 0; cpu < 0 && i < CPU_SETSIZE; i++)
		if (i != here && CPU_ISSET(i, &set))
			cpu = try_one(fd, i);
	if (cpu < 0)
		close(fd);
	else
		*lock = fd;
	return cpu;
}

void guest_cpu_stay(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* It is only faster so. */
	(void)sched_setaffinity(0, sizeof(set), &set);
}
