/*
 * A 128-bit fingerprint of files and texts, to tell one saved guest from
 * another. Fast and well mixed; not meant to withstand somebody who forges
 * collisions.
 */
#ifndef HALBSIM_HASH_H
#define HALBSIM_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_TEXT 33 /* as hexadecimal digits, with the closing NUL */

struct hash {
	uint64_t a, b;
};

void hash_init(struct hash *h);
/* Adds `len` bytes as one item: hash("ab","c") differs from hash("a","bc"). */
void hash_add(struct hash *h, const void *data, size_t len);
void hash_add_text(struct hash *h, const char *text);
/* Adds the content of a file. 0 or -errno. */
int hash_add_file(struct hash *h, const char *path);
void hash_text(const struct hash *h, char out[HASH_TEXT]);

#endif
