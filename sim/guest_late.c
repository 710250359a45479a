#include "guest_late.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "guest_mail.h"
#include "guest_serve.h"
#include "sanitized.h"

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

static int map_head(volatile struct mail_head **h)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC), r = 0;
	void *p;

	if (fd < 0)
		return -errno;
	p = mmap(NULL, MAIL_ALIGN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)MAIL_PHYS);
	if (p == MAP_FAILED)
		r = -errno;
	close(fd);
	*h = p;
	if (r == 0 && (*h)->magic != MAIL_MAGIC) {
		munmap(p, MAIL_ALIGN);
		r = -EPROTO;
	}
	return r;
}

static void unmap_head(volatile struct mail_head *h)
{
	munmap((void *)(uintptr_t)h, MAIL_ALIGN);
}

int guest_late_ask(void)
{
	volatile struct mail_head *h;
	int r = map_head(&h);

	if (r < 0)
		return r;
	if (ioperm(PORT_WATCHDOG, 1, 1) < 0)
		r = -errno;
	if (r == 0) {
		h->state = MAIL_ASKED;
		guest_port_write(PORT_WATCHDOG, PORT_WATCHDOG_0S);
		/* A permission costs something at each switch. */
		ioperm(PORT_WATCHDOG, 1, 0);
	}
	unmap_head(h);
	return r;
}

int guest_late_take(struct guest_late *late)
{
	volatile struct mail_head *h;
	int r = map_head(&h);

	if (r < 0)
		return r;
	late->seed = h->late_seed;
	late->phase_ns = h->late_phase_ns;
	if (h->state == MAIL_ASKED)
		h->state = MAIL_TAKEN;
	unmap_head(h);
	return guest_reseed(late->seed);
}

#if SANITIZED

/* Leaks are looked for at exit. */
int guest_end(int status)
{
	return status;
}

bool guest_ends_here(void)
{
	return false;
}

#else

/* PID 1 copies what we said to the host; with our priority it has had no turn yet. */
static void let_it_be_heard(void)
{
	const struct timespec span = { .tv_nsec = 1000000 };
	int left, turns;

	for (turns = 0; turns < 1000; turns++) {
		if (ioctl(STDERR_FILENO, FIONREAD, &left) < 0 || left == 0)
			return;
		nanosleep(&span, NULL);
	}
}

int guest_end(int status)
{
	fflush(NULL);
	let_it_be_heard();
	if (guest_hand_over(status << 8) < 0) /* as wait() has it */
		return status;
	guest_stop();
}

bool guest_ends_here(void)
{
	return true;
}

#endif
