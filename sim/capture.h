/*
 * Captures of a run (`--pcap`): everything that enters a switch, each frame
 * once, one pcapng file a link. Frames are kept in memory while the case runs.
 * Who is sent a frame and does not get it is not in a capture; events.jsonl
 * has deliveries.
 *
 * Capturing costs time on the guest's CPU at each frame: figures of a run with
 * captures differ by that from those of a run without.
 */
#ifndef HALBSIM_CAPTURE_H
#define HALBSIM_CAPTURE_H

#include "event.h"
#include "loop.h"
#include "record.h"
#include "site.h"

struct capture;

/*
 * Opens it on a site that has been built; times are those of `rec`. Returns
 * NULL after a message. Free with capture_free() (NULL is fine), before the
 * site.
 */
struct capture *capture_new(struct site *site, const struct topology *topo,
			    struct loop *loop, struct record *rec);
void capture_free(struct capture *c);

/* A node has other ports now (site_opts.node_cb, up). */
void capture_node(struct capture *c, const char *node);

/*
 * Takes what is still in the socket, then writes DIR/LINK.pcapng for each link
 * (DIR is made), with the faults of the log as comments. zero_ns is the run's
 * zero since 1970: fixed in virtual time, so that equal runs give equal files.
 * 0, or -errno after a message.
 */
int capture_write(struct capture *c, const char *dir, const struct event_log *log,
		  int64_t zero_ns);

#endif
