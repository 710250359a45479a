/*
 * $VARIABLES of keepalived.conf: definitions and their replacement in a line.
 *
 *	$NAME=text            one line
 *	$NAME=first \         several: each line but the last ends in a backslash
 *	last
 *
 * $NAME and ${NAME} are replaced wherever they stand; one of several lines only
 * where it ends its line. $_PWD, $_INSTANCE, $_RANDOM, $_HASH and $_BANG are
 * there from the start.
 */
#ifndef HALBD_CONF_DEF_H
#define HALBD_CONF_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_def;

struct conf_defs {
	struct conf_def *first;
	const char *id;	 /* $_INSTANCE (borrowed) */
	const char *dir; /* $_PWD (borrowed); set before replacing */
	uint64_t random; /* state of $_RANDOM */
};

/* Returns false when memory runs out; conf_defs_finish() in any case. */
bool conf_defs_init(struct conf_defs *defs, const char *id);
void conf_defs_finish(struct conf_defs *defs);

/*
 * If `line` is a definition, makes it and returns it; else NULL (also when
 * memory runs out, with *nomem set). *more: its next lines follow.
 */
struct conf_def *conf_def_parse(struct conf_defs *defs, const char *line, bool *more,
				bool *nomem);
/*
 * Adds the next line to a definition. Returns false when it was the last, or (*nomem)
 * when memory runs out.
 */
bool conf_def_append(struct conf_def *def, char *line, bool *nomem);
/* A blank line has ended it. */
void conf_def_close(struct conf_def *def);
/* Sets a variable (~SEQ, ~LST). Returns false when memory runs out. */
bool conf_def_set(struct conf_defs *defs, const char *name, const char *value);

enum conf_replace { REPLACE_NONE, REPLACE_DONE, REPLACE_LOOP, REPLACE_NOMEM };

/*
 * Replaces the variables of `buf` (room for `size` bytes). *first is set to the
 * offset of the first that was replaced. Where one of several lines is used, its
 * other lines are returned in *rest (malloc'd), to be read next.
 */
enum conf_replace conf_defs_replace(struct conf_defs *defs, char *buf, size_t size,
				    size_t *first, char **rest);

#endif
