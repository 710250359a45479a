/* A case that has been read before, with its warnings shown then. */
#ifndef HALBSIM_CASE_AGAIN_H
#define HALBSIM_CASE_AGAIN_H

#include "case.h"

/* As case_load(), with messages on stderr only when it fails; files are named from root. */
struct case_ *case_load_again(const char *path, const char *root);

#endif
