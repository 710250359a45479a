/*
 * ha_suspend: a virtual server is checked only while its address is on this host.
 * Watches the kernel's addresses, for services that want it.
 */
#ifndef HALBD_LVS_SUSPEND_H
#define HALBD_LVS_SUSPEND_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "loop.h"

struct lvs_suspend;

/* Does any service of this configuration ask for it? */
bool lvs_suspend_needed(const struct conf *c);

/*
 * Starts watching, and calls `changed` for each such service: once now, later when
 * its address comes or goes. NULL with errno set. Frees with lvs_suspend_free()
 * (NULL is fine).
 */
struct lvs_suspend *lvs_suspend_new(struct loop *l, const struct conf *c,
				    void (*changed)(void *arg, size_t service, bool here),
				    void *arg);
void lvs_suspend_free(struct lvs_suspend *s);

#endif
