/* Folders as a whole. All return 0 or -errno. */
#ifndef HALBSIM_TREE_H
#define HALBSIM_TREE_H

#include <stdio.h>

/* mkdir -p */
int tree_make(const char *path);
/*
 * Copies a folder's regular files and folders (what links point to, too) into
 * `to`, which is made. Nothing else is copied.
 */
int tree_copy(const char *from, const char *to);
/* rm -r; nothing there is fine. Links are removed, not followed. */
int tree_remove(const char *path);

/*
 * Writes a file whole or not at all: into a temporary one beside it, flushed
 * to disk, then renamed. `write` returns 0 or -errno.
 */
int file_write(const char *path, int (*write)(FILE *f, const void *arg), const void *arg);
/* The same for a text. */
int file_write_text(const char *path, const char *text);
/* Reads a file into malloc'd memory with a 0 byte after it. */
int file_read(const char *path, char **text, size_t *len);

#endif
