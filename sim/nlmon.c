#include "nlmon.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>

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
static int open_socket(struct packet_sock *p, int family)
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
	const struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };
	int r = packet_sock_open(p, ETH_P_ALL, DEVICE_INDEX, &prog);

	return r < 0 ? r : packet_sock_hear_outgoing(p);
}

static void acknowledged(int ifindex, int64_t mono_ns, const uint8_t *frame, size_t len,
			 void *arg)
{
	struct nlmon *m = arg;

	(void)ifindex;
	(void)frame;
	(void)len;
	m->done(mono_ns, m->arg);
}

static int open_here(void *arg)
{
	struct opening *op = arg;
	int r = add_device();

	return r < 0 ? r : open_socket(&op->m->sock, op->family);
}

int nlmon_open(struct nlmon *m, struct site *s, struct site_node *n, struct loop *loop,
	       int family)
{
	struct opening op = { m, family };
	int r;

	m->sock = (struct packet_sock){ .frame = acknowledged, .arg = m, .fd = -1 };
	r = site_in_netns(s, n, open_here, &op);
	if (!r)
		r = packet_sock_watch(&m->sock, loop);
	if (r < 0)
		nlmon_close(m);
	return r;
}

void nlmon_close(struct nlmon *m)
{
	packet_sock_close(&m->sock);
}
