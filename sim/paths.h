/* Where things are: our own programs, others', the cases and topologies. */
#ifndef HALBSIM_PATHS_H
#define HALBSIM_PATHS_H

#include <stdbool.h>
#include <stddef.h>

/* "DIR/NAME", malloc'd; NULL without memory. */
char *path_join(const char *dir, const char *name);
bool path_is_dir(const char *path);
bool path_is_file(const char *path);
/* The last component, borrowed; slashes at the end must be gone already. */
const char *path_base(const char *path);

/* The name in a folder that is nearest to a misspelt one. Malloc'd; NULL: none is near. */
char *path_nearest_in(const char *dir, const char *name);
/*
 * What a misspelt `path` was probably meant to be: the folder of the nearest name beside
 * it, or, when it is a name alone, of `dir`. Malloc'd; NULL: nothing is near.
 */
char *path_nearest(const char *path, const char *dir);

/* The folder of halbsim's own executable, links resolved. 0 or -errno. */
int path_own_dir(char *dir, size_t size);

/*
 * A program by name, as an absolute path: beside halbsim's own executable, in
 * ../libexec/halbsim and ../sbin from there, in PATH, in /usr/sbin and /sbin.
 * Malloc'd; NULL when there is none.
 */
char *find_program(const char *name);

/*
 * The folder with cases/ and topologies/: the current one, the tree that the
 * executable was built in, or ../share/halbsim from it. Malloc'd; NULL when
 * there is none.
 */
char *data_root(void);
/* The same for one case: the tree that it lies in comes first. */
char *data_root_for(const char *case_path);

#endif
