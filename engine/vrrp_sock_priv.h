/* Inside the sockets: between vrrp_sock.c, vrrp_sock_rx.c and vrrp_sock_tx.c. */
#ifndef HALBD_VRRP_SOCK_PRIV_H
#define HALBD_VRRP_SOCK_PRIV_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "vrrp_sock.h"

/* Adverts that go out in one call. Each takes about 12 us (stock 6.1 kernel, a veth
 * pair and a bridge; one instruction a nanosecond), so the last is not late. */
#define VRRP_SOCK_QUEUE 32

struct vrrp_sock {
	int family, index; /* index: of the interface when it was opened */
	struct vrrp_if *ifp; /* (borrowed) */
	struct conf_addr at; /* a group, or (unicast) our own address */
	bool unicast;
	uint32_t buffer;
	int in, out;
	unsigned int users;
	struct loop_fd watch;
	struct vrrp_socks *pool;
	struct vrrp_sock *next;
	void *user[256]; /* (borrowed) by virtual router id */
	/* Adverts that wait for vrrp_sock_flush(); (borrowed) from their vrrp_tx. */
	struct iovec queue[VRRP_SOCK_QUEUE];
	unsigned int nqueue;
	bool waits; /* in the pool's list of those */
	struct vrrp_sock *next_waiting;
};

struct vrrp_socks {
	struct loop *loop; /* (borrowed) */
	vrrp_sock_cb *cb;
	void *arg;
	struct vrrp_sock *first, *waiting;
	bool gone; /* a callback closed a pair: the reader looks no further */
	uint64_t stray[VRRP_NVERDICTS];
};

/* `a` for the kernel, with the interface where it needs one. Returns the length. */
socklen_t vrrp_sock_addr(struct sockaddr_storage *ss, const struct conf_addr *a, int index);
/* The loop's callback. */
void vrrp_sock_readable(struct loop_fd *f, uint32_t revents, void *arg);

#endif
