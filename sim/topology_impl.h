/*
 * What the two halves of the topology reader share: topology_read.c has the
 * words of a topology, topology_node.c those inside a node.
 */
#ifndef HALBSIM_TOPOLOGY_IMPL_H
#define HALBSIM_TOPOLOGY_IMPL_H

#include "block.h"
#include "topology.h"

struct reader {
	struct topology *t;
	struct block_diag *d;
	struct topo_count *count; /* (borrowed) */
	size_t ncount;
};

/* Appends a zeroed element to an array of `n`; NULL and an error when it cannot. */
void *topo_append(struct reader *r, const struct block_stmt *s, void *array, size_t *n,
		  size_t size);
/* A copy, or NULL and an error. */
char *topo_text(struct reader *r, const struct block_stmt *s, const char *text);
/* Whether a statement has lo..hi words after its name and a body or none. */
bool topo_shape(struct reader *r, const struct block_stmt *s, size_t lo, size_t hi,
		bool body, const char *usage);
/* An error about a word that is none of `names`. */
void topo_unknown(struct reader *r, const struct block_stmt *s,
		  const char *const *names, size_t n, const char *where);

/* The words of a topology and of a node, for messages; ended by NULL. */
extern const char *const topo_words[];
const char *const *topo_node_word_names(void);

/* topology.c: topology_node() finds the last node from now on. 0 or -ENOMEM. */
int topology_name_last(struct topology *t);
/* topology_node.c: one statement inside a node. */
void topo_node_word(struct reader *r, struct topo_node *n, const struct block_stmt *s);

#endif
