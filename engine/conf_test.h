/* `halbd -t`: reads a configuration and says what it would do. */
#ifndef HALBD_CONF_TEST_H
#define HALBD_CONF_TEST_H

#include <stdbool.h>
#include <stdio.h>

struct conf;

enum conf_test_flags {
	CONF_TEST_EFFECTIVE = 1 << 0, /* print the configuration as it will act */
	/* Before each message, the line that keepalived would name and its kind. */
	CONF_TEST_KINDS = 1 << 1,
};

/*
 * Reads `path` as keepalived -t does. Messages go to `out`, the effective
 * configuration to stdout. Returns the exit code of keepalived -t: 0, 4, 5, 6, or 2
 * when a word is missing.
 */
int conf_test(const char *path, FILE *out, unsigned int flags);

/*
 * Writes a configuration as keepalived.conf, every default filled in: reading
 * that back gives the same configuration.
 */
void conf_print_effective(FILE *out, const struct conf *c);

/*
 * Every word that the reader knows, one a line, parted by tabs: its block ("-": none),
 * the word, and "works", or "safe" or "unsafe" to ignore and what keepalived would do.
 */
void conf_print_keywords(FILE *out);

#endif
