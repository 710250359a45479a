/* The Internet checksum, RFC 1071. */
#ifndef HALB_CKSUM_H
#define HALB_CKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Adds `len` bytes to a running sum and returns it. Start with 0; every piece
 * but the last must have an even length.
 */
uint32_t cksum_add(uint32_t sum, const void *data, size_t len);

/* Folds and complements a sum: the checksum in network byte order. */
uint16_t cksum_finish(uint32_t sum);

#endif
