/*
 * What a run needs of this machine. Each returns 0, or -1 after one message on
 * stderr: what is missing and the command that gets it.
 */
#ifndef HALBSIM_NEED_H
#define HALBSIM_NEED_H

#include <stdbool.h>

#include "case.h"

/* The programs of a case: the engine, and nginx when it wants that. */
int need_programs(const struct case_ *c, enum engine engine);
/*
 * --time real: root, network namespaces, IPVS in this kernel; and for a topology,
 * limits that let its site work. One that may disturb it is a warning.
 */
int need_real(void);
int need_real_for(const struct topology *t);

/* The single questions, silent. */
bool have_root(void);
bool have_netns(void);
bool have_ipvs(void);
bool have_netem(void);

#endif
