/* Small trees of configuration files: copied, and gone through. */
#ifndef HALBSIM_CONF_COPY_H
#define HALBSIM_CONF_COPY_H

/*
 * Copies the regular files below `from` to `to`, over what is there; folders
 * are made as needed. That there is no `from` is fine. 0, or -errno after a
 * message.
 */
int conf_copy_tree(const char *from, const char *to);

/*
 * Calls fn for every regular file below `dir`, in order of name, with its path
 * and its path from `dir`. Stops at the first result that is not 0 and returns it.
 */
int conf_each_file(const char *dir, int (*fn)(const char *path, const char *rel, void *arg),
		   void *arg);

/* Makes a folder and those above it. 0 or -errno. */
int conf_make_dirs(const char *path);

#endif
