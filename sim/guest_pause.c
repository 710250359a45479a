#include "guest_pause.h"

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

/*
 * Stops. False when the clock has not jumped meanwhile: then only these few
 * instructions have passed, a nanosecond each; else a timer's interrupt as well.
 */
#define NO_JUMP_NS 200

static bool stop_here(volatile struct mail_head *h)
{
	uint32_t lo[2], hi[2];

	h->state = MAIL_SETTLED;
	__asm__ volatile("rdtsc\n\t"
			 "movl %%eax, %0\n\t"
			 "movl %%edx, %1\n\t"
			 "movl %4, %%eax\n\t"
			 "movl %5, %%edx\n\t"
			 "outb %%al, %%dx\n\t"
			 "rdtsc\n\t"
			 "movl %%eax, %2\n\t"
			 "movl %%edx, %3"
			 : "=&r"(lo[0]), "=&r"(hi[0]), "=&r"(lo[1]), "=&r"(hi[1])
			 : "i"(PORT_STOP_NOW), "i"(PORT_STOP)
			 : "eax", "edx", "memory");
	return ((uint64_t)hi[1] << 32 | lo[1]) - ((uint64_t)hi[0] << 32 | lo[0]) > NO_JUMP_NS;
}

int guest_pause(struct guest_late *late)
{
	volatile struct mail_head *h;
	bool jumped;
	void *p;
	int fd, r = 0;

	if (ioperm(PORT_STOP, 1, 1) < 0)
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
	jumped = stop_here(h);
	if (h->magic != MAIL_MAGIC || h->state != MAIL_GO_ON)
		r = -EPROTO;
	if (r == 0 && !jumped) {
		h->state = MAIL_AGAIN;
		guest_stop();
	}
	/* A permission costs something at each switch. */
	ioperm(PORT_STOP, 1, 0);
	late->seed = h->late_seed;
	late->phase_ns = h->late_phase_ns;
	munmap(p, MAIL_ALIGN);
	return r < 0 ? r : guest_reseed(late->seed);
}

#if defined(__SANITIZE_ADDRESS__)

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
