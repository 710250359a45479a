/* Folders to archives and back, in memory. */
#ifndef HALBSIM_GUEST_PACK_H
#define HALBSIM_GUEST_PACK_H

#include <stddef.h>

/*
 * Packs the tree below `dir` (files, folders, symlinks; in the order of names,
 * without times and owners) into buf. *used is how much of it was filled.
 * 0 or -errno: -ENOSPC it does not fit, -EPERM a file of a kind that cannot
 * travel. One message.
 */
int guest_pack(const char *dir, void *buf, size_t size, size_t *used);

/* How much guest_pack() will need at most. 0 or -errno. */
int guest_pack_room(const char *dir, size_t *room);

/*
 * Unpacks into an existing folder, nothing outside of it. 0 or -errno, one
 * message.
 */
int guest_unpack(const void *buf, size_t len, const char *dir);

#endif
