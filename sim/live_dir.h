/*
 * Where sites that are up are found: BASE/NAME/, BASE being
 * $XDG_RUNTIME_DIR/halbsim, root's /run/halbsim, or /tmp/halbsim-UID.
 *
 *	lock       held as long as the site's holder lives
 *	sock       where it is talked to
 *	site.json  what it is: case, topology, engine, time
 *	log        what the holder said
 *	input/ run/  its copy of the case; logs and configuration as run
 *
 * A folder whose lock is free was left by a holder that was killed.
 */
#ifndef HALBSIM_LIVE_DIR_H
#define HALBSIM_LIVE_DIR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LIVE_NAME_MAX 40

struct live_dir {
	char *name, *path; /* (owned) */
	int lock_fd;	   /* -1: not ours */
	int dir_fd;	   /* O_PATH: short names for the socket */
};

/* BASE. Malloc'd; NULL without memory. */
char *live_dir_base(void);

/* Whether it can be a site's name: letters, digits, `.`, `_`, `-`. */
bool live_name_ok(const char *name);

/*
 * Makes the folder of a new site, locked from its first moment. `unique`: with
 * -2, -3 … behind the name when that is taken. 0, or an exit code after a message.
 */
int live_dir_create(struct live_dir *d, const char *name, bool unique);
/* What is in site.json; `about` stays the caller's. 0 or -errno. */
int live_dir_describe(const struct live_dir *d, const json_t *about);
/* Listens at the folder's socket. fd or -errno. */
int live_dir_listen(const struct live_dir *d);
/* Removes the folder, then the lock: for the holder, at its end. */
void live_dir_remove(struct live_dir *d);
/* Forgets it, leaving all as it is. */
void live_dir_finish(struct live_dir *d);

/*
 * The site that is meant: of that name, or (NULL) the only one. 0, or an exit
 * code after a message: none, several, or one whose holder is dead.
 */
int live_dir_find(struct live_dir *d, const char *name);
/* How many there are, dead ones too. */
size_t live_dir_count(void);
/* A connection to its holder, and the holder's pid. fd, or -1 after a message. */
int live_dir_connect(const struct live_dir *d, pid_t *holder);
/* Waits until its holder is gone, `ms` at most. */
bool live_dir_wait_gone(const struct live_dir *d, int ms);

/*
 * One call for each site in order of name; `alive` says whether it has a holder.
 * Returns how many, or -errno.
 */
int live_dir_each(void (*fn)(const char *name, const char *path, bool alive, void *arg),
		  void *arg);
/* site.json of a folder; NULL when it cannot be read. The caller's. */
json_t *live_dir_about(const char *path);

#endif
