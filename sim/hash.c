#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"

/* Odd constants with about half their bits set (digits of pi). */
#define K1 UINT64_C(0x243f6a8885a308d3)
#define K2 UINT64_C(0x13198a2e03707345)
#define K3 UINT64_C(0xa4093822299f31d1)

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= K3;
	x ^= x >> 29;
	x *= K1;
	x ^= x >> 32;
	return x;
}

void hash_init(struct hash *h)
{
	h->a = K1;
	h->b = K2;
}

static void add_word(struct hash *h, uint64_t w)
{
	h->a = (h->a ^ w) * K3;
	h->a ^= h->a >> 31;
	h->b = (h->b + w) * K1;
	h->b ^= h->b >> 29;
}

void hash_add(struct hash *h, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t w;

	add_word(h, len);
	for (; len >= sizeof(w); len -= sizeof(w), p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		add_word(h, w);
	}
	if (len) {
		w = 0;
		memcpy(&w, p, len);
		add_word(h, w);
	}
}

void hash_add_text(struct hash *h, const char *text)
{
	hash_add(h, text, strlen(text));
}

int hash_add_file(struct hash *h, const char *path)
{
	struct stat st;
	void *p = NULL;
	int fd, ret = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		ret = -errno;
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		ret = -EINVAL;
		goto out;
	}
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED) {
			ret = -errno;
			goto out;
		}
	}
	hash_add(h, p, (size_t)st.st_size);
	if (p)
		munmap(p, (size_t)st.st_size);
out:
	close(fd);
	return ret;
}

void hash_text(const struct hash *h, char out[HASH_TEXT])
{
	uint64_t a = mix(h->a + h->b), b = mix(h->b ^ a);

	snprintf(out, HASH_TEXT, "%016llx%016llx", (unsigned long long)a,
		 (unsigned long long)b);
}
