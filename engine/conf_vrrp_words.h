/* For the files that read the words of vrrp_instance: the one that is being read. */
#ifndef HALBD_CONF_VRRP_WORDS_H
#define HALBD_CONF_VRRP_WORDS_H

#include "conf_build.h"

static inline struct vrrp_build *cur(struct conf_ctx *c)
{
	return conf_cur_vrrp(c);
}

static inline const char *name(struct conf_ctx *c)
{
	return cur(c)->v.name;
}

#endif
