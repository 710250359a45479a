/*
 * Interface for filters: frames that a switch does not let through at a port, or that
 * a qdisc puts into a class of their own. A filter is a few BPF instructions (clsact,
 * cls_bpf).
 */
#ifndef HALBSIM_FILTER_H
#define HALBSIM_FILTER_H

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

enum filter_kind {
	FILTER_ALL,
	FILTER_VRRP,
	FILTER_ARP, /* and neighbour discovery, which is IPv6's */
	FILTER_TCP,
	FILTER_UDP,
	FILTER_ICMP, /* of both families, without neighbour discovery */
	FILTER_GARP, /* gratuitous ARP and unsolicited neighbour advertisements */
};

struct filter {
	enum filter_kind kind;
	int port;     /* tcp and udp: to it or from it; 0: any */
	int from;     /* index of the port that they came in by; 0: any */
	bool sent;    /* what the node sends into the switch; else what goes to it */
	double share; /* of them, 0..1 */
};

/* Holds back the same frames, be it another share of them. */
bool filter_same_frames(const struct filter *a, const struct filter *b);

/*
 * Something to count in: a descriptor, or -errno. filter_counted() says how many
 * frames filters have met that were theirs to hold back (of which those of a share
 * may have passed); it goes on when a filter is gone. Close it when done.
 */
int filter_counter_new(void);
uint64_t filter_counted(int counter);

/*
 * Adds one to an interface of the socket's namespace; `prio` (1..) names it, and
 * `counter` (-1: none) counts. 0 or -errno; -ENOENT or -EOPNOTSUPP: the kernel has
 * no cls_bpf or clsact.
 */
int filter_add(struct nl_sock *sk, int index, int prio, const struct filter *f,
	       int counter);
/* Removes it. 0 or -errno; -ENOENT: there is none. */
int filter_del(struct nl_sock *sk, int index, int prio, const struct filter *f);

/*
 * Has a qdisc of an interface put the frames of f (whatever its share, from and sent)
 * into a class; lower `prio` is asked first, and names it. 0 or -errno.
 */
int filter_classify(struct nl_sock *sk, int index, uint32_t qdisc, int prio,
		    const struct filter *f, uint32_t class);
int filter_declassify(struct nl_sock *sk, int index, uint32_t qdisc, int prio);

#endif
