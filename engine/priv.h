/*
 * Capabilities. The VRRP process needs CAP_NET_ADMIN (addresses) and, to open
 * raw and packet sockets, CAP_NET_RAW. The latter stays permitted, because a
 * reload or an interface that comes back means new sockets, but is effective
 * only while they are being opened. Everything else is given up for good, and no
 * new privileges can be had.
 */
#ifndef HALBD_PRIV_H
#define HALBD_PRIV_H

#include <stdbool.h>

/*
 * Leaves CAP_NET_ADMIN and the dormant CAP_NET_RAW; empties the bounding set;
 * sets no_new_privs. 0 or -errno. A process that has no capabilities (a user
 * namespace, a test) keeps what it has of these.
 */
int priv_vrrp(void);
/* Wakes CAP_NET_RAW, or puts it to sleep again. No effect before priv_vrrp(). */
void priv_raw(bool on);

/* SCHED_RR with that priority, for this process and not for its children. 0 or -errno. */
int priv_rt(int priority);

/*
 * How urgent the process is: `rt` above 0: priv_rt(); `nice`
 * otherwise; `no_swap`: all memory stays in RAM; timers as exact as the kernel can
 * make them. 0 or -errno.
 */
int priv_urgency(int rt, int nice, bool no_swap);

#endif
