/* What counts as "the same" between two configurations, and finding it fast. */
#ifndef HALBD_LVS_MATCH_H
#define HALBD_LVS_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

bool lvs_same_addr(const struct conf_addr *a, const struct conf_addr *b);
/* The same virtual server: by group, by mark, or by protocol, address and port. */
bool lvs_same_service(const struct lvs_service_conf *a, const struct lvs_service_conf *b);
/* The same real server of a service: address and port. */
bool lvs_same_real(const struct lvs_real_conf *a, const struct lvs_real_conf *b);
bool lvs_same_entry(const struct lvs_group_entry_conf *a,
		    const struct lvs_group_entry_conf *b);
/* Checks the same thing in the same way; how often does not matter. */
bool lvs_same_checker(const struct checker_conf *a, const struct checker_conf *b);

uint64_t lvs_hash_service(const struct lvs_service_conf *c);
uint64_t lvs_hash_real(const struct lvs_real_conf *c);

/*
 * A table of array indices by hash. Zeroed, it is empty; lvs_index_make() sizes it
 * for n entries (0 or -ENOMEM).
 */
struct lvs_index {
	uint32_t *slot; /* index + 1; 0: free */
	size_t mask;
};

int lvs_index_make(struct lvs_index *x, size_t n);
/* Empty again, for n entries; no more than it was made for. */
void lvs_index_clear(struct lvs_index *x, size_t n);
void lvs_index_finish(struct lvs_index *x);
void lvs_index_add(struct lvs_index *x, uint64_t hash, uint32_t i);
/*
 * Walks the candidates for a hash: *pos starts at the hash. Returns an index, or
 * -1 at the end.
 */
int64_t lvs_index_next(const struct lvs_index *x, uint64_t *pos);

#endif
