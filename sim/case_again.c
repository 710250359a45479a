#include "case_again.h"

#include <stdlib.h>

#include "block.h"
#include "log.h"

struct case_ *case_load_again(const char *path, const char *root)
{
	struct block_diag d = { .below = root };
	char *said = NULL;
	struct case_ *c;
	size_t len;

	d.out = open_memstream(&said, &len);
	if (!d.out) {
		log_warn("%s", path);
		return NULL;
	}
	c = case_load(path, root, &d);
	fclose(d.out);
	if (!c && said)
		fputs(said, stderr);
	free(said);
	return c;
}
