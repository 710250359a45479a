/*
 * What belongs to the whole of IPVS rather than to a service: connection
 * timeouts, flushing what was there, and the daemons that keep the directors'
 * connections in step. Commands and their order are keepalived 2.2.7's.
 *
 * Without an instance both daemons run all the time; bound to a VRRP instance,
 * the master daemon runs while the instance is master, else the backup daemon.
 */
#ifndef HALBD_LVS_SYNC_H
#define HALBD_LVS_SYNC_H

#include <stdbool.h>

#include "conf.h"
#include "ipvs.h"

struct lvs_sync {
	struct ipvs *ipvs;
	const struct conf_global *conf; /* (borrowed) */
	struct ipvs_timeouts found;	/* before we changed them; tcp_s 0: we did not */
	bool master;			/* bound: the master daemon is the one */
	bool stopped;
};

void lvs_sync_init(struct lvs_sync *s, struct ipvs *v, const struct conf_global *g);
/* At the start, before any service: timeouts, daemons, lvs_flush. */
void lvs_sync_start(struct lvs_sync *s);
/* Takes on new settings, touching what differs. `g` lives as long as *s. */
void lvs_sync_reload(struct lvs_sync *s, const struct conf_global *g);
/* A VRRP instance became master, or is it no more. Others' are ignored. */
void lvs_sync_instance(struct lvs_sync *s, const char *instance, bool master);
/* At the end: daemons stopped, timeouts put back. */
void lvs_sync_stop(struct lvs_sync *s);

#endif
