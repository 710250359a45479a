/*
 * Less memory for large sites. Thousands of real servers are checked in the same
 * way, word for word: they share one struct checker_conf.
 */
#ifndef HALBD_CONF_SHARE_H
#define HALBD_CONF_SHARE_H

#include "conf.h"

/* The last thing that is done to a configuration. */
void conf_share(struct conf *c);

#endif
