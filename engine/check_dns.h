/* DNS messages, as far as DNS_CHECK needs them (RFC 1035 section 4). Pure. */
#ifndef HALBD_CHECK_DNS_H
#define HALBD_CHECK_DNS_H

#include <stddef.h>
#include <stdint.h>

#define DNS_QUERY_MAX 272 /* header 12, name 255, type and class 4 */

/*
 * Writes a recursive query for `name` ("" or ".": the root) of `type`. Returns its
 * length, or -EINVAL when the name has an empty or too long label, or is too long.
 */
int dns_query(uint8_t *buf, uint16_t id, const char *name, uint16_t type);

/*
 * Looks at a reply to the query `id`. Returns its response code (0: no error),
 * or -1 when it is no reply to that query: keep waiting.
 */
int dns_reply(const uint8_t *buf, size_t len, uint16_t id);

#endif
