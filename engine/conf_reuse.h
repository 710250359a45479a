/*
 * What a reload need not read again: virtual_server blocks whose text is what it was.
 *
 * While a file is read, the place and a 128-bit sum of each block's text are noted
 * (conf_reuse_add()). When the file is read again, a block that begins with the same
 * line and has the same sum is not cut into words; its service is copied from the old
 * configuration (conf_service_reuse()). Only blocks stand here that mean the same
 * wherever they are: no variable, no @id, no include, no script (whose file may have
 * changed), nothing that there was anything to say about. And only when there is
 * nothing to say about the new file either is what was read in this way used.
 */
#ifndef HALBD_CONF_REUSE_H
#define HALBD_CONF_REUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct lvs_service_conf;

struct conf_reuse_block {
	uint64_t head, sum[2]; /* of the first line, of all */
	size_t len, file;      /* in bytes, lines included; index in conf.file */
	int line, lines;
	uint32_t service; /* index, once settled */
};

struct conf_reuse {
	struct conf_reuse_block *v;
	size_t n, room;
	uint32_t *slot; /* by head; one more than the index in v */
	size_t mask;
};

/* Notes a block: text[0..len), of which text[0..head) is the first line. 0 or -ENOMEM. */
int conf_reuse_add(struct conf_reuse *u, const char *text, size_t len, size_t head,
		   size_t file, int line, int lines);
/* The same for a block that conf_reuse_find() found elsewhere. */
int conf_reuse_again(struct conf_reuse *u, const struct conf_reuse_block *b, size_t file,
		     int line);
/* The block that text begins with, of `left` bytes; NULL: none. */
const struct conf_reuse_block *conf_reuse_find(const struct conf_reuse *u,
					       const char *text, size_t head, size_t left);
/* Finds each block's service in c, and forgets those that are not to be reused. */
int conf_reuse_settle(struct conf_reuse *u, const struct conf *c);
void conf_reuse_free(struct conf_reuse *u);

/*
 * `to` becomes what `from` is, with copies of its own of all that is owned; lines are
 * `by` further down, in `file`. 0 or -ENOMEM, with `to` fit for conf_service_clear().
 */
int conf_reuse_copy(struct lvs_service_conf *to, const struct lvs_service_conf *from,
		    const char *file, int by);

#endif
