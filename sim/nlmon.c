#include "nlmon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "nl.h"

#define DEVICE	     "nlmon0"
#define DEVICE_INDEX 99 /* out of the way of the node's own, the same each time */

struct opening {
	struct nlmon *m;
	int family;
};

static int add_device(void)
{
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	struct rtnl_link *l = rtnl_link_alloc();
	int r = -NLE_NOMEM;

	if (sk && l) {
		rtnl_link_set_name(l, DEVICE);
		rtnl_link_set_ifindex(l, DEVICE_INDEX);
		rtnl_link_set_flags(l, IFF_UP);
		r = rtnl_link_set_type(l, "nlmon");
		if (r == 0)
			r = rtnl_link_add(sk, l, NLM_F_CREATE | NLM_F_EXCL);
	}
	rtnl_link_put(l);
	if (sk)
		nl_socket_free(sk);
	return nl_errno(r);
}

/*
 * NLMSG_ERROR without an error, in answer to a message of the family. Messages
 * are in the host's byte order; a packet filter loads in the network's.
 */
static int set_filter(int fd, int family)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_GENERIC, 0, 7),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4), /* nlmsg_type */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NLMSG_ERROR), 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), /* error */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 24), /* nlmsg_type it answers */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons((uint16_t)family), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 64),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		return -errno;
	return 0;
}

static int open_here(void *arg)
{
	struct opening *op = arg;
	struct sockaddr_ll sll = { .sll_family = AF_PACKET,
				   .sll_protocol = htons(ETH_P_ALL),
				   .sll_ifindex = DEVICE_INDEX };
	int on = 1, r = add_device();

	if (r < 0)
		return r;
	op->m->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (op->m->fd < 0)
		return -errno;
	r = set_filter(op->m->fd, op->family);
	if (r < 0)
		return r;
	if (setsockopt(op->m->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    bind(op->m->fd, (struct sockaddr *)&sll, sizeof(sll)) < 0)
		return -errno;
	return 0;
}

/* The kernel's stamp as CLOCK_MONOTONIC; now, when there is none. */
static int64_t stamp_of(struct msghdr *m)
{
	struct cmsghdr *c;
	struct timespec ts;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec - clock_real_offset();
	}
	return clock_now();
}

/* Of all that came at once the last one's time is told. */
static void ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	char bytes[64];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr msg;
	struct nlmon *m = arg;
	int64_t last = 0;

	(void)revents;
	for (;;) {
		msg = (struct msghdr){ .msg_iov = &iov,
				       .msg_iovlen = 1,
				       .msg_control = &control,
				       .msg_controllen = sizeof(control) };
		if (recvmsg(f->fd, &msg, 0) < 0)
			break;
		last = stamp_of(&msg);
	}
	if (last)
		m->done(last, m->arg);
}

int nlmon_open(struct nlmon *m, struct site *s, struct site_node *n, struct loop *loop,
	       int family)
{
	struct opening op = { m, family };
	int r;

	m->fd = -1;
	m->loop = loop;
	r = site_in_netns(s, n, open_here, &op);
	if (!r)
		r = loop_fd_add(loop, &m->watch, m->fd, EPOLLIN, ready, m);
	if (r < 0)
		nlmon_close(m);
	return r;
}

void nlmon_close(struct nlmon *m)
{
	loop_fd_del(m->loop, &m->watch);
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}
