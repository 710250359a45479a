/*
 * The regex of an HTTP_GET url, by PCRE2. A server chooses the subject: matching is
 * bounded, and what goes over the bound counts as no match.
 */
#ifndef HALBD_HTTP_REGEX_H
#define HALBD_HTTP_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Does `pattern` (PCRE2 `options`) match in text[0..len), from offset `min` on and
 * beginning before offset `max` (0: anywhere)? 1, 0, -EINVAL: not a pattern, or
 * -ENOMEM: another time perhaps.
 * Compiled patterns are kept, by the address of `pattern`, until http_regex_reset().
 */
int http_regex_match(const char *pattern, uint32_t options, const char *text, size_t len,
		     size_t min, size_t max);
void http_regex_reset(void);

#endif
