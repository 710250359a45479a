/*
 * Messages between the engine's processes: the parent and the process that
 * looks after IPVS, over a SOCK_SEQPACKET pair, one struct a packet. The end of
 * file (the parent is gone) means the same as SIGTERM.
 */
#ifndef HALBD_CTL_H
#define HALBD_CTL_H

#include <stdint.h>

enum ctl_type {
	CTL_RELOAD = 1, /* parent to child: read the configuration `text` (a path)
			 * anew, and change what differs */
	CTL_INSTANCE,	/* parent to child: VRRP instance `text` is now in `state` */
	CTL_READY,	/* child to parent: the IPVS table stands (start or reload) */
};

enum ctl_instance_state {
	CTL_STATE_BACKUP, /* and INIT, FAULT */
	CTL_STATE_MASTER,
};

struct ctl_msg {
	uint32_t type;	/* enum ctl_type */
	uint32_t state; /* enum ctl_instance_state */
	char text[256]; /* NUL-terminated */
};

#endif
