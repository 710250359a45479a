/*
 * Interface for filters: frames that a port of a switch does not let out. A
 * filter is a few BPF instructions at the port's egress (clsact, cls_bpf).
 */
#ifndef HALBSIM_FILTER_H
#define HALBSIM_FILTER_H

struct nl_sock;

enum filter_kind {
	FILTER_ALL,  /* everything that came in by a certain port */
	FILTER_VRRP, /* VRRP that came in by a certain port */
	FILTER_GARP, /* gratuitous ARP and unsolicited neighbour advertisements */
};

/*
 * Adds one to an interface of the socket's namespace. `from` is the index of
 * the port that frames came in by, 0: any; `prio` (1..) names it. 0 or -errno;
 * -ENOENT or -EOPNOTSUPP: the kernel has no cls_bpf or clsact.
 */
int filter_add(struct nl_sock *sk, int index, int prio, enum filter_kind kind,
	       int from);
/* Removes it. 0 or -errno; -ENOENT: there is none. */
int filter_del(struct nl_sock *sk, int index, int prio);

#endif
