/* What conf_file.c asks of conf_file_match.c. */
#ifndef HALBD_CONF_FILE_PRIV_H
#define HALBD_CONF_FILE_PRIV_H

#include <errno.h>
#include <glob.h>

#include "conf_file.h"

/*
 * Which files a pattern names; false when none, after saying so, with f->failed where
 * memory or descriptors ran out. globfree() when true.
 */
bool conf_files_match(struct conf_files *f, const char *pattern, unsigned int type,
		      glob_t *g);
/* A regular file that is not executable: anything else is passed over, and said so. */
bool conf_files_suit(struct conf_files *f, const char *path, unsigned int type);
/* Reports; `flag`: the kind of include that must not fail in this way. */
void conf_files_say(struct conf_files *f, unsigned int flag, unsigned int type,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Of ours, not the file's: it may well be readable, and is not to be left out. */
static inline bool conf_files_shortage(int err)
{
	return err == ENOMEM || err == EMFILE || err == ENFILE;
}

#endif
