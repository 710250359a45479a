/* Handlers that the files of global_defs share. */
#ifndef HALBD_CONF_GLOBAL_H
#define HALBD_CONF_GLOBAL_H

#include "conf_int.h"

static inline struct conf_global *conf_globals(struct conf_ctx *c)
{
	return &c->conf->global;
}

/* Word 1 into a string of which the last one counts. */
void conf_take_string(struct conf_ctx *c, char **out);
/* Word 1 as a switch into *out, unless it is none. */
void conf_take_switch(struct conf_ctx *c, bool *out);
/*
 * A number from lo to hi; another is said twice, as keepalived does. Returns
 * whether *out was set.
 */
bool conf_take_uint(struct conf_ctx *c, unsigned int lo, unsigned int hi,
		    unsigned int *out);

#endif
