#include "guest_pause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stddef.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest_mail.h"

int guest_reseed(uint64_t seed)
{
	struct {
		int entropy_count, buf_size;
		uint64_t buf[8];
	} pool = { .entropy_count = 256, .buf_size = sizeof(pool.buf) };
	uint64_t x = seed;
	size_t i;
	int fd, r = 0;

	for (i = 0; i < 8; i++) {
		/* splitmix64: neighbouring seeds must not look alike */
		uint64_t z = (x += UINT64_C(0x9e3779b97f4a7c15));

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		pool.buf[i] = z ^ z >> 31;
	}
	fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, RNDADDENTROPY, &pool) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* The CPU stops before its next instruction. */
static void stop_here(volatile struct mail_head *h)
{
	h->state = MAIL_SETTLED;
	__asm__ volatile("outb %0, %1"
			 :
			 : "a"((unsigned char)PORT_WATCHDOG_0S),
			   "Nd"((unsigned short)PORT_WATCHDOG)
			 : "memory");
}

int guest_pause(struct guest_late *late)
{
	volatile struct mail_head *h;
	void *p;
	int fd, r = 0;

	if (ioperm(PORT_WATCHDOG, 1, 1) < 0)
		return -errno;
	fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	p = mmap(NULL, MAIL_ALIGN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)MAIL_PHYS);
	if (p == MAP_FAILED)
		r = -errno;
	close(fd);
	if (r < 0)
		return r;
	h = p;
	stop_here(h);
	if (h->magic != MAIL_MAGIC || h->state != MAIL_GO_ON)
		r = -EPROTO;
	late->seed = h->late_seed;
	late->phase_ns = h->late_phase_ns;
	munmap(p, MAIL_ALIGN);
	return r < 0 ? r : guest_reseed(late->seed);
}
