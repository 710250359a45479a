/* topology.conf: any bytes. Whatever is accepted is found again by its names. */
#include <stdio.h>
#include <stdlib.h>

#include "block.h"
#include "fuzz_file.h"
#include "topology.h"

static void look_up(const struct topology *t)
{
	size_t i, k;

	for (i = 0; i < t->nlink; i++)
		if (topology_link(t, t->link[i].name) != &t->link[i])
			abort();
	for (i = 0; i < t->nnode; i++) {
		const struct topo_node *n = &t->node[i];

		if (topology_node(t, n->name) != n)
			abort();
		for (k = 0; k < n->nif; k++)
			if (n->ifs[k].link && topology_by_mac(t, n->ifs[k].mac) != n)
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct block_diag d = { 0 };
	struct topology *t;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	d.out = nowhere;
	fuzz_file("topology.conf", data, size);
	t = topology_load(fuzz_dir(), &d);
	if (!t != !!d.errors)
		abort();
	if (t)
		look_up(t);
	topology_free(t);
	return 0;
}
