/*
 * The raw sockets that adverts come in and go out by: one pair for each
 * interface, family, and (unicast) local address, shared by the instances that
 * have these in common.
 */
#ifndef HALBD_VRRP_SOCK_H
#define HALBD_VRRP_SOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "vrrp_if.h"
#include "vrrp_packet.h"

struct vrrp_sock;
struct vrrp_socks;

/* A packet came in for the virtual router of `user`. */
typedef void vrrp_sock_cb(void *user, const struct vrrp_rx *rx, void *arg);

/*
 * The pool; it takes the loop's loop_idle(). NULL: out of memory. _free() accepts
 * NULL and closes everything.
 */
struct vrrp_socks *vrrp_socks_new(struct loop *l, vrrp_sock_cb *cb, void *arg);
void vrrp_socks_free(struct vrrp_socks *p);
/* Packets that were for none of its users, by reason: VRRP_NVERDICTS of them. */
const uint64_t *vrrp_socks_strays(const struct vrrp_socks *p);

/*
 * The pair for an instance on interface `i` (borrowed), opened if it is not in
 * the pool yet; needs CAP_NET_RAW then. `at` is where adverts come to: a multicast
 * group, or our own address (unicast). `buffer`: bytes to receive into, 0: the
 * kernel's. What comes in for `vrid` is `user`'s (borrowed); of two with the same
 * one, the first has it. Returns NULL with errno set. Give it back with
 * vrrp_sock_put() (NULL is fine); the last one to do so closes it.
 */
struct vrrp_sock *vrrp_sock_get(struct vrrp_socks *p, struct vrrp_if *i,
				const struct conf_addr *at, uint32_t buffer, int vrid,
				void *user);
void vrrp_sock_put(struct vrrp_socks *p, struct vrrp_sock *s, int vrid, void *user);
/* Is it the pair for these (and the interface still the one it was opened on)? */
bool vrrp_sock_on(const struct vrrp_sock *s, const struct vrrp_if *i,
		  const struct conf_addr *at);

/*
 * Sends a packet to `dst`. `src` is put into IPv6's header (IPv4 has it in the
 * packet). 0 or -errno.
 */
int vrrp_sock_send(struct vrrp_sock *s, const struct vrrp_tx *t,
		   const struct conf_addr *src, const struct conf_addr *dst);

/*
 * The same to the group, later: when the loop has nothing else to do, with others
 * in one call. The packet must stay as it is until vrrp_sock_flush(), which sends
 * what waits now (NULL is fine).
 */
void vrrp_sock_queue(struct vrrp_sock *s, const struct vrrp_tx *t,
		     const struct conf_addr *src);
void vrrp_sock_flush(struct vrrp_sock *s);
/* All of the pool's; `socks` is a struct vrrp_socks. */
void vrrp_socks_flush(void *socks);

/* Reads what waits, as the loop would when it comes to it. */
void vrrp_sock_read(struct vrrp_sock *s);

/* 224.0.0.18 or ff02::12. */
const struct conf_addr *vrrp_multicast(int family);

#endif
