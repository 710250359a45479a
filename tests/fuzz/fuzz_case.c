/*
 * case.conf: any bytes, in a folder of their own, with the topologies and the
 * directors' files of this tree.
 */
#include <stdio.h>
#include <stdlib.h>

#include "block.h"
#include "case.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct block_diag d = { 0 };
	struct case_ *c;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	d.out = nowhere;
	c = case_load(fuzz_file("case.conf", data, size), ".", &d);
	if (!c && !d.errors)
		abort();
	case_free(c);
	return 0;
}
