/* A packet socket in the loop: frames with the kernel's time stamps. */
#ifndef HALBSIM_PACKET_SOCK_H
#define HALBSIM_PACKET_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"

struct sockaddr_ll;
struct sock_fprog;

/* Embedded; set `frame` and `arg`, then open and watch. */
struct packet_sock {
	/* A frame, whole or its first PACKET_SNAP bytes; time is CLOCK_MONOTONIC. */
	void (*frame)(int ifindex, int64_t mono_ns, const uint8_t *frame, size_t len,
		      void *arg);
	void *arg;
	int fd; /* -1: not open */
	struct loop *loop;
	struct loop_fd watch;
	int64_t real_offset_ns; /* the kernel's stamps to CLOCK_MONOTONIC */
};

#define PACKET_SNAP 2048

/*
 * Opens it in the caller's network namespace: for one Ethernet protocol or
 * ETH_P_ALL, on one interface or all (0), what comes in alone. Only what the
 * filter accepts is copied; with ETH_P_ALL it runs for every packet. 0 or -errno.
 */
int packet_sock_open(struct packet_sock *p, int protocol, int ifindex,
		     const struct sock_fprog *filter);
/* Begins to call frame(). 0 or -errno. */
int packet_sock_watch(struct packet_sock *p, struct loop *loop);
void packet_sock_close(struct packet_sock *p);

/*
 * The same for a device that only ever sends, to itself as it were (nlmon):
 * what goes out is heard too.
 */
int packet_sock_hear_outgoing(struct packet_sock *p);

/*
 * Reads a frame, or its first `size` bytes, from a packet socket with SO_TIMESTAMPNS.
 * *mono_ns is its stamp as CLOCK_MONOTONIC, by clock_real_offset() as kept up by
 * packet_follow_clock(); now, when it has none. Returns its length on the wire, 0, or
 * -1 with errno.
 */
ssize_t packet_receive(int fd, int64_t real_offset_ns, void *frame, size_t size,
		       struct sockaddr_ll *from, int64_t *mono_ns);
/* Somebody may set the host's clock; small differences are our reading's. */
void packet_follow_clock(int64_t *real_offset_ns);

#endif
