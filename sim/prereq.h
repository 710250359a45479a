/* What a run needs of the kernel it is on. */
#ifndef HALBSIM_PREREQ_H
#define HALBSIM_PREREQ_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Says whether sites can be built here: root, network namespaces, veth,
 * bridges, and IPVS when `ipvs`. Returns 0; or -1 with the first thing missing
 * and what gets it in `why`. Leaves nothing behind.
 */
int prereq_check(bool ipvs, char *why, size_t size);

#endif
